package org.lcsc.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.io.Refuse;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.StageSeconds;
import org.lcsc.search.strategy.Leaders;
import org.lcsc.search.strategy.ScoredCoefficients;

/** What a search has found and spent so far. */
final class SearchProgress {

  private final int finalists;
  private final double[] shrinkage;
  private final Leaders leaders;
  private final List<ScoredCoefficients> baselines;
  private final Screening screening;
  private double[] screeningScores = {};
  private double[] validationScores = {};
  private double[] history = {};
  private double cost;
  private int gradients;

  /** The strategy's own finalists, or null where the best on the search objective are taken. */
  private List<double[]> chosen;

  private int nonFinite;
  private StageSeconds searchSeconds = StageSeconds.ZERO;
  private StageSeconds validationSeconds = StageSeconds.ZERO;

  /**
   * @param shrinkage shares of the way from the best baseline to the best finalist
   * @param path whether the strategy will choose finalists from all that it evaluated
   */
  SearchProgress(
      int finalists,
      double[] shrinkage,
      boolean path,
      List<ScoredCoefficients> baselines,
      Screening screening) {
    this.screening = screening;
    this.finalists = finalists;
    this.shrinkage = shrinkage;
    leaders = new Leaders(path ? Integer.MAX_VALUE : finalists);
    this.baselines = new ArrayList<>(baselines);
  }

  int evaluations() {
    return history.length;
  }

  /** What was spent, in evaluations on all samples. */
  double cost() {
    // Sums of shares such as 0.1 are off by their rounding.
    double whole = Math.rint(cost);
    return Math.abs(cost - whole) < 1e-6 ? whole : cost;
  }

  /** Best score so far, infinite while there is none. */
  double best() {
    return history.length == 0 ? Double.POSITIVE_INFINITY : history[history.length - 1];
  }

  /**
   * Takes the evaluation of a candidate and returns the log's row of it.
   *
   * @param fidelity share of the samples; a score on less than all is never the best
   */
  SearchEvaluation evaluated(
      int generation, double[] candidate, Evaluation evaluation, double fidelity) {
    cost += fidelity;
    return take(generation, candidate, evaluation, fidelity == 1);
  }

  /**
   * Takes the evaluation of a candidate that gave a gradient too.
   *
   * @param price what it cost, in evaluations
   * @param comparable whether it was scored as plain candidates are, on their noise and on all
   *     samples; a score of another kind is never the best
   */
  SearchEvaluation differentiated(
      int generation, double[] candidate, Evaluation evaluation, double price, boolean comparable) {
    cost += price;
    gradients++;
    return take(generation, candidate, evaluation, comparable);
  }

  private SearchEvaluation take(
      int generation, double[] candidate, Evaluation evaluation, boolean comparable) {
    int index = history.length;
    double score = evaluation.score();
    history = appended(history, comparable ? Math.min(best(), Leaders.ranked(score)) : best());
    // Validation belongs to finalists that may just have changed.
    screeningScores = new double[0];
    validationScores = new double[0];
    validationSeconds = StageSeconds.ZERO;
    nonFinite += evaluation.isFinite() ? 0 : 1;
    searchSeconds = searchSeconds.plus(evaluation.seconds());
    if (comparable) {
      remember(index, score, candidate);
    }
    return new SearchEvaluation(
        index,
        generation,
        score,
        best(),
        cost(),
        gradients,
        evaluation.seconds(),
        Coefficients.fingerprint(candidate),
        candidate);
  }

  private void remember(int index, double score, double[] candidate) {
    ScoredCoefficients evaluated = ScoredCoefficients.evaluated(index, score, candidate);
    for (int i = 0; i < baselines.size(); i++) {
      ScoredCoefficients baseline = baselines.get(i);
      if (Arrays.equals(baseline.coefficients(), candidate)) {
        evaluated = new ScoredCoefficients(baseline.label(), index, score, Double.NaN, candidate);
        baselines.set(i, evaluated);
      }
    }
    leaders.add(evaluated);
  }

  /** Whether a candidate was scored as plain candidates are. */
  boolean knows(double[] candidate) {
    return leaders.list().stream().anyMatch(c -> Arrays.equals(c.coefficients(), candidate));
  }

  /** Names the finalists among the candidates evaluated; those never evaluated are left out. */
  void choose(List<double[]> candidates) {
    chosen = candidates;
  }

  private List<ScoredCoefficients> finalists() {
    List<ScoredCoefficients> known = leaders.list();
    if (chosen == null) {
      return known.subList(0, Math.min(finalists, known.size()));
    }
    return chosen.stream()
        .flatMap(
            coefficients ->
                known.stream().filter(c -> Arrays.equals(c.coefficients(), coefficients)))
        .toList();
  }

  private List<ScoredCoefficients> usableFinalists() {
    return finalists().stream().filter(c -> Double.isFinite(c.searchScore())).toList();
  }

  /** The baselines that are no finalists, each once. */
  private List<ScoredCoefficients> otherBaselines() {
    List<ScoredCoefficients> all = new ArrayList<>(usableFinalists());
    int first = all.size();
    for (ScoredCoefficients baseline : baselines) {
      if (all.stream().noneMatch(c -> Arrays.equals(c.coefficients(), baseline.coefficients()))) {
        all.add(baseline);
      }
    }
    return all.subList(first, all.size());
  }

  /** Baselines to be compared with those of their kind on a part of the validation samples. */
  List<ScoredCoefficients> screened() {
    return screening.compared(otherBaselines());
  }

  /** How many of them were. */
  int screenings() {
    return screeningScores.length;
  }

  /** Takes the score of the next of them. */
  void screened(Evaluation evaluation) {
    screeningScores = appended(screeningScores, evaluation.score());
    validationSeconds = validationSeconds.plus(evaluation.seconds());
  }

  /**
   * Finalists with a finite score, best first, then the baselines that are none of them and came
   * through the {@link Screening}; once all these are validated, then those between the best
   * finalist and the best baseline, where the finalist is the better.
   */
  List<ScoredCoefficients> candidates() {
    List<ScoredCoefficients> candidates = new ArrayList<>(usableFinalists());
    candidates.addAll(screening.left(otherBaselines(), screeningScores));
    if (candidates.isEmpty()) {
      // Where nothing is usable the first proposals stand in, for the caller to see their scores.
      candidates.addAll(leaders.list().subList(0, Math.min(finalists, leaders.list().size())));
    }
    int first = candidates.size();
    for (int i = 0; i < validationScores.length; i++) {
      if (i == first) {
        candidates.addAll(shrunken(candidates));
      }
      candidates.set(i, candidates.get(i).withValidationScore(validationScores[i]));
    }
    if (validationScores.length == first) {
      candidates.addAll(shrunken(candidates));
    }
    return candidates;
  }

  private List<ScoredCoefficients> shrunken(List<ScoredCoefficients> validated) {
    var best =
        validated.stream()
            .collect(
                Collectors.partitioningBy(
                    ScoredCoefficients::isBaseline,
                    Collectors.minBy(Comparator.comparingDouble(ScoredCoefficients::rank))));
    if (best.get(true).isEmpty() || best.get(false).isEmpty()) {
      return List.of();
    }
    ScoredCoefficients baseline = best.get(true).get();
    ScoredCoefficients finalist = best.get(false).get();
    return finalist.rank() < baseline.rank()
        ? Arrays.stream(shrinkage).mapToObj(share -> finalist.shrunken(share, baseline)).toList()
        : List.of();
  }

  /** How many of the {@link #candidates} are validated. */
  int validated() {
    return validationScores.length;
  }

  /** Takes the validation of the next candidate. */
  void validated(Evaluation evaluation) {
    validationScores = appended(validationScores, evaluation.score());
    validationSeconds = validationSeconds.plus(evaluation.seconds());
  }

  SearchState state(
      SearchState.Identity identity,
      byte[] strategy,
      int generation,
      double[] scores,
      double elapsedSeconds) {
    return new SearchState(
        identity,
        strategy,
        generation,
        scores,
        leaders.list(),
        List.copyOf(baselines),
        screeningScores,
        validationScores,
        nonFinite,
        searchSeconds,
        validationSeconds,
        elapsedSeconds,
        history,
        cost,
        gradients);
  }

  void restore(SearchState state) {
    leaders.replaceBy(state.leaders());
    baselines.clear();
    baselines.addAll(state.baselines());
    // Without a finite one the measure was broken, and may have been mended since.
    boolean broken =
        state.validationScores().length > 0
            && Arrays.stream(state.validationScores()).noneMatch(Double::isFinite);
    screeningScores = broken ? new double[0] : state.screeningScores();
    validationScores = broken ? new double[0] : state.validationScores();
    nonFinite = state.nonFinite();
    searchSeconds = state.searchSeconds();
    validationSeconds = broken ? StageSeconds.ZERO : state.validationSeconds();
    history = state.history();
    cost = state.cost();
    gradients = state.gradients();
  }

  /** The result: the best on validation, ties to the better on the search objective. */
  SearchResult result(
      String strategy,
      String objective,
      String validation,
      StopReason reason,
      long[] iterations,
      double elapsedSeconds) {
    List<ScoredCoefficients> candidates = candidates();
    Refuse.state(candidates.isEmpty(), "the strategy %s proposed no candidate", strategy);
    ScoredCoefficients best = candidates.get(0);
    for (ScoredCoefficients candidate : candidates) {
      if (candidate.rank() < best.rank()) {
        best = candidate;
      }
    }
    return new SearchResult(
        strategy,
        objective,
        validation,
        reason,
        best,
        List.copyOf(candidates),
        iterations,
        (int) Math.ceil(cost()),
        gradients,
        nonFinite,
        searchSeconds,
        validationSeconds,
        elapsedSeconds,
        history.clone());
  }

  static double[] appended(double[] values, double value) {
    double[] longer = Arrays.copyOf(values, values.length + 1);
    longer[values.length] = value;
    return longer;
  }
}
