package org.lcsc.search.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class LeadersTest {

  private static final double NAN = Double.NaN;

  /** A candidate per score; its only coefficient is its number. */
  private static Leaders leaders(int capacity, double... scores) {
    Leaders leaders = new Leaders(capacity);
    double[][] candidates = new double[scores.length][1];
    for (int i = 0; i < scores.length; i++) {
      candidates[i][0] = i;
    }
    leaders.add(candidates, scores);
    return leaders;
  }

  private static int[] evaluations(Leaders leaders) {
    return leaders.list().stream().mapToInt(ScoredCoefficients::evaluation).toArray();
  }

  @Test
  void theBestAreKeptBestFirstAndEqualScoresByAge() {
    assertThat(evaluations(leaders(4, 3, 1, 2, 1, 9))).containsExactly(1, 3, 2, 0);
    assertThat(leaders(4, 3, 1, 2, 1, 9).worst()).isEqualTo(3);
    assertThat(evaluations(leaders(9, 3, 1))).containsExactly(1, 0);
  }

  @Test
  void scoresThatAreNotFiniteComeLast() {
    Leaders leaders = leaders(4, NAN, 2, Double.NEGATIVE_INFINITY, 1);
    assertThat(evaluations(leaders)).containsExactly(3, 1, 0, 2);
    assertThat(leaders.worst()).isInfinite();
    assertThat(leaders.finite()).containsExactly(new double[] {3}, new double[] {1});
    assertThat(leaders.usable()).hasSize(2);
    assertThat(leaders(2, NAN, NAN).finite()).isEmpty();
    assertThat(leaders(2, NAN, NAN).usable()).containsExactly(new double[] {0}, new double[] {1});
    assertThat(Leaders.ranks(new double[] {0, NAN, 5, 4, 5}, 1)).containsExactly(3, 2, 4, 1);
  }

  @Test
  void equalCoefficientsCountOnceWithTheFirstScoreUnlessAllCount() {
    double[][] twice = {{0.5, 0.5}, {0.5, 0.5}};
    for (boolean distinct : new boolean[] {true, false}) {
      Leaders leaders = new Leaders(3, distinct);
      leaders.add(twice, new double[] {2, 1});
      assertThat(evaluations(leaders)).containsExactly(distinct ? new int[] {0} : new int[] {1, 0});
      leaders.add(new double[][] {{1, 0}}, new double[] {0});
      assertThat(evaluations(leaders)[0]).as("numbered on").isEqualTo(2);
    }
  }

  @Test
  void candidatesAreCopied() {
    double[][] own = {{1}};
    Leaders leaders = new Leaders(1);
    leaders.add(own, new double[] {1});
    own[0][0] = 7;
    assertThat(leaders.list().get(0).coefficients()).containsExactly(1);
    Leaders other = leaders(2, 5, 6);
    other.replaceBy(leaders.list());
    assertThat(evaluations(other)).containsExactly(0);
  }

  @Test
  void savedLeadersContinueAndMoreThanFitAreRefused() throws IOException {
    Leaders leaders = leaders(3, 3, 1, NAN, 2);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    leaders.write(new DataOutputStream(bytes));
    Leaders read = Leaders.read(input(bytes), 3, true);
    for (Leaders both : new Leaders[] {leaders, read}) {
      both.add(new double[][] {{8}, {1}}, new double[] {1.5, 0});
      assertThat(evaluations(both)).containsExactly(1, 4, 3);
      assertThat(both.finite())
          .containsExactly(new double[] {1}, new double[] {8}, new double[] {3});
      assertThat(both.worst()).isEqualTo(2);
    }
    assertThatThrownBy(() -> Leaders.read(input(bytes), 2, true))
        .isInstanceOf(IOException.class)
        .hasMessage("it holds 3 candidates, at most 2 are possible");
  }

  private static DataInputStream input(ByteArrayOutputStream bytes) {
    return new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
  }
}
