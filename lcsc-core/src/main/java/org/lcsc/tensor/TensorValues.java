package org.lcsc.tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.commons.io.function.IOConsumer;

/** The values of named tensors, in row-major order and little-endian. Not thread-safe. */
@FunctionalInterface
public interface TensorValues {

  /** Bytes taken at a time; a multiple of the size of every element. */
  int PIECE = 1 << 18;

  /**
   * Reads consecutive values of a tensor. Reading a tensor from its first to its last byte, and one
   * tensor after the other, takes the least time.
   *
   * @param from first byte, a multiple of the element's size
   * @param target is filled up to its limit, with whole elements
   * @throws IOException where they cannot be read; the message names the file
   */
  void read(Tensor tensor, long from, ByteBuffer target) throws IOException;

  /** Whether a tensor's values are others than those of the file that is written anew. */
  default boolean replaces(Tensor tensor) {
    return true;
  }

  /**
   * All values of a floating-point tensor, rounded to float32.
   *
   * @throws IOException where they cannot be read
   */
  default float[] floats(Tensor tensor) throws IOException {
    float[] values = new float[Math.toIntExact(tensor.length())];
    floats(tensor, (from, piece, count) -> System.arraycopy(piece, 0, values, (int) from, count));
    return values;
  }

  /** Takes a part of a tensor's values: {@code count} of them, from the {@code from}th on. */
  @FunctionalInterface
  interface FloatSink {

    /** Takes them; the array is used again afterwards. */
    void accept(long from, float[] values, int count);
  }

  /**
   * The values of a floating-point tensor piece by piece, rounded to float32.
   *
   * @throws IOException where they cannot be read
   */
  default void floats(Tensor tensor, FloatSink sink) throws IOException {
    double[] exact = new double[PIECE / tensor.type().bytes()];
    float[] values = new float[exact.length];
    long[] at = {0};
    stream(
        tensor,
        piece -> {
          int count = piece.remaining() / tensor.type().bytes();
          Arrays.fill(exact, 0, count, 0);
          tensor.type().addTo(exact, 1, piece);
          for (int i = 0; i < count; i++) {
            values[i] = (float) exact[i];
          }
          sink.accept(at[0], values, count);
          at[0] += count;
        });
  }

  /** Reads a whole tensor piece by piece. */
  default void stream(Tensor tensor, IOConsumer<ByteBuffer> sink) throws IOException {
    stream(tensor, 0, sink);
  }

  /** Reads a tensor piece by piece, from its {@code first} byte on. */
  default void stream(Tensor tensor, long first, IOConsumer<ByteBuffer> sink) throws IOException {
    long bytes = tensor.bytes();
    ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, Math.max(bytes - first, 1)));
    for (long from = first; from < bytes; from += PIECE) {
      piece.clear().limit((int) Math.min(PIECE, bytes - from));
      read(tensor, from, piece);
      sink.accept(piece.flip());
    }
  }
}
