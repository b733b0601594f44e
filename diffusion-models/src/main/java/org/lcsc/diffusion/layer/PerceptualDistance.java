package org.lcsc.diffusion.layer;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.lcsc.diffusion.backbone.Backbone;
import org.lcsc.diffusion.backbone.ImageInput;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * LPIPS (Zhang et al. 2018, arXiv:1801.03924, equation 1) as a training loss, through a backbone
 * that the user brings as a Deeplearning4j model file: activations of some layers are scaled to
 * unit length over the channels at every position; their squared differences are weighted per
 * channel, averaged over the positions and summed over the layers. The gradient goes back through
 * the backbone, whose own parameters stay.
 *
 * <p>Stored in the network's JSON by the files' names alone; a network can be restored and sampled
 * without the files, which are read when a loss is first asked for. As thread-safe as a network.
 */
public final class PerceptualDistance implements ImageLoss {

  @JsonProperty private String model;
  @JsonProperty private List<String> layers;
  @JsonProperty private String weights;
  @JsonProperty private int side;
  @JsonProperty private double[] mean;
  @JsonProperty private double[] deviation;

  private transient PerceptualBackbone backbone;

  /** For Jackson. */
  private PerceptualDistance() {}

  /**
   * A distance.
   *
   * @param model Deeplearning4j ComputationGraph file with one image input {@code [N, C, H, W]}, or
   *     the state dict of a published network ({@link Backbone})
   * @param layers names of its layers, whose activations are {@code [N, c, h, w]}; at least one;
   *     null for those that LPIPS compares in the published network
   * @param weights of the channels in the order of the layers: {@code .npz} file of arrays {@code
   *     lin0}, {@code lin1}, ..., or a state dict of LPIPS ({@link Backbone#heads}); null for
   *     weights of 1
   * @param side side that images are resized to, bilinearly, before the backbone; 0 for that of the
   *     published network, or their own
   * @param mean subtracted from each channel of images in [-1, 1]; null for that of the published
   *     network, or 0
   * @param deviation what the difference is divided by, above 0; null for that of the published
   *     network, or 1
   */
  public PerceptualDistance(
      String model,
      List<String> layers,
      String weights,
      int side,
      double[] mean,
      double[] deviation) {
    this.model = Objects.requireNonNull(model, "model");
    this.layers = layers == null ? null : List.copyOf(layers);
    this.weights = weights;
    this.side = side;
    this.mean = mean == null ? null : mean.clone();
    this.deviation = deviation == null ? null : deviation.clone();
    Refuse.argument(layers != null && layers.isEmpty(), "layers: expected at least 1, got none");
    Refuse.argument(side < 0, "side: expected 0 or more, got %s", side);
    Refuse.argument(
        deviation != null && Arrays.stream(deviation).anyMatch(d -> !(d > 0)),
        "deviation: expected numbers above 0, got %s",
        deviation);
  }

  /** The file of the network. */
  public String file() {
    return model;
  }

  /** The file of the weights of its channels, or null. */
  public String weights() {
    return weights;
  }

  private PerceptualBackbone backbone() {
    if (backbone == null) {
      backbone =
          PerceptualBackbone.read(model, layers, weights, new ImageInput(0, side, mean, deviation));
    }
    return backbone;
  }

  /**
   * Reads the files and runs the backbone once, so that a mistake shows before a training.
   *
   * @param shape shape of one image, {@code C, H, W}
   * @throws IllegalArgumentException where a file is missing or wrong, a layer does not exist, or
   *     the backbone takes other images; the message names the file
   */
  public void check(long... shape) {
    backbone().check(shape);
  }

  @Override
  public void perExample(INDArray prediction, INDArray target, INDArray scratch, INDArray out) {
    backbone().distances(prediction, target, out);
  }

  @Override
  public void gradient(INDArray prediction, INDArray target, INDArray out) {
    backbone().gradient(prediction, target, out);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PerceptualDistance d
        && d.model.equals(model)
        && Objects.equals(d.layers, layers)
        && Objects.equals(d.weights, weights)
        && d.side == side
        && Arrays.equals(d.mean, mean)
        && Arrays.equals(d.deviation, deviation);
  }

  @Override
  public int hashCode() {
    return Objects.hash(model, layers, weights, side);
  }

  @Override
  public String toString() {
    return "PerceptualDistance(" + model + ", " + layers + ")";
  }
}
