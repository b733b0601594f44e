package org.lcsc.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.lcsc.io.HostArrays;
import org.lcsc.io.HostMemory;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Matrix products with a store's checkpoints, slot by slot, each in one pass over the store. */
record PanelProducts(TileStore store) {

  /**
   * The product of coefficients and checkpoints.
   *
   * @param coefficients float32 {@code [B, rows]} per group, a column per slot
   * @param groups which parameters they are for
   * @param out float32 {@code [B, P]}, row-major
   */
  void multiply(INDArray[] coefficients, ParameterGroups groups, INDArray out) {
    if (!HostMemory.isHost()) {
      multiplyOnHost(coefficients, groups, out);
      return;
    }
    int candidates = coefficients[0].rows();
    int rows = coefficients[0].columns();
    // As matrix times vector: measured, a product with a one-row matrix takes five times as long.
    boolean alone = candidates == 1;
    INDArray[] factors = coefficients;
    INDArray target = out;
    if (alone) {
      factors = new INDArray[coefficients.length];
      Arrays.setAll(factors, group -> coefficients[group].reshape(new long[] {rows}));
      target = out.reshape('c', new long[] {out.size(1)});
    }
    try (MergeTarget merged = new MergeTarget(store, target, candidates)) {
      INDArray[] left = factors;
      store.forEachPanel(
          rows,
          groups,
          (group, from, count, matrix) -> {
            INDArray product = merged.open(from, count);
            Nd4j.exec(
                alone
                    ? new Mmul(matrix.transpose(), left[group], product, null)
                    : new Mmul(left[group], matrix, product, null));
            merged.take(from, count);
          });
    }
  }

  /** The same where arrays lie on a device: only the merged array is copied there, and once. */
  void multiplyOnHost(INDArray[] coefficients, ParameterGroups groups, INDArray out) {
    int candidates = coefficients[0].rows();
    int rows = coefficients[0].columns();
    int width = store.panelWidth();
    float[][] factors = new float[coefficients.length][];
    Arrays.setAll(factors, group -> HostArrays.floats(coefficients[group]));
    BlockReader reader = new BlockReader(store);
    ByteBuffer row = ByteBuffer.allocate(width * Float.BYTES).order(ByteOrder.nativeOrder());
    float[] values = new float[width];
    float[][] sums = new float[candidates][width];
    int[] bits = new int[width];
    int[] ordered = new int[width];
    try (HostMemory merged = HostMemory.write(out)) {
      store.forEachBlock(
          groups,
          width,
          (group, from, count) -> {
            reader.open(from, count, row);
            for (int k = 0; k < rows; k++) {
              reader.read(k, 0);
              row.asFloatBuffer().get(0, values, 0, count);
              for (int b = 0; b < candidates; b++) {
                float factor = factors[group][b * rows + k];
                float[] sum = sums[b];
                for (int i = 0; i < count; i++) {
                  sum[i] = (k == 0 ? 0 : sum[i]) + factor * values[i];
                }
              }
            }
            for (int b = 0; b < candidates; b++) {
              for (int i = 0; i < count; i++) {
                bits[i] = Float.floatToRawIntBits(sums[b][i]);
              }
              boolean splits = BlockReader.splits(store.type());
              if (splits) {
                BlockReader.join(bits, ordered, count);
              }
              merged.put(b * out.size(1) + from, splits ? ordered : bits, 0, count);
            }
          });
    }
  }

  /**
   * Inner products of the first {@code rows} slots with a flat float32 vector, group by group.
   *
   * @return {@code [G][rows]}
   */
  double[][] dot(INDArray flat, ParameterGroups groups, int rows) {
    double[][] sums = new double[groups.size()][rows];
    INDArray partial = Nd4j.createUninitializedDetached(DataType.FLOAT, rows, 1);
    boolean splits = BlockReader.splits(store.type());
    int width = store.panelWidth();
    INDArray scratch = Nd4j.createUninitializedDetached(DataType.FLOAT, width);
    int[] bits = new int[width];
    int[] split = new int[width];
    try (HostMemory vector = splits ? HostMemory.read(flat) : null) {
      store.forEachPanel(
          rows,
          groups,
          (group, from, count, matrix) -> {
            INDArray part = flat.get(NDArrayIndex.interval(from, from + count));
            if (splits) {
              vector.get(from, bits, 0, count);
              BlockReader.split(bits, split, count);
              try (HostMemory memory = HostMemory.write(scratch)) {
                memory.put(0, split, 0, count);
              }
              part = scratch.get(NDArrayIndex.interval(0, count));
            }
            Nd4j.exec(new Mmul(matrix, part.reshape(count, 1), partial, null));
            float[] values = HostArrays.floats(partial);
            for (int i = 0; i < rows; i++) {
              sums[group][i] += values[i];
            }
          });
    }
    partial.close();
    scratch.close();
    return sums;
  }

  /**
   * Inner products of the slots less a weighted mean of them, group by group, in one pass. The mean
   * is taken off panel by panel before the products: those of whole checkpoints would drown their
   * differences in float32 rounding.
   *
   * @param weights of the mean, a weight per slot, {@code [rows]}
   * @return {@code [G][rows][rows]}
   */
  double[][][] centredGram(float[] weights, ParameterGroups groups) {
    int rows = weights.length;
    double[][][] sums = new double[groups.size()][rows][rows];
    INDArray average = Nd4j.createFromArray(new float[][] {weights});
    INDArray scratch =
        Nd4j.createUninitializedDetached(DataType.FLOAT, (long) rows * store.panelWidth());
    INDArray means = Nd4j.createUninitializedDetached(DataType.FLOAT, store.panelWidth());
    INDArray partial = Nd4j.createUninitializedDetached(DataType.FLOAT, rows, rows);
    store.forEachPanel(
        rows,
        groups,
        (group, from, count, matrix) -> {
          INDArray mean = TileStore.matrix(means.data(), 0, 1, count, count);
          INDArray centred = TileStore.matrix(scratch.data(), 0, rows, count, count);
          Nd4j.exec(new Mmul(average, matrix, mean, null));
          centred.assign(matrix);
          centred.subiRowVector(mean);
          Nd4j.exec(new Mmul(centred, centred.transpose(), partial, null));
          float[] values = HostArrays.floats(partial);
          double[][] sum = sums[group];
          for (int i = 0; i < rows; i++) {
            for (int j = 0; j < rows; j++) {
              // The product's two triangles may round differently.
              sum[i][j] += 0.5 * ((double) values[i * rows + j] + values[j * rows + i]);
            }
          }
        });
    scratch.close();
    means.close();
    partial.close();
    return sums;
  }
}
