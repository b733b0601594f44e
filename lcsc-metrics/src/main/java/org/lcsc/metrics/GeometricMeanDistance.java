package org.lcsc.metrics;

import java.util.List;
import org.lcsc.io.Refuse;

/**
 * The geometric mean of distances in several feature spaces, of samples whose features lie side by
 * side ({@link ConcatenatedFeatures}): a gain of one percent counts the same in each, whatever its
 * unit. As thread-safe as they are.
 */
public final class GeometricMeanDistance implements FeatureDistance {

  private final List<? extends FeatureDistance> parts;
  private final int dimension;

  /**
   * The mean of distances.
   *
   * @param parts at least one, in the order of the features
   */
  public GeometricMeanDistance(List<? extends FeatureDistance> parts) {
    Refuse.argument(parts.isEmpty(), "at least one distance is needed");
    this.parts = List.copyOf(parts);
    this.dimension = parts.stream().mapToInt(FeatureDistance::dimension).sum();
  }

  @Override
  public String name() {
    return "mean-fid";
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public double distance(float[] features) {
    return mean(features, null);
  }

  @Override
  public double gradient(float[] features, float[] gradient) {
    return mean(features, gradient);
  }

  /**
   * The geometric mean.
   *
   * @param distances at least one
   * @return NaN where one is not finite; of a single one that itself
   */
  public static double mean(double... distances) {
    if (distances.length == 1) {
      return distances[0];
    }
    double logarithm = 0;
    for (double distance : distances) {
      logarithm += Double.isFinite(distance) ? Math.log(distance) : Double.NaN;
    }
    return Math.exp(logarithm / distances.length);
  }

  private double mean(float[] features, float[] gradient) {
    int rows = features.length / dimension;
    double[] distances = new double[parts.size()];
    int first = 0;
    for (int i = 0; i < distances.length; i++) {
      FeatureDistance part = parts.get(i);
      int width = part.dimension();
      float[] own = new float[rows * width];
      for (int row = 0; row < rows; row++) {
        System.arraycopy(features, row * dimension + first, own, row * width, width);
      }
      if (gradient == null) {
        distances[i] = part.distance(own);
      } else {
        float[] slopes = new float[own.length];
        distances[i] = part.gradient(own, slopes);
        for (int row = 0; row < rows; row++) {
          for (int column = 0; column < width; column++) {
            gradient[row * dimension + first + column] =
                (float) (slopes[row * width + column] / distances[i]);
          }
        }
      }
      first += width;
    }
    double mean = mean(distances);
    if (gradient != null) {
      float scale = (float) (mean / distances.length);
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] *= scale;
      }
    }
    return mean;
  }
}
