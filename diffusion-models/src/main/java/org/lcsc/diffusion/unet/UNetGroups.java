package org.lcsc.diffusion.unet;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.api.Model;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.config.Kind;
import org.lcsc.model.ParameterGrouping;

/**
 * Groups of the layers of a U-Net that get combination coefficients of their own, by the names that
 * every {@link NetworkBody} gives its layers.
 *
 * <p>Stateless and thread-safe.
 */
public final class UNetGroups {

  private static final Pattern LEVEL = Pattern.compile("(?:down|up)([0-9]+)_.*");

  /** Serve all levels alike. */
  private static final Pattern EMBEDDING = Pattern.compile("(?:time|label)_.*");

  private static final Pattern MIDDLE = Pattern.compile("middle_.*");

  private UNetGroups() {}

  /**
   * The groups {@code encoder}, {@code middle} and {@code decoder}. The embeddings of time and
   * label are in the middle: they serve both sides.
   */
  @Kind("encoder-middle-decoder")
  public record EncoderMiddleDecoder() implements ParameterGrouping.Named {

    @Override
    public ParameterGroups of(Model model) {
      return ParameterGrouping.byLayer(EncoderMiddleDecoder::group).of(model);
    }

    private static String group(String layer) {
      if (layer.equals("conv_in") || layer.startsWith("down")) {
        return "encoder";
      }
      if (isMiddle(layer)) {
        return "middle";
      }
      if (layer.startsWith("up") || layer.endsWith("_out")) {
        return "decoder";
      }
      throw unknown(layer);
    }
  }

  /**
   * A group for every level, {@code level0} of the image's own resolution first, with the way down
   * and the way up together. The middle belongs to the lowest level and so do the embeddings; the
   * convolution that halves an image belongs to the level that its name says.
   */
  @Kind("resolution")
  public record Resolution() implements ParameterGrouping.Named {

    @Override
    public ParameterGroups of(Model model) {
      int lowest =
          ParameterGrouping.parameters(model).stream()
              .mapToInt(parameter -> level(parameter.layer()))
              .max()
              .orElse(0);
      return ParameterGrouping.byLayer(layer -> group(layer, lowest)).of(model);
    }

    private static String group(String layer, int lowest) {
      if (level(layer) >= 0) {
        return "level" + level(layer);
      }
      if (isMiddle(layer)) {
        return "level" + lowest;
      }
      throw unknown(layer);
    }
  }

  private static boolean isMiddle(String layer) {
    return MIDDLE.matcher(layer).matches() || EMBEDDING.matcher(layer).matches();
  }

  /** Level of a layer, -1 where its name says none. */
  private static int level(String layer) {
    if (layer.equals("conv_in") || layer.endsWith("_out")) {
      return 0;
    }
    Matcher matcher = LEVEL.matcher(layer);
    return matcher.matches() ? Integer.parseInt(matcher.group(1)) : -1;
  }

  private static IllegalArgumentException unknown(String layer) {
    return new IllegalArgumentException(
        "layer " + layer + " is no part of a U-Net's encoder, middle or decoder");
  }
}
