package org.lcsc.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.earlystopping.scorecalc.ClassificationScoreCalculator;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lcsc.io.HostArrays;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.Objective;
import org.lcsc.objective.SeededNoise;
import org.nd4j.evaluation.classification.Evaluation.Metric;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class ScoreCalculatorObjectiveTest {

  private static DataSet data;
  private static MultiLayerNetwork network;
  private static INDArray untrained;

  @BeforeAll
  static void train() {
    float[] features = HostArrays.floats(new SeededNoise(1).gaussian(0, 0, 64, 2));
    float[] labels = new float[features.length];
    for (int i = 0; i < labels.length; i += 2) {
      labels[features[i] > features[i + 1] ? i : i + 1] = 1;
    }
    long[] shape = {64, 2};
    data = new DataSet(Nd4j.create(features, shape, 'c'), Nd4j.create(labels, shape, 'c'));
    network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(0.1))
                .list()
                .layer(new DenseLayer.Builder().nIn(2).nOut(6).activation(Activation.TANH).build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(6)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
    network.init();
    untrained = network.params().dup();
    for (int i = 0; i < 25; i++) {
      network.fit(data);
    }
  }

  private static DataSetIterator validation() {
    return new ListDataSetIterator<>(List.of(data), 64);
  }

  @Test
  void lossIsTheCalculatorsLossAndFallsWithTraining() {
    Objective objective =
        ScoreCalculatorObjective.of(network, new DataSetLossCalculator(validation(), true));
    assertThat(objective.name()).isEqualTo("data-set-loss");
    Evaluation before = objective.evaluate(untrained);
    Evaluation after = objective.evaluate(network.params());
    assertThat(after.score())
        .isEqualTo(new DataSetLossCalculator(validation(), true).calculateScore(network));
    assertThat(after.score()).isLessThan(0.5 * before.score());
    assertThat(objective.evaluate(untrained))
        .extracting(Evaluation::score)
        .isEqualTo(before.score());
    assertThat(after.seconds().sampling()).isPositive();
  }

  @Test
  void accuracyIsNegated() {
    ClassificationScoreCalculator accuracy =
        new ClassificationScoreCalculator(Metric.ACCURACY, validation());
    assertThat(accuracy.minimizeScore()).isFalse();
    Objective objective = ScoreCalculatorObjective.of(network, accuracy);
    double expected = network.evaluate(validation()).accuracy();
    assertThat(expected).isGreaterThan(0.9);
    assertThat(objective.evaluate(network.params()).score()).isCloseTo(-expected, within(1e-12));
  }

  @Test
  void graphScoresLikeTheNetworkItEquals() {
    ComputationGraph graph = network.toComputationGraph();
    Objective ofGraph =
        ScoreCalculatorObjective.of(graph, new DataSetLossCalculator(validation(), true));
    Objective ofNetwork =
        ScoreCalculatorObjective.of(network, new DataSetLossCalculator(validation(), true));
    assertThat(ofGraph.evaluate(graph.params()).score())
        .isCloseTo(ofNetwork.evaluate(network.params()).score(), within(1e-6));
  }

  @Test
  void leavesTheGivenNetworkListenersAndGlobalGeneratorAlone() {
    var listener = new org.deeplearning4j.optimize.listeners.CollectScoresIterationListener();
    network.setListeners(listener);
    INDArray before = network.params().dup();
    long state = Nd4j.getRandom().rootState();
    Objective objective =
        ScoreCalculatorObjective.of(network, new DataSetLossCalculator(validation(), true));
    INDArray candidate = before.add(0.5);
    INDArray copy = candidate.dup();
    objective.evaluate(candidate);
    assertThat(network.params()).isEqualTo(before);
    assertThat(candidate).isEqualTo(copy);
    assertThat(List.copyOf(network.getListeners())).isEqualTo(List.of(listener));
    network.setListeners();
    assertThat(Nd4j.getRandom().rootState()).isEqualTo(state);
  }

  @Test
  void nonFiniteParametersGiveANonFiniteScore() {
    Objective objective =
        ScoreCalculatorObjective.of(network, new DataSetLossCalculator(validation(), true));
    INDArray broken = network.params().dup();
    broken.assign(Float.NaN);
    assertThat(objective.evaluate(broken).isFinite()).isFalse();
  }

  @Test
  void refusesAnotherNumberOfParameters() {
    Objective objective =
        ScoreCalculatorObjective.of(network, new DataSetLossCalculator(validation(), true));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> objective.evaluate(Nd4j.zeros(3)))
        .withMessageContaining("32 parameters, got 3");
  }
}
