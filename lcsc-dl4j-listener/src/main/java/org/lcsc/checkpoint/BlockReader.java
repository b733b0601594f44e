package org.lcsc.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/**
 * Reads blocks of stored values as float32. Sixteen-bit values are taken two at a time, as ints,
 * and come out split: those at even places of the block first, then those at odd places. HotSpot
 * vectorises loops over {@code int[]} and {@code float[]}, but none that changes the width of its
 * elements, and value by value the widening takes as long as the products.
 *
 * <p>Not thread-safe; any number of readers may read a store that is not written.
 */
final class BlockReader {

  /**
   * Floats that an array of a block is longer than the block. With its header of 16 bytes, the
   * array then takes a multiple of 64 bytes, so that arrays allocated one after the other are
   * aligned alike, and none begins at the same place of a page as the next: a seventh of the time.
   */
  private static final int PADDING = 124;

  private final TileStore store;
  private final CheckpointDataType type;
  private final int[] pairs;
  private final int[] even;
  private final int[] odd;

  /** The same memory twice: Java's arrays cannot be seen as another type. */
  private final IntBuffer bits;

  private final FloatBuffer floats;

  private long from;
  private int count;
  private ByteBuffer segment;
  private FloatBuffer values;

  /** Pairs that begin at an even and at an odd place of the segment. */
  private IntBuffer evenPairs;

  private IntBuffer oddPairs;

  /**
   * Allocates.
   *
   * @param width most values of a block
   */
  BlockReader(TileStore store, int width) {
    this.store = store;
    this.type = store.type();
    int half = type == CheckpointDataType.FLOAT32 ? 0 : (width + 1) / 2;
    pairs = new int[half + PADDING];
    even = new int[half + PADDING];
    odd = new int[half + PADDING];
    ByteBuffer memory = ByteBuffer.allocate(2 * half * Float.BYTES).order(ByteOrder.nativeOrder());
    bits = memory.asIntBuffer();
    floats = memory.asFloatBuffer();
  }

  /** An array for a block of so many values, and a little longer. */
  static float[] array(int width) {
    return new float[width + PADDING];
  }

  /** Chooses a block, which must lie in one tile. */
  void open(long from, int count) {
    this.from = from;
    this.count = count;
    segment = store.segmentOf(from);
    if (type == CheckpointDataType.FLOAT32) {
      values = segment.asFloatBuffer();
    } else {
      evenPairs = segment.asIntBuffer();
      oddPairs =
          segment
              .slice(Short.BYTES, segment.capacity() - Short.BYTES)
              .order(ByteOrder.nativeOrder())
              .asIntBuffer();
    }
  }

  /**
   * Reads a checkpoint's values of the block.
   *
   * @param into gets them at its start; split where {@link #splits}
   */
  void read(int slot, float[] into) {
    int index = store.index(from, slot);
    if (type == CheckpointDataType.FLOAT32) {
      values.get(index, into, 0, count);
      return;
    }
    int whole = count / 2;
    int half = count - whole;
    ((index & 1) == 0 ? evenPairs : oddPairs).get(index / 2, pairs, 0, whole);
    if (half > whole) {
      pairs[whole] = segment.getShort((index + count - 1) * Short.BYTES);
    }
    type.widen(pairs, even, odd, half);
    bits.put(0, even, 0, half).put(half, odd, 0, whole);
    floats.get(0, into, 0, count);
    if (type == CheckpointDataType.FLOAT16) {
      HalfPrecision.unscaleFloat16(into, count);
    }
  }

  /** Whether a type's values come out split into those at even and at odd places. */
  static boolean splits(CheckpointDataType type) {
    return type != CheckpointDataType.FLOAT32;
  }

  /** Splits a block. */
  static void split(int[] ordered, int[] split, int count) {
    int half = (count + 1) / 2;
    for (int i = 0; i < half; i++) {
      split[i] = ordered[2 * i];
    }
    for (int i = 0; i < count / 2; i++) {
      split[half + i] = ordered[2 * i + 1];
    }
  }

  /** Undoes {@link #split}. */
  static void join(float[] split, float[] ordered, int count) {
    int half = (count + 1) / 2;
    for (int i = 0; i < half; i++) {
      ordered[2 * i] = split[i];
    }
    for (int i = 0; i < count / 2; i++) {
      ordered[2 * i + 1] = split[half + i];
    }
  }
}
