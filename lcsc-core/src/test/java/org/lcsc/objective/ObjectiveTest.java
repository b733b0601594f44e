package org.lcsc.objective;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

class ObjectiveTest {

  @Test
  void aFunctionOfTheParametersIsAnObjective() {
    Objective sum = Objective.of("sum", parameters -> parameters.sumNumber().doubleValue());
    assertThat(sum.name()).isEqualTo("sum");
    Evaluation evaluation = sum.evaluate(Nd4j.createFromArray(1f, 2f));
    assertThat(evaluation.score()).isEqualTo(3);
    assertThat(evaluation.seconds().sampling()).isPositive();
    assertThat(evaluation.seconds().total()).isEqualTo(evaluation.seconds().sampling());
  }
}
