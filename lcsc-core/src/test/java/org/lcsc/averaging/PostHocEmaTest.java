package org.lcsc.averaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.checkpoint.CheckpointWindow;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class PostHocEmaTest {

  private static final int PARAMETERS = 50;

  /** Weights that drift and wander, after update t. */
  private static INDArray[] path(int updates) {
    Random random = new Random(8);
    INDArray[] path = new INDArray[updates];
    float[] position = new float[PARAMETERS];
    for (int t = 0; t < updates; t++) {
      for (int i = 0; i < PARAMETERS; i++) {
        position[i] += (float) ((1 - position[i]) * 0.01 + 0.05 * random.nextGaussian());
      }
      path[t] = Nd4j.createFromArray(position.clone());
    }
    return path;
  }

  @ParameterizedTest
  @CsvSource({"0.05, 16.97", "0.10, 6.94"})
  void exponentsAreThePapers(double width, double exponent) {
    // Karras et al. 2024: sigma_rel = 0.05 and 0.10 correspond to gamma = 16.97 and 6.94.
    assertThat(PowerProfile.ofWidth(width).exponent()).isCloseTo(exponent, within(0.005));
    assertThat(PowerProfile.ofWidth(PowerProfile.WIDEST).exponent()).isCloseTo(0, within(1e-6));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.02, 0.1, 0.25})
  void profilesHaveMassOneAndTheirWidth(double width) {
    PowerProfile profile = PowerProfile.ofWidth(width);
    int steps = 100_000;
    double mass = 0;
    double mean = 0;
    double square = 0;
    double product = 0;
    for (int i = 1; i <= steps; i++) {
      double m = profile.mass(i - 1, i, steps);
      double middle = (i - 0.5) / steps;
      mass += m;
      mean += m * middle;
      square += m * middle * middle;
      product += m * m * steps;
    }
    assertThat(mass).isCloseTo(1, within(1e-9));
    assertThat(Math.sqrt(square - mean * mean)).isCloseTo(width, within(1e-6));
    assertThat(profile.product(1, profile, 1)).isCloseTo(product, within(1e-3 * product));
  }

  @Test
  void productsOfDifferentTimesEqualTheIntegral() {
    PowerProfile a = PowerProfile.ofWidth(0.05);
    PowerProfile b = PowerProfile.ofWidth(0.2);
    int steps = 200_000;
    double sum = 0;
    for (int i = 1; i <= steps; i++) {
      // Times 0.6 and 1.
      double first = i <= 0.6 * steps ? a.mass(i - 1, i, 0.6 * steps) : 0;
      sum += first * b.mass(i - 1, i, steps) * steps;
    }
    assertThat(a.product(0.6, b, 1)).isCloseTo(sum, within(1e-3));
    assertThat(b.product(1, a, 0.6)).isCloseTo(a.product(0.6, b, 1), within(1e-12));
  }

  @Test
  void theRunningAverageHasTheProfilesMasses() {
    INDArray[] path = path(300);
    PowerEma ema = new PowerEma(0.1, PARAMETERS);
    PowerProfile profile = PowerProfile.ofWidth(0.1);
    double[] expected = new double[PARAMETERS];
    for (int t = 1; t <= path.length; t++) {
      ema.update(path[t - 1]);
      double mass = profile.mass(t - 1, t, path.length);
      for (int i = 0; i < PARAMETERS; i++) {
        expected[i] += mass * path[t - 1].getDouble(i);
      }
    }
    assertThat(ema.parameters().data().asDouble()).containsExactly(expected, within(1e-5));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.1})
  void aKnownAverageIsReconstructedToRounding(double width) {
    try (PostHocEma averages = new PostHocEma(0.05, 0.1, PARAMETERS, 25, 10)) {
      INDArray[] path = path(210);
      Arrays.stream(path).forEach(averages::update);
      INDArray known = averages.average(width == 0.05 ? 0 : 1).parameters();
      assertThat(averages.reconstruct(width).data().asDouble())
          .containsExactly(known.data().asDouble(), within(1e-5));
      // At a snapshot's own time as well.
      for (int t = 210; t < 225; t++) {
        averages.update(path[t - 200]);
      }
      assertThat(averages.reconstruct(width).data().asDouble())
          .containsExactly(known.data().asDouble(), within(1e-5));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.06, 0.08, 0.12, 0.15, 0.2})
  void anyOtherWidthComesCloseToTheAverageKeptAllAlong(double width) {
    INDArray[] path = path(1000);
    PowerEma kept = new PowerEma(width, PARAMETERS);
    PowerEma nearest = new PowerEma(width > 0.075 ? 0.1 : 0.05, PARAMETERS);
    try (PostHocEma averages = new PostHocEma(0.05, 0.1, PARAMETERS, 25, 40)) {
      for (INDArray weights : path) {
        averages.update(weights);
        kept.update(weights);
        nearest.update(weights);
      }
      INDArray expected = kept.parameters();
      double error = averages.reconstruct(width).distance2(expected);
      assertThat(error).isLessThan(0.05 * nearest.parameters().distance2(expected));
    }
  }

  /** The profiles of the snapshots, weighted and summed step by step, beside that of the width. */
  @ParameterizedTest
  @CsvSource({"0.1, 40, 0", "0.15, 40, 0.01", "0.25, 40, 0.05", "0.25, 12, 1", "0.15, 6, 1"})
  void theErrorIsThatOfTheProfiles(double width, int snapshots, double most) {
    int updates = 1000;
    INDArray weights = Nd4j.zeros(1);
    try (PostHocEma averages = new PostHocEma(0.05, 0.1, 1, 25, snapshots)) {
      for (int t = 1; t <= updates; t++) {
        averages.update(weights);
      }
      // The last snapshot is of now, and the average itself.
      int kept = Math.min(snapshots, updates / 25);
      long[] times = new long[kept];
      for (int i = 0; i < kept; i++) {
        times[i] = updates - 25L * (kept - 1 - i);
      }
      double[] solved = averages.weights(new long[][] {times, times}, width);
      int steps = 50_000;
      double difference = 0;
      double own = 0;
      for (int i = 1; i <= steps; i++) {
        double from = (double) (i - 1) * updates / steps;
        double to = (double) i * updates / steps;
        double expected = PowerProfile.ofWidth(width).mass(from, to, updates);
        double found = 0;
        for (int j = 0; j < 2 * kept; j++) {
          double time = times[j % kept];
          if (to <= time) {
            found += solved[j] * averages.average(j / kept).profile().mass(from, to, time);
          }
        }
        difference += (found - expected) * (found - expected);
        own += expected * expected;
      }
      double error = averages.error(width);
      assertThat(error).isCloseTo(Math.sqrt(difference / own), within(2e-3));
      assertThat(error).isLessThanOrEqualTo(most + 1e-6);
      if (most == 1) {
        assertThat(error).isGreaterThan(0.1);
      }
    }
  }

  @Test
  void aKnownAverageNeedsNoSnapshot() {
    try (PostHocEma averages = new PostHocEma(0.05, 0.1, PARAMETERS, 25, 10)) {
      Arrays.stream(path(3)).forEach(averages::update);
      for (int i = 0; i < 2; i++) {
        assertThat(averages.reconstruct(averages.average(i).profile().width()).data().asDouble())
            .containsExactly(averages.average(i).parameters().data().asDouble(), within(1e-6));
      }
    }
  }

  @Test
  void weightsSumToOneWhereTheFitIsPoor() {
    try (PostHocEma averages = new PostHocEma(0.05, 0.1, PARAMETERS, 25, 10)) {
      Arrays.stream(path(100)).forEach(averages::update);
      double[] weights = averages.weights(new long[][] {{80, 100}, {100}}, 0.28);
      assertThat(weights).hasSize(3);
      assertThat(Arrays.stream(weights).sum()).isCloseTo(1, within(1e-12));
    }
  }

  @Test
  void savedAveragesContinueToTheSameReconstruction() {
    INDArray[] path = path(12);
    try (PostHocEma whole = new PostHocEma(0.05, 0.1, PARAMETERS, 5, 3);
        PostHocEma rest = new PostHocEma(0.05, 0.1, PARAMETERS, 5, 3)) {
      Arrays.stream(path, 0, 7).forEach(whole::update);
      rest.restore(whole.average(0).parameters(), whole.average(1).parameters(), whole.updates());
      for (int i = 0; i < 2; i++) {
        assertThat(whole.snapshots(i).iterations()).containsExactly(5);
        rest.snapshots(i).record(5, whole.snapshots(i).checkpoint(0));
      }
      for (int t = 7; t < 12; t++) {
        whole.update(path[t]);
        rest.update(path[t]);
      }
      assertThat(rest.reconstruct(0.15)).isEqualTo(whole.reconstruct(0.15));
      assertThat(rest)
          .hasToString(
              "PostHocEma(PowerEma(width=0.05, updates=12), PowerEma(width=0.1, updates=12),"
                  + " every 5)");
    }
  }

  @Test
  void closingFreesTheSnapshots() {
    PostHocEma averages = new PostHocEma(0.05, 0.1, 3, 1, 1);
    averages.close();
    for (int i = 0; i < 2; i++) {
      CheckpointWindow snapshots = averages.snapshots(i);
      assertThatIllegalStateException()
          .isThrownBy(() -> snapshots.checkpoint(0))
          .withMessageContaining("closed");
    }
  }

  @Test
  void windowCoefficientsAreTheProfilesMasses() {
    double[] coefficients = PowerEmaCoefficients.of(0.1, new long[] {10, 20, 30});
    double power = PowerProfile.ofWidth(0.1).exponent() + 1;
    double first = Math.pow(1 / 3.0, power);
    double second = Math.pow(2 / 3.0, power);
    assertThat(coefficients)
        .containsExactly(new double[] {first, second - first, 1 - second}, within(1e-12));
    // The window began later: what lies before it is left out.
    double[] late = PowerEmaCoefficients.of(0.1, new long[] {20, 30});
    assertThat(late[0]).isCloseTo((second - first) / (1 - first), within(1e-12));
    assertThat(PowerEmaCoefficients.of(0.1, new long[] {7})).containsExactly(1);
    assertThat(PowerEmaCoefficients.of(0.1, new long[] {1})).containsExactly(1);
  }

  @Test
  void lawaAveragesTheNewest() {
    assertThat(LawaCoefficients.of(2, 5)).containsExactly(0, 0, 0, 0.5, 0.5);
    assertThat(LawaCoefficients.of(1, 2)).containsExactly(0, 1);
    assertThat(LawaCoefficients.of(2, 2)).containsExactly(0.5, 0.5);
    assertThat(LawaCoefficients.grid(100)).containsExactly(50, 25, 12);
    assertThat(LawaCoefficients.grid(4)).containsExactly(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LawaCoefficients.of(6, 5))
        .withMessageContaining("from 1 to 5, got 6");
  }

  @Test
  void refusesWhatCannotWork() {
    for (double width : new double[] {0, 0.3, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> PowerProfile.ofWidth(width))
          .withMessageEndingWith("got " + width);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PostHocEma(0.1, 0.1, 3, 1, 1))
        .withMessageContaining("ascend");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PowerEmaCoefficients.of(0.1, new long[] {20, 10}))
        .withMessageContaining("10 after 20");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PowerEmaCoefficients.of(0.1, new long[] {20, 20}))
        .withMessageContaining("20 after 20");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PowerEmaCoefficients.of(0.1, new long[] {0, 20}))
        .withMessageEndingWith("from 1 on, got 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PowerEmaCoefficients.of(0.1, new long[0]))
        .withMessageEndingWith("from 1 on, got none");
    try (PostHocEma averages = new PostHocEma(0.05, 0.1, 3, 1, 1)) {
      assertThatIllegalStateException()
          .isThrownBy(() -> averages.reconstruct(0.1))
          .withMessageContaining("there was none");
    }
  }
}
