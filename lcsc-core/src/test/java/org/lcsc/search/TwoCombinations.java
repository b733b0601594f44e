package org.lcsc.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.config.Parts;
import org.lcsc.objective.DifferentiableObjective;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.StageSeconds;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.evaluation.GradientScorer;
import org.lcsc.search.strategy.CmaEs;
import org.lcsc.search.strategy.EvolutionarySearch;
import org.lcsc.search.strategy.GradientFirstSearch;
import org.lcsc.search.strategy.SearchDirections;
import org.lcsc.search.strategy.SearchStrategy;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Random checkpoints and a target that two combinations of them meet, each in a part of its own: a
 * group of the parameters, or a range of noise levels.
 */
final class TwoCombinations implements AutoCloseable {

  /** Number of checkpoints. */
  static final int K = 6;

  /** Evaluations that a gradient counts as. */
  static final int PRICE = 4;

  static final long SEED = 4;

  private static final double[][] BEST = {
    {0.5, -0.3, 0.1, 0.2, 0.9, -0.4}, {-0.2, 0.4, 0.3, 0.8, -0.5, 0.2}
  };

  /** Values of the checkpoints, {@code [K][P]}. */
  final float[][] theta;

  final double[] target;
  final CheckpointWindow window;
  final CheckpointMerger merger;

  /** The squared distance to the target; a single model stands for those of all ranges. */
  final DifferentiableObjective distance = new Distance();

  private TwoCombinations(float[][] theta, double[] target, ParameterGroups groups, TimeRanges r) {
    this.theta = theta;
    this.target = target;
    TreeMap<Long, INDArray> checkpoints = new TreeMap<>();
    for (int k = 0; k < K; k++) {
      checkpoints.put(10L * (k + 1), Nd4j.createFromArray(theta[k]));
    }
    this.window = CheckpointWindow.ofCheckpoints(checkpoints);
    this.merger = CheckpointMerger.of(window, groups, r);
  }

  /** The optimum is one combination in the first of two groups and another in the second. */
  static TwoCombinations ofGroups(ParameterGroups groups) {
    float[][] theta = checkpoints((int) groups.parameters());
    double[] target = new double[theta[0].length];
    for (int group = 0; group < 2; group++) {
      for (ParameterGroups.Segment segment : groups.segmentsOf(group)) {
        for (int i = (int) segment.from(); i < segment.to(); i++) {
          target[i] = combined(theta, group, i);
        }
      }
    }
    return new TwoCombinations(theta, target, groups, TimeRanges.ONE);
  }

  /** The optimum is one combination in the first of two ranges and another in the second. */
  static TwoCombinations ofRanges(int parameters, TimeRanges ranges) {
    float[][] theta = checkpoints(parameters);
    double[] target = new double[2 * parameters];
    for (int i = 0; i < target.length; i++) {
      target[i] = combined(theta, i / parameters, i % parameters);
    }
    return new TwoCombinations(theta, target, ParameterGroups.whole(parameters), ranges);
  }

  private static float[][] checkpoints(int parameters) {
    Random random = new Random(2);
    float[][] theta = new float[K][parameters];
    for (float[] checkpoint : theta) {
      for (int i = 0; i < parameters; i++) {
        checkpoint[i] = (float) random.nextGaussian();
      }
    }
    return theta;
  }

  private static double combined(float[][] theta, int part, int parameter) {
    double value = 0;
    for (int k = 0; k < K; k++) {
      value += BEST[part][k] * theta[k][parameter];
    }
    return value;
  }

  /** Two starts with the same coefficients in every group. */
  static double[][] starts(int groups) {
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

  /** Algorithm 1 with the default parameters but for the mutation's size. */
  static SearchStrategy evolution(double[][] starts, double sigma) {
    return new EvolutionarySearch(
        starts,
        Parts.with(EvolutionarySearch.Parameters.DEFAULTS, Map.of("sigma", sigma)),
        2,
        SEED);
  }

  static SearchStrategy cma(SearchDirections directions, CmaEs.Parameters parameters) {
    return new CmaEs("cma-es", directions, starts(2), parameters, SEED);
  }

  /** CMA-ES in the principal components of the checkpoints. */
  SearchStrategy componentCma() {
    return cma(
        SearchDirections.principalComponents(merger.centredGrams(), 3, 0.5),
        CmaEs.Parameters.SEPARABLE);
  }

  /** Four gradients, then evolution from three points of their path. */
  SearchStrategy gradientFirst() {
    return new GradientFirstSearch(
        GradientSearches.gradient(starts(2), merger), 4, 3, points -> evolution(points, 0.03));
  }

  CheckpointSearchBuilder search(SearchStrategy strategy, int budget) {
    return search(merger, strategy, budget);
  }

  CheckpointSearchBuilder search(CheckpointMerger other, SearchStrategy strategy, int budget) {
    return CheckpointSearch.builder(other, strategy, distance)
        .budget(SearchBudget.ofEvaluations(budget))
        .validation(distance)
        .baselines(Map.of("uniform", starts(1)[0]));
  }

  /** Searches by all 120 evaluations and requires that every candidate sums to 1 in both parts. */
  SearchResult searchKeepingSums(SearchStrategy strategy) throws IOException {
    List<SearchEvaluation> seen = new ArrayList<>();
    SearchResult result = search(strategy, 120).listener(collecting(seen)).build().run();
    assertThat(seen).as(result.strategy()).hasSizeGreaterThan(15);
    for (SearchEvaluation evaluation : seen) {
      double[] candidate = evaluation.coefficients();
      assertThat(candidate).hasSize(2 * K);
      assertThat(Coefficients.sum(candidate, 0, K)).isCloseTo(1, within(1e-9));
      assertThat(Coefficients.sum(candidate, K, 2 * K)).isCloseTo(1, within(1e-9));
    }
    return result;
  }

  static SearchListener collecting(List<SearchEvaluation> seen) {
    return new SearchListener() {
      @Override
      public void evaluated(SearchEvaluation evaluation) {
        seen.add(evaluation);
      }
    };
  }

  /** Derivatives of the score at a candidate, as a search by gradients gets them. */
  double[] slopes(double[] at) {
    try (GradientScorer buffer = new GradientScorer(merger, () -> 0)) {
      buffer.evaluate(distance, at, 0);
      return buffer.slopes();
    }
  }

  @Override
  public void close() {
    window.close();
  }

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
      return PRICE;
    }
  }
}
