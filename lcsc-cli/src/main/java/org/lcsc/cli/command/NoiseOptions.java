package org.lcsc.cli.command;

import org.lcsc.config.Require;
import picocli.CommandLine.Option;

/** How many samples are scored, and from which noise. */
final class NoiseOptions {

  @Option(
      names = "--samples",
      paramLabel = "N",
      description =
          "Samples of each model or noise level, or images of each set. Default: ${DEFAULT-VALUE}.")
  private int samples;

  @Option(
      names = "--seed",
      description = {
        "Seed of the noise; fresh if neither search nor validation had it.",
        "Default: ${DEFAULT-VALUE}."
      })
  private long seed;

  /** Of the defaults of a command. */
  NoiseOptions(int samples, long seed) {
    this.samples = samples;
    this.seed = seed;
  }

  /** Refuses too few samples. */
  void check() {
    Require.atLeast("--samples", samples, 2);
  }

  int samples() {
    return samples;
  }

  long seed() {
    return seed;
  }
}
