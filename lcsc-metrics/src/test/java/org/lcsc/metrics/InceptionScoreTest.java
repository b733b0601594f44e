package org.lcsc.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class InceptionScoreTest {

  private static final INDArray ROWS =
      Nd4j.create(new double[][] {{.7, .2, .1}, {.1, .8, .1}, {.2, .2, .6}, {.6, .3, .1}});

  private static InceptionScore.Estimate score(INDArray rows, int splits) {
    InceptionScore score = new InceptionScore((int) rows.size(1), rows.size(0), splits);
    score.add(rows);
    return score.estimate();
  }

  @Test
  void agreesWithNumpy() {
    // Float32 probabilities agree with the float64 ones to 1e-7.
    assertThat(score(ROWS, 1).mean()).isCloseTo(1.2810536980, within(1e-6));
    assertThat(score(ROWS, 1).deviation()).isZero();
    assertThat(score(ROWS, 2).mean()).isCloseTo(1.2095205981, within(1e-6));
    assertThat(score(ROWS, 2).deviation()).isCloseTo(0.0402039759, within(1e-6));
  }

  @Test
  void reachesItsBounds() {
    assertThat(score(Nd4j.eye(7), 1).mean()).isCloseTo(7, within(1e-9));
    assertThat(score(Nd4j.ones(5, 4).div(4), 1).mean()).isCloseTo(1, within(1e-9));
  }

  @Test
  void batchesDoNotMatter() {
    InceptionScore score = new InceptionScore(3, 4, 2);
    for (int i = 0; i < 4; i++) {
      score.add(ROWS.getRow(i, true));
    }
    assertThat(score.estimate()).isEqualTo(score(ROWS, 2));
  }

  @Test
  void whatIsNoDistributionIsRefused() {
    InceptionScore score = new InceptionScore(3, 4, 1);
    assertThatThrownBy(() -> score.add(Nd4j.create(new double[][] {{1, 2, 3}})))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sum to 6.0, must sum to 1");
    assertThatThrownBy(() -> score.add(Nd4j.create(new double[][] {{Double.NaN, 0, 0}})))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("probability NaN of class 0");
    assertThatThrownBy(() -> score.add(Nd4j.ones(1, 4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[N, 3], got [1, 4]");
    assertThatThrownBy(score::estimate).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> new InceptionScore(3, 4, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("5 splits of 4 images");
  }
}
