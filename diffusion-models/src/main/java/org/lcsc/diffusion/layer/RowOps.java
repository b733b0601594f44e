package org.lcsc.diffusion.layer;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Operations on activations seen as matrices of rows, {@code [rows, length]}, C order. Each is the
 * fastest form libnd4j has for it: sums are matrix-vector products (five times faster than its
 * reductions), scaling and shifting rows are broadcasting operations with a column {@code [rows,
 * 1]} (five times faster than the {@code Broadcast*} operations). Products of float32 matrices go
 * to oneDNN directly where it is there.
 */
final class RowOps {

  private record OnesKey(DataType type, long length) {}

  private static final Map<OnesKey, INDArray> ONES = new ConcurrentHashMap<>();

  private RowOps() {}

  /** Executes a libnd4j operation into given outputs. */
  static void exec(String op, INDArray[] inputs, INDArray[] outputs, int... arguments) {
    Nd4j.getExecutioner().exec(new DynamicCustomOp(op, inputs, outputs, List.of(), arguments));
  }

  private static void binary(String op, INDArray a, INDArray b, INDArray out) {
    exec(op, new INDArray[] {a, b}, new INDArray[] {out});
  }

  /** {@code out = a + b} with broadcasting. */
  static void add(INDArray a, INDArray b, INDArray out) {
    binary("add", a, b, out);
  }

  /** {@code out = a - b} with broadcasting. */
  static void subtract(INDArray a, INDArray b, INDArray out) {
    binary("subtract", a, b, out);
  }

  /** {@code out = a * b} with broadcasting. */
  static void multiply(INDArray a, INDArray b, INDArray out) {
    binary("multiply", a, b, out);
  }

  /** {@code out = scale * sum of each row}; {@code rows} is [R, L], {@code out} is [R, 1]. */
  static void rowSums(INDArray rows, double scale, INDArray out) {
    Nd4j.gemm(rows, ones(rows.dataType(), rows.size(1)), out, false, false, scale, 0);
  }

  /** {@code out = sum of each column}; {@code rows} is [R, L], {@code out} is [1, L]. */
  static void columnSums(INDArray rows, INDArray out) {
    Nd4j.gemm(
        ones(rows.dataType(), rows.size(0)).reshape(1, rows.size(0)),
        rows,
        out,
        false,
        false,
        1,
        0);
  }

  /** {@code out = alpha op(a) op(b)}, batched over leading dimensions; C order. */
  static void matmul(
      INDArray a, INDArray b, INDArray out, boolean transposeA, boolean transposeB, double alpha) {
    if (OneDnnMatmul.takes(a, b, out)) {
      OneDnnMatmul.multiply(a, b, out, transposeA, transposeB, alpha);
      return;
    }
    Nd4j.getExecutioner()
        .exec(
            new DynamicCustomOp(
                "matmul",
                new INDArray[] {a, b},
                new INDArray[] {out},
                List.of(alpha, 0.0),
                new int[] {transposeA ? 1 : 0, transposeB ? 1 : 0, 0}));
  }

  /** Column of ones, {@code [length, 1]}; shared, never written. */
  private static INDArray ones(DataType type, long length) {
    return ONES.computeIfAbsent(
        new OnesKey(type, length),
        key -> {
          try (MemoryWorkspace ignored = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            return Nd4j.ones(key.type(), key.length(), 1);
          }
        });
  }

  /**
   * {@code array} as a dense C-order array of a type: itself where it is one, else a copy. What
   * {@link INDArray#ordering} and {@link INDArray#isView} say is not enough: a permuted array is in
   * C order and no view.
   *
   * @param kind how long a copy lasts
   */
  static INDArray dense(INDArray array, DataType type, ArrayType kind, LayerWorkspaceMgr memory) {
    boolean dense =
        array.dataType() == type
            && array.ordering() == 'c'
            && array.elementWiseStride() == 1
            && java.util.Arrays.equals(array.stride(), Nd4j.getStrides(array.shape(), 'c'));
    return dense ? array : memory.createUninitialized(kind, type, array.shape(), 'c').assign(array);
  }
}
