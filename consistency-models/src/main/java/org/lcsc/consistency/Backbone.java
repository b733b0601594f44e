package org.lcsc.consistency;

import java.nio.file.Path;
import java.util.List;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.diffusion.layer.PerceptualDistance;
import org.lcsc.tensor.StateDict;

/**
 * Section {@code model.consistency.backbone}: the network behind the LPIPS distance.
 *
 * @param file the state dict of torchvision's VGG16 ({@code .pth}, {@code .safetensors}), or a
 *     Deeplearning4j ComputationGraph with one image input
 * @param layers names of its layers that are compared, at least one; default null: those of LPIPS
 *     where the file is a state dict
 * @param weights file with the weights of their channels: LPIPS's own state dict, or a {@code .npz}
 *     of {@code lin0}, {@code lin1}, ...; default null: weights of 1
 * @param side side that images are resized to before the backbone, at least 1; default null: 224
 *     for VGG16, else their own
 * @param mean subtracted from each channel of images in [-1, 1]; default null: that of LPIPS for
 *     VGG16, else 0
 * @param deviation what the difference is divided by, above 0 each; default null: that of LPIPS for
 *     VGG16, else 1
 */
public record Backbone(
    String file,
    @OptionalKey List<String> layers,
    @OptionalKey String weights,
    @OptionalKey Integer side,
    @OptionalKey List<Double> mean,
    @OptionalKey List<Double> deviation) {

  public Backbone {
    Require.path("file", file);
    boolean published = StateDict.isOne(Path.of(file));
    Require.not(
        layers == null && !published,
        "layers",
        "missing, expected with a model file of Deeplearning4j: the layers' names");
    Require.not(
        layers != null && layers.isEmpty(),
        "layers",
        "is empty, allowed: at least one layer's name");
    layers = layers == null ? null : List.copyOf(layers);
    Require.path("weights", weights);
    Require.between("side", side, 1, 4096);
    mean = mean == null ? null : List.copyOf(mean);
    deviation = deviation == null ? null : List.copyOf(deviation);
    if (deviation != null) {
      for (int i = 0; i < deviation.size(); i++) {
        Require.positive("deviation[" + i + "]", deviation.get(i));
      }
    }
  }

  /** The LPIPS distance through it. */
  PerceptualDistance distance() {
    return new PerceptualDistance(
        file, layers, weights, side == null ? 0 : side, array(mean), array(deviation));
  }

  private static double[] array(List<Double> values) {
    return values == null ? null : values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
