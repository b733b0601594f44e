package org.lcsc.diffusion.schedule;

import org.lcsc.io.HostArrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Linear combinations of arrays written into existing arrays. Arrays of the same type in dense C
 * order take one BLAS call; any other layout or type is converted, and costs an allocation. The
 * array written to must be FLOAT or DOUBLE in dense C order, which is not checked here.
 *
 * <p>Stateless and thread-safe.
 */
public final class InPlace {

  private InPlace() {}

  /** {@code y = a y}. */
  public static void scale(INDArray y, double a) {
    if (a == 1) {
      return;
    }
    if (y.elementWiseStride() == 1) {
      Nd4j.getBlasWrapper().level1().scal(y.length(), a, y);
    } else {
      y.muli(a);
    }
  }

  /** {@code y = y + a x}; {@code x} is not read when {@code a} is 0. */
  public static void add(INDArray y, double a, INDArray x) {
    if (a == 0) {
      return;
    }
    boolean unitStride = x.elementWiseStride() == 1 && y.elementWiseStride() == 1;
    if (unitStride && x.dataType() == y.dataType() && HostArrays.isRowMajor(x)) {
      Nd4j.getBlasWrapper().level1().axpy(y.length(), a, x, y);
    } else {
      y.addi(x.castTo(y.dataType()).mul(a));
    }
  }

  /**
   * {@code into = a x + b y}; {@code into} may be {@code x} or {@code y}. An array whose factor is
   * 0 is not read.
   */
  public static void combine(double a, INDArray x, double b, INDArray y, INDArray into) {
    if (into == x || b == 0) {
      assign(into, x);
      scale(into, a);
      add(into, b, y);
    } else {
      assign(into, y);
      scale(into, b);
      add(into, a, x);
    }
  }

  private static void assign(INDArray into, INDArray x) {
    if (into != x) {
      into.assign(x);
    }
  }

  /** Whether {@link #scale} and {@link #add} may write to this array. */
  public static boolean isWritable(INDArray x) {
    return (x.dataType() == DataType.FLOAT || x.dataType() == DataType.DOUBLE)
        && HostArrays.isRowMajor(x);
  }
}
