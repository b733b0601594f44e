package org.lcsc.checkpoint;

import java.io.IOException;
import java.util.Arrays;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;

/**
 * Which slot of the store holds which checkpoint, oldest first, and what its bytes sum up to. Not
 * thread-safe.
 *
 * <p>With spare slots the checkpoints go round all slots, so that what was dropped stays where it
 * was for as many further checkpoints. Which slot a checkpoint gets depends on the checkpoints
 * alone, never on when a state was saved: float32 sums depend on the order of the slots.
 */
final class CheckpointRing {

  /** Slot of each checkpoint, oldest first; the first {@link #size} count. */
  private final int[] slots;

  /** Iteration of each checkpoint, oldest first; the first {@link #size} count. */
  private final long[] iterations;

  /** CRC-32 of each checkpoint as stored, oldest first; the first {@link #size} count. */
  private final long[] checksums;

  private final int spare;
  private int size;

  CheckpointRing(int capacity, int spare) {
    slots = new int[capacity];
    iterations = new long[capacity];
    checksums = new long[capacity];
    this.spare = spare;
  }

  int capacity() {
    return slots.length;
  }

  int size() {
    return size;
  }

  long[] iterations() {
    return Arrays.copyOf(iterations, size);
  }

  long[] checksums() {
    return Arrays.copyOf(checksums, size);
  }

  int slot(int k) {
    return slots[k];
  }

  /** Slots of the store. */
  int slotCount() {
    return slots.length + spare;
  }

  /** The slot that the next checkpoint is written to. */
  int nextSlot() {
    if (spare > 0) {
      return size == 0 ? 0 : (slots[size - 1] + 1) % slotCount();
    }
    return size == slots.length ? slots[0] : freeSlot();
  }

  void clear() {
    size = 0;
  }

  /** Rows of the store that matter; a row given up by a failed write is among them, unused. */
  int rows() {
    int highest = -1;
    for (int k = 0; k < size; k++) {
      highest = Math.max(highest, slots[k]);
    }
    return highest + 1;
  }

  /** Writes into a free slot or that of the oldest checkpoint, then counts the checkpoint in. */
  void fill(long iteration, SlotWriter writer) throws IOException {
    requireNewer(iteration);
    int slot = nextSlot();
    if (size == slots.length || isUsed(slot)) {
      // Out of the ring before its slot is touched: a failed write must not leave a mixture in it.
      // Going round, the next slot that is used is the oldest's.
      size--;
      System.arraycopy(slots, 1, slots, 0, size);
      System.arraycopy(iterations, 1, iterations, 0, size);
      System.arraycopy(checksums, 1, checksums, 0, size);
    }
    append(iteration, slot, writer.write(slot));
  }

  private void append(long iteration, int slot, long checksum) {
    slots[size] = slot;
    iterations[size] = iteration;
    checksums[size] = checksum;
    size++;
  }

  /**
   * Counts in a checkpoint that lies in a slot already, newer than all before. A window restored
   * slot by slot multiplies in the same order, and so merges to the same bits.
   */
  void place(long iteration, int slot, long checksum) {
    requireNewer(iteration);
    if (size == slots.length || slot < 0 || slot >= slotCount() || isUsed(slot)) {
      throw new IllegalArgumentException(
          "slot " + slot + " of " + slotCount() + " is taken or does not exist");
    }
    append(iteration, slot, checksum);
  }

  boolean isUsed(int slot) {
    for (int k = 0; k < size; k++) {
      if (slots[k] == slot) {
        return true;
      }
    }
    return false;
  }

  /** Fills a slot of the store. */
  @FunctionalInterface
  interface SlotWriter {

    /** Fills it and returns the CRC-32 of its bytes. */
    long write(int slot) throws IOException;
  }

  void requireNewer(long iteration) {
    Refuse.argument(iteration < 0, "an iteration is at least 0, got %s", iteration);
    if (size > 0 && iteration <= iterations[size - 1]) {
      throw new IllegalArgumentException(
          Text.format(
              "a checkpoint must be newer than the last one, of iteration %s, got iteration %s",
              iterations[size - 1], iteration));
    }
  }

  private int freeSlot() {
    int slot = 0;
    while (isUsed(slot)) {
      slot++;
    }
    return slot;
  }
}
