package org.lcsc.experiment.config;

import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;

/**
 * How a training that runs elsewhere is followed.
 *
 * @param reached file that appears once the target is reached, which the training may look for;
 *     default: none
 * @param until iteration after which no checkpoint is waited for; default: the last of {@code
 *     searchAt}, with {@code every} none
 * @param patience seconds after which a training that has written no new checkpoint counts as
 *     ended; default: none
 * @param poll seconds between two looks at the directory
 */
public record FollowConfig(
    @OptionalKey String reached,
    @OptionalKey Integer until,
    @OptionalKey Double patience,
    double poll) {

  /** A look every second, without end. */
  public FollowConfig() {
    this(null, null, null, 1);
  }

  public FollowConfig {
    Require.notBlank("reached", reached);
    Require.atLeast("until", until, 1);
    Require.positive("patience", patience);
    Require.positive("poll", poll);
  }
}
