package org.lcsc.model;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.lcsc.io.HostMemory;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.buffer.DataBuffer.AllocationMode;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Reads a vector in ND4J's binary form, as {@code Nd4j.write} writes it: the header and the longs
 * of a shape buffer, then the header and the values of a data buffer, all big-endian. Unlike {@code
 * Nd4j.read} it believes no length before it has compared it with the others: there, a shape larger
 * than the data is an array that reads foreign memory.
 */
final class StoredArray {

  private static final int CHUNK = 1 << 16;

  /** ND4J's limit. */
  private static final int MAX_RANK = 32;

  /** Allocation modes up to this one have lengths of 4 bytes. */
  private static final int LEGACY_MODES = 3;

  private StoredArray() {}

  /** What precedes a buffer's values. */
  private record Header(long length, DataType type) {

    static Header read(DataInputStream in) throws IOException {
      AllocationMode mode = constant(AllocationMode.class, in.readUTF());
      long length = mode.ordinal() < LEGACY_MODES ? in.readInt() : in.readLong();
      return new Header(length, constant(DataType.class, in.readUTF()));
    }

    private static <E extends Enum<E>> E constant(Class<E> type, String name) throws IOException {
      try {
        return Enum.valueOf(type, name);
      } catch (IllegalArgumentException e) {
        throw new IOException("the array is damaged: no " + type.getSimpleName() + " in it", e);
      }
    }
  }

  /**
   * Reads one.
   *
   * @param stream left behind the last value
   * @param size bytes that the array may take at most, its headers included
   * @return {@code [1, P]}, detached, of the type stored
   * @throws IOException where it is no vector of floating-point numbers, ends early, or is larger
   */
  static INDArray read(InputStream stream, long size) throws IOException {
    try {
      DataInputStream in = new DataInputStream(stream);
      long elements = elements(in);
      Header header = Header.read(in);
      int bytes =
          switch (header.type) {
            case DOUBLE -> Double.BYTES;
            case FLOAT -> Float.BYTES;
            case HALF, BFLOAT16 -> Short.BYTES;
            default ->
                throw new IOException(
                    "the array is of " + header.type + ", expected floating-point numbers");
          };
      if (header.length != elements || elements > size / bytes) {
        throw new IOException(
            Text.format(
                "the array is damaged: a shape of %d elements, %d values in at most %d bytes",
                elements, header.length, size));
      }
      INDArray array = Nd4j.createUninitializedDetached(header.type, 1, elements);
      fill(array, in, bytes);
      return array;
    } catch (EOFException e) {
      throw new IOException("the array ends early", e);
    }
  }

  /** Reads the shape; only one dimension may be above 1, so strides are of no account. */
  private static long elements(DataInputStream in) throws IOException {
    Header header = Header.read(in);
    boolean longs = header.type.width() == Long.BYTES;
    if (!header.type.isIntType()
        || header.type.width() < Integer.BYTES
        || header.length < 4
        || header.length > 2 * MAX_RANK + 4) {
      throw new IOException(
          "the array is damaged: a shape of " + header.length + " " + header.type);
    }
    long elements = 1;
    long rank = 0;
    for (long i = 0; i < header.length; i++) {
      long value = longs ? in.readLong() : in.readInt();
      if (i == 0) {
        rank = value;
        if (rank < 0 || 2 * rank + 4 != header.length) {
          throw new IOException("the array is damaged: a shape of rank " + rank);
        }
      } else if (i <= rank) {
        if (value < 1 || elements > 1 && value > 1) {
          throw new IOException("the array is damaged: its shape is not that of a vector");
        }
        elements *= value;
      }
    }
    return elements;
  }

  private static void fill(INDArray array, DataInputStream in, int bytes) throws IOException {
    byte[] chunk = new byte[CHUNK];
    int most = CHUNK / bytes;
    try (HostMemory memory = HostMemory.write(array)) {
      for (long done = 0; done < array.length(); done += most) {
        int count = bytes * (int) Math.min(most, array.length() - done);
        in.readFully(chunk, 0, count);
        ByteBuffer values = ByteBuffer.wrap(chunk, 0, count);
        ByteBuffer part = memory.bytes(bytes * done, count);
        switch (bytes) {
          case Double.BYTES -> part.asDoubleBuffer().put(values.asDoubleBuffer());
          case Float.BYTES -> part.asFloatBuffer().put(values.asFloatBuffer());
          default -> part.asShortBuffer().put(values.asShortBuffer());
        }
      }
    }
  }
}
