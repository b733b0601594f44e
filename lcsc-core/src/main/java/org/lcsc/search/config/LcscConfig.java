package org.lcsc.search.config;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.WindowStorage;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.MovedKey;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.io.Text;
import org.lcsc.objective.ObjectiveSettings;

/**
 * Section {@code lcsc}: which checkpoints are kept, when they are searched, and what scores them.
 *
 * <pre>{@code
 * lcsc:
 *   window: 4000
 *   interval: 40
 *   searchAt: [3000, 6000]     # or every: 3000
 *   search: { evaluations: 400, samples: 1000, seed: 7 }
 *   target: 5.0
 * }</pre>
 *
 * <p>Three disjoint noise sets keep the numbers honest: the search sees the first, validation picks
 * and decides on the second, the third is only reported. Their seeds therefore differ.
 *
 * @param window iterations that the kept checkpoints span, a multiple of {@code interval} and at
 *     least twice it
 * @param interval iterations between two checkpoints, at least 1
 * @param searchAt iterations to search at, ascending; this or {@code every}
 * @param every iterations between two searches, at least 1; this or {@code searchAt}
 * @param startAt first iteration to search at, only with {@code every}; default: {@code every}
 * @param search how; default: as its keys say
 * @param objective what a search minimises, for example {@code fid}; default: null, the program's
 *     own choice
 * @param validation the second noise set; default: as many samples as the search, the search seed
 *     plus 1
 * @param report the third noise set; default: 5000 samples, the first seed from the search seed
 *     plus 2 that is not taken
 * @param target training stops once a model is better than this on validation noise, in the
 *     objective's own units: a FID below it, an accuracy above it; default null: train to the end
 * @param storage where and how precisely the checkpoints are kept
 * @param greedySoup ingredients of a greedy soup among the baselines, at least 2; it takes up to
 *     twice as many evaluations beside the search's; default: none
 * @param keep what a run leaves beside its models: {@code window}, the last window's checkpoints;
 *     {@code baselines}, the models that a search's combination is reported beside; default:
 *     nothing
 */
@MovedKey(keys = "targetFid", to = "target: {value}")
public record LcscConfig(
    int window,
    int interval,
    @OptionalKey List<Integer> searchAt,
    @OptionalKey Integer every,
    @OptionalKey Integer startAt,
    @OptionalKey SearchConfig search,
    @OptionalKey ObjectiveSettings objective,
    @OptionalKey NoiseSetConfig validation,
    @OptionalKey NoiseSetConfig report,
    @OptionalKey Double target,
    WindowStorage storage,
    @OptionalKey Integer greedySoup,
    @OptionalKey List<Kept> keep) {

  /** Samples of the reported score where nothing else is configured. */
  public static final int DEFAULT_REPORT_SAMPLES = 5000;

  /** Fills in the defaults and validates. */
  public LcscConfig {
    checkWindow(window, interval);
    Require.not(
        (searchAt == null) == (every == null),
        "searchAt",
        "%s, allowed: exactly one of searchAt and every",
        searchAt == null ? "missing" : "given beside every");
    if (searchAt != null) {
      searchAt = checkSearchAt(searchAt, interval, startAt);
    } else {
      Require.atLeast("every", every, 1);
      startAt = startAt == null ? every : startAt;
      // The first search needs two checkpoints to combine.
      checkFirst(startAt.equals(every) ? "every" : "startAt", startAt, interval);
    }
    search = search == null ? new SearchConfig() : search;
    requireLimit("", search, window / interval);
    validation = resolveValidation(validation, search);
    report = resolveReport(report, search, validation);
    Require.atLeast("greedySoup", greedySoup, 2);
    keep = keep == null ? null : Require.distinct("keep", keep);
  }

  /**
   * Refuses a limit within which no coefficients of a training's first search sum to 1, over fewer
   * checkpoints than a full window has.
   *
   * @throws InvalidValueException then, with the key below {@code prefix}
   */
  public void requireFirstSearch(String prefix) {
    requireSearchable(prefix, Math.min(window, schedule().first()) / interval);
  }

  /**
   * Refuses a limit within which no coefficients of so many checkpoints sum to 1.
   *
   * @throws InvalidValueException then, with the key below {@code prefix}
   */
  public void requireSearchable(String prefix, int checkpoints) {
    requireLimit(prefix, search, checkpoints);
  }

  private static void requireLimit(String prefix, SearchConfig search, int checkpoints) {
    Double limit = search.strategy() == null ? null : search.strategy().limit();
    Require.not(
        limit != null && limit * checkpoints < 1,
        prefix + "search.strategy." + (limit == null ? "" : search.strategy().limitKey()),
        "too small (%s), the coefficients of %s checkpoints cannot sum to 1, allowed: more than %s",
        limit,
        checkpoints,
        1.0 / checkpoints);
  }

  /** What a run leaves beside its models. */
  public enum Kept {
    /** The last window's checkpoints, as model files, once the training has ended. */
    WINDOW,
    /** The models that every search's combination is reported beside, each with its recipe. */
    BASELINES
  }

  /** Whether a run leaves this. */
  public boolean keeps(Kept what) {
    return keep != null && keep.contains(what);
  }

  /**
   * The noise that the candidates of a search are scored on: a search that continues another must
   * share it, see {@link org.lcsc.search.CheckpointSearchBuilder#identity}.
   */
  public String noise() {
    return Text.format(
        "%s samples of seed %s%s, validation %s of seed %s",
        search.samples(),
        search.seed(),
        search.gradientSamples() == null ? "" : ", " + search.gradientSamples() + " for gradients",
        validation.samples(),
        validation.seed());
  }

  /** The same with other settings of the search, another objective and other things kept. */
  public LcscConfig with(SearchConfig search, ObjectiveSettings objective, List<Kept> keep) {
    return new LcscConfig(
        window,
        interval,
        searchAt,
        every,
        every == null ? null : startAt,
        search,
        objective,
        validation,
        report,
        target,
        storage,
        greedySoup,
        keep);
  }

  /** Number of checkpoints K in a full window. */
  public int checkpoints() {
    return window / interval;
  }

  /**
   * Opens the window.
   *
   * @param parameters of a checkpoint
   * @param file of the window, where it lies in one; else not looked at
   * @param spare see {@link WindowStorage#keep}
   */
  public CheckpointWindow openWindow(long parameters, Path file, int spare) {
    return storage
        .keep(CheckpointWindow.builder(parameters).window(window).interval(interval), file, spare)
        .build();
  }

  /** The iterations to search at. */
  public SearchSchedule schedule() {
    return searchAt == null
        ? SearchSchedule.every(every, startAt)
        : new SearchSchedule(searchAt, 0, 0);
  }

  private static void checkWindow(int window, int interval) {
    Require.atLeast("window", window, 1);
    Require.atLeast("interval", interval, 1);
    Require.not(
        interval > window / 2,
        "interval",
        "%s (%s, window %s), allowed: at most half the window",
        interval > window ? "larger than the window" : "leaves one checkpoint",
        interval,
        window);
    if (window % interval != 0) {
      int below = window / interval * interval;
      throw new InvalidValueException(
          "window",
          Text.format(
              "not a multiple of the interval (%s, interval %s), allowed: %s or %s",
              window, interval, below, (long) below + interval));
    }
  }

  private static List<Integer> checkSearchAt(
      List<Integer> searchAt, int interval, Integer startAt) {
    if (startAt != null) {
      throw new InvalidValueException(
          "startAt", "has no effect with searchAt (" + startAt + "), allowed: only with every");
    }
    List<Integer> iterations = Require.distinct("searchAt", searchAt);
    checkFirst("searchAt[0]", iterations.get(0), interval);
    IntStream.range(1, iterations.size())
        .filter(i -> iterations.get(i) < iterations.get(i - 1))
        .findFirst()
        .ifPresent(
            i -> {
              throw new InvalidValueException(
                  "searchAt[" + i + "]",
                  Text.format(
                      "smaller than the one before (%s after %s), allowed: ascending iterations",
                      iterations.get(i), iterations.get(i - 1)));
            });
    return iterations;
  }

  private static void checkFirst(String key, int first, int interval) {
    long earliest = 2L * interval;
    Require.not(
        first < earliest,
        key,
        "before the second checkpoint (%s, interval %s), allowed: %s or more",
        first,
        interval,
        earliest);
  }

  /** The second noise set where none is configured. */
  public static NoiseSetConfig usualValidation(SearchConfig search) {
    return resolveValidation(null, search);
  }

  /** The third noise set where none is configured. */
  public static NoiseSetConfig usualReport(SearchConfig search, NoiseSetConfig validation) {
    return resolveReport(null, search, validation);
  }

  private static NoiseSetConfig resolveValidation(NoiseSetConfig given, SearchConfig search) {
    NoiseSetConfig set = given == null ? NoiseSetConfig.UNSET : given;
    long seed = set.seed() == null ? search.seed() + 1 : set.seed();
    if (seed == search.seed()) {
      throw sharedSeed("validation.seed", seed, "search");
    }
    return new NoiseSetConfig(set.samples() == null ? search.samples() : set.samples(), seed);
  }

  private static NoiseSetConfig resolveReport(
      NoiseSetConfig given, SearchConfig search, NoiseSetConfig validation) {
    NoiseSetConfig set = given == null ? NoiseSetConfig.UNSET : given;
    long free = search.seed() + 2;
    long seed = set.seed() != null ? set.seed() : free == validation.seed() ? free + 1 : free;
    if (seed == search.seed()) {
      throw sharedSeed("report.seed", seed, "search");
    }
    if (seed == validation.seed()) {
      throw sharedSeed("report.seed", seed, "validation");
    }
    return new NoiseSetConfig(set.samples() == null ? DEFAULT_REPORT_SAMPLES : set.samples(), seed);
  }

  private static InvalidValueException sharedSeed(String key, long seed, String other) {
    return new InvalidValueException(
        key,
        Text.format(
            "the same as %s.seed (%s), allowed: search, validation and report have three different"
                + " seeds",
            other, seed));
  }
}
