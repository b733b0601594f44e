package org.lcsc.consistency;

import java.util.List;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.diffusion.layer.PerceptualDistance;

/**
 * Section {@code model.consistency.backbone}: the network behind the LPIPS distance.
 *
 * @param file Deeplearning4j ComputationGraph with one image input, such as VGG16
 * @param layers names of its layers that are compared, at least one
 * @param weights {@code .npz} file with the weights of their channels, {@code lin0}, {@code lin1},
 *     ...; default null: weights of 1
 * @param side side that images are resized to before the backbone, at least 1; LPIPS on VGG16 is
 *     used at 224; default null: their own
 * @param mean subtracted from each channel of images in [-1, 1]; default null: 0
 * @param deviation what the difference is divided by, above 0 each; default null: 1
 */
public record Backbone(
    String file,
    List<String> layers,
    @OptionalKey String weights,
    @OptionalKey Integer side,
    @OptionalKey List<Double> mean,
    @OptionalKey List<Double> deviation) {

  public Backbone {
    Require.notBlank("file", file);
    Require.not(layers.isEmpty(), "layers", "is empty, allowed: at least one layer's name");
    layers = List.copyOf(layers);
    Require.notBlank("weights", weights);
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
