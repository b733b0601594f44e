package org.lcsc.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.schedule.FixedSchedule;

class RAdamTest {

  /** Parameters after so many updates of torch.optim.RAdam (1.13) with lr = 0.1, in float64. */
  private static final Map<Integer, double[]> PYTORCH =
      Map.of(
          1, new double[] {0.9, -2.05, 0.7},
          5, new double[] {0.5140001116291634, -2.242999944185418, 1.4719997767416733},
          6, new double[] {0.5124803891058547, -2.2445196665530562, 1.4735194993428171},
          12, new double[] {0.49439405762932453, -2.262605996742911, 1.491605831462685});

  @Test
  void updatesAreThoseOfPyTorch() {
    INDArray state = Nd4j.create(DataType.DOUBLE, 1, 6);
    GradientUpdater<RAdam> updater = new RAdam(new FixedSchedule(0.1)).instantiate(state, true);
    INDArray parameters = Nd4j.createFromArray(1.0, -2.0, 0.5);
    int compared = 0;
    for (int t = 0; t < 12; t++) {
      double factor = (1 + 0.1 * t) * (t % 5 == 4 ? -1 : 1);
      INDArray gradient = Nd4j.createFromArray(1.0, 0.5, -2.0).mul(factor).reshape(1, 3);
      updater.applyUpdater(gradient, t, 0);
      parameters.subi(gradient.reshape(3));
      double[] expected = PYTORCH.get(t + 1);
      if (expected != null) {
        compared++;
        for (int i = 0; i < 3; i++) {
          assertThat(parameters.getDouble(i))
              .as("parameter %d after %d updates", i, t + 1)
              .isCloseTo(expected[i], within(1e-9));
        }
      }
    }
    assertThat(compared).isEqualTo(PYTORCH.size());
  }

  @Test
  void trainsANetworkAndSurvivesItsFile() throws Exception {
    RAdam adam = new RAdam(new LearningRate(1e-2, 1e-4, 3, 40, LearningRate.Decay.COSINE));
    ComputationGraph whole = TinyGraph.of(new GlobalNormClip(adam, 1));
    ComputationGraph interrupted = TinyGraph.of(new GlobalNormClip(adam, 1));
    double before = whole.score(TinyGraph.batch(0));
    TinyGraph.fit(whole, 0, 20);
    TinyGraph.fit(interrupted, 0, 9);
    ComputationGraph resumed = TinyGraph.savedAndLoaded(interrupted);
    TinyGraph.fit(resumed, 9, 20);
    assertThat(whole.score(TinyGraph.batch(0))).isLessThan(before);
    assertThat(resumed.params()).isEqualTo(whole.params());
  }

  @Test
  void configurationSurvivesJson() {
    ComputationGraphConfiguration configuration =
        TinyGraph.configuration(new RAdam(new FixedSchedule(0.1)));
    assertThat(ComputationGraphConfiguration.fromJson(configuration.toJson()))
        .isEqualTo(configuration);
  }
}
