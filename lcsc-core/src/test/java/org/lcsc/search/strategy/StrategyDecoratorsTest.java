package org.lcsc.search.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.search.CheckpointSearch;
import org.lcsc.search.Flaky;
import org.lcsc.search.SearchBudget;
import org.lcsc.search.SearchEvaluation;
import org.lcsc.search.SearchLog;
import org.lcsc.search.SearchResult;
import org.lcsc.search.Searches;
import org.lcsc.search.SyntheticBasin;
import org.lcsc.search.WarmStart;

/** Racing, penalty, chains and warm starts. */
class StrategyDecoratorsTest {

  private static final long SEED = 5;

  private final SyntheticBasin basin = new SyntheticBasin(4, 24, 48, 0, 1);

  @TempDir private Path directory;

  private SearchStrategy evolution() {
    return new EvolutionarySearch(basin.emaStarts(), SEED);
  }

  private SearchStrategy cma(double[][] starts) {
    return new CmaEs(
        "cma-es", SearchDirections.coefficients(24, 1), starts, CmaEs.Parameters.SEPARABLE, SEED);
  }

  @Test
  void aRaceScoresAllOnAShareAndTheBestOnAll() {
    RacingSearch race = new RacingSearch(evolution(), 0.25, 0.25);
    assertThat(race.fidelity()).as("the starts are the baselines").isEqualTo(1);
    race.tell(scores(race.ask(), basin::scoreOf));
    double[][] all = race.ask();
    assertThat(race.fidelity()).isEqualTo(0.25);
    double[] few = scores(all, c -> basin.scoreOf(c) + 3);
    few[0] = Double.NaN;
    race.tell(few);
    assertThat(race.fidelity()).isEqualTo(1);
    double[][] survivors = race.ask();
    assertThat(survivors).hasDimensions(all.length / 4, 24);
    double worst = Arrays.stream(scores(survivors, basin::scoreOf)).max().orElseThrow();
    List<double[]> kept = List.of(survivors);
    for (int i = 1; i < all.length; i++) {
      double[] candidate = all[i];
      if (kept.stream().noneMatch(k -> Arrays.equals(k, candidate))) {
        assertThat(basin.scoreOf(candidate)).isGreaterThanOrEqualTo(worst);
      }
    }
    race.tell(scores(survivors, basin::scoreOf));
    assertThat(race.fidelity()).isEqualTo(0.25);
  }

  @Test
  void droppedCandidatesRankBehindTheSurvivorsInTheOrderOfTheFirstRound() {
    List<double[]> told = new ArrayList<>();
    SearchStrategy recording = new Recording(evolution(), told);
    RacingSearch race = new RacingSearch(recording, 0.5, 0.5);
    race.tell(scores(race.ask(), c -> 1));
    double[] few = new double[race.ask().length];
    for (int i = 0; i < few.length; i++) {
      few[i] = 100 + i;
    }
    race.tell(few);
    double[] full = new double[race.ask().length];
    Arrays.fill(full, 2);
    race.tell(full);
    double[] combined = told.get(1);
    int half = few.length / 2;
    assertThat(Arrays.copyOf(combined, half)).containsOnly(2);
    for (int i = half; i < combined.length; i++) {
      assertThat(combined[i]).isEqualTo(2 + (i - half + 1));
    }

    // A survivor without a score takes none of the others theirs.
    race.tell(few.length == race.ask().length ? few : scores(race.ask(), c -> 1));
    full = new double[race.ask().length];
    Arrays.fill(full, 2);
    full[half - 1] = Double.NaN;
    race.tell(full);
    combined = told.get(2);
    assertThat(combined[half - 1]).isNaN();
    assertThat(combined[half]).isEqualTo(2 + 2);
  }

  @Test
  void theBudgetCountsSharesAndOnlyFullScoresWin() throws IOException {
    try (CheckpointWindow checkpoints = basin.window()) {
      CheckpointMerger window = CheckpointMerger.of(checkpoints);
      Flaky.OfSamples objective = new Flaky.OfSamples(basin.objective("basin"), 100);
      Path log = directory.resolve("search.csv");
      SearchResult result =
          CheckpointSearch.builder(window, new RacingSearch(evolution(), 0.25, 0.25), objective)
              .budget(SearchBudget.ofEvaluations(47))
              .log(log)
              .build()
              .run();
      // 7 starts, then generations of 16 quarters and 4 whole evaluations: 5 of them.
      assertThat(result.evaluations()).isEqualTo(47);
      double sum = objective.shares.stream().mapToDouble(Double::doubleValue).sum();
      double cost = objective.calls - objective.shares.size() + sum;
      assertThat(cost).isCloseTo(47, within(1e-9));
      List<SearchEvaluation> rows = SearchLog.read(log);
      assertThat(rows)
          .hasSize(7 + 5 * 20)
          .last()
          .extracting(SearchEvaluation::cost)
          .isEqualTo(47.0);
      // Scores on a share are 10 less: none of them is taken for the best.
      assertThat(result.searchScore())
          .isCloseTo(basin.scoreOf(result.coefficients()), within(1e-4))
          .isPositive();
    }
  }

  @Test
  void aKilledRaceContinuesToTheSameBits() throws IOException {
    try (CheckpointWindow checkpoints = basin.window()) {
      CheckpointMerger window = CheckpointMerger.of(checkpoints);
      double[] expected = race(window, directory.resolve("whole.bin"), -1).coefficients();
      for (int kill : new int[] {6, 9, 15, 20, 26, 27}) {
        Path state = directory.resolve("state-" + kill);
        assertThatIllegalStateException(() -> race(window, state, kill));
        assertThat(Files.exists(state)).isTrue();
        assertThat(race(window, state, -1).coefficients())
            .as("killed at %d", kill)
            .containsExactly(expected);
      }
    }
  }

  private static void assertThatIllegalStateException(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    org.assertj.core.api.Assertions.assertThatIllegalStateException().isThrownBy(call);
  }

  private SearchResult race(CheckpointMerger window, Path state, int kill) throws IOException {
    Flaky.OfSamples objective = new Flaky.OfSamples(basin.objective("basin"), 100);
    objective.diesAt = kill;
    return CheckpointSearch.builder(window, new RacingSearch(evolution(), 0.25, 0.25), objective)
        .budget(SearchBudget.ofEvaluations(40))
        .state(state)
        .build()
        .run();
  }

  @Test
  void racingRefusesAnObjectiveWithoutShares() {
    try (CheckpointWindow checkpoints = basin.window()) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  CheckpointSearch.builder(
                          CheckpointMerger.of(checkpoints),
                          new RacingSearch(evolution(), 0.25, 0.25),
                          basin.objective("basin"))
                      .build()
                      .run())
          .withMessageContaining("not possible with the objective basin");
    }
  }

  @Test
  void aPenaltyShortensTheCoefficients() {
    double free = length(new PenalisedSearch(evolution(), 0));
    double penalised = length(new PenalisedSearch(evolution(), 5));
    assertThat(penalised).isLessThan(0.7 * free);
  }

  /** Mean squared length of the last generation's candidates. */
  private double length(SearchStrategy search) {
    Searches.best(search, basin::scoreOf, 600);
    double sum = 0;
    for (double[] candidate : search.ask()) {
      sum += Arrays.stream(candidate).map(a -> a * a).sum() / search.ask().length;
    }
    return sum;
  }

  @Test
  void snapshotsOfAllContinueToTheSameBits() {
    Searches.assertContinues(
        () -> new RacingSearch(new PenalisedSearch(evolution(), 0.1), 0.5, 0.3), basin::scoreOf, 9);
  }

  @Test
  void aWarmStartKeepsCheckpointsOrAges() {
    double[][] starts =
        WarmStart.candidates(
            new long[] {10, 20, 30, 40},
            new double[] {0.5, -0.5, 0.2, 0.8},
            new long[] {30, 40, 50});
    assertThat(starts).hasDimensions(2, 3);
    assertThat(starts[0]).containsExactly(new double[] {0.2, 0.8, 0}, within(1e-15));
    assertThat(starts[1]).containsExactly(new double[] {-1, 0.4, 1.6}, within(1e-15));
  }

  @Test
  void aWarmStartLeavesOutWhatCannotBeNormalised() {
    assertThat(
            WarmStart.candidates(
                new long[] {1, 2, 3}, new double[] {1, 1, -1}, new long[] {2, 3, 4, 5}))
        .hasNumberOfRows(1);
    assertThat(WarmStart.candidates(new long[] {1, 2}, new double[] {0.5, 0.5}, new long[] {1, 2}))
        .isDeepEqualTo(new double[][] {{0.5, 0.5}});
  }

  private static double[] scores(double[][] candidates, ToDoubleFunction<double[]> function) {
    return Arrays.stream(candidates).mapToDouble(function).toArray();
  }

  /** Keeps what it is told. */
  private record Recording(SearchStrategy strategy, List<double[]> told) implements SearchStrategy {
    @Override
    public String name() {
      return strategy.name();
    }

    @Override
    public int dimension() {
      return strategy.dimension();
    }

    @Override
    public double[][] ask() {
      return strategy.ask();
    }

    @Override
    public void tell(double[] scores) {
      told.add(scores.clone());
      strategy.tell(scores);
    }

    @Override
    public byte[] snapshot() {
      return strategy.snapshot();
    }

    @Override
    public void restore(byte[] snapshot) {
      strategy.restore(snapshot);
    }
  }
}
