package org.lcsc.search.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class ScoredCoefficientsTest {

  @Test
  void aBaselineIsNormalisedAndRepeatedForEveryGroup() {
    ScoredCoefficients ema = ScoredCoefficients.baseline("EMA 0.9", new double[] {1, 3}, 2, 2);
    assertThat(ema.coefficients()).containsExactly(0.25, 0.75, 0.25, 0.75);
    assertThat(ema.isBaseline()).isTrue();
    assertThat(ema.evaluation()).isEqualTo(-1);
    assertThat(ema).hasToString("EMA 0.9, search NaN, validation NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ScoredCoefficients.baseline("EMA 0.9", new double[] {1, 3}, 3, 1))
        .withMessage("baseline EMA 0.9 has 2 coefficients, the window holds 3 checkpoints");
  }

  @Test
  void aShrunkenCandidateLiesBetweenItAndTheBaseline() {
    ScoredCoefficients best = ScoredCoefficients.evaluated(7, 3.5, new double[] {2, -1});
    assertThat(best.isBaseline()).isFalse();
    assertThat(best.withValidationScore(4)).hasToString("evaluation 7, search 3.5, validation 4.0");
    ScoredCoefficients ema = ScoredCoefficients.baseline("EMA", new double[] {0, 1}, 2, 1);
    ScoredCoefficients between = best.shrunken(0.25, ema);
    assertThat(between.coefficients()).containsExactly(0.5, 0.5);
    assertThat(between.evaluation()).isEqualTo(-1);
    assertThat(between.searchScore()).isNaN();
    assertThat(between.label()).isEqualTo("evaluation 7, 0.25 of the way from EMA");
  }
}
