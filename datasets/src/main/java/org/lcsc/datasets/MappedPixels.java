package org.lcsc.datasets;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Pixels in a memory-mapped file, in segments below 2 GiB. The operating system holds in memory
 * what is used and what it has room for. The mapping ends when the store is garbage collected.
 */
record MappedPixels(ByteBuffer[] segments, int imagesPerSegment, int values) implements PixelStore {

  private static final int MAX_SEGMENT_BYTES = 1 << 30;

  /** Maps {@code count} images of {@code values} bytes that start at {@code position}. */
  static MappedPixels map(FileChannel channel, long position, int count, int values)
      throws IOException {
    return map(channel, position, count, values, MAX_SEGMENT_BYTES);
  }

  /** Maps with segments of at most {@code segmentBytes}, or of one image where that is more. */
  static MappedPixels map(
      FileChannel channel, long position, int count, int values, int segmentBytes)
      throws IOException {
    int perSegment = Math.max(1, segmentBytes / values);
    ByteBuffer[] segments = new ByteBuffer[(count - 1) / perSegment + 1];
    for (int s = 0; s < segments.length; s++) {
      long first = (long) s * perSegment;
      long length = Math.min(perSegment, count - first) * values;
      segments[s] = channel.map(FileChannel.MapMode.READ_ONLY, position + first * values, length);
    }
    return new MappedPixels(segments, perSegment, values);
  }

  @Override
  public void read(int image, byte[] target, int at) {
    // The absolute form leaves the buffer's position alone, so threads may share it.
    segments[image / imagesPerSegment].get(image % imagesPerSegment * values, target, at, values);
  }

  @Override
  public boolean onHeap() {
    return false;
  }
}
