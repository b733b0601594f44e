package org.lcsc.diffusion.layer;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.lcsc.io.Refuse;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Random Fourier features of a noise level (Tancik et al. 2020; NCSN++, Song et al. 2021): {@code
 * [N, 1]} to {@code [N, 2 F]}, the F values sin(2 pi f t) followed by the F values cos(2 pi f t).
 * The frequencies f are part of the configuration, so they go wherever the network goes; they are
 * not trained, and no gradient flows to t.
 *
 * <p>EDM's NCSN++ feeds t = ln(sigma) / 4 and draws the frequencies with deviation 16.
 */
public final class FourierEmbedding extends NoiseFeatures {

  @JsonProperty private double[] frequencies;

  /** For Jackson. */
  private FourierEmbedding() {}

  /**
   * An embedding with random frequencies.
   *
   * @param size number of outputs, even, at least 2
   * @param scale standard deviation of the frequencies, above 0 and finite
   * @param seed seed of the frequencies
   * @throws IllegalArgumentException where an argument is out of range
   */
  public FourierEmbedding(int size, double scale, long seed) {
    this(draw(size, scale, seed));
  }

  /**
   * An embedding with given frequencies, such as those of a published network.
   *
   * @param frequencies finite, at least one
   * @throws IllegalArgumentException where there is none, or one is not finite
   */
  public FourierEmbedding(double[] frequencies) {
    atLeast(1, "number of frequencies", frequencies.length);
    for (double frequency : frequencies) {
      if (!Double.isFinite(frequency)) {
        throw new IllegalArgumentException("frequency: expected a finite number, got " + frequency);
      }
    }
    this.frequencies = frequencies.clone();
  }

  /** The frequencies. */
  public double[] frequencies() {
    return frequencies.clone();
  }

  private static double[] draw(int size, double scale, long seed) {
    Refuse.argument(
        size < 2 || size % 2 != 0, "size: expected an even number above 0, got %s", size);
    if (!(scale > 0 && scale < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("scale: expected a finite number above 0, got " + scale);
    }
    return Initialisation.normal(size / 2, scale, seed);
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    return InputType.feedForward(2L * frequencies.length);
  }

  @Override
  String addTo(OnnxGraph graph, String input) {
    double[] turns = Arrays.stream(frequencies).map(f -> 2 * Math.PI * f).toArray();
    return waves(graph, input, turns, true);
  }

  @Override
  Object[] settings() {
    return new Object[] {frequencies};
  }

  @Override
  double[] features(double[] times) {
    int half = frequencies.length;
    double[] values = new double[times.length * 2 * half];
    for (int n = 0; n < times.length; n++) {
      for (int i = 0; i < half; i++) {
        double phase = 2 * Math.PI * frequencies[i] * times[n];
        values[2 * half * n + i] = Math.sin(phase);
        values[2 * half * n + half + i] = Math.cos(phase);
      }
    }
    return values;
  }
}
