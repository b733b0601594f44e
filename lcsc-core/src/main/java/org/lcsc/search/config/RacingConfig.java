package org.lcsc.search.config;

import org.lcsc.config.Require;

/**
 * Section {@code lcsc.search.racing}: candidates are scored on a share of the samples first, and
 * only the best of them on all; the budget counts shares.
 *
 * @param share of the samples in the first round, more than 0 and less than 1
 * @param survivors share of a generation's candidates that get all samples, more than 0 and less
 *     than 1
 */
public record RacingConfig(double share, double survivors) {

  public RacingConfig() {
    this(0.25, 0.5);
  }

  public RacingConfig {
    Require.inside("share", share, 0, 1);
    Require.inside("survivors", survivors, 0, 1);
  }
}
