package org.lcsc.io;

import java.util.function.Consumer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Bulk copies from ND4J arrays to Java arrays, row-major whatever the array's layout.
 *
 * <p>Stateless and thread-safe.
 */
public final class HostArrays {

  private HostArrays() {}

  /**
   * Copies an array of any shape, layout and numeric type.
   *
   * @return the elements in row-major order, converted to float
   * @throws IllegalArgumentException where the array has more than 2^31 - 1 elements
   */
  public static float[] floats(INDArray array) {
    float[] values = new float[length(array)];
    read(array, DataType.FLOAT, memory -> memory.get(0, values, 0, values.length));
    return values;
  }

  /** Copies an array as {@link #floats} does, converted to double. */
  public static double[] doubles(INDArray array) {
    double[] values = new double[length(array)];
    read(array, DataType.DOUBLE, memory -> memory.get(0, values, 0, values.length));
    return values;
  }

  private static int length(INDArray array) {
    Refuse.argument(
        array.length() > Integer.MAX_VALUE,
        "An array of shape %s is too large for one copy; pass it in parts of fewer than 2^31"
            + " elements",
        array.shape());
    return (int) array.length();
  }

  /** A row-major copy; another type alone makes one already. */
  private static INDArray copy(INDArray array, DataType type) {
    INDArray cast = array.castTo(type);
    if (cast != array && isRowMajor(cast)) {
      return cast;
    }
    INDArray copy = cast.dup('c');
    if (cast != array) {
      cast.close();
    }
    return copy;
  }

  /** Opens an array, or a copy that is row-major and of the given type. */
  private static void read(INDArray array, DataType type, Consumer<HostMemory> reader) {
    boolean plain = array.dataType() == type && !array.isView() && isRowMajor(array);
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray source = plain ? array : copy(array, type);
      try (HostMemory memory = HostMemory.read(source)) {
        reader.accept(memory);
      }
      if (!plain) {
        source.close();
      }
    }
  }

  /** Whether no value is NaN or infinite. */
  public static boolean allFinite(float[] values) {
    // A finite x gives x * 0 == 0, anything else NaN, which the sum keeps: no branch in the loop.
    float sum = 0;
    for (float value : values) {
      sum += value * 0;
    }
    return sum == 0;
  }

  /** Whether elements follow one another in C order; strides of dimensions of size 1 are free. */
  public static boolean isRowMajor(INDArray array) {
    long expected = 1;
    for (int axis = array.rank() - 1; axis >= 0; axis--) {
      if (array.size(axis) != 1 && array.stride(axis) != expected) {
        return false;
      }
      expected *= array.size(axis);
    }
    return true;
  }
}
