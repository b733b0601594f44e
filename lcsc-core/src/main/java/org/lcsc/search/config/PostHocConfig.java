package org.lcsc.search.config;

import org.lcsc.averaging.PostHocEma;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;

/**
 * Section {@code ema.postHoc}: two power-function averages from which any other width is
 * reconstructed (Karras et al. 2024). Takes {@code 2 (snapshots + 1)} copies of the parameters.
 *
 * @param narrow width of one average relative to training time, more than 0; default 0.05
 * @param wide width of the other, more than {@code narrow} and at most 0.28; default 0.1, or 0.28
 *     where {@code narrow} is not below that
 * @param interval iterations between snapshots, at least 1
 * @param snapshots snapshots kept of each, at least 1; default 40
 */
public record PostHocConfig(
    @OptionalKey Double narrow,
    @OptionalKey Double wide,
    int interval,
    @OptionalKey Integer snapshots) {

  private static final double WIDEST = 0.28;

  /** Fills in the defaults and validates. */
  public PostHocConfig {
    narrow = Require.inside("narrow", narrow == null ? 0.05 : narrow, 0, WIDEST);
    wide = wide == null ? (narrow < 0.1 ? 0.1 : WIDEST) : wide;
    Require.aboveTo("wide", wide, narrow, WIDEST);
    Require.atLeast("interval", interval, 1);
    snapshots = Require.atLeast("snapshots", snapshots == null ? 40 : snapshots, 1);
  }

  /** The two averages of so many parameters. */
  public PostHocEma averages(long parameters) {
    return new PostHocEma(narrow, wide, parameters, interval, snapshots);
  }
}
