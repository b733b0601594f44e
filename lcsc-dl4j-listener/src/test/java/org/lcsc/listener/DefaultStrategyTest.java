package org.lcsc.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.config.Parts;
import org.lcsc.network.BatchNormStatistics;
import org.lcsc.objective.DifferentiableObjective;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.Objective;
import org.lcsc.objective.StageSeconds;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.config.SearchConfig;
import org.lcsc.search.evaluation.LocalEvaluator;
import org.lcsc.search.strategy.EvolutionarySearch;
import org.lcsc.search.strategy.GradientSearch;
import org.nd4j.linalg.api.ndarray.INDArray;

class DefaultStrategyTest {

  /** The squared length of the parameters. */
  private record Length() implements DifferentiableObjective {

    @Override
    public String name() {
      return "length";
    }

    @Override
    public Evaluation evaluate(INDArray parameters) {
      double length = parameters.norm2Number().doubleValue();
      return new Evaluation(length * length, StageSeconds.ZERO);
    }

    @Override
    public Evaluation gradient(INDArray parameters, long draw, INDArray gradient) {
      gradient.assign(parameters.reshape(gradient.shape()).mul(2));
      return evaluate(parameters);
    }

    @Override
    public double gradientCost() {
      return 4;
    }
  }

  private static LcscResult search(
      Objective objective, UnaryOperator<LcscListenerBuilder> settings) {
    MultiLayerNetwork network = Trainings.network(0.3);
    try (CheckpointWindow window = Trainings.window(network, 40, 2)) {
      LcscListenerBuilder builder =
          LcscListener.builder().window(window).objective(objective).searchAt(60);
      LcscListener listener = settings.apply(builder).build();
      network.addListeners(listener);
      Trainings.fit(network, 3);
      return listener.results().get(0);
    }
  }

  @Test
  void anObjectiveWithAGradientIsSearchedByIt() {
    LcscResult result = search(new Length(), builder -> builder);

    assertThat(result.search().gradients()).isPositive();
    assertThat(result.search().evaluations()).isLessThanOrEqualTo(200);
    assertThat(result.validationScore()).isLessThan(result.emaStar().validationScore());
  }

  @Test
  void everyOtherAndOneAskedForIsSearchedByEvolution() {
    Length length = new Length();
    LcscResult asked =
        search(
            length,
            builder ->
                builder.search(
                    new SearchConfig()
                        .with(EvolutionarySearch.Parameters.DEFAULTS)
                        .withEvaluations(30)));
    LcscResult opaque =
        search(
            Objective.of("opaque", parameters -> length.evaluate(parameters).score()),
            builder -> builder.evaluations(30));

    for (LcscResult result : List.of(asked, opaque)) {
      assertThat(result.search().gradients()).isZero();
      assertThat(result.evaluations()).isEqualTo(30);
    }
    assertThat(asked.coefficients()).isEqualTo(opaque.coefficients());
  }

  @Test
  void whatASearchCouldNotDoIsRefusedBeforeTheTraining() {
    MultiLayerNetwork network = Trainings.network(0.3);
    try (CheckpointWindow window = Trainings.window(network, 40, 2)) {
      SearchConfig gradient = new SearchConfig().with(GradientSearch.Parameters.DEFAULTS);
      SearchConfig growing =
          new SearchConfig()
              .with(Parts.with(GradientSearch.Parameters.DEFAULTS, Map.of("growth", List.of(0.5))));
      refuses(
          window,
          "search.strategy: objective length has no gradient on a share of its samples",
          builder -> builder.search(growing));
      refuses(
          window,
          "a strategy by gradients and batchNormData exclude each other, got both",
          builder ->
              builder
                  .search(gradient)
                  .batchNormData(() -> BatchNormStatistics.inputs(Trainings.data())));
      refuses(
          window,
          "evaluators of one's own, whose networks' statistics are not recomputed, and"
              + " batchNormData exclude each other, got both",
          builder ->
              builder
                  .control(SearchControl.DEFAULT.evaluatedBy(LocalEvaluator.factory(2)))
                  .batchNormData(() -> BatchNormStatistics.inputs(Trainings.data())));
    }
  }

  private static void refuses(
      CheckpointWindow window, String message, UnaryOperator<LcscListenerBuilder> settings) {
    LcscListenerBuilder builder = LcscListener.builder().window(window).objective(new Length());
    assertThatThrownBy(() -> settings.apply(builder).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(builder::buildSearches).hasMessage(message);
  }

  @Test
  void rangesOfNoiseLevelsAndBatchNormDataExcludeEachOther() {
    MultiLayerNetwork network = Trainings.network(0.3);
    try (CheckpointWindow window = Trainings.window(network, 40, 2)) {
      LcscListenerBuilder builder =
          LcscListener.builder()
              .window(window)
              .objective(new Length())
              .timeRanges(new TimeRanges(List.of(1.0)))
              .batchNormData(() -> BatchNormStatistics.inputs(Trainings.data()));

      assertThatThrownBy(builder::build)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("timeRanges and batchNormData exclude each other, got both");
    }
  }
}
