package org.lcsc.checkpoint;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.factory.Nd4j;

/** Matrix products with a store's checkpoints, slot by slot, each in one pass over the store. */
final class PanelProducts {

  private final TileStore store;

  PanelProducts(TileStore store) {
    this.store = store;
  }

  /**
   * The product of coefficients and checkpoints.
   *
   * @param coefficients float32 {@code [B, rows]} per group, a column per slot
   * @param groups which parameters they are for
   * @param out float32 {@code [B, P]}, row-major
   */
  void multiply(INDArray[] coefficients, ParameterGroups groups, INDArray out) {
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

  /**
   * Inner products of the first {@code rows} slots with a flat float32 vector, group by group.
   *
   * @return {@code [G][rows]}
   */
  double[][] dot(INDArray flat, ParameterGroups groups, int rows) {
    double[][] sums = new double[groups.size()][rows];
    FlatArray vector = new FlatArray(flat, store.direct());
    INDArray partial = Nd4j.createUninitializedDetached(DataType.FLOAT, rows, 1);
    boolean split = BlockReader.splits(store.type());
    INDArray scratch = Nd4j.createUninitializedDetached(DataType.FLOAT, store.panelWidth());
    FlatArray splitVector = new FlatArray(scratch, store.direct());
    int[] bits = new int[store.panelWidth()];
    int[] splitBits = new int[store.panelWidth()];
    store.forEachPanel(
        rows,
        groups,
        (group, from, count, matrix) -> {
          INDArray part = vector.part(from, count);
          if (split) {
            vector.read(from, bits, count);
            BlockReader.split(bits, splitBits, count);
            splitVector.write(0, splitBits, count);
            part = splitVector.part(0, count);
          }
          Nd4j.exec(new Mmul(matrix, part.reshape(count, 1), partial, null));
          float[] values = partial.data().asFloat();
          for (int i = 0; i < rows; i++) {
            sums[group][i] += values[i];
          }
        });
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
          float[] values = partial.data().asFloat();
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
