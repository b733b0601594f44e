package org.lcsc.metrics.onnx;

import java.util.Collections;
import java.util.List;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.image.ImageResize;

/**
 * How images in [-1, 1] become a network's input, in this order: quantise to 8 bits, resize, spread
 * over {@code range}, subtract {@code mean}, divide by {@code std}.
 *
 * @param size side of the network's square input in pixels; default null: images keep their size
 * @param filter how they are resized; default {@code bilinear}
 * @param quantise whether pixels are first rounded to 0 ... 255 (half up) and cut off outside, as
 *     in image files; default true
 * @param roundResized whether the resized pixels are rounded to 0 ... 255 again, as Pillow does
 *     with 8-bit images; default false; only with {@code quantise}
 * @param range what black and white become; default [0, 1]
 * @param mean per channel, in units of {@code range}; default 0
 * @param std per channel, likewise, above 0; default 1
 * @param channels channels of the network's input, 1 or 3; grey images are repeated; default 3
 * @param layout order of the input's axes; default {@code nchw}
 */
public record Preprocessing(
    @OptionalKey Integer size,
    @OptionalKey ImageResize.Filter filter,
    @OptionalKey Boolean quantise,
    @OptionalKey Boolean roundResized,
    @OptionalKey List<Double> range,
    @OptionalKey List<Double> mean,
    @OptionalKey List<Double> std,
    @OptionalKey Integer channels,
    @OptionalKey Layout layout) {

  /** Order of the axes of a network's input. */
  public enum Layout {
    /** {@code [N, C, H, W]}. */
    NCHW,
    /** {@code [N, H, W, C]}. */
    NHWC
  }

  /** 8-bit pixels from 0 to 1, unresized, 3 channels first. */
  public static final Preprocessing DEFAULT =
      new Preprocessing(null, null, null, null, null, null, null, null, null);

  private static final int LARGEST_SIDE = 4096;

  /** Fills in the defaults and validates. */
  public Preprocessing {
    Require.between("size", size, 1, LARGEST_SIDE);
    filter = filter == null ? ImageResize.Filter.BILINEAR : filter;
    quantise = quantise == null || quantise;
    roundResized = roundResized != null && roundResized;
    Require.not(
        roundResized && !quantise,
        "roundResized",
        "has no effect with quantise: false (true), allowed: false");
    range = range == null ? List.of(0.0, 1.0) : List.copyOf(range);
    if (range.size() != 2 || !(range.get(0) < range.get(1))) {
      throw new InvalidValueException(
          "range", "no range (" + range + "), allowed: two numbers, black and white, rising");
    }
    channels = channels == null ? 3 : channels;
    if (channels != 1 && channels != 3) {
      throw new InvalidValueException(
          "channels", "unknown value (" + channels + "), allowed: 1 (grey) or 3 (colour)");
    }
    mean = perChannel("mean", mean, channels, 0);
    std = perChannel("std", std, channels, 1);
    for (double deviation : std) {
      Require.positive("std", deviation);
    }
    layout = layout == null ? Layout.NCHW : layout;
  }

  private static List<Double> perChannel(
      String key, List<Double> values, int channels, double otherwise) {
    if (values == null) {
      return Collections.nCopies(channels, otherwise);
    }
    if (values.size() != channels) {
      throw new InvalidValueException(
          key, "has " + values.size() + " values (" + values + "), allowed: " + channels);
    }
    return List.copyOf(values);
  }
}
