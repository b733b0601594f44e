package org.lcsc.search.config;

import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;

/**
 * A fixed set of samples to score a model on.
 *
 * @param samples number of samples, at least 2 (a covariance needs two); the default depends on the
 *     use, see {@link LcscConfig}
 * @param seed of the noise; the default depends on the use, see {@link LcscConfig}
 */
public record NoiseSetConfig(@OptionalKey Integer samples, @OptionalKey Long seed) {

  /** Nothing set: all defaults. */
  static final NoiseSetConfig UNSET = new NoiseSetConfig(null, null);

  public NoiseSetConfig {
    Require.atLeast("samples", samples, 2);
  }
}
