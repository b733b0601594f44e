package org.lcsc.checkpoint;

import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The products with a window's checkpoints, group by group; between slots and ages. */
final class WindowProducts {

  private final CheckpointWindow window;
  private final ParameterGroups groups;
  private final CheckpointRing ring;
  private final int size;

  /**
   * Of a window that is open and not empty.
   *
   * @throws IllegalArgumentException where the groups are of another number of parameters
   */
  WindowProducts(CheckpointWindow window, ParameterGroups groups) {
    Refuse.argument(
        groups.parameters() != window.parameters(),
        "the groups are of %s parameters, this window of %s",
        groups.parameters(),
        window.parameters());
    this.window = window;
    this.groups = groups;
    this.ring = window.ring();
    this.size = ring.size();
  }

  void merge(double[][] coefficients, INDArray out) {
    Refuse.argument(coefficients.length == 0, "nothing to merge: no coefficients");
    requireTarget(coefficients.length, out);
    for (int b = 0; b < coefficients.length; b++) {
      requireCandidate(b, coefficients[b]);
    }
    INDArray[] bySlot = new INDArray[groups.size()];
    for (int group = 0; group < bySlot.length; group++) {
      float[][] values = new float[coefficients.length][ring.rows()];
      for (int b = 0; b < coefficients.length; b++) {
        for (int k = 0; k < size; k++) {
          values[b][ring.slot(k)] = (float) coefficients[b][group * size + k];
        }
      }
      bySlot[group] = Nd4j.createFromArray(values);
    }
    new PanelProducts(window.store()).multiply(bySlot, groups, out);
  }

  private void requireTarget(int rows, INDArray out) {
    long parameters = window.parameters();
    Refuse.argument(
        out.rank() != 2
            || out.rows() != rows
            || out.size(1) != parameters
            || out.dataType() != DataType.FLOAT
            || out.stride(1) != 1
            || (out.rows() > 1 && out.stride(0) != parameters),
        "merge target must be a row-major FLOAT array of shape [%d, %d], got %s %s with strides %s",
        rows,
        parameters,
        out.dataType(),
        out.shape(),
        out.stride());
  }

  private void requireCandidate(int b, double[] row) {
    if (row.length != groups.size() * size) {
      throw new IllegalArgumentException(
          Text.format(
              "candidate %s has %s coefficients for %s checkpoints%s",
              b, row.length, size, groups.size() > 1 ? " in " + groups.size() + " groups" : ""));
    }
    for (int k = 0; k < row.length; k++) {
      if (!Double.isFinite(row[k])) {
        throw new IllegalArgumentException(
            "coefficient " + k + " of candidate " + b + " must be finite, got " + row[k]);
      }
    }
  }

  double[] dot(INDArray vector) {
    window.requireLength(vector, "the vector");
    double[][] bySlot =
        new PanelProducts(window.store()).dot(TileStore.flatten(vector), groups, ring.rows());
    double[] products = new double[groups.size() * size];
    for (int i = 0; i < products.length; i++) {
      products[i] = bySlot[i / size][ring.slot(i % size)];
    }
    return products;
  }

  double[][][] centredGrams() {
    float[] weights = new float[ring.rows()];
    for (int k = 0; k < size; k++) {
      weights[ring.slot(k)] = 1f / size;
    }
    double[][][] bySlot = new PanelProducts(window.store()).centredGram(weights, groups);
    double[][][] grams = new double[groups.size()][size][size];
    for (int group = 0; group < grams.length; group++) {
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
          grams[group][i][j] = bySlot[group][ring.slot(i)][ring.slot(j)];
        }
      }
    }
    return grams;
  }
}
