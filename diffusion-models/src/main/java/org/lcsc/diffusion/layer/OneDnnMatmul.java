package org.lcsc.diffusion.layer;

import java.util.Map;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.lcsc.io.HostArrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Products of float32 matrices on the CPU by oneDNN's primitives, made once for each shape and
 * kept: a small product costs a tenth of what libnd4j takes to launch it. Each thread has its own
 * primitives; an object belongs to one thread.
 */
final class OneDnnMatmul {

  /** Shapes as they are stored, before they are transposed. */
  private record Shape(
      long batch,
      long rowsA,
      long columnsA,
      long rowsB,
      long columnsB,
      boolean transposeA,
      boolean transposeB,
      float scale) {

    long[] a() {
      return transposeA ? dims(columnsA, rowsA) : dims(rowsA, columnsA);
    }

    long[] b() {
      return transposeB ? dims(columnsB, rowsB) : dims(rowsB, columnsB);
    }

    long[] product() {
      return dims(transposeA ? columnsA : rowsA, transposeB ? rowsB : columnsB);
    }

    private long[] dims(long rows, long columns) {
      return batch == 0 ? new long[] {rows, columns} : new long[] {batch, rows, columns};
    }
  }

  private static final ThreadLocal<Map<Shape, OneDnnMatmul>> KEPT =
      ThreadLocal.withInitial(OneDnnMemory::shapes);

  private final OneDnnMemory shared = OneDnnMemory.ofThread();
  private final OneDnnMemory.Operand a;
  private final OneDnnMemory.Operand b;
  private final OneDnnMemory.Operand product;
  private final matmul primitive;
  private final IntMemoryMap arguments;

  private OneDnnMatmul(Shape shape) {
    memory.desc left = matrices(shape.a(), shape.transposeA());
    memory.desc right = matrices(shape.b(), shape.transposeB());
    memory.desc result = matrices(shape.product(), false);
    primitive_attr attributes = new primitive_attr();
    if (shape.scale() != 1) {
      attributes.set_output_scales(0, new float[] {shape.scale()});
    }
    primitive =
        new matmul(
            new matmul.primitive_desc(
                new matmul.desc(left, right, result), attributes, shared.engine()));
    a = shared.operand(left, left, 0);
    b = shared.operand(right, right, 0);
    product = shared.operand(result, result, 0);
    arguments =
        new IntMemoryMap()
            .put(dnnl.DNNL_ARG_SRC, a.inner())
            .put(dnnl.DNNL_ARG_WEIGHTS, b.inner())
            .put(dnnl.DNNL_ARG_DST, product.inner());
  }

  /** Matrices of the given logical shape, whose rows or, transposed, columns are contiguous. */
  private static memory.desc matrices(long[] shape, boolean transposed) {
    int last = shape.length - 1;
    long[] strides = new long[shape.length];
    strides[last] = transposed ? shape[last - 1] : 1;
    strides[last - 1] = transposed ? 1 : shape[last];
    if (last > 1) {
      strides[0] = shape[last] * shape[last - 1];
    }
    return new memory.desc(shape, memory.data_type.f32, strides);
  }

  /** Whether {@link #multiply} takes such arrays: matrices or batches of them, C order, dense. */
  static boolean takes(INDArray... arrays) {
    for (INDArray array : arrays) {
      int rank = array.rank();
      if (rank != arrays[0].rank()
          || rank < 2
          || rank > 3
          || array.isEmpty()
          || !HostArrays.isRowMajor(array)) {
        return false;
      }
    }
    return OneDnn.takes(arrays);
  }

  /** {@code out = scale op(a) op(b)}, for each matrix of a batch. */
  static void multiply(
      INDArray a, INDArray b, INDArray out, boolean transposeA, boolean transposeB, double scale) {
    int rows = a.rank() - 2;
    Shape shape =
        new Shape(
            rows == 0 ? 0 : a.size(0),
            a.size(rows),
            a.size(rows + 1),
            b.size(rows),
            b.size(rows + 1),
            transposeA,
            transposeB,
            (float) scale);
    KEPT.get().computeIfAbsent(shape, OneDnnMatmul::new).run(a, b, out);
  }

  private void run(INDArray left, INDArray right, INDArray out) {
    a.bind(left);
    b.bind(right);
    product.bind(out);
    primitive.execute(shared.stream(), arguments);
    shared.await();
  }
}
