package org.lcsc.tensor;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Name, type and shape of a tensor in a file.
 *
 * @param name unique in the file
 * @param type of its elements
 * @param shape extents of its axes; none for a single value
 */
public record Tensor(String name, TensorType type, List<Long> shape) {

  /**
   * Checks that its bytes can be counted.
   *
   * @throws IllegalArgumentException where an extent is negative or the tensor has 2^63 bytes
   */
  public Tensor {
    shape = List.copyOf(shape);
    long bytes = type.bytes();
    for (long extent : shape) {
      if (extent < 0) {
        throw new IllegalArgumentException("a negative extent: " + text(shape));
      }
      try {
        bytes = Math.multiplyExact(bytes, extent);
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException("too large: " + text(shape), e);
      }
    }
  }

  /** Number of elements; 1 for a single value. */
  public long length() {
    return shape.stream().reduce(1L, (a, b) -> a * b);
  }

  /** Bytes of all elements. */
  public long bytes() {
    return length() * type.bytes();
  }

  /** Type and shape for messages, for example {@code F32 [64, 3]}. */
  public String layout() {
    return type.safetensors() + " " + text(shape);
  }

  private static String text(List<Long> shape) {
    return shape.stream().map(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
  }
}
