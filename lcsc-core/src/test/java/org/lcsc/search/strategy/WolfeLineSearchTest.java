package org.lcsc.search.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.lcsc.search.strategy.WolfeLineSearch.Outcome;

/** Searches from value 0 and slope -1, whose trials follow from hand calculation. */
class WolfeLineSearchTest {

  private final WolfeLineSearch search = new WolfeLineSearch(0, -1, 1);

  @Test
  void takesATrialThatJustMeetsBothConditions() {
    assertThat(search.trial()).isEqualTo(1);
    assertThat(search.tell(-1e-4, -0.9)).isEqualTo(Outcome.DONE);
    assertThat(search.trials()).isEqualTo(1);
    assertThat(new WolfeLineSearch(0, -1, 1).tell(-1e-4, 0.9)).isEqualTo(Outcome.DONE);
    assertThat(new WolfeLineSearch(5, -2, 3).tell(5 - 6e-4, 1.8)).isEqualTo(Outcome.DONE);
  }

  @Test
  void refusesWhatJustMissesOneOfThem() {
    assertThat(search.tell(-0.99e-4, 0)).isEqualTo(Outcome.WORSE);
    assertThat(new WolfeLineSearch(5, -2, 3).tell(5 - 5e-4, 0)).isEqualTo(Outcome.WORSE);
    assertThat(new WolfeLineSearch(0, -1, 1).tell(-1, -0.91)).isEqualTo(Outcome.BETTER);
    assertThat(new WolfeLineSearch(0, -1, 1).tell(-1, 0.91)).isEqualTo(Outcome.BETTER);
    assertThat(new WolfeLineSearch(0, -1, 1).tell(Double.NaN, 0)).isEqualTo(Outcome.WORSE);
  }

  @Test
  void goesFourTimesAsFarWhereItIsStillSteep() {
    assertThat(search.tell(-1, -1)).isEqualTo(Outcome.BETTER);
    assertThat(search.trial()).isEqualTo(4);
    assertThat(search.tell(-4, -1)).isEqualTo(Outcome.BETTER);
    assertThat(search.trial()).isEqualTo(16);
    assertThat(search.trials()).isEqualTo(2);
  }

  @Test
  void whatIsNoBetterThanTheBestIsTooFar() {
    search.tell(-1, -1);
    assertThat(search.tell(-1, -1)).isEqualTo(Outcome.WORSE);
    assertThat(search.trial()).isBetween(1.3, 3.7);
  }

  @Test
  void triesTheMinimumOfTheCubicBetween() {
    // t^3 - t
    assertThat(search.tell(0, 2)).isEqualTo(Outcome.WORSE);
    assertThat(search.trial()).isCloseTo(1 / Math.sqrt(3), within(1e-12));
    WolfeLineSearch wider = new WolfeLineSearch(0, -1, 2);
    wider.tell(6, 11);
    assertThat(wider.trial()).isCloseTo(1 / Math.sqrt(3), within(1e-12));
  }

  @Test
  void turnsBackFromABetterTrialThatRises() {
    assertThat(search.tell(-0.5, 0.95)).isEqualTo(Outcome.BETTER);
    // -t - 0.45 t^2 + 0.95 t^3
    double minimum = (0.9 + Math.sqrt(0.81 + 4 * 2.85)) / 5.7;
    assertThat(search.trial()).isCloseTo(minimum, within(1e-12));
    // Rises still: between 0 and here.
    assertThat(search.tell(-0.6, 0.95)).isEqualTo(Outcome.BETTER);
    assertThat(search.trial()).isBetween(0.0, minimum);
  }

  @Test
  void turnsAgainWhereItHasGoneBackTooFar() {
    search.tell(-0.5, 0.95);
    double back = search.trial();
    assertThat(search.tell(-0.6, -0.95)).isEqualTo(Outcome.BETTER);
    assertThat(search.trial()).isBetween(back, 1.0);
  }

  @Test
  void narrowsTheBracketFromTheSideThatFalls() {
    search.tell(5, 20);
    double first = search.trial();
    assertThat(search.tell(-1, -0.95)).isEqualTo(Outcome.BETTER);
    assertThat(search.trial()).isBetween(first + 0.09 * (1 - first), 1.0);
  }

  @Test
  void keepsATenthOfTheBracketFromItsEnds() {
    search.tell(100, 100);
    assertThat(search.trial()).isEqualTo(0.1);
    WolfeLineSearch infinite = new WolfeLineSearch(0, -1, 1);
    assertThat(infinite.tell(Double.POSITIVE_INFINITY, Double.NaN)).isEqualTo(Outcome.WORSE);
    assertThat(infinite.trial()).isEqualTo(0.1);
    WolfeLineSearch rising = new WolfeLineSearch(0, -1, 1);
    rising.tell(-100, 300);
    // From 1 back towards 0, at most nine tenths.
    assertThat(rising.trial()).isBetween(0.1, 0.9);
  }

  @Test
  void readsWhatItWrote() throws IOException {
    double[][] told = {{-1, -1}, {3, 7}, {-2, -0.95}, {-2.1, 0.95}, {5, 5}};
    for (double[] next : told) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      search.write(new DataOutputStream(bytes));
      WolfeLineSearch read =
          WolfeLineSearch.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
      assertThat(read.trial()).isEqualTo(search.trial());
      assertThat(read.tell(next[0], next[1])).isEqualTo(search.tell(next[0], next[1]));
      assertThat(read.trial()).isEqualTo(search.trial());
      assertThat(read.trials()).isEqualTo(search.trials());
    }
  }
}
