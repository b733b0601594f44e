package org.lcsc.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;

class GlobalNormClipTest {

  private static final double RATE = 0.5;

  /** The change that one update makes. */
  private static INDArray step(IUpdater updater) {
    ComputationGraph graph = TinyGraph.of(updater);
    INDArray before = graph.params().dup();
    TinyGraph.fit(graph, 0, 1);
    return graph.params().sub(before);
  }

  @Test
  void theGradientOfAllLayersTogetherIsScaledToTheNorm() {
    INDArray plain = step(new Sgd(RATE));
    double norm = plain.norm2Number().doubleValue() / RATE;
    double clip = norm / 4;
    INDArray clipped = step(new GlobalNormClip(new Sgd(RATE), clip));
    assertThat(clipped.norm2Number().doubleValue()).isCloseTo(RATE * clip, withinPercentage(1e-3));
    INDArray expected = plain.mul(clip / norm);
    assertThat(clipped.sub(expected).amaxNumber().doubleValue()).isLessThan(1e-6);
  }

  @Test
  void aGradientBelowTheNormIsLeftAlone() {
    INDArray plain = step(new Sgd(RATE));
    double norm = plain.norm2Number().doubleValue() / RATE;
    assertThat(step(new GlobalNormClip(new Sgd(RATE), 1.01 * norm))).isEqualTo(plain);
  }

  @Test
  void configurationSurvivesJson() {
    IUpdater clip =
        new GlobalNormClip(
            Adam.builder()
                .learningRateSchedule(
                    new LearningRate(1e-3, 1e-5, 10, 100, LearningRate.Decay.COSINE))
                .build(),
            0.7);
    ComputationGraphConfiguration configuration = TinyGraph.configuration(clip);
    ComputationGraphConfiguration read =
        ComputationGraphConfiguration.fromJson(configuration.toJson());
    assertThat(read).isEqualTo(configuration);
    assertThat(read.toJson()).isEqualTo(configuration.toJson()).contains("0.7");
    assertThat(clip.clone()).isEqualTo(clip).hasSameHashCodeAs(clip);
    assertThat(clip).isNotEqualTo(new GlobalNormClip(clip, 0.8));
  }

  @Test
  void aTrainingResumedFromAFileGoesOnToTheBit() throws IOException {
    for (IUpdater inner :
        new IUpdater[] {
          new Nesterovs(0.1, 0.9),
          Adam.builder()
              .learningRateSchedule(new LearningRate(.1, 0, 3, 12, LearningRate.Decay.LINEAR))
              .build()
        }) {
      ComputationGraph undisturbed = TinyGraph.of(new GlobalNormClip(inner, 0.3));
      TinyGraph.fit(undisturbed, 0, 5);
      ComputationGraph resumed = TinyGraph.savedAndLoaded(undisturbed);
      TinyGraph.fit(undisturbed, 5, 12);
      TinyGraph.fit(resumed, 5, 12);
      assertThat(resumed.getIterationCount()).isEqualTo(12);
      assertThat(resumed.params()).isEqualTo(undisturbed.params());
      assertThat(resumed.getUpdater().getStateViewArray())
          .isEqualTo(undisturbed.getUpdater().getStateViewArray());
    }
  }

  @Test
  void reportsTheLearningRateOfWhatItWraps() {
    GlobalNormClip clip = new GlobalNormClip(new Sgd(RATE), 1);
    assertThat(clip.hasLearningRate()).isTrue();
    assertThat(clip.getLearningRate(3, 0)).isEqualTo(RATE);
    clip.setLrAndSchedule(0.25, null);
    assertThat(clip.getLearningRate(3, 0)).isEqualTo(0.25);
    assertThat(clip.stateSize(10)).isZero();
    assertThat(new GlobalNormClip(new Adam(1e-3), 1).stateSize(10)).isEqualTo(20);
  }

  @Test
  void refusesANormThatIsNotAboveZero() {
    for (double norm : new double[] {0, -1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new GlobalNormClip(new Sgd(RATE), norm))
          .withMessage("gradient norm: expected above 0, got " + norm);
    }
    assertThatNullPointerException().isThrownBy(() -> new GlobalNormClip(null, 1));
  }
}
