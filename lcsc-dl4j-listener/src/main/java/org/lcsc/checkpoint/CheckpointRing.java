package org.lcsc.checkpoint;

import java.io.IOException;
import java.util.Arrays;

/** Which slot of the store holds which checkpoint, oldest first. Not thread-safe. */
final class CheckpointRing {

  /** Slot of each checkpoint, oldest first; the first {@link #size} count. */
  private final int[] slots;

  /** Iteration of each checkpoint, oldest first; the first {@link #size} count. */
  private final long[] iterations;

  private int size;

  CheckpointRing(int capacity) {
    slots = new int[capacity];
    iterations = new long[capacity];
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

  int slot(int k) {
    return slots[k];
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
    int slot;
    if (size == slots.length) {
      // Out of the ring before its slot is touched: a failed write must not leave a mixture in it.
      slot = slots[0];
      size--;
      System.arraycopy(slots, 1, slots, 0, size);
      System.arraycopy(iterations, 1, iterations, 0, size);
    } else {
      slot = freeSlot();
    }
    writer.write(slot);
    slots[size] = slot;
    iterations[size] = iteration;
    size++;
  }

  /**
   * Counts in a checkpoint that lies in a slot already, newer than all before. A window restored
   * slot by slot multiplies in the same order, and so merges to the same bits.
   */
  void place(long iteration, int slot) {
    requireNewer(iteration);
    if (size == slots.length || slot < 0 || slot >= slots.length || isUsed(slot)) {
      throw new IllegalArgumentException(
          "slot " + slot + " of " + slots.length + " is taken or does not exist");
    }
    slots[size] = slot;
    iterations[size] = iteration;
    size++;
  }

  private boolean isUsed(int slot) {
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

    void write(int slot) throws IOException;
  }

  void requireNewer(long iteration) {
    if (iteration < 0) {
      throw new IllegalArgumentException("an iteration is at least 0, got " + iteration);
    }
    if (size > 0 && iteration <= iterations[size - 1]) {
      throw new IllegalArgumentException(
          "a checkpoint must be newer than the last one, of iteration "
              + iterations[size - 1]
              + ", got iteration "
              + iteration);
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
