package org.lcsc.diffusion.unet;

import java.util.List;

/** The checks that the shapes of all U-Nets share; {@code network} begins the messages. */
record ShapeChecks(String network) {

  void require(boolean holds, String name, String expected, Object got) {
    if (!holds) {
      throw new IllegalArgumentException(
          network + " " + name + ": expected " + expected + ", got " + got);
    }
  }

  void levels(
      int imageChannels,
      int side,
      int channels,
      List<Integer> multipliers,
      int blocks,
      List<Integer> attention) {
    require(imageChannels >= 1, "imageChannels", "at least 1", imageChannels);
    require(channels >= 4 && channels % 4 == 0, "channels", "a multiple of 4", channels);
    require(!multipliers.isEmpty(), "multipliers", "at least one level", multipliers);
    require(
        multipliers.stream().allMatch(m -> m >= 1), "multipliers", "numbers above 0", multipliers);
    int reduction = 1 << (multipliers.size() - 1);
    require(
        side >= reduction && side % reduction == 0,
        "side",
        "a multiple of " + reduction + " with " + multipliers.size() + " levels",
        side);
    require(blocks >= 1, "blocks", "at least 1", blocks);
    List<Integer> resolutions = UNetConfig.resolutions(side, multipliers.size());
    for (int resolution : attention) {
      require(
          resolutions.contains(resolution),
          "attention",
          "resolutions of this network " + resolutions,
          resolution);
    }
  }

  void heads(int heads, int channels, List<Integer> multipliers) {
    require(
        heads >= 1 && multipliers.stream().allMatch(m -> channels * m % heads == 0),
        "heads",
        "a divisor of the channels of every level",
        heads);
  }

  void dropoutAndClasses(double dropout, int classes) {
    require(dropout >= 0 && dropout < 1, "dropout", "a number in [0, 1)", dropout);
    require(classes >= 0, "classes", "at least 0", classes);
  }
}
