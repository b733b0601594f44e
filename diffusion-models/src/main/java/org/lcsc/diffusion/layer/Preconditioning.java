package org.lcsc.diffusion.layer;

import java.util.Objects;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.lcsc.diffusion.schedule.FlowPath;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.nd4j.shade.jackson.annotation.JsonProperty;
import org.nd4j.shade.jackson.annotation.JsonSubTypes;
import org.nd4j.shade.jackson.annotation.JsonTypeInfo;

/**
 * How a network F becomes a function of images with noise of standard deviation sigma,
 *
 * <pre>D(x, sigma) = c_skip(sigma) x + c_out(sigma) F(c_in(sigma) x, c_noise(sigma)).</pre>
 *
 * Implementations are immutable and thread-safe.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.DEDUCTION)
@JsonSubTypes({
  @JsonSubTypes.Type(Preconditioning.Edm.class),
  @JsonSubTypes.Type(Preconditioning.Flow.class)
})
public sealed interface Preconditioning {

  /** The smallest noise level of the consistency models' papers. */
  double EPSILON = 0.002;

  /**
   * c_skip, the share of the noisy image.
   *
   * @param sigma noise level, one that the function is defined for
   */
  double skip(double sigma);

  /**
   * c_out, the share of the network's output.
   *
   * @param sigma noise level
   */
  double out(double sigma);

  /**
   * c_in, which scales the network's input.
   *
   * @param sigma noise level
   */
  double in(double sigma);

  /**
   * c_noise, the network's time.
   *
   * @param sigma noise level
   */
  double noise(double sigma);

  /**
   * {@code 1 / c_out^2} of the denoiser: by this weight, squared errors of D are those of the
   * network's own output.
   *
   * @param sigma noise level, above 0
   */
  double weight(double sigma);

  /** {@link #skip(double)} of noise levels {@code [N, 1]} of float64, as those that follow. */
  String skip(OnnxGraph graph, String sigma);

  /** {@link #out(double)} in an ONNX graph. */
  String out(OnnxGraph graph, String sigma);

  /** {@link #in(double)} in an ONNX graph. */
  String in(OnnxGraph graph, String sigma);

  /** {@link #noise(double)} in an ONNX graph. */
  String noise(OnnxGraph graph, String sigma);

  /** How a noise level is given to the network. */
  enum NetworkTime {
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

  /**
   * The denoiser of EDM.
   *
   * @param sigmaData standard deviation of the data, above 0; 0.5 is what the papers assume of
   *     images in [-1, 1]
   * @param networkTime how the noise level is given to the network
   */
  static Edm edm(double sigmaData, NetworkTime networkTime) {
    return new Edm(sigmaData, 0, networkTime);
  }

  /**
   * A consistency function that is the identity at sigma = {@value #EPSILON}.
   *
   * @param sigmaData as for {@link #edm}
   * @param networkTime how the noise level is given to the network
   */
  static Edm consistency(double sigmaData, NetworkTime networkTime) {
    return consistency(sigmaData, EPSILON, networkTime);
  }

  /**
   * A consistency function.
   *
   * @param sigmaData as for {@link #edm}
   * @param epsilon the noise level, above 0, where the function is the identity
   * @param networkTime how the noise level is given to the network
   */
  static Edm consistency(double sigmaData, double epsilon, NetworkTime networkTime) {
    Refuse.argument(
        !(epsilon > 0 && Double.isFinite(epsilon)), "epsilon: expected above 0, got %s", epsilon);
    return new Edm(sigmaData, epsilon, networkTime);
  }

  /**
   * That of EDM. With epsilon = 0 it is the denoiser of EDM (Karras et al. 2022, arXiv:2206.00364,
   * table 1); with epsilon above 0 a consistency function, for which D(x, epsilon) = x by
   * construction (Song et al. 2023, arXiv:2303.01469, equation 5 and appendix C).
   *
   * @param sigmaData standard deviation of the data, above 0
   * @param epsilon the noise level where the function is the identity; 0 for a denoiser
   * @param networkTime how a noise level is given to the network
   */
  record Edm(
      @JsonProperty double sigmaData,
      @JsonProperty double epsilon,
      @JsonProperty NetworkTime networkTime)
      implements Preconditioning {

    public Edm {
      Refuse.argument(
          !(sigmaData > 0 && Double.isFinite(sigmaData)),
          "sigmaData: expected above 0, got %s",
          sigmaData);
      Objects.requireNonNull(networkTime, "networkTime");
    }

    /**
     * {@code sigmaData^2 / ((sigma - epsilon)^2 + sigmaData^2)}, the share of the noisy image; 1 at
     * epsilon.
     *
     * @param sigma noise level, above 0 and at least epsilon
     */
    @Override
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
    @Override
    public double out(double sigma) {
      return above(sigma) * sigmaData / Math.hypot(sigma, sigmaData);
    }

    /**
     * {@code 1 / sqrt(sigma^2 + sigmaData^2)}, which gives the network's input unit variance.
     *
     * @param sigma noise level, above 0 and at least epsilon
     */
    @Override
    public double in(double sigma) {
      above(sigma);
      return 1 / Math.hypot(sigma, sigmaData);
    }

    /**
     * c_noise, the network's time: see {@link NetworkTime}.
     *
     * @param sigma noise level, above 0 and at least epsilon
     */
    @Override
    public double noise(double sigma) {
      above(sigma);
      return networkTime.factor * Math.log(sigma);
    }

    /**
     * {@code (sigma^2 + sigmaData^2) / (sigma sigmaData)^2}, the weight of EDM's loss (table 1).
     *
     * @param sigma noise level, above 0
     */
    @Override
    public double weight(double sigma) {
      above(sigma);
      double root = Math.hypot(sigma, sigmaData) / (sigma * sigmaData);
      return root * root;
    }

    @Override
    public String skip(OnnxGraph graph, String sigma) {
      String above = above(graph, sigma);
      String variance = graph.doubles(sigmaData * sigmaData);
      return graph.add("Div", variance, graph.add("Add", graph.add("Mul", above, above), variance));
    }

    @Override
    public String out(OnnxGraph graph, String sigma) {
      String above = graph.add("Mul", above(graph, sigma), graph.doubles(sigmaData));
      return graph.add("Div", above, deviation(graph, sigma));
    }

    @Override
    public String in(OnnxGraph graph, String sigma) {
      return graph.add("Div", graph.doubles(1), deviation(graph, sigma));
    }

    @Override
    public String noise(OnnxGraph graph, String sigma) {
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

  /**
   * That of a velocity field of flow matching along {@link FlowPath}: with t = sigma / (1 + sigma)
   * the network sees {@code x_t = (1 - t) x} and the time t, and {@code D = x_t - t F} is the clean
   * image that its velocity stands for; the identity at sigma = 0.
   *
   * @param timeScale what t is multiplied by for the network, above 0
   */
  record Flow(@JsonProperty double timeScale) implements Preconditioning {

    public Flow {
      Refuse.argument(
          !(timeScale > 0 && Double.isFinite(timeScale)),
          "timeScale: expected above 0, got %s",
          timeScale);
    }

    /** {@code 1 / (1 + sigma)}. */
    @Override
    public double skip(double sigma) {
      return in(sigma);
    }

    /** {@code -sigma / (1 + sigma)}. */
    @Override
    public double out(double sigma) {
      return -time(sigma);
    }

    /** {@code 1 / (1 + sigma)}. */
    @Override
    public double in(double sigma) {
      return 1 - time(sigma);
    }

    /** {@code sigma / (1 + sigma)} times {@link #timeScale}. */
    @Override
    public double noise(double sigma) {
      return time(sigma) * timeScale;
    }

    /** {@code (1 + 1 / sigma)^2}. */
    @Override
    public double weight(double sigma) {
      double t = time(sigma);
      return 1 / (t * t);
    }

    private static double time(double sigma) {
      Refuse.argument(
          !(sigma >= 0 && Double.isFinite(sigma)), "sigma: expected at least 0, got %s", sigma);
      return FlowPath.time(sigma);
    }

    @Override
    public String skip(OnnxGraph graph, String sigma) {
      return in(graph, sigma);
    }

    @Override
    public String out(OnnxGraph graph, String sigma) {
      return graph.add("Neg", time(graph, sigma));
    }

    @Override
    public String in(OnnxGraph graph, String sigma) {
      return graph.add("Sub", graph.doubles(1), time(graph, sigma));
    }

    @Override
    public String noise(OnnxGraph graph, String sigma) {
      return graph.add("Mul", time(graph, sigma), graph.doubles(timeScale));
    }

    private static String time(OnnxGraph graph, String sigma) {
      return graph.add("Div", sigma, graph.add("Add", sigma, graph.doubles(1)));
    }

    @Override
    public String toString() {
      return "Preconditioning(flow, time scale " + timeScale + ")";
    }
  }
}
