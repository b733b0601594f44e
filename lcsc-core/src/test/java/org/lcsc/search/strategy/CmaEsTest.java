package org.lcsc.search.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.config.Parts;
import org.lcsc.search.Searches;
import org.lcsc.search.SyntheticBasin;
import org.lcsc.search.strategy.CmaEs.Covariance;
import org.lcsc.search.strategy.CmaEs.Parameters;
import org.lcsc.search.strategy.StrategySettings.Start;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class CmaEsTest {

  private static final long SEED = 20260107;

  private static CmaEs search(int checkpoints, Parameters parameters, long seed) {
    double[][] start = new double[2][checkpoints];
    Arrays.fill(start[0], 1.0 / checkpoints);
    start[1][0] = 1;
    SearchDirections all = SearchDirections.coefficients(checkpoints, 1);
    return new CmaEs("cma-es", all, start, parameters, seed);
  }

  /** A quadratic whose curvatures go from 1 to {@code condition}; its optimum sums to 1. */
  private static ToDoubleFunction<double[]> quadratic(int checkpoints, double condition) {
    return a -> {
      double sum = 0;
      for (int k = 0; k < a.length; k++) {
        double target = 1.0 / checkpoints + (k % 2 == 0 ? 0.3 : -0.3);
        sum += Math.pow(condition, k / (checkpoints - 1.0)) * (a[k] - target) * (a[k] - target);
      }
      return sum;
    };
  }

  @ParameterizedTest
  @EnumSource(Covariance.class)
  void convergesOnASphereToRounding(Covariance covariance) {
    SearchStrategy search = search(10, new Parameters(covariance, null, 0.2, false, null, 0), SEED);
    assertThat(Searches.best(search, quadratic(10, 1), 3000)).isLessThan(1e-15);
  }

  @ParameterizedTest
  @EnumSource(Covariance.class)
  void learnsTheScalesOfAnIllConditionedQuadratic(Covariance covariance) {
    SearchStrategy search = search(10, new Parameters(covariance, null, 0.2, false, null, 0), SEED);
    assertThat(Searches.best(search, quadratic(10, 1e6), 9000)).isLessThan(1e-12);
  }

  @Test
  void fullCovarianceLearnsARotatedValleyThatTheDiagonalCannot() {
    ToDoubleFunction<double[]> valley =
        a -> {
          double along = 0;
          double square = 0;
          for (int k = 0; k < a.length; k++) {
            double d = a[k] - (k == 3 ? 1 : 0);
            along += (k % 2 == 0 ? 1 : -1) * d;
            square += d * d;
          }
          return 1e5 * along * along + square;
        };
    double full =
        Searches.best(
            search(12, new Parameters(Covariance.FULL, null, 0.2, false, null, 0), 3),
            valley,
            4000);
    double diagonal = Searches.best(search(12, Parameters.SEPARABLE, 3), valley, 4000);
    assertThat(full).isLessThan(1e-8);
    assertThat(diagonal).isGreaterThan(1e-4);
  }

  @Test
  void principalComponentsFindMoreThanAlgorithmOneWithinFourHundredEvaluations() {
    SyntheticBasin basin = new SyntheticBasin(3, 100, 200, 0, 3);
    double evolution =
        Searches.best(
            new EvolutionarySearch(basin.emaStarts(), new Algorithm1().parameters(), SEED),
            basin::scoreOf,
            400);
    try (CheckpointWindow window = basin.window()) {
      SearchDirections directions =
          SearchDirections.principalComponents(
              window.centredGrams(ParameterGroups.whole(window.parameters())), 20, 0.5);
      assertThat(directions.dimension()).isEqualTo(20);
      SearchStrategy search =
          new CmaEs("pca-cma-es", directions, basin.emaStarts(), Parameters.SEPARABLE, SEED);
      double optimum = basin.optimumInSpan();
      assertThat(Searches.best(search, basin::scoreOf, 400) - optimum)
          .isLessThan(evolution - optimum);
    }
  }

  @Test
  void candidatesSumToOneAndHoldTheLimits() {
    Parameters wide = new Parameters(Covariance.DIAGONAL, 8, 2, false, null, 0);
    for (Parameters parameters :
        List.of(
            wide,
            Parts.with(wide, Map.of("convex", true)),
            Parts.with(wide, Map.of("limit", 0.4)),
            Parts.with(wide, Map.of("convex", true, "limit", 0.4)))) {
      CoefficientLimits limits = CoefficientLimits.of(parameters.limit(), parameters.convex());
      SearchStrategy search = search(9, parameters, SEED);
      for (int generation = 0; generation < 30; generation++) {
        double[][] asked = search.ask();
        for (double[] candidate : asked) {
          assertThat(Coefficients.sum(candidate)).isCloseTo(1, within(1e-12));
          assertThat(limits.holds(candidate)).as("%s", limits).isTrue();
        }
        search.tell(Arrays.stream(asked).mapToDouble(quadratic(9, 10)).toArray());
      }
    }
  }

  @Test
  void convexSearchFindsTheBestOfTheHull() {
    // Unconstrained the optimum has coefficients of 1.5 and -0.5; the nearest of the hull is known.
    ToDoubleFunction<double[]> far =
        a -> (a[0] - 1.5) * (a[0] - 1.5) + (a[1] + 0.5) * (a[1] + 0.5) + a[2] * a[2];
    SearchStrategy search =
        search(3, Parts.with(Parameters.SEPARABLE, Map.of("convex", true)), SEED);
    assertThat(Searches.best(search, far, 400)).isCloseTo(0.5, within(1e-6));
  }

  @ParameterizedTest
  @EnumSource(Covariance.class)
  void continuesFromASnapshotToTheSameBits(Covariance covariance) {
    Searches.assertContinues(
        () -> search(8, new Parameters(covariance, 6, 0.3, false, null, 0), SEED),
        quadratic(8, 100),
        12);
  }

  @Test
  void refusesTheSnapshotOfAnotherConfiguration() {
    byte[] other =
        search(8, new Parameters(Covariance.FULL, null, 0.2, false, null, 0), 2).snapshot();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                search(8, new Parameters(Covariance.FULL, null, 0.2, false, null, 0), 1)
                    .restore(other))
        .withMessageContaining("seed=2");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                search(8, new Parameters(Covariance.FULL, null, 0.2, false, null, 0), 2)
                    .restore(Arrays.copyOf(other, other.length - 9)))
        .withMessageContaining("damaged");
  }

  @Test
  void nonFiniteScoresShrinkTheStepsAndTheSearchGoesOn() {
    CmaEs search = search(6, Parameters.SEPARABLE, SEED);
    ToDoubleFunction<double[]> sphere = quadratic(6, 1);
    search.tell(Arrays.stream(search.ask()).mapToDouble(sphere).toArray());
    double sigma = search.sigma();
    double[] broken = new double[search.ask().length];
    Arrays.fill(broken, Double.NaN);
    search.tell(broken);
    assertThat(search.sigma()).isEqualTo(sigma / 2);
    assertThat(Searches.best(search, sphere, 2000)).isLessThan(1e-9);
  }

  @Test
  void theFirstStepsHaveTheirLengthInEveryGroup() {
    // sigma times the root of the free coordinates is 0.2 for one group, 0.2 sqrt(2) for two.
    assertThat(search(10, Parameters.SEPARABLE, SEED).sigma()).isCloseTo(0.2 / 3, within(1e-15));
    double[][] start = {{1, 0, 0, 0, 0, 1, 0, 0, 0, 0}};
    CmaEs groups =
        new CmaEs("two", SearchDirections.coefficients(5, 2), start, Parameters.SEPARABLE, SEED);
    assertThat(groups.sigma()).isCloseTo(0.2 * Math.sqrt(2) / Math.sqrt(8), within(1e-15));
    assertThat(groups.name()).isEqualTo("two");
    assertThat(groups.dimension()).isEqualTo(10);
  }

  @Test
  void aGenerationLearnsOnlyWhereAsManyScoresAsParentsAreFinite() {
    Parameters six = new Parameters(Covariance.DIAGONAL, 6, 0.2, false, null, 0);
    for (int finite = 2; finite <= 3; finite++) {
      CmaEs search = search(6, six, SEED);
      search.tell(new double[] {1, 0});
      double sigma = search.sigma();
      double[] scores = {0, 1, 2, 3, 4, 5, 6};
      Arrays.fill(scores, 1 + finite, 7, Double.NaN);
      search.tell(scores);
      assertThat(search.sigma() == sigma / 2).as("%d finite scores", finite).isEqualTo(finite < 3);
      assertThat(search).asString().startsWith("CmaEs[dimension=6").endsWith("generation=2]");
    }
  }

  @Test
  void wrongScoresAndInfeasibleLimitsAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search(6, Parameters.SEPARABLE, SEED).tell(new double[1]))
        .withMessage("got 1 scores for a generation of 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search(4, Parts.with(Parameters.SEPARABLE, Map.of("limit", 0.2)), SEED))
        .withMessageContaining("4 coefficients from -0.2 to 0.2 cannot sum to 1");
  }

  @Test
  void settingsMakeTheSearchOfTheCheckpointsAtHand() {
    TreeMap<Long, INDArray> checkpoints = new TreeMap<>();
    for (long k = 0; k < 5; k++) {
      float[] values = new float[6];
      values[(int) k] = 1 + k;
      checkpoints.put(k, Nd4j.createFromArray(values));
    }
    try (CheckpointWindow window = CheckpointWindow.ofCheckpoints(checkpoints)) {
      Start start =
          new Start(new double[][] {{0, 0, 0, 0, 1}}, 0, CheckpointMerger.of(window), 100, 1, SEED);
      SearchStrategy all = Parameters.SEPARABLE.create(start);
      assertThat(all.name()).isEqualTo("cma-es");
      assertThat(all.dimension()).isEqualTo(5);
      all.tell(new double[1]);
      assertThat(all.ask()).hasNumberOfRows(1 + Parameters.SEPARABLE.generation(5));
      PcaCmaEs three = Parts.with(new PcaCmaEs(), Map.of("components", 3));
      SearchStrategy components = three.create(start);
      assertThat(components.name()).isEqualTo("pca-cma-es");
      assertThat(components).asString().contains("along 3 principal components");
      components.tell(new double[1]);
      assertThat(components.ask()).hasNumberOfRows(1 + three.generation(5));
    }
    // 4 + floor(3 ln n)
    assertThat(Parameters.SEPARABLE.generation(5)).isEqualTo(8);
    assertThat(new PcaCmaEs().generation(4)).as("of three components").isEqualTo(7);
    assertThat(new PcaCmaEs().generation(100)).as("of thirty components").isEqualTo(14);
  }
}
