package org.lcsc.checkpoint;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.lcsc.io.HostMemory;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Writes float32 arrays bit for bit: their length, then their values in the order of the memory.
 * Copies piece by piece, nothing as large as the array. Thread-safe.
 */
public final class ParameterStream {

  private static final int PIECE = 1 << 14;

  private ParameterStream() {}

  /**
   * Writes an array.
   *
   * @param array float32, of any shape, its values consecutive; null counts as empty
   */
  public static void write(DataOutputStream out, INDArray array) throws IOException {
    if (array == null) {
      out.writeLong(0);
      return;
    }
    requireFloat(array);
    long length = array.length();
    out.writeLong(length);
    ByteBuffer bytes = ByteBuffer.allocate(PIECE * Float.BYTES);
    try (HostMemory source = HostMemory.read(TileStore.flatten(array))) {
      for (long from = 0; from < length; from += PIECE) {
        int count = Float.BYTES * (int) Math.min(PIECE, length - from);
        bytes.asIntBuffer().put(source.bytes(Float.BYTES * from, count).asIntBuffer());
        out.write(bytes.array(), 0, count);
      }
    }
  }

  /**
   * Reads an array.
   *
   * @param expected its length
   * @return float32 {@code [expected]}, outside any workspace; null where an empty one was written
   * @throws IOException where what was written has another length
   */
  public static INDArray read(DataInputStream in, long expected) throws IOException {
    return read(in, expected, 1);
  }

  /**
   * Reads an array of several parameter vectors, one after the other.
   *
   * @param expected length of one of them
   * @param most how many there may be
   * @return as {@link #read(DataInputStream, long)}
   * @throws IOException where what was written has another length
   */
  public static INDArray read(DataInputStream in, long expected, int most) throws IOException {
    long length = in.readLong();
    if (length == 0) {
      return null;
    }
    boolean several = length % expected == 0 && length / expected <= most;
    requireLength(length, several ? length : expected);
    INDArray array = Nd4j.createUninitializedDetached(DataType.FLOAT, length);
    fill(in, array);
    return array;
  }

  /**
   * Reads into an array.
   *
   * @param array float32, its values consecutive; null for an empty one
   * @throws IOException where what was written has another length
   */
  public static void readInto(DataInputStream in, INDArray array) throws IOException {
    requireLength(in.readLong(), array == null ? 0 : array.length());
    if (array != null) {
      requireFloat(array);
      fill(in, array);
    }
  }

  private static void fill(DataInputStream in, INDArray array) throws IOException {
    long length = array.length();
    ByteBuffer bytes = ByteBuffer.allocate(PIECE * Float.BYTES);
    try (HostMemory target = HostMemory.write(TileStore.flatten(array))) {
      for (long from = 0; from < length; from += PIECE) {
        int count = Float.BYTES * (int) Math.min(PIECE, length - from);
        in.readFully(bytes.array(), 0, count);
        target
            .bytes(Float.BYTES * from, count)
            .asIntBuffer()
            .put(bytes.asIntBuffer().limit(count / Float.BYTES));
      }
    }
  }

  private static void requireFloat(INDArray array) {
    Refuse.argument(
        array.dataType() != DataType.FLOAT, "expected a FLOAT array, got %s", array.dataType());
  }

  private static void requireLength(long length, long expected) throws IOException {
    Refuse.file(
        length != expected, "it holds an array of %s values, expected %s", length, expected);
  }
}
