package org.lcsc.search.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.Objective;
import org.lcsc.objective.ShardedObjective;
import org.lcsc.objective.StageSeconds;
import org.lcsc.search.CheckpointSearch;
import org.lcsc.search.SearchBudget;
import org.lcsc.search.SearchResult;
import org.lcsc.search.SyntheticBasin;
import org.lcsc.search.evaluation.Evaluator.Generation;
import org.lcsc.search.evaluation.Evaluator.NoiseSet;
import org.lcsc.search.strategy.EvolutionarySearch;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Candidates and gradients get the same scores whichever evaluator computes them. */
class EvaluatorTest {

  private static final int K = 12;

  private final SyntheticBasin basin = new SyntheticBasin(5, K, 80, 0, 1);
  private final CheckpointWindow window = basin.window();

  @AfterEach
  void close() {
    window.close();
  }

  /** Mean square of random projections of the parameters, of which a sample has two. */
  private static final class Projections implements ShardedObjective {

    private final long seed;
    private final int samples;
    private int drawn;
    private int open;

    Projections(long seed) {
      this(seed, 10);
    }

    Projections(long seed, int samples) {
      this.seed = seed;
      this.samples = samples;
    }

    @Override
    public Projections onShare(double share) {
      return share == 1 ? this : new Projections(seed, (int) (share * samples));
    }

    @Override
    public String name() {
      return "projections";
    }

    @Override
    public int samples() {
      return samples;
    }

    @Override
    public int batchSize() {
      return 3;
    }

    @Override
    public double gradientCost() {
      return 4;
    }

    @Override
    public Evaluation evaluate(INDArray parameters) {
      try (Shard all = shard(parameters, 0, 0, samples())) {
        return new Evaluation(score(all.features(), new float[2 * samples]), all.seconds());
      }
    }

    @Override
    public Evaluation gradient(INDArray parameters, long draw, INDArray gradient) {
      try (Shard all = shard(parameters, draw, 0, samples())) {
        float[] slopes = new float[2 * samples];
        double score = score(all.features(), slopes);
        gradient.assign(0);
        all.backpropagate(slopes, gradient);
        return new Evaluation(score, all.seconds());
      }
    }

    @Override
    public double score(float[] features, float[] slopes) {
      double sum = 0;
      for (int i = 0; i < features.length; i++) {
        sum += (double) features[i] * features[i];
        slopes[i] = 2 * features[i] / features.length;
      }
      return sum / features.length;
    }

    @Override
    public Shard shard(INDArray parameters, long draw, int from, int to) {
      float[] theta = parameters.dup().data().asFloat();
      float[][] rows = new float[2 * (to - from)][theta.length];
      float[] features = new float[rows.length];
      for (int i = 0; i < rows.length; i++) {
        Random random = new Random(seed + 1000 * draw + 2 * from + i);
        for (int j = 0; j < theta.length; j++) {
          rows[i][j] = (float) random.nextGaussian();
          features[i] += rows[i][j] * theta[j];
        }
      }
      drawn++;
      open++;
      return new Shard() {
        private boolean closed;

        @Override
        public float[] features() {
          return Float.isNaN(features[0]) ? new float[0] : features;
        }

        @Override
        public void backpropagate(float[] slopes, INDArray gradient) {
          for (int i = 0; i < rows.length; i++) {
            gradient.addi(Nd4j.createFromArray(rows[i]).muli(slopes[i]));
          }
        }

        @Override
        public StageSeconds seconds() {
          return new StageSeconds(0, 1, 0, 0);
        }

        @Override
        public void close() {
          open -= closed ? 0 : 1;
          closed = true;
        }
      };
    }
  }

  private Objective score(long shift) {
    return Objective.of(
        "basin", parameters -> basin.score(parameters.dup().data().asDouble()) + shift);
  }

  private SearchResult search(EvaluatorFactory evaluators) throws IOException {
    return CheckpointSearch.builder(
            CheckpointMerger.of(window),
            new EvolutionarySearch(basin.emaStarts(), EvolutionarySearch.Parameters.DEFAULTS, 3),
            score(0))
        .validation(score(1))
        .budget(SearchBudget.ofEvaluations(37))
        .mergeRows(3)
        .evaluator(evaluators)
        .build()
        .run();
  }

  private ParallelEvaluator.Objectives another() {
    return new ParallelEvaluator.Objectives(score(0), score(1));
  }

  @Test
  void severalNetworksFindWhatOneFinds() throws IOException {
    SearchResult one = search(EvaluatorFactory.LOCAL);
    SearchResult three = search(ParallelEvaluator.factory(List.of(another(), another())));
    assertThat(three.history()).containsExactly(one.history());
    assertThat(three.coefficients()).containsExactly(one.coefficients());
    assertThat(three.validationScore()).isEqualTo(one.validationScore());
    assertThat(three.evaluations()).isEqualTo(37);
  }

  @Test
  void aFailureOnAnotherThreadEndsTheSearch() {
    Objective broken =
        Objective.of(
            "basin",
            parameters -> {
              throw new IllegalStateException("no samples on " + Thread.currentThread().getName());
            });
    assertThatThrownBy(
            () ->
                search(
                    ParallelEvaluator.factory(
                        List.of(new ParallelEvaluator.Objectives(broken, broken)))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no samples on lcsc-evaluator");
  }

  @Test
  void aGenerationMayBeLeftBeforeItsEnd() {
    EvaluatorFactory.Setting setting = setting(score(0));
    double[][] first = basin.emaStarts();
    double[][] second = Arrays.copyOfRange(first, 2, 5);
    try (Evaluator several = ParallelEvaluator.factory(List.of(another())).create(setting);
        Evaluator alone = new LocalEvaluator(setting, 1)) {
      for (Evaluator evaluator : List.of(several, alone)) {
        evaluator.load(new Generation(NoiseSet.SEARCH, first, 1, 0, first.length));
        evaluator.evaluate(0);
        evaluator.load(new Generation(NoiseSet.SEARCH, second, 1, 1, 2));
      }
      assertThat(several.evaluate(1).score()).isEqualTo(alone.evaluate(1).score());
      assertThat(several.evaluate(2).score())
          .as("beyond the budget")
          .isEqualTo(alone.evaluate(2).score());
    }
  }

  private EvaluatorFactory.Setting setting(Objective objective) {
    return new EvaluatorFactory.Setting(CheckpointMerger.of(window), objective, score(1), 4);
  }

  @Test
  void partsOfAGradientSumToTheWhole() {
    double[] candidate = basin.emaStarts()[2];
    Projections objective = new Projections(1);
    try (Evaluator whole = new LocalEvaluator(setting(objective), 1);
        Evaluator alone = new LocalEvaluator(setting(objective), 3)) {
      for (long draw = 0; draw < 2; draw++) {
        Evaluator.Gradient expected = whole.differentiate(candidate, draw, 1);
        Evaluator.Gradient parts = alone.differentiate(candidate, draw, 1);
        assertThat(parts.evaluation().score()).isEqualTo(expected.evaluation().score());
        assertThat(parts.slopes()).containsExactly(expected.slopes(), within(1e-4));
      }
    }
    assertThat(objective.open).as("parts left open").isZero();
  }

  @Test
  void aGradientOnAShareIsThatOfFewerSamplesInPartsToo() {
    double[] candidate = basin.emaStarts()[2];
    Projections objective = new Projections(1);
    try (Evaluator fewer = new LocalEvaluator(setting(new Projections(1, 5)), 3);
        Evaluator alone = new LocalEvaluator(setting(objective), 3)) {
      Evaluator.Gradient all = alone.differentiate(candidate, 0, 1);
      Evaluator.Gradient expected = fewer.differentiate(candidate, 0, 1);
      Evaluator.Gradient gradient = alone.differentiate(candidate, 0, 0.5);
      assertThat(gradient.evaluation().score()).isEqualTo(expected.evaluation().score());
      assertThat(gradient.slopes()).containsExactly(expected.slopes());
      assertThat(alone.differentiate(candidate, 0, 1).slopes()).containsExactly(all.slopes());
    }
  }

  @Test
  void aPartThatIsNoMoreKeptIsMadeAgain() {
    double[] candidate = basin.emaStarts()[2];
    Projections objective = new Projections(1);
    Projections elsewhere = new Projections(1);
    CheckpointMerger merger = CheckpointMerger.of(window);
    try (ShardGradients here = new ShardGradients(merger, objective, 4);
        ShardGradients there = new ShardGradients(merger, elsewhere, 4)) {
      float[] features = here.forward(candidate, 7, 1).features();
      float[] slopes = new float[features.length];
      Arrays.fill(slopes, 0.5f);
      double[] kept = here.backward(candidate, 7, 1, slopes).slopes();
      double[] again = there.backward(candidate, 7, 1, slopes).slopes();
      assertThat(again).containsExactly(kept);
      assertThat(objective.drawn).isEqualTo(1);
      assertThat(elsewhere.drawn).isEqualTo(1);
    }
    assertThat(objective.open + elsewhere.open).isZero();
  }

  @Test
  void partsAreWholeBatches() {
    Projections objective = new Projections(1);
    assertThat(SampleShards.of(objective, 1).bounds()).containsExactly(0, 10);
    assertThat(SampleShards.of(objective, 3).bounds()).containsExactly(0, 3, 6, 10);
    assertThat(SampleShards.of(objective, 99).bounds()).containsExactly(0, 3, 6, 9, 10);
    assertThatThrownBy(() -> SampleShards.of(objective, 0))
        .hasMessage("shards must be at least 1, got 0");
  }
}
