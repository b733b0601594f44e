package org.lcsc.search.config;

import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;

/**
 * A fixed set of samples to score a model on.
 *
 * @param samples number of samples, at least 2 (a covariance needs two); default: for {@code
 *     validation} as many as the search has, for {@code report} 5000
 * @param seed of the noise; default: for {@code validation} the search's seed plus 1, for {@code
 *     report} plus 2
 */
public record NoiseSetConfig(@OptionalKey Integer samples, @OptionalKey Long seed) {

  /** Nothing set: all defaults. */
  static final NoiseSetConfig UNSET = new NoiseSetConfig(null, null);

  public NoiseSetConfig {
    Require.atLeast("samples", samples, 2);
  }
}
