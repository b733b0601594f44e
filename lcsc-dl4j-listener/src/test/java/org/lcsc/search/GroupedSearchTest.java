package org.lcsc.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Searches of coefficients for each of several groups of parameters. */
class GroupedSearchTest {

  private static final int K = 6;
  private static final int P = 60;
  private static final int PRICE = 4;
  private static final long SEED = 4;

  private static final ParameterGroups GROUPS =
      new ParameterGroups(
          List.of("encoder", "decoder"),
          List.of(new Segment(0, 0, 17), new Segment(1, 17, 45), new Segment(0, 45, P)));

  private final float[][] theta = new float[K][P];
  private final double[] target = new double[P];
  private final CheckpointWindow window = window();
  private final CheckpointMerger merger = CheckpointMerger.of(window, GROUPS);

  @TempDir Path directory;

  @AfterEach
  void close() {
    window.close();
  }

  /** The optimum is one combination in the encoder and another in the decoder. */
  private CheckpointWindow window() {
    Random random = new Random(2);
    Map<Long, INDArray> checkpoints = new TreeMap<>();
    for (int k = 0; k < K; k++) {
      for (int i = 0; i < P; i++) {
        theta[k][i] = (float) random.nextGaussian();
      }
      checkpoints.put(10L * (k + 1), Nd4j.createFromArray(theta[k]));
    }
    double[][] best = {{0.5, -0.3, 0.1, 0.2, 0.9, -0.4}, {-0.2, 0.4, 0.3, 0.8, -0.5, 0.2}};
    for (int i = 0; i < P; i++) {
      for (int k = 0; k < K; k++) {
        target[i] += best[i >= 17 && i < 45 ? 1 : 0][k] * theta[k][i];
      }
    }
    return CheckpointWindow.ofCheckpoints(new TreeMap<>(checkpoints));
  }

  /** The squared distance to the target. */
  private final class Distance implements DifferentiableObjective {

    @Override
    public String name() {
      return "distance";
    }

    @Override
    public Evaluation evaluate(INDArray parameters) {
      return gradient(parameters, 0, Nd4j.create(P));
    }

    @Override
    public Evaluation gradient(INDArray parameters, long draw, INDArray gradient) {
      double[] values = parameters.dup().data().asDouble();
      double score = 0;
      double[] slopes = new double[P];
      for (int i = 0; i < P; i++) {
        double difference = values[i] - target[i];
        score += difference * difference;
        slopes[i] = 2 * difference;
      }
      gradient.assign(Nd4j.createFromArray(slopes));
      return new Evaluation(score, new StageSeconds(0, 0, 0, 0));
    }

    @Override
    public double gradientCost() {
      return PRICE;
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

  private SearchStrategy gradientFirst() {
    return new GradientFirstSearch(
        GradientSearch.of(starts(2), merger),
        4,
        3,
        points ->
            new EvolutionarySearch(
                points,
                EvolutionarySearch.Parameters.DEFAULTS.withSigma(0.03),
                CoefficientLimits.NONE,
                2,
                SEED));
  }

  private SearchStrategy evolution(EvolutionarySearch.Parameters parameters, double limit) {
    return new EvolutionarySearch(
        starts(2), parameters, CoefficientLimits.magnitude(limit), 2, SEED);
  }

  private SearchStrategy cma(SearchDirections directions, CoefficientLimits limits) {
    return new CmaEs("cma-es", directions, starts(2), CmaEs.Parameters.SEPARABLE, limits, SEED);
  }

  private List<Supplier<SearchStrategy>> strategies() {
    return List.of(
        () -> GradientSearch.of(starts(2), merger),
        () ->
            new GradientSearch(
                SearchDirections.coefficients(K, 2), starts(2), GradientSearch.Parameters.DEFAULTS),
        () -> StochasticGradientSearch.of(starts(2), merger),
        this::gradientFirst,
        () -> evolution(EvolutionarySearch.Parameters.DEFAULTS, 5),
        () -> evolution(EvolutionarySearch.Parameters.ALGORITHM_1, Double.POSITIVE_INFINITY),
        () -> cma(SearchDirections.coefficients(K, 2), CoefficientLimits.NONE),
        () -> cma(SearchDirections.coefficients(K, 2), CoefficientLimits.CONVEX),
        () ->
            cma(
                SearchDirections.principalComponents(merger.centredGrams(), 3, 0.5),
                CoefficientLimits.NONE));
  }

  private CheckpointSearchBuilder search(SearchStrategy strategy, int budget) {
    return CheckpointSearch.builder(merger, strategy, new Distance())
        .budget(SearchBudget.ofEvaluations(budget))
        .validation(new Distance())
        .baseline("uniform", starts(1)[0]);
  }

  @Test
  void theGradientByGroupIsThatOfFiniteDifferences() {
    double[] at = Coefficients.repeated(new double[] {0.3, -0.1, 0.4, 0.1, 0.5, -0.2}, 2);
    at[K] += 0.2;
    at[K + 1] -= 0.2;
    double[] slopes;
    try (GradientBuffer buffer = new GradientBuffer(merger, () -> 0)) {
      buffer.evaluate(new Distance(), at, 0);
      slopes = buffer.slopes();
    }
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
      double value = -target[i];
      for (int k = 0; k < K; k++) {
        value += coefficients[(i >= 17 && i < 45 ? K : 0) + k] * theta[k][i];
      }
      score += value * value;
    }
    return score;
  }

  @Test
  void everyCandidateOfEveryStrategySumsToOneInEveryGroup() throws IOException {
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
        assertThat(candidate).hasSize(2 * K);
        assertThat(Coefficients.sum(candidate, 0, K)).isCloseTo(1, within(1e-9));
        assertThat(Coefficients.sum(candidate, K, 2 * K)).isCloseTo(1, within(1e-9));
      }
      assertThat(result.searchScore()).isCloseTo(result.validationScore(), within(1e-3));
      assertThat(result.searchScore())
          .as("%s improves on its starts", result.strategy())
          .isLessThan(Math.min(exact(starts(2)[0]), exact(starts(2)[1])));
    }
  }

  @Test
  void groupsFindWhatNoSingleVectorCan() throws IOException {
    CheckpointMerger ungrouped = CheckpointMerger.of(window);
    SearchResult single =
        CheckpointSearch.builder(ungrouped, GradientSearch.of(starts(1), ungrouped), new Distance())
            .budget(SearchBudget.ofEvaluations(200))
            .build()
            .run();
    SearchResult grouped = search(GradientSearch.of(starts(2), merger), 200).build().run();
    assertThat(single.searchScore()).as("best single vector").isGreaterThan(10);
    assertThat(grouped.searchScore()).as("best of groups").isLessThan(1e-6);
    SearchResult evolved =
        search(evolution(EvolutionarySearch.Parameters.DEFAULTS, 5), 1500).build().run();
    assertThat(evolved.searchScore()).isLessThan(0.5 * single.searchScore());
  }

  @Test
  void evolutionGoesOnFromThePathOfTheGradients() throws IOException {
    List<SearchEvaluation> rows = new ArrayList<>();
    SearchResult result =
        search(gradientFirst(), 200)
            .listener(
                new SearchListener() {
                  @Override
                  public void evaluated(SearchEvaluation evaluation) {
                    rows.add(evaluation);
                  }
                })
            .build()
            .run();
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
      SearchResult whole = search(strategy.get(), 70).build().run();
      Path state = directory.resolve("state-" + index++);
      for (int kill : new int[] {1, 2, 5, 3, 11}) {
        int[] left = {kill};
        CheckpointSearch killed =
            search(strategy.get(), 70).state(state).cancelledBy(() -> left[0]-- == 0).build();
        assertThatThrownBy(killed::run).isInstanceOf(SearchInterruptedException.class);
      }
      SearchResult resumed = search(strategy.get(), 70).state(state).build().run();
      assertThat(resumed.coefficients()).as(whole.strategy()).isEqualTo(whole.coefficients());
      assertThat(resumed.history()).isEqualTo(whole.history());
      assertThat(resumed.gradients()).isEqualTo(whole.gradients());
    }
  }

  @Test
  void theStateOfOtherGroupsIsRefused() throws IOException {
    Path state = directory.resolve("state");
    search(GradientSearch.of(starts(2), merger), 20).state(state).build().run();
    ParameterGroups others =
        new ParameterGroups(GROUPS.names(), List.of(new Segment(0, 0, 30), new Segment(1, 30, P)));
    CheckpointMerger other = CheckpointMerger.of(window, others);
    CheckpointSearch search =
        CheckpointSearch.builder(other, GradientSearch.of(starts(2), other), new Distance())
            .validation(new Distance())
            .baseline("uniform", starts(1)[0])
            .state(state)
            .build();
    assertThatIllegalArgumentException()
        .isThrownBy(search::run)
        .withMessageContaining("the saved state is of another search: groups encoder, decoder")
        .withMessageNotContaining("\n");
  }

  @Test
  void aStrategyOfOneGroupIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search(new EvolutionarySearch(starts(1), SEED), 10).build())
        .withMessage(
            "the strategy proposes 6 coefficients, the window holds 6 checkpoints in 2 groups");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new EvolutionarySearch(
                    starts(1),
                    EvolutionarySearch.Parameters.DEFAULTS,
                    CoefficientLimits.NONE,
                    4,
                    SEED))
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
