package org.lcsc.diffusion.layer;

import java.util.Objects;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * How a network F becomes a function of images with noise of standard deviation sigma,
 *
 * <pre>D(x, sigma) = c_skip(sigma) x + c_out(sigma) F(c_in(sigma) x, c_noise(sigma)).</pre>
 *
 * With epsilon = 0 it is the denoiser of EDM (Karras et al. 2022, arXiv:2206.00364, table 1); with
 * epsilon above 0 a consistency function, for which D(x, epsilon) = x by construction (Song et al.
 * 2023, arXiv:2303.01469, equation 5 and appendix C). Immutable and thread-safe.
 *
 * @param sigmaData standard deviation of the data, above 0
 * @param epsilon the noise level where the function is the identity; 0 for a denoiser
 * @param networkTime how a noise level is given to the network
 */
public record Preconditioning(
    @JsonProperty double sigmaData,
    @JsonProperty double epsilon,
    @JsonProperty NetworkTime networkTime) {

  /** The smallest noise level of the consistency models' papers. */
  public static final double EPSILON = 0.002;

  /** How a noise level is given to the network. */
  public enum NetworkTime {
    /** {@code ln(sigma) / 4}, of EDM: for Fourier embeddings. */
    QUARTER_LOG(0.25),

    /**
     * {@code 250 ln(sigma)}, of the consistency models on ADM: a thousand times as much, for
     * sinusoidal embeddings, which are made for times up to 1000.
     */
    THOUSANDFOLD(250);

    private final double factor;

    NetworkTime(double factor) {
      this.factor = factor;
    }
  }

  public Preconditioning {
    Refuse.argument(
        !(sigmaData > 0 && Double.isFinite(sigmaData)),
        "sigmaData: expected above 0, got %s",
        sigmaData);
    Objects.requireNonNull(networkTime, "networkTime");
  }

  /**
   * The denoiser of EDM.
   *
   * @param sigmaData standard deviation of the data, above 0; 0.5 is what the papers assume of
   *     images in [-1, 1]
   * @param networkTime how the noise level is given to the network
   */
  public static Preconditioning edm(double sigmaData, NetworkTime networkTime) {
    return new Preconditioning(sigmaData, 0, networkTime);
  }

  /**
   * A consistency function that is the identity at sigma = {@value #EPSILON}.
   *
   * @param sigmaData as for {@link #edm}
   * @param networkTime how the noise level is given to the network
   */
  public static Preconditioning consistency(double sigmaData, NetworkTime networkTime) {
    return consistency(sigmaData, EPSILON, networkTime);
  }

  /**
   * A consistency function.
   *
   * @param sigmaData as for {@link #edm}
   * @param epsilon the noise level, above 0, where the function is the identity
   * @param networkTime how the noise level is given to the network
   */
  public static Preconditioning consistency(
      double sigmaData, double epsilon, NetworkTime networkTime) {
    Refuse.argument(
        !(epsilon > 0 && Double.isFinite(epsilon)), "epsilon: expected above 0, got %s", epsilon);
    return new Preconditioning(sigmaData, epsilon, networkTime);
  }

  /**
   * {@code sigmaData^2 / ((sigma - epsilon)^2 + sigmaData^2)}, the share of the noisy image; 1 at
   * epsilon.
   *
   * @param sigma noise level, above 0 and at least epsilon
   */
  public double skip(double sigma) {
    double above = above(sigma);
    return sigmaData * sigmaData / (above * above + sigmaData * sigmaData);
  }

  /**
   * {@code (sigma - epsilon) sigmaData / sqrt(sigma^2 + sigmaData^2)}, the share of the network's
   * output; 0 at epsilon.
   *
   * @param sigma noise level, above 0 and at least epsilon
   */
  public double out(double sigma) {
    return above(sigma) * sigmaData / Math.hypot(sigma, sigmaData);
  }

  /**
   * {@code 1 / sqrt(sigma^2 + sigmaData^2)}, which gives the network's input unit variance.
   *
   * @param sigma noise level, above 0 and at least epsilon
   */
  public double in(double sigma) {
    above(sigma);
    return 1 / Math.hypot(sigma, sigmaData);
  }

  /**
   * c_noise, the network's time: see {@link NetworkTime}.
   *
   * @param sigma noise level, above 0 and at least epsilon
   */
  public double noise(double sigma) {
    above(sigma);
    return networkTime.factor * Math.log(sigma);
  }

  /**
   * {@code (sigma^2 + sigmaData^2) / (sigma sigmaData)^2}, the weight of EDM's loss (table 1).
   *
   * @param sigma noise level, above 0
   */
  public double edmWeight(double sigma) {
    above(sigma);
    double root = Math.hypot(sigma, sigmaData) / (sigma * sigmaData);
    return root * root;
  }

  /** {@link #skip(double)} of noise levels {@code [N, 1]} of float64, as those that follow. */
  String skip(OnnxGraph graph, String sigma) {
    String above = above(graph, sigma);
    String variance = graph.doubles(sigmaData * sigmaData);
    return graph.add("Div", variance, graph.add("Add", graph.add("Mul", above, above), variance));
  }

  String out(OnnxGraph graph, String sigma) {
    String above = graph.add("Mul", above(graph, sigma), graph.doubles(sigmaData));
    return graph.add("Div", above, deviation(graph, sigma));
  }

  String in(OnnxGraph graph, String sigma) {
    return graph.add("Div", graph.doubles(1), deviation(graph, sigma));
  }

  String noise(OnnxGraph graph, String sigma) {
    return graph.add("Mul", graph.add("Log", sigma), graph.doubles(networkTime.factor));
  }

  private String deviation(OnnxGraph graph, String sigma) {
    String variance = graph.doubles(sigmaData * sigmaData);
    return graph.add("Sqrt", graph.add("Add", graph.add("Mul", sigma, sigma), variance));
  }

  private String above(OnnxGraph graph, String sigma) {
    return graph.add("Max", graph.add("Sub", sigma, graph.doubles(epsilon)), graph.doubles(0));
  }

  private double above(double sigma) {
    // The float next to epsilon may lie a little below it.
    if (!(sigma > 0 && sigma >= epsilon * (1 - 1e-6) && Double.isFinite(sigma))) {
      throw new IllegalArgumentException(
          Text.format(
              "sigma: expected %s, got %s",
              epsilon > 0 ? "at least epsilon = " + epsilon : "above 0", sigma));
    }
    return Math.max(sigma - epsilon, 0);
  }

  @Override
  public String toString() {
    return "Preconditioning(sigmaData " + sigmaData + ", epsilon " + epsilon + ")";
  }
}
