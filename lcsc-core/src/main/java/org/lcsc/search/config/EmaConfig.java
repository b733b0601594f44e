package org.lcsc.search.config;

import java.util.List;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;

/**
 * Section {@code ema}: which exponential moving averages of the weights training keeps. They are
 * the baselines that a merged model is compared with.
 *
 * @param rates decay per iteration, each more than 0 and less than 1, no rate twice; default {@code
 *     [0.99, 0.999, 0.9999]}: horizons of 100, 1,000 and 10,000 iterations, the last being the rate
 *     of the paper's DDPM and consistency models
 * @param postHoc power-function averages whose width is chosen afterwards; default: none
 */
public record EmaConfig(@OptionalKey List<Double> rates, @OptionalKey PostHocConfig postHoc) {

  /** The default rates. */
  public static final EmaConfig DEFAULT = new EmaConfig(null, null);

  /** Fills in the default and validates. */
  public EmaConfig {
    rates = Require.distinct("rates", rates == null ? List.of(0.99, 0.999, 0.9999) : rates);
    for (int i = 0; i < rates.size(); i++) {
      double rate = Require.inside("rates[" + i + "]", rates.get(i), 0, 1);
      // An average of rate 1 stands still, and the averages are of float32.
      Require.not(
          (float) rate == 1,
          "rates[" + i + "]",
          "1 in float32 (%s), allowed: up to 0.99999994",
          rates.get(i));
    }
  }
}
