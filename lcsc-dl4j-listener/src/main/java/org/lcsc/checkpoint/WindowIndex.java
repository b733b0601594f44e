package org.lcsc.checkpoint;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * What a window holds, without the checkpoints themselves: byte order, data type, parameters,
 * capacity, then iteration and slot of every checkpoint, oldest first.
 *
 * @param capacity of the saved window
 * @param entries ascending by iteration
 */
record WindowIndex(int capacity, List<Entry> entries) {

  /**
   * A checkpoint.
   *
   * @param iteration updates applied
   * @param slot where it lay in the saved window
   */
  record Entry(long iteration, int slot) {}

  static WindowIndex of(CheckpointWindow window) {
    List<Entry> entries = new ArrayList<>();
    long[] iterations = window.iterations();
    for (int k = 0; k < iterations.length; k++) {
      entries.add(new Entry(iterations[k], window.ring().slot(k)));
    }
    return new WindowIndex(window.capacity(), entries);
  }

  void write(DataOutputStream out, CheckpointWindow window) throws IOException {
    out.writeBoolean(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN);
    out.writeUTF(window.dataType().name());
    out.writeLong(window.parameters());
    out.writeInt(capacity);
    out.writeInt(entries.size());
    for (Entry entry : entries) {
      out.writeLong(entry.iteration());
      out.writeInt(entry.slot());
    }
  }

  /**
   * Reads an index.
   *
   * @throws IOException if it is of a window of another data type or length, or damaged
   */
  static WindowIndex read(DataInputStream in, CheckpointWindow window) throws IOException {
    if (in.readBoolean() != (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN)) {
      throw new IOException("it was saved on a machine of the other byte order");
    }
    String dataType = in.readUTF();
    if (!dataType.equals(window.dataType().name())) {
      throw new IOException("it holds " + dataType + ", this window " + window.dataType());
    }
    long parameters = in.readLong();
    if (parameters != window.parameters()) {
      throw new IOException(
          "its checkpoints have "
              + parameters
              + " parameters, those of this window "
              + window.parameters());
    }
    int capacity = in.readInt();
    int size = in.readInt();
    if (size < 0 || size > capacity) {
      throw new IOException("it lists " + size + " checkpoints for " + capacity + " slots");
    }
    List<Entry> entries = new ArrayList<>();
    for (long last = -1; entries.size() < size; last = entries.get(entries.size() - 1).iteration) {
      Entry entry = new Entry(in.readLong(), in.readInt());
      boolean known = entries.stream().anyMatch(e -> e.slot == entry.slot);
      if (entry.iteration <= last || entry.slot < 0 || entry.slot >= capacity || known) {
        throw new IOException("its iterations are not ascending or its slots not distinct");
      }
      entries.add(entry);
    }
    return new WindowIndex(capacity, entries);
  }

  /** How many of the oldest do not fit into a smaller window. */
  int surplus(CheckpointWindow window) {
    return Math.max(0, entries.size() - window.capacity());
  }

  /** The slot for an entry: its own where the windows are alike, else the next from the first. */
  int slot(int entry, CheckpointWindow window) {
    return capacity == window.capacity() ? entries.get(entry).slot() : entry - surplus(window);
  }
}
