package org.lcsc.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.lcsc.search.TwoCombinations.K;
import static org.lcsc.search.TwoCombinations.cma;
import static org.lcsc.search.TwoCombinations.evolution;
import static org.lcsc.search.TwoCombinations.starts;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.checkpoint.ParameterGroups.Segment;
import org.lcsc.config.Parts;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.strategy.CmaEs;
import org.lcsc.search.strategy.PenalisedSearch;
import org.lcsc.search.strategy.SearchDirections;
import org.lcsc.search.strategy.SearchStrategy;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Searches of coefficients for each of several ranges of noise levels. */
class RangedSearchTest {

  private static final int P = 50;
  private static final TimeRanges TWO = new TimeRanges(List.of(1.0));

  private static final ParameterGroups GROUPS =
      new ParameterGroups(
          List.of("encoder", "decoder"), List.of(new Segment(0, 0, 17), new Segment(1, 17, P)));

  private final TwoCombinations two = TwoCombinations.ofRanges(P, TWO);
  private final CheckpointWindow window = two.window;
  private final CheckpointMerger merger = two.merger;

  @TempDir Path directory;

  @AfterEach
  void close() {
    two.close();
  }

  private static double[] random(int length) {
    return new Random(7).doubles(length, -1, 1).toArray();
  }

  private List<Supplier<SearchStrategy>> strategies() {
    return List.of(
        () -> GradientSearches.gradient(starts(2), merger),
        () -> GradientSearches.stochastic(starts(2), merger),
        two::gradientFirst,
        () -> evolution(starts(2), 0.1),
        () ->
            cma(
                SearchDirections.coefficients(K, 2),
                Parts.with(CmaEs.Parameters.SEPARABLE, Map.of("limit", 2.0))),
        () -> new PenalisedSearch(two.componentCma(), 1e-3));
  }

  @Test
  void everyRangeIsAModelOfItsOwn() {
    CheckpointMerger grouped = CheckpointMerger.of(window, GROUPS, TWO);
    assertThat(grouped.groups()).isEqualTo(4);
    assertThat(grouped.parameters()).isEqualTo(2L * P);
    double[][] candidates = {random(4 * K), starts(4)[1]};
    INDArray merged = Nd4j.createUninitialized(DataType.FLOAT, 2, 2 * P);
    grouped.merge(candidates, merged);
    for (int b = 0; b < 2; b++) {
      for (int range = 0; range < 2; range++) {
        double[] own = Arrays.copyOfRange(candidates[b], range * 2 * K, range * 2 * K + 2 * K);
        INDArray expected = window.merge(own, GROUPS);
        assertThat(TWO.part(merged.getRow(b).dup(), range).distance2(expected))
            .as("candidate %d, range %d", b, range)
            .isLessThan(1e-5);
      }
    }
  }

  @Test
  void productsAndGramsAreThoseOfEveryRange() {
    CheckpointMerger grouped = CheckpointMerger.of(window, GROUPS, TWO);
    INDArray vector = Nd4j.createFromArray(random(2 * P)).castTo(DataType.FLOAT);
    double[] products = grouped.dot(vector);
    assertThat(products).hasSize(4 * K);
    for (int range = 0; range < 2; range++) {
      double[] own = window.dot(TWO.part(vector, range).dup(), GROUPS);
      for (int i = 0; i < own.length; i++) {
        assertThat(products[range * 2 * K + i]).isEqualTo(own[i]);
      }
    }
    double[][][] single = window.centredGrams(GROUPS);
    assertThat(grouped.centredGrams())
        .isDeepEqualTo(new double[][][] {single[0], single[1], single[0], single[1]});
  }

  @Test
  void oneRangeIsTheMergerWithoutRanges() throws IOException {
    CheckpointMerger one = CheckpointMerger.of(window, GROUPS, TimeRanges.ONE);
    assertThat(one.grouping()).isEqualTo(CheckpointMerger.of(window, GROUPS).grouping());
    assertThat(one.parameters()).isEqualTo(P);
    INDArray merged = Nd4j.createUninitialized(DataType.FLOAT, 1, P);
    double[] candidate = random(2 * K);
    one.merge(new double[][] {candidate}, merged);
    assertThat(merged.reshape(P)).isEqualTo(window.merge(candidate, GROUPS));
  }

  @Test
  void theGradientByRangeIsThatOfFiniteDifferences() {
    double[] at = random(2 * K);
    double[] slopes = two.slopes(at);
    INDArray merged = Nd4j.createUninitialized(DataType.FLOAT, 1, 2 * P);
    for (int k = 0; k < slopes.length; k++) {
      double[] scores = new double[2];
      for (int side = 0; side < 2; side++) {
        double[] moved = at.clone();
        moved[k] += side == 0 ? -0.25 : 0.25;
        merger.merge(new double[][] {moved}, merged);
        scores[side] = two.distance.evaluate(merged.reshape(2 * P)).score();
      }
      assertThat(slopes[k])
          .as("coefficient %d", k)
          .isCloseTo((scores[1] - scores[0]) / 0.5, within(2e-3));
    }
  }

  @Test
  void everyStrategySearchesRangesAndKeepsTheirSums() throws IOException {
    for (Supplier<SearchStrategy> strategy : strategies()) {
      SearchResult result = two.searchKeepingSums(strategy.get());
      assertThat(result.searchScore())
          .as("%s improves on its starts", result.strategy())
          .isLessThan(result.history()[1]);
    }
  }

  @Test
  void rangesFindWhatNoSingleModelCan() throws IOException {
    CheckpointMerger single = CheckpointMerger.of(window);
    SearchResult one =
        CheckpointSearch.builder(single, GradientSearches.gradient(starts(1), single), two.distance)
            .budget(SearchBudget.ofEvaluations(200))
            .build()
            .run();
    SearchResult both = two.search(GradientSearches.gradient(starts(2), merger), 200).build().run();
    assertThat(one.searchScore()).as("best single model").isGreaterThan(10);
    assertThat(both.searchScore()).as("best of ranges").isLessThan(1e-6);
  }

  @Test
  void theStateOfOtherRangesIsRefused() throws IOException {
    Path state = directory.resolve("state");
    two.search(GradientSearches.gradient(starts(2), merger), 20).state(state).build().run();
    CheckpointMerger other =
        CheckpointMerger.of(window, ParameterGroups.whole(P), new TimeRanges(List.of(2.0)));
    CheckpointSearch search =
        two.search(other, GradientSearches.gradient(starts(2), other), 20).state(state).build();
    assertThatIllegalArgumentException()
        .isThrownBy(search::run)
        .withMessage(
            "the saved state is of another search: groups time ranges [1.0], here time ranges"
                + " [2.0]");
  }
}
