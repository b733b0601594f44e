package org.lcsc.averaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.lcsc.checkpoint.CheckpointWindow;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class CoefficientsTest {

  private static long[] regular(int size, int interval, long newest) {
    return LongStream.range(0, size).map(k -> newest - (size - 1 - k) * interval).toArray();
  }

  @Test
  void regularIntervalsGiveAGeometricSeriesOfTheRateToTheInterval() {
    double rate = 0.9999;
    int interval = 100;
    double[] coefficients = EmaCoefficients.of(rate, regular(400, interval, 800_000));
    double perStep = Math.pow(rate, interval);
    double scale = (1 - perStep) / (1 - Math.pow(perStep, 400));
    for (int k = 0; k < 400; k++) {
      assertThat(coefficients[k])
          .as("checkpoint %d", k)
          .isCloseTo(scale * Math.pow(perStep, 399 - k), within(1e-14));
    }
  }

  @Test
  void coefficientsSumToOneAtEveryRateOfThePaper() {
    for (double rate : new double[] {0, 0.9, 0.999, 0.9999, 0.999943, 0.99995, 0.99999}) {
      double[] coefficients = EmaCoefficients.of(rate, regular(250, 200, 500_000));
      assertThat(Arrays.stream(coefficients).sum()).as("rate %s", rate).isCloseTo(1, within(1e-12));
      assertThat(coefficients).doesNotContain(Double.NaN);
    }
  }

  @Test
  void theTailBeforeTheWindowDoesNotLandOnTheOldest() {
    double[] coefficients = EmaCoefficients.of(0.99999, regular(400, 100, 800_000));
    assertThat(coefficients[0]).isCloseTo(coefficients[1] * Math.pow(0.99999, 100), within(1e-15));
  }

  @Test
  void rateZeroTakesTheNewestAndARateNearOneTakesAllEqually() {
    assertThat(EmaCoefficients.of(0, new long[] {10, 20, 30})).containsExactly(0, 0, 1);
    assertThat(EmaCoefficients.of(1 - 2.5e-8, new long[] {20_000_000, 40_000_000}))
        .as("a rate that is 1 in float32")
        .satisfies(c -> assertThat(c[0] + c[1]).isEqualTo(1));
    double[] nearOne = EmaCoefficients.of(1 - 1e-7, regular(5, 10, 50));
    for (double coefficient : nearOne) {
      assertThat(coefficient).isCloseTo(0.2, within(1e-5));
    }
  }

  @Test
  void irregularCheckpointsCarryTheMassOfTheIterationsTheyStandFor() {
    // Sums of 0.5^(10 - i): iterations 7..8, 9, 10, and the oldest, 6, like its successor, 5..6.
    double[] coefficients = EmaCoefficients.of(0.5, new long[] {6, 8, 9, 10});
    double[] mass = {Math.pow(.5, 5) + Math.pow(.5, 4), Math.pow(.5, 3) + Math.pow(.5, 2), .5, 1};
    double sum = Arrays.stream(mass).sum();
    for (int k = 0; k < 4; k++) {
      assertThat(coefficients[k]).as("checkpoint %d", k).isCloseTo(mass[k] / sum, within(1e-15));
    }
  }

  @Test
  void theOldestStandsForNothingBeforeTheFirstUpdate() {
    // Iteration 1 stands for itself although its successor stands for 99 iterations.
    double[] coefficients = EmaCoefficients.of(0.99, new long[] {1, 100});
    double oldest = Math.pow(0.99, 99) * 0.01;
    double newest = 1 - Math.pow(0.99, 99);
    assertThat(coefficients[0]).isCloseTo(oldest / (oldest + newest), within(1e-15));
  }

  @Test
  void aSingleCheckpointTakesAll() {
    assertThat(EmaCoefficients.of(0.999, new long[] {40})).containsExactly(1);
    assertThat(EmaCoefficients.of(0.999, new long[] {0})).containsExactly(1);
  }

  @Test
  void everyCheckpointRecordedGivesTheTrueAverageUpToTheTail() {
    double rate = 0.9;
    int updates = 200;
    Random random = new Random(5);
    float[] walk = new float[8];
    ExponentialMovingAverage average =
        new ExponentialMovingAverage(rate, Nd4j.createFromArray(walk));
    try (CheckpointWindow window = CheckpointWindow.builder(8).window(120).interval(1).build()) {
      for (int n = 1; n <= updates; n++) {
        for (int i = 0; i < walk.length; i++) {
          walk[i] += (float) (0.1 * random.nextGaussian());
        }
        INDArray parameters = Nd4j.createFromArray(walk);
        average.update(parameters);
        window.record(n, parameters);
      }
      // The tail has mass 0.9^120 = 3e-6.
      float[] merged = window.merge(EmaCoefficients.of(rate, window.iterations())).toFloatVector();
      float[] expected = average.parameters().toFloatVector();
      for (int i = 0; i < walk.length; i++) {
        assertThat(merged[i]).isCloseTo(expected[i], within(2e-5f));
        assertThat(Math.abs(merged[i] - walk[i])).as("not the last weights").isGreaterThan(1e-3f);
      }
    }
  }

  @Test
  void uniformCoefficientsAreEqual() {
    assertThat(LawaCoefficients.of(4, 4)).containsExactly(.25, .25, .25, .25);
    assertThatThrownBy(() -> LawaCoefficients.of(0, 0))
        .hasMessage("averaged checkpoints must be from 1 to 0, got 0");
  }

  @Test
  void badInputIsNamed() {
    assertThatThrownBy(() -> EmaCoefficients.of(1, new long[] {1, 2}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got 1.0");
    assertThatThrownBy(() -> EmaCoefficients.of(0.9, new long[] {}))
        .hasMessage("an average needs a checkpoint, got no iterations");
    assertThatThrownBy(() -> EmaCoefficients.of(0.9, new long[] {5, 5}))
        .hasMessage("iterations must ascend, got 5 after 5");
  }
}
