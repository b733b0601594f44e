package org.lcsc.export;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.io.Refuse;
import org.lcsc.io.Sha256;
import org.lcsc.io.Text;
import org.lcsc.objective.StageSeconds;
import org.lcsc.objective.TimeRanges;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How a model was made, as a JSON file beside it: enough to make it again from the checkpoints, and
 * to know what it was compared with.
 *
 * @param model label of the model: {@code "lcsc"}, {@code "last"}, {@code "ema-0.999"} ...
 * @param iteration updates applied to the training when it was made
 * @param checkpoints iterations of the K checkpoints, ascending
 * @param coefficients one per checkpoint; empty where the model is no combination of them, or one
 *     with coefficients for each of several groups of parameters
 * @param groups groups of parameters with coefficients of their own; empty where there are none
 * @param ranges ranges of noise levels, the least noise first, that are sampled with a model of
 *     their own; empty where one model serves all. With ranges, coefficients and groups of the
 *     recipe itself are empty
 * @param search the search it came from
 * @param validationScore score on validation noise, smaller is better
 * @param reportScores scores on report noise by name
 * @param baselines the models it was compared with, on the same noise
 * @param parameters number of parameters P of one model
 * @param sha256 of the parameters, those of several ranges one after the other, as little-endian
 *     float32, in hexadecimal; see {@link Sha256}. A model merged again from a window that was
 *     filled otherwise may differ by float32 rounding
 * @param versions what made it
 * @param provenance whatever the run adds: data, configuration ...
 */
public record Recipe(
    String model,
    long iteration,
    long[] checkpoints,
    double[] coefficients,
    List<Group> groups,
    List<Range> ranges,
    Search search,
    @NullForNaN double validationScore,
    @NullForNaN.Values Map<String, Double> reportScores,
    List<Score> baselines,
    long parameters,
    String sha256,
    Versions versions,
    Map<String, Object> provenance) {

  /** In one line, without the coefficients. */
  @Override
  public String toString() {
    return Text.format(
        "%s of iteration %s from %s checkpoints, validation score %s, report %s",
        model, iteration, checkpoints.length, validationScore, reportScores);
  }

  /**
   * Entry of the provenance, {@code true} where the measure is to be maximised: scores of search
   * and validation are then its negative, reported ones are in its own units.
   */
  public static final String MAXIMISED = "maximised";

  /**
   * Entry of the provenance, where there are any: how many averages over the window are not among
   * the baselines, since a part of the validation samples showed them to be far from the best.
   */
  public static final String SCREENED_OUT = "screenedOut";

  /** Far above any window; guards time and memory. */
  private static final int MOST_CHECKPOINTS = 100_000;

  /**
   * The search that a model came from.
   *
   * @param strategy its name
   * @param objective name of the objective that it minimised
   * @param validation name of the objective that decided
   * @param seed of its random draws
   * @param evaluations of the objective
   * @param nonFinite how many scores were not finite; on a part of the samples a score costs less
   *     than an evaluation, with a gradient more
   * @param stopReason why it ended
   * @param refused what it found and was refused for something that the score does not see, best
   *     first, with the reasons
   * @param score of the combination on search noise; NaN where never evaluated
   * @param secondsPerStage of all evaluations (the paper's Table 5)
   * @param totalSeconds wall clock, with validation and baselines
   */
  public record Search(
      String strategy,
      String objective,
      String validation,
      long seed,
      int evaluations,
      int nonFinite,
      String stopReason,
      List<String> refused,
      @NullForNaN double score,
      StageSeconds secondsPerStage,
      double totalSeconds) {

    /** Keeps the list as it is; recipes written before there was one have none. */
    public Search {
      refused = refused == null ? List.of() : List.copyOf(refused);
    }
  }

  /**
   * Parameters with coefficients of their own.
   *
   * @param name of the group
   * @param parameters its segments of the flat parameter vector, ascending: pairs of the first
   *     parameter and the one after the last
   * @param coefficients one per checkpoint, of sum 1
   */
  public record Group(String name, long[][] parameters, double[] coefficients) {

    private static final double ROUNDING = 1e-6;

    /** Checks the pairs and the sum. */
    public Group {
      for (long[] segment : parameters) {
        if (segment.length != 2) {
          throw new IllegalArgumentException(
              Text.format(
                  "a segment of group %s needs a first parameter and an end, got %s",
                  name, segment));
        }
      }
      double sum = Arrays.stream(coefficients).sum();
      if (!isOne(sum)) {
        throw new IllegalArgumentException(
            "coefficients of group " + name + " must sum to 1, got " + sum);
      }
    }

    /** Whether a sum of coefficients is 1, but for what was rounded. */
    static boolean isOne(double sum) {
      return Math.abs(sum - 1) <= ROUNDING;
    }
  }

  /**
   * The model for a range of noise levels.
   *
   * @param fromSigma the least noise level; 0 for the first range
   * @param toSigma the level that the range ends below; infinite for the last
   * @param coefficients one per checkpoint; empty with groups
   * @param groups groups of its parameters with coefficients of their own, or empty
   * @param sha256 of its parameters
   */
  public record Range(
      double fromSigma, double toSigma, double[] coefficients, List<Group> groups, String sha256) {

    /** Keeps the groups as they are. */
    public Range {
      groups = List.copyOf(groups);
    }

    private Combination combination() {
      return new Combination(coefficients, groups);
    }

    private static void requireConsistent(List<Range> ranges) {
      List<Integer> lengths = ranges.stream().map(r -> r.combination().all().length).toList();
      if (lengths.stream().distinct().count() > 1) {
        throw new IllegalArgumentException(
            "time ranges of a recipe need as many coefficients each, got " + lengths);
      }
      for (int r = 0; r < ranges.size(); r++) {
        double end =
            r + 1 < ranges.size() ? ranges.get(r + 1).fromSigma() : Double.POSITIVE_INFINITY;
        if (ranges.get(r).toSigma() != end || r == 0 && ranges.get(r).fromSigma() != 0) {
          throw new IllegalArgumentException(
              "time ranges of a recipe must follow one another from sigma 0 on, got "
                  + ranges.stream()
                      .map(range -> range.fromSigma() + " to " + range.toSigma())
                      .toList());
        }
      }
    }
  }

  /**
   * A model and its scores.
   *
   * @param model label
   * @param kind name of its {@code org.lcsc.listener.ScoredModel.Kind}
   * @param parameter of that kind: rate, width or number; 0 where it has none
   * @param validationScore on validation noise
   * @param reportScores on report noise by name; empty where not reported
   */
  public record Score(
      String model,
      String kind,
      double parameter,
      @NullForNaN double validationScore,
      @NullForNaN.Values Map<String, Double> reportScores) {}

  /**
   * Checks that the checkpoints ascend, and that there is one coefficient for each, or none.
   *
   * @throws IllegalArgumentException otherwise, or where there are more than 100,000 checkpoints
   */
  public Recipe {
    groups = List.copyOf(groups);
    ranges = List.copyOf(ranges);
    if (checkpoints.length > MOST_CHECKPOINTS) {
      throw new IllegalArgumentException(
          "a recipe has at most " + MOST_CHECKPOINTS + " checkpoints, got " + checkpoints.length);
    }
    for (int i = 1; i < checkpoints.length; i++) {
      if (checkpoints[i] <= checkpoints[i - 1]) {
        throw new IllegalArgumentException(
            Text.format(
                "checkpoints of a recipe must ascend, got %s before %s",
                checkpoints[i - 1], checkpoints[i]));
      }
    }
    new Combination(coefficients, groups).require(checkpoints.length, parameters);
    Refuse.argument(
        !ranges.isEmpty() && (coefficients.length > 0 || !groups.isEmpty()),
        "a recipe needs coefficients for one model or for time ranges, got both");
    for (Range range : ranges) {
      range.combination().require(checkpoints.length, parameters);
    }
    Range.requireConsistent(ranges);
  }

  /**
   * The groups of a combination.
   *
   * @param groups G groups of the parameters
   * @param coefficients {@code G * K}, those of the first group first
   */
  public static List<Group> groups(ParameterGroups groups, double[] coefficients) {
    int size = coefficients.length / groups.size();
    return IntStream.range(0, groups.size())
        .mapToObj(
            g ->
                new Group(
                    groups.names().get(g),
                    groups.segmentsOf(g).stream()
                        .map(segment -> new long[] {segment.from(), segment.to()})
                        .toArray(long[][]::new),
                    Arrays.copyOfRange(coefficients, g * size, (g + 1) * size)))
        .toList();
  }

  /**
   * The ranges of a combination.
   *
   * @param ranges R ranges
   * @param groups G groups of the parameters
   * @param coefficients {@code R * G * K}, those of the first range first
   * @param parameters {@code [R * P]}
   */
  public static List<Range> ranges(
      TimeRanges ranges, ParameterGroups groups, double[] coefficients, INDArray parameters) {
    int length = coefficients.length / ranges.size();
    boolean grouped = groups.size() > 1;
    List<Range> all = new ArrayList<>();
    for (int r = 0; r < ranges.size(); r++) {
      double[] own = Arrays.copyOfRange(coefficients, r * length, (r + 1) * length);
      all.add(
          new Range(
              ranges.from(r),
              ranges.to(r),
              grouped ? new double[0] : own,
              grouped ? groups(groups, own) : List.of(),
              Sha256.of(ranges.part(parameters, r))));
    }
    return all;
  }

  /** The ranges of noise levels that {@link #allCoefficients} are for. */
  public TimeRanges timeRanges() {
    return new TimeRanges(ranges.stream().skip(1).map(Range::fromSigma).toList());
  }

  /**
   * The groups that {@link #allCoefficients} are for; one of all parameters where there are none.
   */
  public ParameterGroups parameterGroups() {
    return combinations().get(0).parameterGroups(parameters);
  }

  /**
   * Coefficients of every range and group, {@code R * G * K}: what the model was merged with, see
   * {@link org.lcsc.checkpoint.CheckpointMerger}.
   */
  public double[] allCoefficients() {
    return combinations().stream().flatMapToDouble(c -> Arrays.stream(c.all())).toArray();
  }

  /** One, or one for every range. */
  private List<Combination> combinations() {
    return ranges.isEmpty()
        ? List.of(new Combination(coefficients, groups))
        : ranges.stream().map(Range::combination).toList();
  }

  /**
   * Entries in the form in which they are read back: text, numbers, truth values, lists and maps.
   *
   * @throws IllegalArgumentException where an entry cannot be written as JSON
   */
  public static Map<String, Object> provenance(Map<String, ?> entries) {
    return RecordFile.asReadBack(entries);
  }

  /**
   * Writes the recipe as JSON, whole or not at all. Numbers read back to the same bits.
   *
   * @throws IOException if the file cannot be written
   */
  public void write(Path file) throws IOException {
    RecordFile.write(file, this);
  }

  /**
   * Reads a recipe.
   *
   * @throws IOException if there is no such file, or it is no recipe: an unknown or missing key, a
   *     value of the wrong kind; the message is one line and names file, line and key
   */
  public static Recipe read(Path file) throws IOException {
    return RecordFile.read(file, Recipe.class, "recipe", false);
  }
}
