package org.lcsc.metrics;

import java.util.Arrays;
import java.util.List;
import org.lcsc.io.HostArrays;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Learned perceptual image patch similarity (Zhang et al., 2018, equation 1, version 0.1): how
 * different two images look.
 *
 * <p>The activations of each layer are scaled to unit length over the channels at every position;
 * their squared differences are weighted per channel, averaged over the positions and summed over
 * the layers. The network's input scaling is part of the {@link ActivationStack}. As thread-safe as
 * that is.
 */
public final class Lpips {

  /** Added to the length, as the authors do. */
  private static final double EPSILON = 1e-10;

  private final ActivationStack network;
  private final List<float[]> weights;

  /**
   * Creates the measure.
   *
   * @param network gives the activations
   * @param weights per layer one weight per channel, at least 0
   * @throws IllegalArgumentException where there is no layer, or a weight is negative or NaN
   */
  public Lpips(ActivationStack network, List<float[]> weights) {
    Refuse.argument(weights.isEmpty(), "weights must be those of at least 1 layer, got none");
    for (int layer = 0; layer < weights.size(); layer++) {
      for (float weight : weights.get(layer)) {
        if (!(weight >= 0 && weight < Float.POSITIVE_INFINITY)) {
          throw new IllegalArgumentException(
              "weights of layer " + layer + " must be finite and at least 0, got " + weight);
        }
      }
    }
    this.network = network;
    this.weights = weights.stream().map(float[]::clone).toList();
  }

  /**
   * Compares images pair by pair.
   *
   * @param first {@code [N, C, H, W]} in [-1, 1]
   * @param second the same shape
   * @return {@code [N]}: 0 for equal images
   * @throws IllegalArgumentException where the shapes differ or do not fit the network
   */
  public double[] distances(INDArray first, INDArray second) {
    Refuse.argument(
        !Arrays.equals(first.shape(), second.shape()),
        "images must have equal shapes, got %s and %s",
        first.shape(),
        second.shape());
    // Copied, as a network may reuse its output arrays.
    List<Layer> a = network.activations(first).stream().map(Layer::of).toList();
    List<Layer> b = network.activations(second).stream().map(Layer::of).toList();
    if (a.size() != weights.size()) {
      throw new IllegalArgumentException(
          "the network gives " + a.size() + " layers, but there are weights of " + weights.size());
    }
    double[] distances = new double[Math.toIntExact(first.size(0))];
    for (int layer = 0; layer < a.size(); layer++) {
      if (a.get(layer).channels != weights.get(layer).length) {
        throw new IllegalArgumentException(
            Text.format(
                "layer %s has %s channels, but %s weights",
                layer, a.get(layer).channels, weights.get(layer).length));
      }
      add(a.get(layer), b.get(layer), weights.get(layer), distances);
    }
    return distances;
  }

  private static void add(Layer a, Layer b, float[] weights, double[] distances) {
    int image = a.channels * a.positions;
    for (int n = 0; n < distances.length; n++) {
      double sum = 0;
      for (int p = 0; p < a.positions; p++) {
        int start = n * image + p;
        double lengthA = a.length(start) + EPSILON;
        double lengthB = b.length(start) + EPSILON;
        for (int c = 0; c < a.channels; c++) {
          int i = start + c * a.positions;
          double difference = a.values[i] / lengthA - b.values[i] / lengthB;
          sum += weights[c] * difference * difference;
        }
      }
      distances[n] += sum / a.positions;
    }
  }

  private record Layer(int channels, int positions, float[] values) {

    static Layer of(INDArray activations) {
      Refuse.argument(
          activations.rank() != 4,
          "activations must have shape [N, C, H, W], got %s",
          activations.shape());
      return new Layer(
          Math.toIntExact(activations.size(1)),
          Math.toIntExact(activations.size(2) * activations.size(3)),
          HostArrays.floats(activations));
    }

    /** Length of the vector over the channels. */
    double length(int start) {
      double sum = 0;
      for (int c = 0; c < channels; c++) {
        double value = values[start + c * positions];
        sum += value * value;
      }
      return Math.sqrt(sum);
    }
  }
}
