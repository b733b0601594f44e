package org.lcsc.cli.sweep;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.lcsc.config.ConfigException;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.config.YamlConfig;

/**
 * A study file.
 *
 * <pre>{@code
 * base: examples/fashion-cd.yaml
 * mode: search
 * checkpoints: runs/fashion-cd/checkpoints
 * axes:
 *   - { key: lcsc.search.strategy, values: [evolution, gradient] }
 *   - { key: lcsc.search.seed, values: [101, 102, 103] }
 * over: [lcsc.search.seed]
 * marks: [50, 100, 200]
 * output: runs/sweep-strategies
 * }</pre>
 *
 * @param base the configuration that the axes change
 * @param mode what a candidate is
 * @param checkpoints the kept checkpoints that candidates of {@code search} and {@code ema}
 *     combine; not with {@code train}
 * @param set assignments {@code key=value} to the base, before the axes
 * @param axes at least one
 * @param generator which candidates; default: the whole grid
 * @param evaluation scores every candidate's model once more, all in the same way; default: none
 * @param marks numbers of evaluations, at least 1 each, at which the best so far of every search is
 *     scored on the report's noise, for curves; those beyond a search's budget are left out. An
 *     empty list stands for the budget, its half, quarter and so on down to 10; default: no curves;
 *     only with {@code search}
 * @param score name of the score that ranks, smaller is better; default {@value
 *     CandidateResult#EVALUATED} with {@code evaluation}, else {@value CandidateResult#AVERAGE} in
 *     mode {@code ema}, else {@value CandidateResult#LCSC}
 * @param termination when to stop before all candidates are done; default: never
 * @param over keys of axes whose values are repetitions, such as seeds: the pivot table gives mean
 *     and spread over them; default: axes whose key ends in {@code seed}
 * @param threads candidates at a time, at least 1; default 1
 * @param output directory of the results
 */
public record Study(
    String base,
    Mode mode,
    @OptionalKey String checkpoints,
    @OptionalKey List<String> set,
    List<StudyAxis> axes,
    @OptionalKey Generator generator,
    @OptionalKey Evaluation evaluation,
    @OptionalKey List<Integer> marks,
    @OptionalKey String score,
    @OptionalKey Termination termination,
    @OptionalKey List<String> over,
    @OptionalKey Integer threads,
    String output) {

  /** Names of scores. */
  private static final Pattern SCORES =
      Pattern.compile(
          ".+ (validation|FID.*)|searchScore|gap|evaluations|checkpoints|search seconds");

  /**
   * Whether a file is a study's.
   *
   * @throws ConfigException where the file is missing, unreadable or no mapping
   */
  public static boolean isOne(Path file) throws ConfigException {
    return YamlConfig.keys(file).contains("axes");
  }

  /** What a candidate is. */
  public enum Mode {
    /** A training with its searches. */
    TRAIN,
    /** A search of kept checkpoints. */
    SEARCH,
    /** An exponential moving average over kept checkpoints. */
    EMA
  }

  /** Fills in the defaults and validates. */
  public Study {
    Require.notBlank("base", base);
    Require.notBlank("output", output);
    set = set == null ? List.of() : List.copyOf(set);
    axes = List.copyOf(axes);
    List<String> keys = Require.distinct("axes", axes.stream().map(StudyAxis::key).toList());
    if ((checkpoints == null) != (mode == Mode.TRAIN)) {
      throw new InvalidValueException(
          "checkpoints",
          checkpoints == null
              ? "missing, needed: the directory of the kept checkpoints"
              : "has no effect with mode: train (" + checkpoints + ")");
    }
    boolean rates = keys.contains(StudyAxis.EMA_RATE);
    if (rates != (mode == Mode.EMA)) {
      throw new InvalidValueException(
          "axes",
          rates
              ? StudyAxis.EMA_RATE + " has no effect, allowed: only with mode: ema"
              : "no " + StudyAxis.EMA_RATE + ", needed with mode: ema");
    }
    Require.not(
        evaluation != null && mode == Mode.EMA,
        "evaluation",
        "has no effect with mode: ema, whose scores are of the base's report");
    if (marks != null) {
      Require.not(mode != Mode.SEARCH, "marks", "has no effect, allowed: only with mode: search");
      marks = Require.noDuplicates("marks", marks).stream().sorted().toList();
      marks.forEach(mark -> Require.atLeast("marks", mark, 1));
    }
    generator = generator == null ? Generator.GRID : generator;
    if (generator.kind() == Generator.Kind.GRID) {
      // Told now and not after the first candidates.
      axes.forEach(StudyAxis::listed);
    }
    termination = termination == null ? Termination.NEVER : termination;
    score = score == null ? defaultScore(mode, evaluation) : Require.notBlank("score", score);
    // Which spaces there are is known later.
    Require.not(
        !SCORES.matcher(score).matches(),
        "score",
        "no such score (%s), allowed: one as LCSC FID, EMA* FID (2nd space), last validation, evaluated"
            + " FID or searchScore",
        score);
    over =
        over == null
            ? keys.stream().filter(key -> key.endsWith("seed")).toList()
            : Require.noDuplicates("over", over);
    for (String key : over) {
      Require.not(
          !keys.contains(key), "over", "no axis (%s), allowed: %s", key, String.join(", ", keys));
    }
    threads = Require.atLeast("threads", threads == null ? 1 : threads, 1);
  }

  private static String defaultScore(Mode mode, Evaluation evaluation) {
    if (evaluation != null) {
      return CandidateResult.EVALUATED;
    }
    return mode == Mode.EMA ? CandidateResult.AVERAGE : CandidateResult.LCSC;
  }

  /**
   * The marks of a search.
   *
   * @param budget its evaluations
   * @return ascending; empty without curves
   */
  List<Integer> marksWithin(int budget) {
    if (marks == null) {
      return List.of();
    }
    if (!marks.isEmpty()) {
      return marks.stream().filter(mark -> mark <= budget).toList();
    }
    return IntStream.iterate(budget, mark -> mark >= 10 || mark == budget, m -> m / 2)
        .boxed()
        .sorted()
        .toList();
  }

  /** Keys of the axes that are no repetitions, in order. */
  List<String> keys() {
    return axes.stream().map(StudyAxis::key).filter(key -> !over.contains(key)).toList();
  }

  /**
   * A candidate's values on some of the axes.
   *
   * @param labels on all of them
   * @param repetitions whether on those that are repetitions, or on the others
   */
  List<String> labels(List<String> labels, boolean repetitions) {
    return IntStream.range(0, axes.size())
        .filter(axis -> over.contains(axes.get(axis).key()) == repetitions)
        .mapToObj(labels::get)
        .toList();
  }

  /**
   * Section {@code evaluation}: every candidate's model is scored on the base's configuration with
   * these assignments, whatever the axes changed, so that searches with other samplers or noise
   * compare.
   *
   * @param samples at least 2; default: the base's report
   * @param seed of the noise; default: the base's report
   * @param set assignments {@code key=value} to the base
   */
  public record Evaluation(
      @OptionalKey Integer samples, @OptionalKey Long seed, @OptionalKey List<String> set) {

    /** Fills in the default and validates. */
    public Evaluation {
      Require.atLeast("samples", samples, 2);
      set = set == null ? List.of() : List.copyOf(set);
    }
  }

  /**
   * Section {@code termination}. The running candidates are always finished.
   *
   * @param candidates stop after so many, at least 1
   * @param hours stop after so long, above 0
   * @param score stop once a candidate's score is not above it
   */
  public record Termination(
      @OptionalKey Integer candidates, @OptionalKey Double hours, @OptionalKey Double score) {

    /** No condition. */
    public static final Termination NEVER = new Termination(null, null, null);

    public Termination {
      Require.atLeast("candidates", candidates, 1);
      Require.positive("hours", hours);
    }
  }

  /**
   * Section {@code generator}.
   *
   * @param kind which
   * @param candidates how many, at least 1; needed by {@code random} and {@code genetic}; a grid
   *     has its own number
   * @param seed of {@code random} and {@code genetic}; default 1
   * @param population of {@code genetic}, at least 4; default 12
   * @param mutationRate chance that {@code genetic} draws an axis anew, 0 to 1; default 0.1
   * @param crossoverRate chance that {@code genetic} mixes two parents, 0 to 1; default 0.85
   */
  public record Generator(
      Kind kind,
      @OptionalKey Integer candidates,
      @OptionalKey Long seed,
      @OptionalKey Integer population,
      @OptionalKey Double mutationRate,
      @OptionalKey Double crossoverRate) {

    /** The whole grid. */
    public static final Generator GRID = new Generator(Kind.GRID, null, null, null, null, null);

    /** Arbiter's generators. */
    public enum Kind {
      /** Every combination of the axes' values, the first axis fastest. */
      GRID,
      /** Independent draws. */
      RANDOM,
      /** A steady-state genetic algorithm. */
      GENETIC
    }

    /** Fills in the defaults and validates. */
    public Generator {
      if (kind == Kind.GRID && candidates != null) {
        throw new InvalidValueException(
            "candidates", "has no effect with kind: grid (" + candidates + ")");
      }
      if (kind != Kind.GRID) {
        Require.not(candidates == null, "candidates", "missing, needed: how many");
        Require.atLeast("candidates", candidates, 1);
      }
      Require.not(
          kind != Kind.GENETIC
              && (population != null || mutationRate != null || crossoverRate != null),
          "population",
          "has no effect, allowed: population, mutationRate and crossoverRate with kind:"
              + " genetic");
      seed = seed == null ? 1L : seed;
      population = Require.atLeast("population", population == null ? 12 : population, 4);
      mutationRate =
          Require.between("mutationRate", mutationRate == null ? 0.1 : mutationRate, 0, 1);
      crossoverRate =
          Require.between("crossoverRate", crossoverRate == null ? 0.85 : crossoverRate, 0, 1);
    }
  }
}
