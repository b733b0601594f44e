package org.lcsc.metrics;

import org.lcsc.io.HostArrays;
import org.lcsc.io.Refuse;

/** A distance whose value and gradient come of the same pass, in double precision. */
abstract class RowDistance implements FeatureDistance {

  final int dimension;

  RowDistance(int dimension) {
    this.dimension = dimension;
  }

  @Override
  public final int dimension() {
    return dimension;
  }

  @Override
  public final double distance(float[] features) {
    return evaluate(features, null);
  }

  @Override
  public final double gradient(float[] features, float[] gradient) {
    double[] sums = new double[features.length];
    double distance = evaluate(features, sums);
    for (int i = 0; i < sums.length; i++) {
      gradient[i] = (float) sums[i];
    }
    return distance;
  }

  private double evaluate(float[] features, double[] gradient) {
    Refuse.argument(
        features.length % dimension != 0 || features.length < 2 * dimension,
        "Features must be at least 2 whole rows of %s, got %s values",
        dimension,
        features.length);
    return HostArrays.allFinite(features) ? finite(features, gradient) : Double.NaN;
  }

  /**
   * The distance of finite features.
   *
   * @param features {@code N * D} values, row-major, N at least 2
   * @param gradient null, or {@code N * D} zeros that the derivatives are added to
   */
  abstract double finite(float[] features, double[] gradient);
}
