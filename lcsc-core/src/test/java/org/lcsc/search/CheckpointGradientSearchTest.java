package org.lcsc.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.config.Parts;
import org.lcsc.objective.DifferentiableObjective;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.StageSeconds;
import org.lcsc.search.strategy.EvolutionarySearch;
import org.lcsc.search.strategy.GradientSearch;
import org.lcsc.search.strategy.ScoredCoefficients;
import org.lcsc.search.strategy.SearchStrategy;
import org.lcsc.search.strategy.StochasticGradientSearch;
import org.lcsc.search.strategy.StrategySettings;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Whole searches by gradients: budget, validation, log, resuming. */
class CheckpointGradientSearchTest {

  private static final int K = 30;
  private static final double PRICE = 4;

  private final SyntheticBasin basin = new SyntheticBasin(5, K, 80, 0, 1);
  private final CheckpointWindow window = basin.window();

  @TempDir Path directory;

  @AfterEach
  void close() {
    window.close();
  }

  /** The basin, tilted by noise: what fits one noise best is not what fits another best. */
  private final class Tilted implements DifferentiableObjective {
    private final String name;
    private final long seed;
    private final double tilt;
    private final List<Long> draws = new ArrayList<>();
    private final Set<Double> shares = new LinkedHashSet<>();
    private boolean broken;

    Tilted(String name, long seed, double tilt) {
      this.name = name;
      this.seed = seed;
      this.tilt = tilt;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Evaluation evaluate(INDArray parameters) {
      return score(parameters.dup().data().asDouble(), 0, null);
    }

    @Override
    public Evaluation gradient(INDArray parameters, long draw, INDArray gradient) {
      draws.add(draw);
      double[] slopes = new double[(int) parameters.length()];
      Evaluation evaluation = score(parameters.dup().data().asDouble(), draw, slopes);
      gradient.assign(Nd4j.createFromArray(slopes));
      return evaluation;
    }

    private Evaluation score(double[] parameters, long draw, double[] slopes) {
      Random random = new Random(31 * seed + draw);
      double score = broken ? Double.NaN : basin.score(parameters);
      double[] exact = basin.gradient(parameters);
      for (int i = 0; i < parameters.length; i++) {
        double slope = tilt * random.nextGaussian();
        score += slope * parameters[i];
        if (slopes != null) {
          slopes[i] = exact[i] + slope;
        }
      }
      return new Evaluation(score, new StageSeconds(0, 1, 0.5, 0.25));
    }

    @Override
    public double gradientCost() {
      return PRICE;
    }

    @Override
    public DifferentiableObjective onShare(double share) {
      shares.add(share);
      return this;
    }
  }

  private CheckpointSearchBuilder search(SearchStrategy strategy, Tilted objective, int budget) {
    return CheckpointSearch.builder(CheckpointMerger.of(window), strategy, objective)
        .budget(SearchBudget.ofEvaluations(budget))
        .validation(new Tilted("fid", 77, 0.02))
        .baselines(Map.of("ema", basin.emaStarts()[3]));
  }

  private SearchStrategy strategy(boolean stochastic) {
    CheckpointMerger merger = CheckpointMerger.of(window);
    return stochastic
        ? GradientSearches.stochastic(basin.emaStarts(), merger)
        : GradientSearches.gradient(basin.emaStarts(), merger);
  }

  @Test
  void beatsEvolutionAtEqualCostWithinTheBudget() throws IOException {
    Tilted objective = new Tilted("fid", 1, 0);
    SearchResult gradient = search(strategy(false), objective, 100).build().run();
    SearchResult evolution =
        search(new EvolutionarySearch(basin.emaStarts(), 3), objective, 100).build().run();
    // 7 starts and 23 gradients; one more would be too much.
    assertThat(gradient.evaluations()).isEqualTo(99);
    assertThat(gradient.gradients()).isEqualTo(23);
    assertThat(gradient.history()).hasSize(30);
    assertThat(gradient.stopReason()).isEqualTo(StopReason.EVALUATIONS);
    assertThat(gradient.toString())
        .contains(" of fid over ", " checkpoints, 99 evaluations, ended by EVALUATIONS: best ")
        .doesNotContain("@");
    assertThat(evolution.gradients()).isZero();
    double optimum = basin.optimumInSpan();
    assertThat(gradient.searchScore() - optimum)
        .isLessThan(0.5 * (evolution.searchScore() - optimum));
  }

  @Test
  void gradientsOnFewerSamplesCostTheirShareAndAreNeverTheBest() throws IOException {
    GradientSearch.Parameters growing =
        Parts.with(GradientSearch.Parameters.DEFAULTS, Map.of("growth", List.of(0.25)));
    StrategySettings.Start start =
        new StrategySettings.Start(basin.emaStarts(), 0, CheckpointMerger.of(window), 47, PRICE, 1);
    Tilted objective = new Tilted("fid", 1, 0);
    List<SearchEvaluation> seen = new ArrayList<>();
    SearchResult result =
        search(growing.create(start), objective, 47)
            .listener(
                new SearchListener() {
                  @Override
                  public void evaluated(SearchEvaluation told) {
                    seen.add(told);
                  }
                })
            .build()
            .run();
    assertThat(objective.shares).containsExactly(0.25, 1.0);
    // 5 starts; half of the 10 gradients that the rest affords on a quarter of the samples.
    assertThat(seen.get(4).cost()).isEqualTo(5);
    assertThat(seen.get(5).cost()).isEqualTo(6);
    double best = seen.get(4).best();
    assertThat(seen.subList(5, 10)).allSatisfy(told -> assertThat(told.best()).isEqualTo(best));
    assertThat(result.evaluations()).isBetween(44, 47);
    assertThat(result.gradients()).isGreaterThan(10);
    assertThat(result.searchScore()).isLessThan(best);
  }

  @Test
  void aSearchThatEndsOnFewerSamplesKeepsWhatItFound() throws IOException {
    GradientSearch.Parameters growing =
        Parts.with(GradientSearch.Parameters.DEFAULTS, Map.of("growth", List.of(0.25)));
    StrategySettings.Start start =
        new StrategySettings.Start(
            basin.emaStarts(), 0, CheckpointMerger.of(window), 200, PRICE, 1);
    SearchResult result = search(growing.create(start), new Tilted("fid", 1, 0), 12).build().run();
    // 5 starts, 6 gradients on a quarter, and their end once more on all samples.
    assertThat(result.gradients()).isEqualTo(6);
    assertThat(result.evaluations()).isEqualTo(12);
    assertThat(result.best().isBaseline()).isFalse();
    assertThat(result.searchScore())
        .isEqualTo(result.history()[11])
        .isLessThan(result.history()[10]);
  }

  @Test
  void returnsTheIterateThatIsBestOnValidationAndReportsTheGap() throws IOException {
    // Tilted so much that the end of the path is far from what validation wants.
    Tilted objective = new Tilted("fid", 1, 0.2);
    SearchResult result = search(strategy(false), objective, 200).finalists(6).build().run();
    List<ScoredCoefficients> finalists = result.candidates().subList(0, 6);
    assertThat(finalists).allSatisfy(f -> assertThat(f.searchScore()).isFinite());
    assertThat(finalists.get(0).searchScore())
        .as("the path's end")
        .isEqualTo(result.history()[result.history().length - 1]);
    assertThat(finalists)
        .allSatisfy(
            f -> assertThat(f.validationScore()).isGreaterThanOrEqualTo(result.validationScore()));
    assertThat(result.best().evaluation())
        .as("an earlier iterate than the last")
        .isLessThan(finalists.get(0).evaluation());
    assertThat(result.gap())
        .isEqualTo(result.validationScore() - result.searchScore())
        .isPositive();

    SearchResult judged =
        search(strategy(false), objective, 200)
            .validation(new Tilted("fid, judged", 77, 0.02))
            .build()
            .run();
    assertThat(judged.gap()).as("of scores of two kinds").isNaN();
  }

  @Test
  void aStochasticSearchSeesNewNoiseAtEveryStep() throws IOException {
    Tilted objective = new Tilted("fid", 1, 0.2);
    SearchResult stochastic = search(strategy(true), objective, 400).build().run();
    assertThat(objective.draws).doesNotContain(0L).doesNotHaveDuplicates().hasSizeGreaterThan(80);
    assertThat(stochastic.gradients()).isEqualTo(objective.draws.size());
    SearchResult fixed = search(strategy(false), new Tilted("fid", 1, 0.2), 400).build().run();
    assertThat(basin.scoreOf(stochastic.coefficients()))
        .as("without the noise")
        .isLessThan(basin.scoreOf(fixed.coefficients()));
    assertThat(stochastic.candidates().get(0).searchScore()).isFinite();
  }

  @Test
  void logsCostAndGradients() throws IOException {
    Path log = directory.resolve("search.csv");
    search(strategy(true), new Tilted("fid", 1, 0.1), 60).log(log).build().run();
    List<SearchEvaluation> rows = SearchLog.read(log);
    double cost = 0;
    int gradients = 0;
    for (SearchEvaluation row : rows) {
      boolean gradient = row.gradients() > gradients;
      cost += gradient ? PRICE : 1;
      gradients += gradient ? 1 : 0;
      assertThat(row.cost()).as("row %d", row.index()).isCloseTo(cost, within(1e-9));
    }
    assertThat(gradients).isGreaterThan(8);
    assertThat(rows).hasSizeGreaterThan(gradients + 7);
  }

  @Test
  void continuesAKilledSearchToTheSameResult() throws IOException {
    for (boolean stochastic : new boolean[] {false, true}) {
      SearchResult whole =
          search(strategy(stochastic), new Tilted("fid", 1, 0.1), 80).build().run();
      Path state = directory.resolve("state-" + stochastic);
      for (int kill : new int[] {1, 2, 5, 3, 1}) {
        int[] left = {kill};
        CheckpointSearch killed =
            search(strategy(stochastic), new Tilted("fid", 1, 0.1), 80)
                .state(state)
                .cancelledBy(() -> left[0]-- == 0)
                .build();
        assertThatThrownBy(killed::run).isInstanceOf(SearchInterruptedException.class);
      }
      SearchResult resumed =
          search(strategy(stochastic), new Tilted("fid", 1, 0.1), 80).state(state).build().run();
      assertThat(resumed.coefficients()).isEqualTo(whole.coefficients());
      assertThat(resumed.history()).isEqualTo(whole.history());
      assertThat(resumed.gradients()).isEqualTo(whole.gradients());
      assertThat(resumed.validationScore()).isEqualTo(whole.validationScore());
    }
  }

  /** Checks of the path, however rare, leave no step out. */
  @Test
  void aStochasticSearchScoresItsEnd() throws IOException {
    StrategySettings.Start start =
        new StrategySettings.Start(basin.emaStarts(), 0, CheckpointMerger.of(window), 60, PRICE, 1);
    for (int stepsPerCheck : new int[] {4, 1000}) {
      SearchStrategy rarely =
          Parts.with(
                  StochasticGradientSearch.Parameters.DEFAULTS,
                  Map.of("stepsPerCheck", stepsPerCheck))
              .create(start);
      SearchResult result = search(rarely, new Tilted("fid", 1, 0), 60).build().run();
      assertThat(result.evaluations()).isLessThanOrEqualTo(60);
      assertThat(result.best().isBaseline()).isFalse();
      assertThat(result.best().evaluation())
          .as("the last score, of every %d steps", stepsPerCheck)
          .isEqualTo(result.history().length - 1);
      assertThat(result.searchScore()).isLessThan(result.history()[6]);
    }
  }

  /** A state of such scores would end a search that was mended as if it had found nothing. */
  @Test
  void aSearchWithoutAFiniteScoreBeginsAgain() throws IOException {
    for (boolean stochastic : new boolean[] {false, true}) {
      Path state = directory.resolve("state-" + stochastic);
      Path log = directory.resolve("log-" + stochastic + ".csv");
      Tilted broken = new Tilted("fid", 1, 0.1);
      broken.broken = true;
      search(strategy(stochastic), broken, 80).state(state).log(log).build().run();
      SearchResult mended =
          search(strategy(stochastic), new Tilted("fid", 1, 0.1), 80)
              .state(state)
              .log(log)
              .build()
              .run();
      SearchResult anew = search(strategy(stochastic), new Tilted("fid", 1, 0.1), 80).build().run();
      assertThat(mended.history()).isEqualTo(anew.history());
      assertThat(mended.coefficients()).isEqualTo(anew.coefficients());
      assertThat(SearchLog.read(log)).hasSize(anew.history().length);
    }
  }

  @Test
  void refusesAnObjectiveWithoutGradient() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                CheckpointSearch.builder(
                        CheckpointMerger.of(window), strategy(false), basin.objective("accuracy"))
                    .build())
        .withMessage(
            "objective accuracy has no gradient: search it by evolution, or search an objective"
                + " that has one and report this one");
  }
}
