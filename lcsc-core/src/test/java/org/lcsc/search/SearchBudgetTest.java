package org.lcsc.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SearchBudgetTest {

  private static final double INFINITE = Double.POSITIVE_INFINITY;

  @Test
  void evaluationsAloneLimitNeitherTimeNorScore() {
    SearchBudget one = SearchBudget.ofEvaluations(1);
    assertThat(one).isEqualTo(new SearchBudget(1, INFINITE, Double.NEGATIVE_INFINITY));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SearchBudget.ofEvaluations(0))
        .withMessage("evaluations must be at least 1, got 0");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN})
  void timeIsAboveZero(double seconds) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SearchBudget(1, seconds, 0))
        .withMessage("seconds must be above 0 (infinite for no limit), got " + seconds);
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, INFINITE})
  void aTargetIsANumber(double target) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SearchBudget(1, 1, target))
        .withMessageEndingWith("got " + target);
  }
}
