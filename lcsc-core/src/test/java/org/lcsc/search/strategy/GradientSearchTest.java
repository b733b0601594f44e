package org.lcsc.search.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.config.Parts;
import org.lcsc.search.SyntheticBasin;

class GradientSearchTest {

  private static final int K = 30;

  private final SyntheticBasin basin = new SyntheticBasin(5, K, 80, 0, 1);

  private static SearchDirections components(SyntheticBasin basin, double whitening) {
    try (CheckpointWindow window = basin.window()) {
      return SearchDirections.principalComponents(
          window.centredGrams(ParameterGroups.whole(window.parameters())), K - 1, whitening);
    }
  }

  private GradientSearch search(SearchDirections directions) {
    return new GradientSearch(directions, basin.emaStarts(), GradientSearch.Parameters.DEFAULTS);
  }

  private StochasticGradientSearch stochastic() {
    return new StochasticGradientSearch(
        components(basin, 0.5),
        basin.emaStarts(),
        Parts.with(StochasticGradientSearch.Parameters.DEFAULTS, Map.of("step", 0.02)));
  }

  /** Scores what the strategy asks for; returns the scores of the gradient steps. */
  private static List<Double> run(GradientStrategy strategy, SyntheticBasin basin, int steps) {
    List<Double> scores = new ArrayList<>();
    while (scores.size() < steps) {
      double[][] asked = strategy.ask();
      if (asked.length == 0) {
        return scores;
      }
      if (!strategy.wantsGradient()) {
        strategy.tell(Arrays.stream(asked).mapToDouble(basin::scoreOf).toArray());
        continue;
      }
      assertThat(asked).hasNumberOfRows(1);
      assertThat(Coefficients.sum(asked[0])).isCloseTo(1, within(1e-9));
      scores.add(basin.scoreOf(asked[0]));
      strategy.tell(scores.get(scores.size() - 1), basin.gradientOf(asked[0]));
    }
    return scores;
  }

  private static double least(List<Double> scores) {
    return scores.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
  }

  @Test
  void reachesTheOptimumOfAQuadraticInAFewSteps() {
    double optimum = basin.optimumInSpan();
    double gap = basin.bestEma() - optimum;
    for (double whitening : new double[] {0, 0.5}) {
      List<Double> scores = run(search(components(basin, whitening)), basin, 40);
      assertThat(scores.get(0)).isCloseTo(basin.bestEma(), within(1e-9));
      assertThat((least(scores.subList(0, 10)) - optimum) / gap)
          .as("share of the gap left after 10 steps, whitening %s", whitening)
          .isLessThan(0.3);
      assertThat((least(scores) - optimum) / gap)
          .as("after 40 steps, whitening %s", whitening)
          .isLessThan(0.02);
    }
  }

  @Test
  void worksInPlainCoefficientsAndOnRipples() {
    SyntheticBasin rippled = new SyntheticBasin(5, K, 80, 0.02, 1);
    GradientSearch search =
        new GradientSearch(
            SearchDirections.coefficients(K, 1),
            rippled.emaStarts(),
            GradientSearch.Parameters.DEFAULTS);
    List<Double> scores = run(search, rippled, 30);
    assertThat(least(scores)).isLessThan(0.8 * rippled.bestEma());
  }

  @Test
  void theWalkNeverAcceptsAWorsePoint() {
    GradientSearch search = search(components(basin, 0.5));
    run(search, basin, 25);
    List<Double> path = search.finalists(100).stream().map(basin::scoreOf).toList();
    assertThat(path).hasSizeGreaterThan(5);
    for (int i = 1; i < path.size(); i++) {
      assertThat(path.get(i - 1)).as("finalist %d, newest first", i).isLessThan(path.get(i));
    }
    assertThat(search.finalists(3)).hasSize(3).startsWith(search.finalists(100).get(0));
  }

  @Test
  void endsAtOnceWhereAllCheckpointsAreEqual() {
    double[][][] equal = new double[1][K][K];
    GradientSearch search = search(SearchDirections.principalComponents(equal, 20, 0.5));
    int steps = 0;
    for (double[][] asked = search.ask(); asked.length > 0 && steps < 20; asked = search.ask()) {
      if (search.wantsGradient()) {
        search.tell(1.5, new double[K]);
        steps++;
      } else {
        double[] scores = new double[asked.length];
        Arrays.fill(scores, 1.5);
        search.tell(scores);
      }
    }
    assertThat(steps).isLessThan(5);
    assertThat(search.finalists(1)).hasSize(1);
  }

  @Test
  void survivesScoresThatAreNotFinite() {
    GradientSearch search = search(components(basin, 0.5));
    run(search, basin, 3);
    double before = basin.scoreOf(search.finalists(1).get(0));
    search.tell(Double.NaN, new double[K]);
    double[] broken = new double[K];
    broken[3] = Double.POSITIVE_INFINITY;
    search.tell(0.1, broken);
    run(search, basin, 10);
    assertThat(basin.scoreOf(search.finalists(1).get(0))).isLessThan(before);
  }

  /** Tells of high scores alone, at most so often; returns how often. */
  private static int disappoint(GradientSearch search, int most) {
    int lies = 0;
    while (lies < most && search.ask().length > 0) {
      double[] slopes = new double[K];
      slopes[0] = 1;
      search.tell(1e6, slopes);
      lies++;
    }
    return lies;
  }

  @Test
  void forgetsTheCurvatureWhereALineSearchFails() {
    int trials = GradientSearch.Parameters.DEFAULTS.trials();
    GradientSearch search = search(components(basin, 0.5));
    run(search, basin, 12);
    assertThat(disappoint(search, 100))
        .as("the rest of one line and the whole of the next")
        .isBetween(trials + 1, 2 * trials);

    GradientSearch other = search(components(basin, 0.5));
    run(other, basin, 12);
    disappoint(other, trials);
    double gap = basin.bestEma() - basin.optimumInSpan();
    assertThat((least(run(other, basin, 40)) - basin.optimumInSpan()) / gap).isLessThan(0.02);
    assertThat(other.name()).isEqualTo("gradient");
    assertThat(GradientSearch.Parameters.DEFAULTS.evaluations()).isEqualTo(40);
  }

  @Test
  void endsWhereNothingIsGained() {
    GradientSearch search = search(components(basin, 0.5));
    run(search, basin, 2);
    // A gradient that promises what the scores never keep: a failed line search, twice.
    int steps = 0;
    while (search.ask().length > 0) {
      double[] lies = new double[K];
      lies[0] = 1;
      search.tell(1e6, lies);
      steps++;
    }
    assertThat(steps).isBetween(2, 2 * GradientSearch.Parameters.DEFAULTS.trials() + 1);
    GradientSearch broken = search(components(basin, 0.5));
    broken.tell(new double[basin.emaStarts().length]);
    broken.tell(Double.NaN, new double[K]);
    assertThat(broken.ask()).isEmpty();
    assertThat(broken.finalists(5)).isEmpty();
  }

  @Test
  void continuesFromASnapshotToTheSameResult() {
    for (int at = 0; at < 12; at++) {
      List<Supplier<GradientStrategy>> kinds =
          List.of(() -> search(components(basin, 0.5)), this::stochastic, this::growing);
      for (Supplier<GradientStrategy> kind : kinds) {
        GradientStrategy whole = kind.get();
        GradientStrategy resumed = kind.get();
        run(whole, basin, at);
        resumed.restore(whole.snapshot());
        assertThat(resumed.ask()).as("after %d steps", at).isDeepEqualTo(whole.ask());
        assertThat(run(resumed, basin, 6)).isEqualTo(run(whole, basin, 6));
        assertThat(resumed.draw()).isEqualTo(whole.draw());
        assertThat(resumed.fidelity()).isEqualTo(whole.fidelity());
        assertThat(resumed.finalists(4).toArray(double[][]::new))
            .isDeepEqualTo(whole.finalists(4).toArray(double[][]::new));
      }
    }
  }

  @Test
  void penaltyShortensTheCoefficients() {
    double[] free = end(0);
    double[] penalised = end(1);
    assertThat(PathSearch.dot(penalised, penalised)).isLessThan(0.9 * PathSearch.dot(free, free));
  }

  private double[] end(double penalty) {
    GradientSearch search =
        new GradientSearch(
            components(basin, 0),
            basin.emaStarts(),
            Parts.with(GradientSearch.Parameters.DEFAULTS, Map.of("penalty", penalty)));
    run(search, basin, 25);
    return search.finalists(1).get(0);
  }

  @Test
  void stochasticSearchNeverSeesTheSameNoiseTwiceAndItsAverageIsNearTheOptimum() {
    StochasticGradientSearch search = stochastic();
    search.tell(Arrays.stream(basin.emaStarts()).mapToDouble(basin::scoreOf).toArray());
    Random random = new Random(3);
    List<Long> draws = new ArrayList<>();
    double last = 0;
    for (int i = 0; i < 300; i++) {
      double[] asked = search.ask()[0];
      if (!search.wantsGradient()) {
        search.tell(new double[] {basin.scoreOf(asked)});
        continue;
      }
      draws.add(search.draw());
      double[] gradient = basin.gradientOf(asked);
      double size = Math.sqrt(PathSearch.dot(gradient, gradient) / K);
      for (int k = 0; k < K; k++) {
        gradient[k] += 0.5 * size * random.nextGaussian();
      }
      last = basin.scoreOf(asked);
      search.tell(last, gradient);
    }
    assertThat(draws).doesNotHaveDuplicates().doesNotContain(0L);
    double gap = basin.bestEma() - basin.optimumInSpan();
    List<double[]> finalists = search.finalists(4);
    assertThat(finalists).hasSize(4);
    double averaged = basin.scoreOf(finalists.get(0));
    assertThat((averaged - basin.optimumInSpan()) / gap).isLessThan(0.5);
  }

  private GradientSearch growing() {
    GradientSearch.Parameters parameters =
        Parts.with(GradientSearch.Parameters.DEFAULTS, Map.of("growth", List.of(0.25, 0.5)));
    return new GradientSearch(components(basin, 0.5), basin.emaStarts(), parameters, 4);
  }

  @Test
  void growsFromFewSamplesToAllAndTakesItsEndAlong() {
    GradientSearch search = growing();
    assertThat(search.fidelity()).as("of the starts").isEqualTo(1);
    List<Double> shares = new ArrayList<>();
    List<double[]> asked = new ArrayList<>();
    search.tell(Arrays.stream(search.ask()).mapToDouble(basin::scoreOf).toArray());
    for (int i = 0; i < 40 && search.ask().length > 0; i++) {
      shares.add(search.fidelity());
      asked.add(search.ask()[0]);
      // Few samples see another basin: its scores must not be compared with those of all.
      run(search, search.fidelity() < 1 ? new SyntheticBasin(6, K, 80, 0, 1) : basin, 1);
    }
    assertThat(shares).isSorted().contains(0.25, 0.5, 1.0);
    assertThat(shares.indexOf(0.5)).isBetween(4, 12);
    int full = shares.indexOf(1.0);
    assertThat(asked.get(full)).as("the end of the path before").isIn(asked.subList(0, full));
    double gap = basin.bestEma() - basin.optimumInSpan();
    double end = basin.scoreOf(search.finalists(1).get(0));
    assertThat((end - basin.optimumInSpan()) / gap).isLessThan(0.1);
    for (double[] finalist : search.finalists(100)) {
      assertThat(finalist).as("seen on all samples").isIn(asked.subList(full, asked.size()));
    }
  }

  @Test
  void whatAnEarlierSearchFoundIsAlwaysAStart() {
    double[][] initial = Arrays.copyOf(basin.emaStarts(), 9);
    for (int i = basin.emaStarts().length; i < initial.length; i++) {
      initial[i] = new double[K];
      initial[i][i] = 1;
    }
    try (CheckpointWindow window = basin.window()) {
      CheckpointMerger merger = CheckpointMerger.of(window);
      double[][] asked =
          GradientSearch.Parameters.DEFAULTS
              .create(new StrategySettings.Start(initial, 2, merger, 40, 4, 1))
              .ask();
      assertThat(Arrays.asList(asked)).hasSize(7).contains(initial[7], initial[8]);
    }
  }

  @Test
  void growsToAllSamplesBeforeEvolutionTakesOver() {
    GradientFirstSearch.Parameters parameters =
        Parts.with(
            new GradientFirstSearch.Parameters(),
            Map.of(
                "gradients",
                9,
                "gradient",
                Parts.with(
                    GradientSearch.Parameters.DEFAULTS, Map.of("growth", List.of(0.25, 0.5)))));
    try (CheckpointWindow window = basin.window()) {
      CheckpointMerger merger = CheckpointMerger.of(window);
      GradientStrategy search =
          (GradientStrategy)
              parameters.create(
                  new StrategySettings.Start(basin.emaStarts(), 0, merger, 400, 4, 1));
      search.tell(Arrays.stream(search.ask()).mapToDouble(basin::scoreOf).toArray());
      List<Double> shares = new ArrayList<>();
      while (search.wantsGradient()) {
        shares.add(search.fidelity());
        run(search, basin, 1);
        search.ask();
      }
      assertThat(shares).hasSize(9).isSorted().contains(0.25, 0.5, 1.0);
    }
  }

  @Test
  void aSingleStartNeedsNoScore() {
    GradientSearch search =
        new GradientSearch(
            SearchDirections.coefficients(K, 1),
            new double[][] {basin.emaStarts()[2]},
            GradientSearch.Parameters.DEFAULTS);
    assertThat(search.wantsGradient()).isTrue();
    assertThat(search.ask()[0]).containsExactly(basin.emaStarts()[2], within(1e-15));
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GradientSearch.Parameters(5, 0.1, null, 0.25, 0, 8, 0, List.of()))
        .withMessage("memory: too small (0), allowed: 1 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Parts.with(
                    GradientSearch.Parameters.DEFAULTS, Map.of("growth", List.of(0.5, 0.25))))
        .withMessageContaining("growth: expected ascending shares above 0 and below 1, got 0.25");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search(SearchDirections.coefficients(7, 1)))
        .withMessage("directions are of 7 coefficients, the initial candidates have 30");
    GradientSearch search = search(components(basin, 0.5));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search.tell(new double[2]))
        .withMessage("got 2 scores for a generation of 7");
    run(search, basin, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search.tell(1, new double[3]))
        .withMessage("got 3 derivatives for 30 coefficients");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search(components(basin, 0)).restore(search.snapshot()))
        .withMessageContaining("the snapshot is of another search");
  }

  @Test
  void lineSearchFindsAPointWithTheWolfeConditions() {
    // (t - 3)^4 from far too short and far too long first trials.
    for (double first : new double[] {1e-3, 0.5, 3, 40}) {
      WolfeLineSearch line = new WolfeLineSearch(81, -108, first);
      double t = 0;
      for (int i = 0; i < 12; i++) {
        t = line.trial();
        double d = t - 3;
        if (line.tell(d * d * d * d, 4 * d * d * d) == WolfeLineSearch.Outcome.DONE) {
          break;
        }
      }
      double d = t - 3;
      assertThat(d * d * d * d).as("first trial %s", first).isLessThan(81 - 108e-4 * t);
      assertThat(Math.abs(4 * d * d * d)).as("slope at %s", t).isLessThanOrEqualTo(0.9 * 108);
    }
  }
}
