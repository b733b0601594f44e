package org.lcsc.experiment.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lcsc.objective.StageSeconds;

class PairedComparisonTest {

  private static Scores scores(Double fid) {
    Scores.Space space = new Scores.Space("FID", "x", fid, List.of());
    return new Scores(10, true, List.of(space), null, null, StageSeconds.ZERO);
  }

  @Test
  void agreesWithStudentsPairedTest() {
    // scipy.stats.ttest_rel of these: differences 1, 2, 3, mean 2, standard error 1 / sqrt(3).
    PairedComparison c =
        PairedComparison.of("FID", new double[] {5, 6, 7}, new double[] {6, 8, 10});
    assertThat(c.first()).isCloseTo(6, within(1e-12));
    assertThat(c.second()).isCloseTo(8, within(1e-12));
    assertThat(c.difference()).isCloseTo(2, within(1e-12));
    assertThat(c.halfWidth()).isCloseTo(4.302653 / Math.sqrt(3), within(1e-4));
    assertThat(c.significant()).isFalse();
  }

  @Test
  void whatBothShareCancels() {
    Random random = new Random(1);
    double[] first = new double[8];
    double[] second = new double[8];
    for (int i = 0; i < 8; i++) {
      double shared = 10 * random.nextGaussian();
      first[i] = shared + 0.01 * random.nextGaussian();
      second[i] = shared + 0.1 + 0.01 * random.nextGaussian();
    }
    PairedComparison c = PairedComparison.of("FID", first, second);
    assertThat(c.significant()).isTrue();
    assertThat(c.halfWidth()).isLessThan(0.03);
  }

  @Test
  void theIntervalHoldsTheTruthNineteenTimesOfTwenty() {
    for (int seeds : new int[] {3, 40}) {
      Random random = new Random(2);
      int inside = 0;
      for (int trial = 0; trial < 2000; trial++) {
        double[] first = new double[seeds];
        double[] second = new double[seeds];
        for (int i = 0; i < seeds; i++) {
          second[i] = random.nextGaussian() + 1;
        }
        PairedComparison c = PairedComparison.of("FID", first, second);
        inside += Math.abs(c.difference() - 1) <= c.halfWidth() ? 1 : 0;
      }
      assertThat(inside / 2000.0).as("%d seeds", seeds).isCloseTo(0.95, within(0.015));
    }
  }

  @Test
  void metricsThatOneSeedLacksAreLeftOut() {
    assertThat(
            PairedComparison.of(
                List.of(scores(1.0), scores(null)), List.of(scores(1.0), scores(2.0))))
        .isEmpty();
    assertThat(
            PairedComparison.of(
                List.of(scores(1.0), scores(2.0)), List.of(scores(1.0), scores(2.0))))
        .singleElement()
        .isEqualTo(new PairedComparison("FID", 1.5, 1.5, 0, 0));
  }

  @Test
  void oneSeedIsTooFew() {
    assertThatThrownBy(() -> PairedComparison.of(List.of(scores(1.0)), List.of(scores(1.0))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 2 seeds");
  }
}
