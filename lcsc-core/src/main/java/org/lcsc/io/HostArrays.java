package org.lcsc.io;

import java.util.Arrays;
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
  @SuppressWarnings("try")
  public static float[] floats(INDArray array) {
    if (array.length() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "An array of shape "
              + Arrays.toString(array.shape())
              + " is too large for one copy; pass it in parts of fewer than 2^31 elements");
    }
    float[] values = new float[(int) array.length()];
    boolean plain = array.dataType() == DataType.FLOAT && !array.isView() && isRowMajor(array);
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray source = plain ? array : array.castTo(DataType.FLOAT).dup('c');
      if (4L * values.length <= Integer.MAX_VALUE) {
        source.data().asNioFloat().get(values);
      } else {
        values = source.data().asFloat();
      }
      if (!plain) {
        source.close();
      }
    }
    return values;
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

  private static boolean isRowMajor(INDArray array) {
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
