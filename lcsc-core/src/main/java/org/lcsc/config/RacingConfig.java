package org.lcsc.config;

/**
 * Section {@code lcsc.search.racing}: candidates are scored on a share of the samples first, and
 * only the best of them on all; the budget counts shares.
 *
 * @param share of the samples in the first round, more than 0 and less than 1; default 0.25
 * @param survivors share of a generation's candidates that get all samples, more than 0 and less
 *     than 1; default 0.5
 */
public record RacingConfig(@OptionalKey Double share, @OptionalKey Double survivors) {

  /** Fills in the defaults and validates. */
  public RacingConfig {
    share = Require.inside("share", share == null ? 0.25 : share, 0, 1);
    survivors = Require.inside("survivors", survivors == null ? 0.5 : survivors, 0, 1);
  }
}
