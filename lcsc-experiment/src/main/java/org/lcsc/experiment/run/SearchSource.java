package org.lcsc.experiment.run;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lcsc.averaging.ExponentialMovingAverage;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.io.Sha256;

/**
 * Which checkpoints a search is of: {@code search.yaml} of its run directory.
 *
 * @param checkpoints their directory, absolute
 * @param epochs whether Deeplearning4j's {@code CheckpointListener} saved them at the ends of
 *     epochs
 * @param iteration the window is the one that had ended at this iteration; null for the newest
 * @param newest how many of the newest of the window are taken; null for all
 * @param followed whether the training may still write more; null for no
 * @param emas moving averages that the training kept, of distinct rates; default: none
 */
public record SearchSource(
    String checkpoints,
    boolean epochs,
    @OptionalKey Long iteration,
    @OptionalKey Integer newest,
    @OptionalKey Boolean followed,
    @OptionalKey List<SavedEma> emas) {

  /**
   * A model file with the exponential moving average of the weights over all updates.
   *
   * @param rate gamma, in [0, 1)
   * @param file absolute
   */
  public record SavedEma(double rate, String file) {

    /** Refuses a rate that is none. */
    public SavedEma {
      ExponentialMovingAverage.requireRate(rate);
    }
  }

  /** Refuses too few checkpoints and two averages of one rate. */
  public SearchSource {
    Require.atLeast("newest", newest, 2);
    emas = emas == null ? List.of() : List.copyOf(emas);
    Require.noDuplicates("ema", emas.stream().map(SavedEma::rate).toList());
  }

  /** Of a training that is over. */
  public SearchSource(String checkpoints, boolean epochs, Long iteration, Integer newest) {
    this(checkpoints, epochs, iteration, newest, null, null);
  }

  /** Of a training that may still write them. */
  public static SearchSource following(String checkpoints) {
    return new SearchSource(checkpoints, false, null, null, true, null);
  }

  /** The same beside averages that the training kept. */
  public SearchSource with(List<SavedEma> emas) {
    return new SearchSource(checkpoints, epochs, iteration, newest, followed, emas);
  }

  /** Files and directories that the search reads. */
  public Collection<String> inputs() {
    return Stream.concat(Stream.of(checkpoints), emas.stream().map(SavedEma::file)).toList();
  }

  /**
   * What a search that is resumed must find again: hashes of the averages. Its state knows the
   * checkpoints.
   */
  public static String identity(List<ExponentialMovingAverage> averages) {
    return averages.stream()
        .map(ema -> "\nema " + ema.rate() + ": " + Sha256.of(ema.parameters()))
        .collect(Collectors.joining());
  }

  /** Whether the training may still write checkpoints. */
  public boolean isFollowed() {
    return Boolean.TRUE.equals(followed);
  }
}
