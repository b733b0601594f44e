package org.lcsc.experiment.run;

import org.lcsc.config.OptionalKey;

/**
 * Which checkpoints a search is of: {@code search.yaml} of its run directory.
 *
 * @param checkpoints their directory, absolute
 * @param epochs whether Deeplearning4j's {@code CheckpointListener} saved them at the ends of
 *     epochs
 * @param newest how many of the newest are taken; null for all
 */
public record SearchSource(String checkpoints, boolean epochs, @OptionalKey Integer newest) {}
