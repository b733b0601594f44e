package org.lcsc.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.lcsc.search.TwoCombinations.K;
import static org.lcsc.search.TwoCombinations.PRICE;
import static org.lcsc.search.TwoCombinations.SEED;
import static org.lcsc.search.TwoCombinations.cma;
import static org.lcsc.search.TwoCombinations.collecting;
import static org.lcsc.search.TwoCombinations.starts;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.checkpoint.ParameterGroups.Segment;
import org.lcsc.config.Parts;
import org.lcsc.search.strategy.Algorithm1;
import org.lcsc.search.strategy.CmaEs;
import org.lcsc.search.strategy.EvolutionarySearch;
import org.lcsc.search.strategy.GradientSearch;
import org.lcsc.search.strategy.SearchDirections;
import org.lcsc.search.strategy.SearchStrategy;

/** Searches of coefficients for each of several groups of parameters. */
class GroupedSearchTest {

  private static final int P = 60;

  private static final ParameterGroups GROUPS =
      new ParameterGroups(
          List.of("encoder", "decoder"),
          List.of(new Segment(0, 0, 17), new Segment(1, 17, 45), new Segment(0, 45, P)));

  private final TwoCombinations two = TwoCombinations.ofGroups(GROUPS);
  private final CheckpointMerger merger = two.merger;

  @TempDir Path directory;

  @AfterEach
  void close() {
    two.close();
  }

  private SearchStrategy evolution(EvolutionarySearch.Parameters parameters, double limit) {
    return new EvolutionarySearch(
        starts(2), Parts.with(parameters, Map.of("limit", limit)), 2, SEED);
  }

  private List<Supplier<SearchStrategy>> strategies() {
    return List.of(
        () -> GradientSearches.gradient(starts(2), merger),
        () ->
            new GradientSearch(
                SearchDirections.coefficients(K, 2), starts(2), GradientSearch.Parameters.DEFAULTS),
        () -> GradientSearches.stochastic(starts(2), merger),
        two::gradientFirst,
        () -> evolution(EvolutionarySearch.Parameters.DEFAULTS, 5),
        () -> evolution(new Algorithm1().parameters(), 1e9),
        () -> cma(SearchDirections.coefficients(K, 2), CmaEs.Parameters.SEPARABLE),
        () ->
            cma(
                SearchDirections.coefficients(K, 2),
                Parts.with(CmaEs.Parameters.SEPARABLE, Map.of("convex", true))),
        two::componentCma);
  }

  @Test
  void theGradientByGroupIsThatOfFiniteDifferences() {
    double[] at = Coefficients.repeated(new double[] {0.3, -0.1, 0.4, 0.1, 0.5, -0.2}, 2);
    at[K] += 0.2;
    at[K + 1] -= 0.2;
    double[] slopes = two.slopes(at);
    assertThat(slopes).hasSize(2 * K);
    for (int k = 0; k < slopes.length; k++) {
      // Quadratic: the difference is exact but for rounding at any step.
      double[] up = at.clone();
      double[] down = at.clone();
      up[k] += 0.25;
      down[k] -= 0.25;
      assertThat(slopes[k])
          .as("coefficient %d", k)
          .isCloseTo((exact(up) - exact(down)) / 0.5, within(1e-3));
    }
  }

  /** The score in double precision, group by group. */
  private double exact(double[] coefficients) {
    double score = 0;
    for (int i = 0; i < P; i++) {
      double value = -two.target[i];
      for (int k = 0; k < K; k++) {
        value += coefficients[(i >= 17 && i < 45 ? K : 0) + k] * two.theta[k][i];
      }
      score += value * value;
    }
    return score;
  }

  @Test
  void everyCandidateOfEveryStrategySumsToOneInEveryGroup() throws IOException {
    for (Supplier<SearchStrategy> strategy : strategies()) {
      SearchResult result = two.searchKeepingSums(strategy.get());
      assertThat(result.searchScore()).isCloseTo(result.validationScore(), within(1e-3));
      assertThat(result.searchScore())
          .as("%s improves on its starts", result.strategy())
          .isLessThan(Math.min(exact(starts(2)[0]), exact(starts(2)[1])));
    }
  }

  @Test
  void groupsFindWhatNoSingleVectorCan() throws IOException {
    CheckpointMerger ungrouped = CheckpointMerger.of(two.window);
    SearchResult single =
        CheckpointSearch.builder(
                ungrouped, GradientSearches.gradient(starts(1), ungrouped), two.distance)
            .budget(SearchBudget.ofEvaluations(200))
            .build()
            .run();
    SearchResult grouped =
        two.search(GradientSearches.gradient(starts(2), merger), 200).build().run();
    assertThat(single.searchScore()).as("best single vector").isGreaterThan(10);
    assertThat(grouped.searchScore()).as("best of groups").isLessThan(1e-6);
    SearchResult evolved =
        two.search(evolution(EvolutionarySearch.Parameters.DEFAULTS, 5), 1500).build().run();
    assertThat(evolved.searchScore()).isLessThan(0.5 * single.searchScore());
  }

  @Test
  void evolutionGoesOnFromThePathOfTheGradients() throws IOException {
    List<SearchEvaluation> rows = new ArrayList<>();
    SearchResult result =
        two.search(two.gradientFirst(), 200).listener(collecting(rows)).build().run();
    assertThat(result.gradients()).isEqualTo(4);
    assertThat(result.evaluations()).isEqualTo(200);
    // 2 starts, 4 gradients, then scores alone.
    assertThat(rows).hasSize(2 + 4 + (200 - 2 - 4 * PRICE));
    assertThat(result.searchScore()).isLessThan(rows.get(5).best());
    assertThat(result.candidates().get(0).evaluation()).isGreaterThan(5);
    assertThat(result.candidates())
        .as("points of the path are finalists too")
        .anySatisfy(c -> assertThat(c.evaluation()).isBetween(2, 5));
  }

  @Test
  void continuesAKilledSearchToTheSameBits() throws IOException {
    int index = 0;
    for (Supplier<SearchStrategy> strategy : strategies()) {
      SearchResult whole = two.search(strategy.get(), 70).build().run();
      Path state = directory.resolve("state-" + index++);
      for (int kill : new int[] {1, 2, 5, 3, 11}) {
        int[] left = {kill};
        CheckpointSearch killed =
            two.search(strategy.get(), 70).state(state).cancelledBy(() -> left[0]-- == 0).build();
        assertThatThrownBy(killed::run).isInstanceOf(SearchInterruptedException.class);
      }
      SearchResult resumed = two.search(strategy.get(), 70).state(state).build().run();
      assertThat(resumed.coefficients()).as(whole.strategy()).isEqualTo(whole.coefficients());
      assertThat(resumed.history()).isEqualTo(whole.history());
      assertThat(resumed.gradients()).isEqualTo(whole.gradients());
    }
  }

  @Test
  void theStateOfOtherGroupsIsRefused() throws IOException {
    Path state = directory.resolve("state");
    two.search(GradientSearches.gradient(starts(2), merger), 20).state(state).build().run();
    ParameterGroups others =
        new ParameterGroups(GROUPS.names(), List.of(new Segment(0, 0, 30), new Segment(1, 30, P)));
    CheckpointMerger other = CheckpointMerger.of(two.window, others);
    CheckpointSearch search =
        two.search(other, GradientSearches.gradient(starts(2), other), 20).state(state).build();
    assertThatIllegalArgumentException()
        .isThrownBy(search::run)
        .withMessageContaining("the saved state is of another search: groups encoder, decoder")
        .withMessageNotContaining("\n");
  }

  @Test
  void aStrategyOfOneGroupIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> two.search(new EvolutionarySearch(starts(1), SEED), 10).build())
        .withMessage(
            "the strategy proposes 6 coefficients, the window holds 6 checkpoints in 2 groups");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new EvolutionarySearch(starts(1), EvolutionarySearch.Parameters.DEFAULTS, 4, SEED))
        .withMessage("candidates of 6 coefficients cannot be divided into 4 groups");
  }

  @Test
  void aWarmStartKeepsTheCoefficientsOfEveryGroup() {
    double[][] carried =
        WarmStart.candidates(
            new long[] {10, 20, 30},
            new double[] {0.2, 0.3, 0.5, 2, -2, 1},
            new long[] {20, 30, 40});
    assertThat(carried).hasDimensions(2, 6);
    assertThat(carried[1]).containsExactly(0.2, 0.3, 0.5, 2, -2, 1);
  }
}
