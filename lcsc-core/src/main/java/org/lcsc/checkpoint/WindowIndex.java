package org.lcsc.checkpoint;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.lcsc.io.Refuse;

/**
 * What a window holds, without the checkpoints themselves: byte order, data type, parameters,
 * capacity, slots, then iteration, slot and CRC-32 of every checkpoint, oldest first.
 *
 * @param capacity of the saved window
 * @param slots of its store
 * @param entries ascending by iteration
 */
record WindowIndex(int capacity, int slots, List<Entry> entries) {

  /**
   * A checkpoint.
   *
   * @param iteration updates applied
   * @param slot where it lay in the saved window
   * @param checksum CRC-32 of its bytes
   */
  record Entry(long iteration, int slot, long checksum) {}

  static WindowIndex of(CheckpointWindow window) {
    List<Entry> entries = new ArrayList<>();
    long[] iterations = window.iterations();
    long[] checksums = window.checksums();
    for (int k = 0; k < iterations.length; k++) {
      entries.add(new Entry(iterations[k], window.ring().slot(k), checksums[k]));
    }
    return new WindowIndex(window.capacity(), window.ring().slotCount(), entries);
  }

  void write(DataOutputStream out, CheckpointWindow window) throws IOException {
    out.writeBoolean(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN);
    out.writeUTF(window.dataType().name());
    out.writeLong(window.parameters());
    out.writeInt(capacity);
    out.writeInt(slots);
    out.writeInt(entries.size());
    for (Entry entry : entries) {
      out.writeLong(entry.iteration());
      out.writeInt(entry.slot());
      out.writeLong(entry.checksum());
    }
  }

  /**
   * Reads an index.
   *
   * @throws IOException if it is of a window of another data type or length, or damaged
   */
  static WindowIndex read(DataInputStream in, CheckpointWindow window) throws IOException {
    Refuse.file(
        in.readBoolean() != (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN),
        "it was saved on a machine of the other byte order");
    String dataType = in.readUTF();
    if (!dataType.equals(window.dataType().name())) {
      throw new IOException("it holds " + dataType + ", this window " + window.dataType());
    }
    long parameters = in.readLong();
    Refuse.file(
        parameters != window.parameters(),
        "its checkpoints have %s parameters, those of this window %s",
        parameters,
        window.parameters());
    int capacity = in.readInt();
    int slots = in.readInt();
    int size = in.readInt();
    if (size < 0 || size > capacity || capacity > slots) {
      throw new IOException(
          "it lists " + size + " checkpoints of at most " + capacity + " in " + slots + " slots");
    }
    List<Entry> entries = new ArrayList<>();
    for (long last = -1; entries.size() < size; last = entries.get(entries.size() - 1).iteration) {
      Entry entry = new Entry(in.readLong(), in.readInt(), in.readLong());
      boolean known = entries.stream().anyMatch(e -> e.slot == entry.slot);
      Refuse.file(
          entry.iteration <= last || entry.slot < 0 || entry.slot >= slots || known,
          "its iterations are not ascending or its slots not distinct");
      entries.add(entry);
    }
    return new WindowIndex(capacity, slots, entries);
  }

  /** How many of the oldest do not fit into a smaller window. */
  int surplus(CheckpointWindow window) {
    return Math.max(0, entries.size() - window.capacity());
  }

  /** Whether checkpoints lie where they lay in the saved window. */
  boolean isAlike(CheckpointWindow window) {
    return capacity == window.capacity() && slots == window.ring().slotCount();
  }

  /** The slot for an entry: its own where the windows are alike, else the next from the first. */
  int slot(int entry, CheckpointWindow window) {
    return isAlike(window) ? entries.get(entry).slot() : entry - surplus(window);
  }
}
