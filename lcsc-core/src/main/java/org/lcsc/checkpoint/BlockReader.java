package org.lcsc.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/**
 * Reads blocks of stored values into memory, as float32. Sixteen-bit values are taken two at a
 * time, as ints, and come out split: of every {@value #CHUNK} values those at even places first,
 * then those at odd places. HotSpot vectorises loops over {@code int[]}, but none that changes the
 * width of its elements, and value by value the widening takes longer than the products.
 *
 * <p>Not thread-safe.
 */
final class BlockReader {

  /** Values widened at once; even, and what it takes stays in the first-level cache. */
  private static final int CHUNK = 1_024;

  private final TileStore store;
  private final CheckpointDataType type;

  private final int[] pairs = new int[CHUNK / 2];
  private final int[] even = new int[CHUNK / 2];
  private final int[] odd = new int[CHUNK / 2];
  private final float[] floats = new float[CHUNK];

  /** A chunk as ints and as floats: Java's arrays cannot be seen as another type. */
  private final IntBuffer chunkBits;

  private final FloatBuffer chunkFloats;

  /** The block that is filled. */
  private IntBuffer memory;

  private FloatBuffer memoryFloats;
  private long from;
  private int count;
  private ByteBuffer segment;
  private FloatBuffer values;

  /** Pairs that begin at an even and at an odd place of the segment. */
  private IntBuffer evenPairs;

  private IntBuffer oddPairs;

  BlockReader(TileStore store) {
    this.store = store;
    this.type = store.type();
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK * Float.BYTES).order(ByteOrder.nativeOrder());
    chunkBits = chunk.asIntBuffer();
    chunkFloats = chunk.asFloatBuffer();
  }

  /**
   * Chooses a block, which must lie in one tile.
   *
   * @param target receives it, as float32
   */
  void open(long from, int count, ByteBuffer target) {
    memory = target.asIntBuffer();
    memoryFloats = target.asFloatBuffer();
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
   * @param offset where in the target they begin
   */
  void read(int slot, int offset) {
    int index = store.index(from, slot);
    if (type == CheckpointDataType.FLOAT32) {
      memoryFloats.put(offset, values, index, count);
      return;
    }
    for (int skip = 0; skip < count; skip += CHUNK) {
      widen(index + skip, offset + skip, Math.min(CHUNK, count - skip));
    }
  }

  private void widen(int index, int offset, int length) {
    int whole = length / 2;
    int half = length - whole;
    ((index & 1) == 0 ? evenPairs : oddPairs).get(index / 2, pairs, 0, whole);
    if (half > whole) {
      pairs[whole] = segment.getShort((index + length - 1) * Short.BYTES);
    }
    type.widen(pairs, even, odd, half);
    if (type == CheckpointDataType.FLOAT16) {
      chunkBits.put(0, even, 0, half).put(half, odd, 0, whole);
      chunkFloats.get(0, floats, 0, length);
      HalfPrecision.unscaleFloat16(floats, length);
      memoryFloats.put(offset, floats, 0, length);
    } else {
      memory.put(offset, even, 0, half).put(offset + half, odd, 0, whole);
    }
  }

  /** Whether a type's values come out split. */
  static boolean splits(CheckpointDataType type) {
    return type != CheckpointDataType.FLOAT32;
  }

  /** Splits a block as {@link #read} does. */
  static void split(int[] ordered, int[] split, int count) {
    for (int at = 0; at < count; at += CHUNK) {
      int length = Math.min(CHUNK, count - at);
      int half = (length + 1) / 2;
      for (int i = 0; i < length / 2; i++) {
        split[at + i] = ordered[at + 2 * i];
        split[at + half + i] = ordered[at + 2 * i + 1];
      }
      if (length % 2 == 1) {
        split[at + half - 1] = ordered[at + length - 1];
      }
    }
  }

  /** Undoes {@link #split}. */
  static void join(int[] split, int[] ordered, int count) {
    for (int at = 0; at < count; at += CHUNK) {
      int length = Math.min(CHUNK, count - at);
      int half = (length + 1) / 2;
      for (int i = 0; i < length / 2; i++) {
        ordered[at + 2 * i] = split[at + i];
        ordered[at + 2 * i + 1] = split[at + half + i];
      }
      if (length % 2 == 1) {
        ordered[at + length - 1] = split[at + half - 1];
      }
    }
  }
}
