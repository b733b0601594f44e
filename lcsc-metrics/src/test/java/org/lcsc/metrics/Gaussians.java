package org.lcsc.metrics;

import java.util.Random;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Correlated feature rows and their two-pass moments, as an independent reference. */
final class Gaussians {

  private Gaussians() {}

  /** {@code [count][dimension]} rows with correlated features about {@code offset}. */
  static float[][] rows(long seed, int count, int dimension, double offset) {
    Random random = new Random(seed);
    float[][] rows = new float[count][dimension];
    for (float[] row : rows) {
      double previous = 0;
      for (int j = 0; j < dimension; j++) {
        previous = 0.6 * previous + random.nextGaussian();
        row[j] = (float) (offset + previous);
      }
    }
    return rows;
  }

  static INDArray array(float[][] rows, int from, int to) {
    float[][] part = java.util.Arrays.copyOfRange(rows, from, to);
    return Nd4j.create(part);
  }

  static FeatureMoments twoPass(float[][] rows) {
    int dimension = rows[0].length;
    double[] mean = new double[dimension];
    for (float[] row : rows) {
      for (int j = 0; j < dimension; j++) {
        mean[j] += (double) row[j] / rows.length;
      }
    }
    double[] covariance = new double[dimension * dimension];
    for (float[] row : rows) {
      for (int i = 0; i < dimension; i++) {
        for (int j = 0; j < dimension; j++) {
          covariance[i * dimension + j] +=
              (row[i] - mean[i]) * (row[j] - mean[j]) / (rows.length - 1);
        }
      }
    }
    return FeatureMoments.of(rows.length, mean, covariance);
  }

  static FeatureMoments streamed(float[][] rows) {
    FeatureStatistics statistics = new FeatureStatistics(rows[0].length);
    statistics.add(array(rows, 0, rows.length));
    return statistics.moments();
  }
}
