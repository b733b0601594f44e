package org.lcsc.experiment.run;

import org.lcsc.config.OptionalKey;

/**
 * Which checkpoints a search is of: {@code search.yaml} of its run directory.
 *
 * @param checkpoints their directory, absolute
 * @param epochs whether Deeplearning4j's {@code CheckpointListener} saved them at the ends of
 *     epochs
 * @param iteration the window is the one that had ended at this iteration; null for the newest
 * @param newest how many of the newest of the window are taken; null for all
 * @param followed whether the training may still write more; null for no
 */
public record SearchSource(
    String checkpoints,
    boolean epochs,
    @OptionalKey Long iteration,
    @OptionalKey Integer newest,
    @OptionalKey Boolean followed) {

  /** Of a training that is over. */
  public SearchSource(String checkpoints, boolean epochs, Long iteration, Integer newest) {
    this(checkpoints, epochs, iteration, newest, null);
  }

  /** Of a training that may still write them. */
  public static SearchSource following(String checkpoints) {
    return new SearchSource(checkpoints, false, null, null, true);
  }

  /** Whether the training may still write checkpoints. */
  public boolean isFollowed() {
    return Boolean.TRUE.equals(followed);
  }
}
