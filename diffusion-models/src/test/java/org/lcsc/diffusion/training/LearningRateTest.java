package org.lcsc.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.lcsc.diffusion.training.LearningRate.Decay;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;

class LearningRateTest {

  /** From 0.8 after 4 iterations to 0.2 after 12. */
  @ParameterizedTest
  @CsvSource({
    "CONSTANT, 0, 0.2",
    "CONSTANT, 3, 0.8",
    "CONSTANT, 12, 0.8",
    "LINEAR, 0, 0.2",
    "LINEAR, 1, 0.4",
    "LINEAR, 3, 0.8",
    "LINEAR, 4, 0.8",
    "LINEAR, 6, 0.65",
    "LINEAR, 8, 0.5",
    "LINEAR, 12, 0.2",
    "LINEAR, 99, 0.2",
    "COSINE, 2, 0.6",
    "COSINE, 4, 0.8",
    "COSINE, 6, 0.712132034356",
    "COSINE, 8, 0.5",
    "COSINE, 10, 0.287867965644",
    "COSINE, 12, 0.2",
    "COSINE, 99, 0.2"
  })
  void warmsUpAndDecays(Decay decay, int iteration, double expected) {
    LearningRate rate = new LearningRate(0.8, 0.2, 4, 12, decay);
    assertThat(rate.valueAt(iteration, 0)).isCloseTo(expected, within(1e-12));
    assertThat(rate.valueAt(iteration, 7))
        .as("epochs count for nothing")
        .isCloseTo(expected, within(1e-12));
  }

  @Test
  void withoutWarmUpItStartsAtTheFullRate() {
    assertThat(new LearningRate(0.8, 0, 0, 10, Decay.LINEAR).valueAt(0, 0)).isEqualTo(0.8);
    assertThat(new LearningRate(0.8, 0, 0, 10, Decay.LINEAR).valueAt(10, 0)).isZero();
  }

  @Test
  void networksTrainAtIt() {
    ComputationGraph graph =
        TinyGraph.of(
            Sgd.builder()
                .learningRateSchedule(new LearningRate(0.4, 0, 4, 8, Decay.CONSTANT))
                .build());
    ComputationGraph fixed = TinyGraph.of(new Sgd(0.4));
    INDArray start = graph.params().dup();
    TinyGraph.fit(graph, 0, 1);
    TinyGraph.fit(fixed, 0, 1);
    INDArray expected = fixed.params().sub(start).divi(4);
    assertThat(graph.params().sub(start).sub(expected).amaxNumber().doubleValue()).isLessThan(1e-6);
  }

  @ParameterizedTest
  @EnumSource(Decay.class)
  void configurationSurvivesJson(Decay decay) {
    LearningRate rate = new LearningRate(1e-3, 2e-5, 10, 1000, decay);
    ComputationGraphConfiguration configuration =
        TinyGraph.configuration(Sgd.builder().learningRateSchedule(rate).build());
    assertThat(ComputationGraphConfiguration.fromJson(configuration.toJson()))
        .isEqualTo(configuration);
    assertThat(rate.clone()).isEqualTo(rate).hasSameHashCodeAs(rate);
    assertThat(rate).isNotEqualTo(new LearningRate(1e-3, 2e-5, 11, 1000, decay));
  }

  @Test
  void refusesValuesOutOfRange() {
    refused("learning rate: expected above 0, got 0.0", 0, 0, 0, 10);
    refused("learning rate: expected above 0, got NaN", Double.NaN, 0, 0, 10);
    refused("last learning rate: expected at least 0, got -1.0", 1, -1, 0, 10);
    refused("warm-up: expected at least 0 and below the 10 iterations, got -1", 1, 0, -1, 10);
    refused("warm-up: expected at least 0 and below the 10 iterations, got 10", 1, 0, 10, 10);
    assertThatNullPointerException()
        .isThrownBy(() -> new LearningRate(1, 0, 0, 10, null))
        .withMessage("decay");
  }

  private static void refused(String message, double initial, double last, int warmup, int end) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LearningRate(initial, last, warmup, end, Decay.LINEAR))
        .withMessage(message);
  }
}
