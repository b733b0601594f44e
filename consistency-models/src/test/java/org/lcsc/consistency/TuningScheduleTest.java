package org.lcsc.consistency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TuningScheduleTest {

  /** With b = 0, n is 1 + k / 2 = 2 at every level. */
  @ParameterizedTest
  @CsvSource({"0, 0", "2, 0", "3, 0.5", "5, 0.5", "6, 0.75", "8, 0.75", "9, 0.75", "1000, 0.75"})
  void theGapIsDividedFromStageToStage(int iteration, double share) {
    TuningSchedule schedule = new TuningSchedule(2, 2, 0, 3);
    assertThat(schedule.smaller(5, iteration, 9)).isCloseTo(5 * share, within(1e-12));
  }

  @Test
  void theGapIsWiderAtLowNoise() {
    // n(1) = 1 + 3 / (1 + 2) = 2 and n(2) = 1 + 3 / (1 + 4) = 1.6.
    TuningSchedule schedule = new TuningSchedule(4, 3, Math.log(2), 1);
    assertThat(schedule.smaller(1, 0, 10)).isCloseTo(0.5, within(1e-12));
    assertThat(schedule.smaller(2, 0, 10)).isCloseTo(1.2, within(1e-12));
    assertThat(schedule.smaller(80, 0, 10)).isCloseTo(60, within(1e-9));
  }

  @Test
  void stagesOfLongTrainingsDoNotOverflow() {
    TuningSchedule schedule = new TuningSchedule(2, 0, 0, 20);
    int iterations = Integer.MAX_VALUE;
    assertThat(schedule.smaller(1, iterations, iterations)).isEqualTo(1 - 1.0 / (1 << 20));
  }
}
