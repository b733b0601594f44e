package org.lcsc.cli.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.lcsc.cli.plan.TrainingTime.Point;
import org.lcsc.objective.StageSeconds;

class SpreadPlanTest {

  private static final long WINDOW = 1_000_000_000;

  private static SpreadPlan plan(double seconds, int evaluations, int generation) {
    return plan(new StageSeconds(0, seconds, 0, 0), false, evaluations, generation);
  }

  private static SpreadPlan plan(
      StageSeconds seconds, boolean overlapped, int evaluations, int generation) {
    return new SpreadPlan(
        new SearchCost(seconds, overlapped, evaluations), generation, WINDOW, 20, 100e6);
  }

  @Test
  void everyRoundTakesAnEvaluationAndTheWindowIsMovedOnce() {
    SpreadPlan plan = plan(2, 100, 16);
    assertThat(plan.alone()).isEqualTo(200);
    assertThat(plan.overhead()).isEqualTo(30);
    // Six generations of 16 in two rounds each on 8, and 4 candidates in one.
    assertThat(plan.seconds(8)).isCloseTo(30 + 2 * 13, within(1e-9));
    // 5 executors leave one of their 20 places in four rounds empty each generation.
    assertThat(plan.seconds(5)).isCloseTo(30 + 2 * (6 * 4 + 1), within(1e-9));
  }

  @Test
  void moreExecutorsThanCandidatesDoNotHelp() {
    SpreadPlan plan = plan(2, 160, 16);
    assertThat(plan.seconds(32)).isEqualTo(plan.seconds(16));
  }

  @Test
  void itPaysOnceTheSavingIsMoreThanTheStart() {
    assertThat(plan(2, 100, 16).pays()).hasValue(2);
    // 30 s in all, and 30 s of overhead.
    assertThat(plan(0.3, 100, 16).pays()).isEmpty();
    // 8.4 s to save: six generations of at most three rounds, for which 5 executors are too few.
    assertThat(plan(0.4, 96, 16).pays()).hasValue(6);
    assertThat(plan(0.4, 96, 1).pays()).isEmpty();
  }

  /** Merging 1, sampling 6, features 2, statistics 1 s. */
  @Test
  void everyExecutorMergesTheWholeGeneration() {
    StageSeconds seconds = new StageSeconds(1, 6, 2, 1);
    SpreadPlan plan = plan(seconds, false, 36, 16);
    assertThat(plan.seconds(1)).isCloseTo(30 + plan.alone(), within(1e-9));
    // Five rounds of the rest, and all 36 merged.
    assertThat(plan.seconds(8)).isCloseTo(30 + 5 * 9 + 36, within(1e-9));
    // Beyond that, one round a generation, and merging as before.
    assertThat(plan.seconds(1000)).isCloseTo(30 + 3 * 9 + 36, within(1e-9));
    // Where it continues while others are sampled, the longer counts: 16 s of sampling against 18,
    // and for the rest of four 8 against 5.
    assertThat(plan(seconds, true, 36, 16).seconds(8)).isCloseTo(30 + 18 + 18 + 8, within(1e-9));
  }

  @Test
  void mergingAloneIsNotSpread() {
    SpreadPlan plan = plan(new StageSeconds(10, 0.001, 0, 0), false, 160, 16);
    assertThat(plan.pays()).isEmpty();
  }

  @Test
  void aPointIsAnIterationWithOrWithoutItsBatch() {
    assertThat(Point.parse("600", 64)).isEqualTo(new Point(600, 64));
    assertThat(Point.parse("100000@128", 512)).isEqualTo(new Point(100_000, 128));
    for (String wrong : new String[] {"", "x", "1@2@3", "5@"}) {
      assertThatThrownBy(() -> Point.parse(wrong, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("not an iteration (" + wrong + ")");
    }
    assertThatThrownBy(() -> Point.parse("0", 1)).hasMessageContaining("too small (0)");
  }

  @Test
  void trainingTimeFollowsTheImagesSeen() {
    TrainingTime training = TrainingTime.ofIteration(0.5, 7200, 64);
    assertThat(training.hours()).isCloseTo(1, within(1e-12));
    assertThat(training.hours(new Point(3600, 32))).isCloseTo(0.25, within(1e-12));
  }
}
