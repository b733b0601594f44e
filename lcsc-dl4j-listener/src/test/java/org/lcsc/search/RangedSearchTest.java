package org.lcsc.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.checkpoint.ParameterGroups.Segment;
import org.lcsc.objective.DifferentiableObjective;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.StageSeconds;
import org.lcsc.objective.TimeRanges;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Searches of coefficients for each of several ranges of noise levels. */
class RangedSearchTest {

  private static final int K = 6;
  private static final int P = 50;
  private static final TimeRanges TWO = new TimeRanges(List.of(1.0));

  private static final ParameterGroups GROUPS =
      new ParameterGroups(
          List.of("encoder", "decoder"), List.of(new Segment(0, 0, 17), new Segment(1, 17, P)));

  private final double[] target = new double[2 * P];
  private final CheckpointWindow window = window();
  private final CheckpointMerger merger =
      CheckpointMerger.of(window, ParameterGroups.whole(P), TWO);

  @TempDir Path directory;

  @AfterEach
  void close() {
    window.close();
  }

  /** The optimum is one combination in the first range and another in the second. */
  private CheckpointWindow window() {
    Random random = new Random(2);
    Map<Long, INDArray> checkpoints = new TreeMap<>();
    double[][] best = {{0.5, -0.3, 0.1, 0.2, 0.9, -0.4}, {-0.2, 0.4, 0.3, 0.8, -0.5, 0.2}};
    for (int k = 0; k < K; k++) {
      float[] theta = new float[P];
      for (int i = 0; i < P; i++) {
        theta[i] = (float) random.nextGaussian();
        target[i] += best[0][k] * theta[i];
        target[P + i] += best[1][k] * theta[i];
      }
      checkpoints.put(10L * (k + 1), Nd4j.createFromArray(theta));
    }
    return CheckpointWindow.ofCheckpoints(new TreeMap<>(checkpoints));
  }

  /** The squared distance of both models to their targets; a single model stands for both. */
  private final class Distance implements DifferentiableObjective {

    @Override
    public String name() {
      return "distance";
    }

    @Override
    public Evaluation evaluate(INDArray parameters) {
      return gradient(parameters, 0, Nd4j.create(parameters.length()));
    }

    @Override
    public Evaluation gradient(INDArray parameters, long draw, INDArray gradient) {
      double[] values = parameters.dup().data().asDouble();
      double[] slopes = new double[values.length];
      double score = 0;
      for (int i = 0; i < target.length; i++) {
        double difference = values[i % values.length] - target[i];
        score += difference * difference;
        slopes[i % values.length] += 2 * difference;
      }
      gradient.assign(Nd4j.createFromArray(slopes));
      return new Evaluation(score, StageSeconds.ZERO);
    }

    @Override
    public double gradientCost() {
      return 4;
    }
  }

  private static double[][] starts(int groups) {
    double[] uniform = new double[K];
    double[] late = new double[K];
    for (int k = 0; k < K; k++) {
      uniform[k] = 1.0 / K;
      late[k] = (k + 1) / 21.0;
    }
    return new double[][] {
      Coefficients.repeated(uniform, groups), Coefficients.repeated(late, groups)
    };
  }

  private static double[] random(int length) {
    return new Random(7).doubles(length, -1, 1).toArray();
  }

  private List<Supplier<SearchStrategy>> strategies() {
    return List.of(
        () -> GradientSearch.of(starts(2), merger),
        () -> StochasticGradientSearch.of(starts(2), merger),
        () ->
            new GradientFirstSearch(
                GradientSearch.of(starts(2), merger), 4, 3, points -> evolution(points, 0.03)),
        () -> evolution(starts(2), 0.1),
        () -> cma(SearchDirections.coefficients(K, 2), CoefficientLimits.magnitude(2)),
        () ->
            new PenalisedSearch(
                cma(
                    SearchDirections.principalComponents(merger.centredGrams(), 3, 0.5),
                    CoefficientLimits.NONE),
                1e-3));
  }

  private static SearchStrategy evolution(double[][] starts, double sigma) {
    return new EvolutionarySearch(
        starts,
        EvolutionarySearch.Parameters.DEFAULTS.withSigma(sigma),
        CoefficientLimits.NONE,
        2,
        4);
  }

  private static SearchStrategy cma(SearchDirections directions, CoefficientLimits limits) {
    return new CmaEs("cma-es", directions, starts(2), CmaEs.Parameters.SEPARABLE, limits, 4);
  }

  private CheckpointSearchBuilder search(SearchStrategy strategy, int budget) {
    return CheckpointSearch.builder(merger, strategy, new Distance())
        .budget(SearchBudget.ofEvaluations(budget))
        .validation(new Distance())
        .baseline("uniform", starts(1)[0]);
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
    double[] slopes;
    try (GradientBuffer buffer = new GradientBuffer(merger, () -> 0)) {
      buffer.evaluate(new Distance(), at, 0);
      slopes = buffer.slopes();
    }
    INDArray merged = Nd4j.createUninitialized(DataType.FLOAT, 1, 2 * P);
    for (int k = 0; k < slopes.length; k++) {
      double[] scores = new double[2];
      for (int side = 0; side < 2; side++) {
        double[] moved = at.clone();
        moved[k] += side == 0 ? -0.25 : 0.25;
        merger.merge(new double[][] {moved}, merged);
        scores[side] = new Distance().evaluate(merged.reshape(2 * P)).score();
      }
      assertThat(slopes[k])
          .as("coefficient %d", k)
          .isCloseTo((scores[1] - scores[0]) / 0.5, within(2e-3));
    }
  }

  @Test
  void everyStrategySearchesRangesAndKeepsTheirSums() throws IOException {
    for (Supplier<SearchStrategy> strategy : strategies()) {
      List<double[]> seen = new ArrayList<>();
      SearchResult result =
          search(strategy.get(), 120)
              .listener(
                  new SearchListener() {
                    @Override
                    public void evaluated(SearchEvaluation evaluation) {
                      seen.add(evaluation.coefficients());
                    }
                  })
              .build()
              .run();
      assertThat(seen).as(result.strategy()).hasSizeGreaterThan(15);
      for (double[] candidate : seen) {
        assertThat(Coefficients.sum(candidate, 0, K)).isCloseTo(1, within(1e-9));
        assertThat(Coefficients.sum(candidate, K, 2 * K)).isCloseTo(1, within(1e-9));
      }
      assertThat(result.searchScore())
          .as("%s improves on its starts", result.strategy())
          .isLessThan(result.history()[1]);
    }
  }

  @Test
  void rangesFindWhatNoSingleModelCan() throws IOException {
    CheckpointMerger single = CheckpointMerger.of(window);
    SearchResult one =
        CheckpointSearch.builder(single, GradientSearch.of(starts(1), single), new Distance())
            .budget(SearchBudget.ofEvaluations(200))
            .build()
            .run();
    SearchResult two = search(GradientSearch.of(starts(2), merger), 200).build().run();
    assertThat(one.searchScore()).as("best single model").isGreaterThan(10);
    assertThat(two.searchScore()).as("best of ranges").isLessThan(1e-6);
  }

  @Test
  void theStateOfOtherRangesIsRefused() throws IOException {
    Path state = directory.resolve("state");
    search(GradientSearch.of(starts(2), merger), 20).state(state).build().run();
    CheckpointMerger other =
        CheckpointMerger.of(window, ParameterGroups.whole(P), new TimeRanges(List.of(2.0)));
    CheckpointSearch search =
        CheckpointSearch.builder(other, GradientSearch.of(starts(2), other), new Distance())
            .validation(new Distance())
            .baseline("uniform", starts(1)[0])
            .state(state)
            .build();
    assertThatIllegalArgumentException()
        .isThrownBy(search::run)
        .withMessage(
            "the saved state is of another search: groups time ranges [1.0], here time ranges"
                + " [2.0]");
  }
}
