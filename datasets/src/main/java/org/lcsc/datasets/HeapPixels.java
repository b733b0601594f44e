package org.lcsc.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Pixels in the Java heap, in chunks of about 16 MiB so that a set may exceed one Java array. */
record HeapPixels(byte[][] chunks, int imagesPerChunk, int values) implements PixelStore {

  private static final int CHUNK_BYTES = 1 << 24;

  @Override
  public void read(int image, byte[] target, int at) {
    System.arraycopy(
        chunks[image / imagesPerChunk], image % imagesPerChunk * values, target, at, values);
  }

  @Override
  public boolean onHeap() {
    return true;
  }

  /**
   * Refuses what would not fit, before any of it is read.
   *
   * @param file for the message
   * @throws DataSetException where {@code bytes} exceeds half the heap's limit
   */
  static void requireRoom(Object file, long bytes) throws DataSetException {
    long room = Runtime.getRuntime().maxMemory() / 2;
    if (bytes > room) {
      throw new DataSetException(
          file,
          "would take " + bytes + " bytes of memory, over half of the Java heap's limit",
          "must be at most " + room + " bytes, or run with a larger -Xmx");
    }
  }

  /**
   * Reads {@code count} images. Memory grows with the data that arrives, so a count that is larger
   * than the stream costs one chunk at most.
   *
   * @return null where the stream ends early
   */
  static HeapPixels read(InputStream in, int count, int values) throws IOException {
    Writer writer = new Writer(values);
    byte[] image = new byte[values];
    for (int i = 0; i < count; i++) {
      if (in.readNBytes(image, 0, values) < values) {
        return null;
      }
      writer.append(image, 0);
    }
    return writer.finish();
  }

  /** Collects images one by one. Not thread-safe. */
  static final class Writer {

    private final List<byte[]> chunks = new ArrayList<>();
    private final int imagesPerChunk;
    private final int values;
    private int count;

    Writer(int values) {
      this.values = values;
      this.imagesPerChunk = Math.max(1, CHUNK_BYTES / values);
    }

    /** Appends the image that starts at {@code from}. */
    void append(byte[] source, int from) {
      int within = count % imagesPerChunk;
      if (within == 0) {
        chunks.add(new byte[imagesPerChunk * values]);
      }
      System.arraycopy(source, from, chunks.get(chunks.size() - 1), within * values, values);
      count++;
    }

    HeapPixels finish() {
      if (!chunks.isEmpty() && count % imagesPerChunk != 0) {
        int last = chunks.size() - 1;
        chunks.set(last, Arrays.copyOf(chunks.get(last), count % imagesPerChunk * values));
      }
      return new HeapPixels(chunks.toArray(new byte[0][]), imagesPerChunk, values);
    }
  }
}
