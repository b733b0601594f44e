package org.lcsc.benchmarks;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNetConfig;

/**
 * A row of the U-Net benchmark: grey images, one residual block per level, attention at one side.
 *
 * @param side height and width of the images
 * @param channels channels of the first level
 * @param multipliers of the channels, by level
 * @param attention side with attention
 * @param batch images per step
 */
record UNetCase(int side, int channels, List<Integer> multipliers, int attention, int batch) {

  /** The small networks of the examples first, then wider, larger and more. */
  static List<UNetCase> all() {
    return Stream.of(
            new UNetCase(8, 16, List.of(1, 2), 4, 64),
            new UNetCase(8, 32, List.of(1, 2), 4, 128),
            new UNetCase(8, 64, List.of(1, 2), 4, 256),
            new UNetCase(16, 16, List.of(1, 2, 2), 4, 64),
            new UNetCase(16, 32, List.of(1, 2, 2), 4, 128),
            new UNetCase(16, 64, List.of(1, 2, 2), 4, 64),
            new UNetCase(28, 16, List.of(1, 2, 2), 7, 64),
            new UNetCase(28, 32, List.of(1, 2, 2), 7, 64),
            new UNetCase(32, 32, List.of(1, 2, 2), 8, 64),
            new UNetCase(32, 64, List.of(1, 2, 2), 8, 64))
        .toList();
  }

  UNetConfig network() {
    return new UNetConfig(channels, multipliers, 1, List.of(attention));
  }

  NetworkBody.Images images() {
    return new NetworkBody.Images(1, side);
  }

  /** What {@code pytorch_unet.py} builds the same network from. */
  String request() {
    String levels = multipliers.stream().map(String::valueOf).collect(Collectors.joining(","));
    return "network " + side + " " + channels + " " + levels + " " + attention + " " + batch;
  }

  /** Side x side, channels, batch: unique among the rows. */
  String label() {
    return side + "x" + side + ", width " + channels + ", batch " + batch;
  }
}
