package org.lcsc.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.io.ChecksummedFile;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.Objective;
import org.lcsc.objective.StageSeconds;
import org.lcsc.search.strategy.EvolutionarySearch;
import org.lcsc.search.strategy.EvolutionarySearch.Parameters;
import org.lcsc.search.strategy.ScoredCoefficients;
import org.lcsc.search.strategy.SearchStrategy;
import org.nd4j.linalg.api.ndarray.INDArray;

class CheckpointSearchTest {

  private static final int CHECKPOINTS = 20;
  private static final int EVALUATIONS = 60;

  private final SyntheticBasin basin = new SyntheticBasin(5, CHECKPOINTS, 40, 0.01, 1);
  private final CheckpointWindow checkpoints = basin.window();
  private final CheckpointMerger window = CheckpointMerger.of(checkpoints);

  @TempDir private Path directory;

  @AfterEach
  void closeTheWindow() {
    checkpoints.close();
  }

  @Test
  void findsACombinationFarBetterThanTheBestEma() throws IOException {
    SearchResult result =
        search(basin.objective("basin")).budget(SearchBudget.ofEvaluations(1000)).build().run();
    double optimum = basin.optimumInSpan();
    assertThat((result.searchScore() - optimum) / (basin.bestEma() - optimum)).isLessThan(0.5);
    assertThat(basin.scoreOf(result.coefficients()))
        .isCloseTo(result.searchScore(), within(1e-4 * result.searchScore()));
    assertThat(Coefficients.sum(result.coefficients())).isCloseTo(1, within(1e-12));
    assertThat(result.stopReason()).isEqualTo(StopReason.EVALUATIONS);
    assertThat(result.iterations()).isEqualTo(window.iterations());
  }

  @Test
  void usesExactlyTheBudgetAndReportsWhereTheTimeWent() throws IOException {
    Flaky objective = new Flaky(basin.objective("basin"));
    SearchResult result = search(objective).build().run();
    assertThat(objective.calls).isEqualTo(EVALUATIONS);
    assertThat(result.evaluations()).isEqualTo(EVALUATIONS);
    assertThat(result.searchSeconds().sampling()).isEqualTo(EVALUATIONS);
    assertThat(result.searchSeconds().merging()).isPositive();
    assertThat(result.history()).hasSize(EVALUATIONS);
    for (int i = 1; i < EVALUATIONS; i++) {
      assertThat(result.history()[i]).isLessThanOrEqualTo(result.history()[i - 1]);
    }
    assertThat(result.searchScore()).isEqualTo(result.history()[EVALUATIONS - 1]);
    assertThat(result.validationScore()).isNaN();
  }

  @Test
  void killedAfterAnyEvaluationItContinuesToTheSameBits() throws IOException {
    Path wholeLog = directory.resolve("whole.csv");
    SearchResult whole = validated(new Flaky(basin.objective("basin"))).log(wholeLog).build().run();
    List<SearchEvaluation> wholeRows = SearchLog.read(wholeLog);
    // 7 initial candidates, then generations of 16: borders at 7, 23, 39, 55.
    for (int kill : new int[] {0, 1, 6, 7, 8, 22, 23, 24, 39, 50, 55, 59}) {
      Path state = directory.resolve("state-" + kill);
      Path log = directory.resolve("log-" + kill + ".csv");
      Flaky dying = new Flaky(basin.objective("basin"));
      dying.diesAt = kill;
      assertThatIllegalStateException()
          .isThrownBy(() -> validated(dying).state(state).log(log).build().run())
          .withMessage("killed");
      Flaky rest = new Flaky(basin.objective("basin"));
      SearchResult resumed = validated(rest).state(state).log(log).build().run();
      assertThat(rest.calls).as("evaluations repeated").isEqualTo(EVALUATIONS - kill);
      assertSame(resumed, whole);
      assertThat(SearchLog.read(log))
          .usingRecursiveComparison()
          .ignoringFields("seconds")
          .withEqualsForType(Double::equals, Double.class)
          .isEqualTo(wholeRows);
    }
  }

  @Test
  void theStateFileIsCurrentWhileTheSearchRuns() throws IOException {
    SearchResult whole = validated(basin.objective("basin")).build().run();
    Path state = directory.resolve("state");
    Path log = directory.resolve("log.csv");
    AtomicLong now = new AtomicLong();
    Flaky objective = new Flaky(basin.objective("basin"));
    // Copied inside an evaluation: what a SIGKILL at that moment leaves behind.
    objective.afterwards =
        () -> {
          now.addAndGet(2_000_000_000);
          if (objective.calls % 11 == 10) {
            copy(state, directory.resolve("state-" + objective.calls));
            copy(log, directory.resolve("log-" + objective.calls));
          }
        };
    validated(objective).state(state).log(log).clock(now::get).build().run();
    for (int running = 10; running < EVALUATIONS; running += 11) {
      Flaky rest = new Flaky(basin.objective("basin"));
      Path left = directory.resolve("log-" + running);
      SearchResult resumed =
          validated(rest).state(directory.resolve("state-" + running)).log(left).build().run();
      assertThat(rest.calls).as("the running one again").isEqualTo(EVALUATIONS - running + 1);
      assertSame(resumed, whole);
      assertThat(SearchLog.read(left)).hasSize(EVALUATIONS);
    }
  }

  private static void copy(Path from, Path to) {
    try {
      Files.copy(from, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void killedWhileValidatingItValidatesTheRest() throws IOException {
    SearchResult whole = validated(basin.objective("basin")).build().run();
    Path state = directory.resolve("state");
    Flaky validation = new Flaky(shifted());
    validation.diesAt = 3;
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                validated(basin.objective("basin"))
                    .validation(validation)
                    .state(state)
                    .build()
                    .run());
    Flaky rest = new Flaky(shifted());
    SearchResult resumed =
        validated(basin.objective("basin")).validation(rest).state(state).build().run();
    assertThat(rest.calls).isEqualTo(whole.candidates().size() - 3);
    assertSame(resumed, whole);
  }

  @Test
  void aLargerBudgetContinuesAFinishedSearch() throws IOException {
    Path state = directory.resolve("state");
    SearchResult whole = validated(basin.objective("basin")).build().run();
    Flaky objective = new Flaky(basin.objective("basin"));
    validated(objective).budget(SearchBudget.ofEvaluations(30)).state(state).build().run();
    SearchResult continued = validated(objective).state(state).build().run();
    assertThat(objective.calls).isEqualTo(EVALUATIONS);
    assertSame(continued, whole);
    assertThat(validated(objective).state(state).build().run().evaluations())
        .isEqualTo(EVALUATIONS);
    assertThat(objective.calls).as("a finished search evaluates nothing").isEqualTo(EVALUATIONS);
  }

  @Test
  void cancelledOrInterruptedItKeepsItsStateAndRunsOn() throws IOException {
    SearchResult whole = validated(basin.objective("basin")).build().run();
    Flaky objective = new Flaky(basin.objective("basin"));
    Path state = directory.resolve("state");
    CheckpointSearch search =
        validated(objective).cancelledBy(() -> objective.calls == 10).state(state).build();
    assertThatExceptionOfType(SearchInterruptedException.class)
        .isThrownBy(search::run)
        .withMessage("search interrupted after 10 evaluations");
    Thread.currentThread().interrupt();
    objective.calls = 1000;
    assertThatExceptionOfType(SearchInterruptedException.class).isThrownBy(search::run);
    assertThat(Thread.interrupted()).as("interrupt status is kept").isTrue();
    assertThat(state).exists();
    assertSame(search.run(), whole);
  }

  @Test
  void withoutAStateFileASecondCallContinuesToo() throws IOException {
    SearchResult whole = validated(basin.objective("basin")).build().run();
    Flaky objective = new Flaky(basin.objective("basin"));
    objective.diesAt = 33;
    CheckpointSearch search = validated(objective).build();
    assertThatIllegalStateException().isThrownBy(search::run);
    objective.diesAt = -1;
    assertSame(search.run(), whole);
    assertThat(objective.calls).isEqualTo(EVALUATIONS + 1);
  }

  @Test
  void startsAgainWithoutACheckpointThatTheWindowLost() throws IOException {
    Path log = directory.resolve("log.csv");
    for (int diesAt : new int[] {1, 30, EVALUATIONS - 1}) {
      Path state = directory.resolve("state-" + diesAt);
      Flaky dying = new Flaky(basin.objective("basin"));
      dying.diesAt = diesAt;
      assertThatIllegalStateException()
          .isThrownBy(() -> validated(dying).state(state).log(log).build().run());
      SortedMap<Long, INDArray> left = new TreeMap<>();
      for (int k = 0; k < CHECKPOINTS; k++) {
        if (k != 3 && k != CHECKPOINTS - 1) {
          left.put(window.iterations()[k], checkpoints.checkpoint(k));
        }
      }
      try (CheckpointWindow fewer = CheckpointWindow.ofCheckpoints(left)) {
        double[][] starts = {new double[left.size()]};
        Arrays.fill(starts[0], 1.0 / left.size());
        Supplier<CheckpointSearchBuilder> search =
            () ->
                CheckpointSearch.builder(
                        CheckpointMerger.of(fewer),
                        new EvolutionarySearch(starts, 3),
                        basin.objective("basin"))
                    .budget(SearchBudget.ofEvaluations(EVALUATIONS));
        assertThatIllegalArgumentException()
            .isThrownBy(() -> search.get().state(state).build().run())
            .withMessageContaining("is of another search: ");
        SearchResult again =
            search.get().state(state).log(log).restartWithoutLostCheckpoints().build().run();
        SearchResult fresh = search.get().build().run();
        assertThat(again.history()).isEqualTo(fresh.history());
        assertThat(again.coefficients()).isEqualTo(fresh.coefficients());
        assertThat(SearchLog.read(log)).hasSize(EVALUATIONS);
      }
      // More checkpoints than the state's are those of another search.
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  validated(basin.objective("basin"))
                      .state(state)
                      .restartWithoutLostCheckpoints()
                      .build()
                      .run())
          .withMessageContaining("is of another search: ");
    }
  }

  @Test
  void refusesTheStateOfAnotherSearch() throws IOException {
    Path state = directory.resolve("state");
    search(basin.objective("basin")).state(state).build().run();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search(basin.objective("other")).state(state).build().run())
        .withMessage("the saved state is of another search: objective basin, here other");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> search(basin.objective("basin")).identity("seed 2").state(state).build().run())
        .withMessage("the saved state is of another search: identity none, here seed 2");
    Files.write(state, new byte[] {1, 2, 3});
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> search(basin.objective("basin")).state(state).build().run())
        .withMessageContaining("is damaged");
    ChecksummedFile.write(state, 0x4c4353437372c407L, out -> out.writeInt(1));
    assertThatExceptionOfType(IOException.class)
        .as("a state of the version before")
        .isThrownBy(() -> search(basin.objective("basin")).state(state).build().run())
        .withMessageContaining("another version of this program");
  }

  @Test
  void refusesADamagedState() throws IOException {
    Path state = directory.resolve("state");
    search(basin.objective("basin")).state(state).build().run();
    byte[] bytes = Files.readAllBytes(state);
    bytes[bytes.length / 2] ^= 1;
    Files.write(state, bytes);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> search(basin.objective("basin")).state(state).build().run())
        .withMessageContaining("checksum");
  }

  @Test
  void nonFiniteScoresAreCountedAndNeverWin() throws IOException {
    Flaky objective = new Flaky(basin.objective("basin"));
    objective.nanEvery = 3;
    SearchResult result = validated(objective).build().run();
    assertThat(result.nonFinite()).isEqualTo(EVALUATIONS / 3);
    assertThat(result.isUsable()).isTrue();
    assertThat(result.searchScore()).isFinite();
    assertThat(result.history()[0]).as("NaN came first").isInfinite();
  }

  @Test
  void aBaselineThatBrokeInTheSearchCannotWinOnValidation() throws IOException {
    Flaky objective = new Flaky(basin.objective("basin"));
    objective.nanEvery = EVALUATIONS;
    Objective lovesTheFirst =
        Objective.of(
            "loves the first baseline",
            parameters -> {
              double[] first = basin.merged(basin.emaStarts()[0]);
              double[] here = parameters.dup().data().asDouble();
              double distance = 0;
              for (int i = 0; i < here.length; i++) {
                distance += Math.abs(here[i] - first[i]);
              }
              return distance;
            });
    SearchResult result = validated(objective).validation(lovesTheFirst).build().run();
    assertThat(result.nonFinite()).isEqualTo(1);
    assertThat(result.candidates()).last().extracting(ScoredCoefficients::label).isEqualTo("ema");
    assertThat(result.best().label()).isNotEqualTo("ema");
  }

  @Test
  void aSearchWithoutAnyFiniteScoreSaysThatItIsNotUsable() throws IOException {
    Flaky objective = new Flaky(basin.objective("basin"));
    objective.nanEvery = 1;
    SearchResult result = search(objective).build().run();
    assertThat(result.isUsable()).isFalse();
    assertThat(result.nonFinite()).isEqualTo(EVALUATIONS);
    assertThat(result.coefficients()).hasSize(CHECKPOINTS);
  }

  @Test
  void validationPicksAmongFinalistsAndBaselines() throws IOException {
    // The validation likes the negative of what the search likes: the worst of the finalists.
    Objective opposite =
        new Objective() {
          @Override
          public String name() {
            return "opposite";
          }

          @Override
          public Evaluation evaluate(INDArray parameters) {
            Evaluation evaluation = basin.objective("basin").evaluate(parameters);
            return new Evaluation(-evaluation.score(), evaluation.seconds());
          }
        };
    SearchResult finalists =
        search(basin.objective("basin")).validation(opposite).finalists(3).build().run();
    assertThat(finalists.candidates()).hasSize(3);
    assertThat(finalists.best()).isEqualTo(finalists.candidates().get(2));
    assertThat(finalists.candidates()).extracting(ScoredCoefficients::searchScore).isSorted();

    double[] last = new double[CHECKPOINTS];
    last[CHECKPOINTS - 1] = 1;
    SearchResult baseline =
        search(basin.objective("basin"))
            .validation(opposite)
            .baselines(Map.of("last", last))
            .build()
            .run();
    assertThat(baseline.best().label()).isEqualTo("last");
    assertThat(baseline.best().evaluation()).isEqualTo(-1);
    assertThat(baseline.searchScore()).isNaN();
    assertThat(baseline.coefficients()).containsExactly(last);
    assertThat(baseline.validationSeconds().sampling()).isEqualTo(6);
  }

  @Test
  void whatLiesBetweenTheBestBaselineAndTheBestFinalistIsValidatedTooAndResumes()
      throws IOException {
    double[] last = new double[CHECKPOINTS];
    last[CHECKPOINTS - 1] = 1;
    double found = search(basin.objective("basin")).build().run().searchScore();
    double wanted = found + 0.3 * (basin.scoreOf(last) - found);
    Supplier<Flaky> between = () -> new Flaky(nearestTo(wanted));
    SearchResult whole =
        search(basin.objective("basin"))
            .baselines(Map.of("last", last))
            .finalists(2)
            .validation(between.get())
            .shrinkage(0.75, 0.5, 0.25)
            .build()
            .run();
    assertThat(whole.candidates()).hasSize(6);
    String finalist = whole.candidates().get(1).label();
    assertThat(whole.candidates().get(3).label())
        .isEqualTo(finalist + ", 0.75 of the way from last");
    assertThat(whole.candidates()).filteredOn(ScoredCoefficients::isBaseline).hasSize(1);
    assertThat(whole.best()).isIn(whole.candidates().subList(3, 6));
    assertThat(whole.searchScore()).as("never scored on the search's noise").isNaN();
    double[] half = whole.candidates().get(4).coefficients();
    for (int k = 0; k < CHECKPOINTS; k++) {
      double middle = 0.5 * (whole.candidates().get(1).coefficients()[k] + last[k]);
      assertThat(half[k]).isCloseTo(middle, within(1e-12));
    }

    for (int diesAt = 0; diesAt < 6; diesAt++) {
      Path state = directory.resolve("between-" + diesAt);
      Flaky dying = between.get();
      dying.diesAt = diesAt;
      for (Flaky validation : List.of(dying, between.get())) {
        CheckpointSearch search =
            search(basin.objective("basin"))
                .baselines(Map.of("last", last))
                .finalists(2)
                .validation(validation)
                .shrinkage(0.75, 0.5, 0.25)
                .state(state)
                .build();
        if (validation == dying) {
          assertThatIllegalStateException().isThrownBy(search::run);
        } else {
          assertSame(search.run(), whole);
          assertThat(validation.calls).isEqualTo(6 - diesAt);
        }
      }
    }
  }

  /** The nearer the basin's score is to a value, the better. */
  private Objective nearestTo(double wanted) {
    Objective scored = basin.objective("basin");
    return Objective.of(
        "nearest to " + wanted,
        parameters -> Math.abs(scored.evaluate(parameters).score() - wanted));
  }

  @Test
  void aBaselineThatTheSearchEvaluatedBearsItsSearchScore() throws IOException {
    SearchResult result =
        search(basin.objective("basin"))
            .baselines(Map.of("ema", basin.emaStarts()[2]))
            .build()
            .run();
    ScoredCoefficients ema =
        result.candidates().stream().filter(c -> c.label().equals("ema")).findAny().orElseThrow();
    assertThat(ema.evaluation()).isEqualTo(2);
    assertThat(ema.searchScore()).isCloseTo(basin.scoreOf(basin.emaStarts()[2]), within(1e-4));
  }

  @Test
  void differentSeedsSearchDifferently() throws IOException {
    SearchResult first = search(basin.objective("basin")).build().run();
    SearchResult second =
        CheckpointSearch.builder(
                window, new EvolutionarySearch(basin.emaStarts(), 12), basin.objective("basin"))
            .budget(SearchBudget.ofEvaluations(EVALUATIONS))
            .build()
            .run();
    assertThat(second.coefficients()).isNotEqualTo(first.coefficients());
  }

  @Test
  void stopsAtTheTargetAndAtTheTimeLimit() throws IOException {
    double reachable = search(basin.objective("basin")).build().run().history()[40];
    SearchResult target =
        search(basin.objective("basin"))
            .budget(new SearchBudget(1000, Double.POSITIVE_INFINITY, reachable))
            .build()
            .run();
    assertThat(target.stopReason()).isEqualTo(StopReason.TARGET);
    assertThat(target.evaluations()).isLessThanOrEqualTo(41);
    assertThat(target.searchScore()).isLessThanOrEqualTo(reachable);

    AtomicLong now = new AtomicLong();
    Flaky slow = new Flaky(basin.objective("basin"));
    slow.afterwards = () -> now.addAndGet(1_000_000_000);
    SearchResult time =
        search(slow)
            .budget(new SearchBudget(1000, 9.5, Double.NEGATIVE_INFINITY))
            .clock(now::get)
            .build()
            .run();
    assertThat(time.stopReason()).isEqualTo(StopReason.TIME);
    assertThat(time.evaluations()).isEqualTo(10);
    assertThat(time.totalSeconds()).isCloseTo(10, within(1e-9));
  }

  @Test
  void blocksOfAnyHeightGiveTheBudgetedEvaluations() throws IOException {
    for (int rows : new int[] {1, 5, 100}) {
      SearchResult result = search(basin.objective("basin")).mergeRows(rows).build().run();
      assertThat(result.evaluations()).isEqualTo(EVALUATIONS);
      assertThat(basin.scoreOf(result.coefficients()))
          .isCloseTo(result.searchScore(), within(1e-4));
    }
  }

  @Test
  void tellsListenersOfEveryEvaluationAndValidation() throws IOException {
    List<Integer> evaluated = new ArrayList<>();
    List<String> validated = new ArrayList<>();
    validated(basin.objective("basin"))
        .listener(
            new SearchListener() {
              @Override
              public void evaluated(SearchEvaluation evaluation) {
                evaluated.add(evaluation.index());
              }

              @Override
              public void validated(ScoredCoefficients candidate, int done, int total) {
                validated.add(done + "/" + total);
                assertThat(candidate.validationScore()).isFinite();
              }
            })
        .build()
        .run();
    assertThat(evaluated).hasSize(EVALUATIONS).isSorted().doesNotHaveDuplicates();
    assertThat(validated).startsWith("1/6").endsWith("6/6").hasSize(6);
  }

  @Test
  void refusesAWindowOfOneCheckpoint() {
    SyntheticBasin one = new SyntheticBasin(1, 1, 4, 0, 1);
    try (CheckpointWindow single = one.window()) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  CheckpointSearch.builder(
                          CheckpointMerger.of(single),
                          new EvolutionarySearch(basin.emaStarts(), 1),
                          one.objective("basin"))
                      .build())
          .withMessage("a search needs at least 2 checkpoints, the window holds 1");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                CheckpointSearch.builder(
                        window,
                        new EvolutionarySearch(new double[][] {{0.5, 0.5}}, 1),
                        basin.objective("basin"))
                    .build())
        .withMessage("the strategy proposes 2 coefficients, the window holds 20 checkpoints");
  }

  private CheckpointSearchBuilder search(Objective objective) {
    SearchStrategy strategy = new EvolutionarySearch(basin.emaStarts(), Parameters.DEFAULTS, 11);
    return CheckpointSearch.builder(window, strategy, objective)
        .budget(SearchBudget.ofEvaluations(EVALUATIONS));
  }

  private CheckpointSearchBuilder validated(Objective objective) {
    return search(objective).validation(shifted()).baselines(Map.of("ema", basin.emaStarts()[0]));
  }

  /** Another metric with nearly the same landscape. */
  private static Objective shifted() {
    return new SyntheticBasin(5, CHECKPOINTS, 40, 0.02, 1).objective("validation");
  }

  private static void assertSame(SearchResult actual, SearchResult expected) {
    assertThat(actual)
        .usingRecursiveComparison()
        .ignoringFields("totalSeconds", "searchSeconds", "validationSeconds")
        .withEqualsForType(Double::equals, Double.class)
        .isEqualTo(expected);
    StageSeconds spent = actual.searchSeconds();
    assertThat(spent.sampling()).isEqualTo(expected.searchSeconds().sampling());
  }
}
