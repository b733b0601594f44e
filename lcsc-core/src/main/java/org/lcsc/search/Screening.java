package org.lcsc.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.lcsc.io.Text;
import org.lcsc.objective.Objective;
import org.lcsc.objective.PartialObjective;
import org.lcsc.search.strategy.Leaders;
import org.lcsc.search.strategy.ScoredCoefficients;

/**
 * Spares the validation of baselines that are far from the best of their kind: the members of a
 * kind are compared on the first quarter of the validation samples, at least {@value
 * #LEAST_SAMPLES}, and the best quarter of them, at least two, is validated on all. Members that
 * are finalists of the search are validated in any case, and where the objective has no part, or
 * too few samples for one, all are.
 *
 * @param share of the validation samples, in (0, 1]; 1 for no screening
 * @param kinds labels of the baselines that are of one kind
 */
public record Screening(double share, List<Set<String>> kinds) {

  private static final int LEAST_SAMPLES = 250;
  private static final int LEAST_KEPT = 2;
  private static final int PART = 4;

  static Screening of(Objective validation, List<Set<String>> kinds) {
    return new Screening(
        validation instanceof PartialObjective partial ? share(partial.samples()) : 1,
        List.copyOf(kinds));
  }

  /**
   * What the validation of one kind costs, none of whose members is a finalist, in evaluations on
   * all samples.
   *
   * @param members of the kind
   * @param samples of the validation
   */
  public static double cost(int members, int samples) {
    double share = share(samples);
    int kept = kept(members);
    return share == 1 || members <= kept ? members : members * share + kept;
  }

  /**
   * A sentence for tables without the baselines that were left out.
   *
   * @param leftOut how many there are; of none it is empty
   */
  public static String note(int leftOut) {
    return leftOut == 0
        ? ""
        : Text.format(
            "%d averages over the window were compared on a part of the validation samples alone and"
                + " left out: others of their kind were better there",
            leftOut);
  }

  private static double share(int samples) {
    return Math.min(1, Math.max(1.0 / PART, (double) LEAST_SAMPLES / samples));
  }

  private static int kept(int members) {
    return Math.max(LEAST_KEPT, (members + PART - 1) / PART);
  }

  private static List<ScoredCoefficients> members(
      Set<String> kind, List<ScoredCoefficients> baselines) {
    return baselines.stream().filter(baseline -> kind.contains(baseline.label())).toList();
  }

  /** Those of the baselines that have to be compared, kind by kind. */
  List<ScoredCoefficients> compared(List<ScoredCoefficients> baselines) {
    if (share == 1) {
      return List.of();
    }
    return kinds.stream()
        .map(kind -> members(kind, baselines))
        .filter(members -> members.size() > kept(members.size()))
        .flatMap(List::stream)
        .toList();
  }

  /**
   * The baselines without those that are far from the best of their kind.
   *
   * @param scores of those {@link #compared}; as long as some are missing, nothing is left out
   */
  List<ScoredCoefficients> left(List<ScoredCoefficients> baselines, double[] scores) {
    List<ScoredCoefficients> compared = compared(baselines);
    if (scores.length < compared.size()) {
      return baselines;
    }
    List<ScoredCoefficients> left = new ArrayList<>(baselines);
    for (Set<String> kind : kinds) {
      List<Integer> places =
          IntStream.range(0, compared.size())
              .filter(i -> kind.contains(compared.get(i).label()))
              .boxed()
              .sorted(Comparator.comparingDouble(i -> Leaders.ranked(scores[i])))
              .toList();
      places.stream().skip(kept(places.size())).map(compared::get).forEach(left::remove);
    }
    return left;
  }
}
