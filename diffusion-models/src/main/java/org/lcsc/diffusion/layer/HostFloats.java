package org.lcsc.diffusion.layer;

import org.bytedeco.javacpp.FloatPointer;
import org.lcsc.io.HostMemory;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The memory of a dense C-order float32 array on the CPU, read and written in blocks through Java
 * arrays. A block that fits the first-level cache costs 0.1 us per call and 0.1 ns per value, and
 * loops over a Java array are vectorised; one libnd4j operation costs 20 us before it computes, so
 * that passes fused this way beat a chain of operations.
 *
 * <p>Valid while the array is; not thread-safe, but several threads may each have their own.
 */
final class HostFloats {

  private final Window memory;

  private HostFloats(long address) {
    memory = new Window(address);
  }

  /** Whether all arrays are float32 in the host's memory; they must be dense, in C order. */
  static boolean holds(INDArray... arrays) {
    for (INDArray array : arrays) {
      if (array.dataType() != DataType.FLOAT) {
        return false;
      }
    }
    return HostMemory.isHost();
  }

  /** The memory of an array that {@link #holds} accepts. */
  static HostFloats of(INDArray array) {
    return new HostFloats(HostMemory.address(array));
  }

  /** All values of a small array. */
  static float[] all(INDArray array) {
    float[] values = new float[Math.toIntExact(array.length())];
    of(array).read(0, values, 0, values.length);
    return values;
  }

  /** Copies {@code count} values from {@code position} of the array to {@code into[from ...]}. */
  void read(long position, float[] into, int from, int count) {
    memory.position(position);
    memory.get(into, from, count);
  }

  /** Copies {@code values[from ...]} to {@code position} of the array. */
  void write(long position, float[] values, int from, int count) {
    memory.position(position);
    memory.put(values, from, count);
  }

  /** Copies {@code count} values between two arrays that do not overlap. */
  void copy(long position, HostFloats source, long sourcePosition, long count) {
    // memcpy takes positions in bytes.
    memory.position(position * Float.BYTES);
    source.memory.position(sourcePosition * Float.BYTES);
    FloatPointer.memcpy(memory, source.memory, count * Float.BYTES);
  }

  /** Copies an array to others of its length, all of which {@link #holds} accepts. */
  static void copy(INDArray source, INDArray... targets) {
    long length = source.length();
    int blocks = Math.toIntExact((length + Scratch.BLOCK - 1) / Scratch.BLOCK);
    HostParallel.run(
        blocks,
        Scratch.BLOCK,
        (chunk, from, to) -> {
          HostFloats reader = of(source);
          for (INDArray target : targets) {
            HostFloats writer = of(target);
            long start = (long) from * Scratch.BLOCK;
            writer.copy(start, reader, start, Math.min(length, (long) to * Scratch.BLOCK) - start);
          }
        });
  }

  /** Work on some rows of an array, in the cache. */
  @FunctionalInterface
  interface Block {
    /**
     * Does {@code rows} rows from {@code first} on.
     *
     * @param in the rows, from its start
     * @param out room for their results, values arbitrary
     * @return the results: {@code out}, or {@code in} where they were made in place
     */
    float[] run(float[] in, float[] out, int first, int rows);
  }

  /** Makes the rows of {@code to} of those of {@code from}, block by block. */
  static void pass(INDArray from, INDArray to, int rows, Block work) {
    int in = Math.toIntExact(from.length() / rows);
    int out = Math.toIntExact(to.length() / rows);
    int rowsPerBlock = Math.max(1, Scratch.BLOCK / Math.max(in, out));
    HostParallel.run(
        rows,
        Math.max(in, out),
        (chunk, begin, end) -> {
          float[] values = Scratch.floats(0, rowsPerBlock * in);
          float[] results = Scratch.floats(1, rowsPerBlock * out);
          HostFloats reader = of(from);
          HostFloats writer = of(to);
          for (int first = begin; first < end; first += rowsPerBlock) {
            int count = Math.min(rowsPerBlock, end - first);
            reader.read((long) first * in, values, 0, count * in);
            float[] made = work.run(values, results, first, count);
            writer.write((long) first * out, made, 0, count * out);
          }
        });
  }

  /** A pointer to given memory that owns nothing. */
  private static final class Window extends FloatPointer {
    Window(long start) {
      super((org.bytedeco.javacpp.Pointer) null);
      address = start;
    }
  }
}
