package org.lcsc.search.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Expected values: the tutorial's Figure 6 written in NumPy, with its matrix square root. */
class CmaEsDistributionTest {

  private static final Offset<Double> ROUNDING = within(1e-11);

  private static final double[][] FIRST = {
    {.3, -.2, .5}, {.1, .4, .2}, {-.1, .3, .6}, {.2, .2, -.3}, {-.5, .1, .1}, {.4, -.6, -.2}
  };
  private static final double[][] SECOND = {
    {.7, .1, .9}, {.3, .8, .4}, {.1, .5, 1}, {.4, -.2, .3}, {-.2, .3, .2}, {.6, -.4, .1}
  };

  /** So far away that the evolution path stalls. */
  private static final double[][] FAR = {
    {9, 8, 7}, {8, 9, 6}, {7, 8, 9}, {1, 1, 0}, {-1, 0, 1}, {0, 2, 1}
  };

  private static CmaEsDistribution distribution(boolean diagonal, int zeroSums) {
    return new CmaEsDistribution(3, 6, diagonal, zeroSums, 0.5);
  }

  private static byte[] state(CmaEsDistribution distribution) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    distribution.write(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static DataInputStream input(byte[] state) {
    return new DataInputStream(new ByteArrayInputStream(state));
  }

  /** The updates, sigma, the rows of mean, path and step path, and the covariance. */
  private static void assertState(
      CmaEsDistribution distribution, double sigma, double[][] vectors, double[]... covariance)
      throws IOException {
    DataInputStream in = input(state(distribution));
    in.readLong();
    assertThat(in.readDouble()).as("sigma").isCloseTo(sigma, within(1e-11 * sigma));
    assertRows("mean, path, step path", StrategySnapshot.readRows(in), vectors);
    assertRows("covariance", StrategySnapshot.readRows(in), covariance);
  }

  private static void assertRows(String name, double[][] rows, double[][] expected) {
    assertThat(rows).as(name).hasNumberOfRows(expected.length);
    for (int i = 0; i < rows.length; i++) {
      assertThat(rows[i]).as(name + " " + i).containsExactly(expected[i], ROUNDING);
    }
  }

  /** Draws these numbers in turn. */
  private static Random drawing(double... numbers) {
    return new Random() {
      private int next;

      @Override
      public double nextGaussian() {
        return numbers[next++];
      }
    };
  }

  @Test
  void aFullCovarianceIsAdaptedAsInTheTutorial() throws IOException {
    CmaEsDistribution full = distribution(false, 0);
    full.update(FIRST);
    full.update(SECOND);
    assertState(
        full,
        0.48451944704116745,
        new double[][] {
          {0.5391395942323366, 0.3305540487349233, 0.7655535884130586},
          {1.1574129159434328, 0.9111719774333746, 1.4386666028016857},
          {1.081838995191043, 0.8603312581561637, 1.3607780794903355}
        },
        new double[] {0.8488644567112182, 0.31562816738818156, 0.36265709648261446},
        new double[] {0.31562816738818156, 0.8550413489034746, 0.07796817793466829},
        new double[] {0.36265709648261446, 0.07796817793466829, 1.2454358576192912});
    full.update(FAR);
    assertState(
        full,
        43.476580563801974,
        new double[][] {
          {8.558655399920468, 8.284570257438034, 6.872204085203468},
          {0.5094202733526461, 0.40104052013021296, 0.6332104333440636},
          {16.50092467534779, 17.86076794301149, 10.914103435379946}
        },
        new double[] {16.55156881210948, 15.828878367384204, 12.331517336420813},
        new double[] {15.828878367384204, 16.22734389224408, 11.865607397762151},
        new double[] {12.331517336420813, 11.865607397762151, 10.532403004672254});
  }

  @Test
  void aDiagonalCovarianceIsAdaptedAsInTheTutorialAndMuchFaster() throws IOException {
    CmaEsDistribution diagonal = distribution(true, 0);
    diagonal.update(FIRST);
    diagonal.update(SECOND);
    diagonal.update(FAR);
    assertState(
        diagonal,
        145.74105016767297,
        new double[][] {
          {8.558655399920466, 8.284570257438034, 6.872204085203467},
          {0.5094202733526461, 0.40104052013021296, 0.6332104333440636},
          {21.935556474952886, 21.534580485726316, 12.637840888886274}
        },
        new double[] {25.45316465429606, 24.89589689251256, 16.04502327029402});
  }

  @Test
  void samplesOfAFullCovarianceAreItsRootTimesNormalNumbers() {
    CmaEsDistribution full = distribution(false, 0);
    full.update(FIRST);
    double[][] sums = new double[3][3];
    for (int axis = 0; axis < 3; axis++) {
      double[] numbers = new double[3];
      numbers[axis] = 1;
      double[] step = full.sample(drawing(numbers));
      for (int i = 0; i < 3; i++) {
        step[i] = (step[i] - full.mean()[i]) / full.sigma();
      }
      for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
          sums[i][j] += step[i] * step[j];
        }
      }
    }
    assertRows(
        "covariance",
        sums,
        new double[][] {
          {0.8245425001839521, 0.09225040196770666, 0.14895039415240946},
          {0.09225040196770666, 0.845672706714155, -0.03341747797285397},
          {0.14895039415240946, -0.03341747797285397, 1.085725808283233}
        });
  }

  @Test
  void samplesOfADiagonalCovarianceAreScaledAlongEveryAxis() {
    CmaEsDistribution diagonal = distribution(true, 0);
    diagonal.update(FIRST);
    double[] point = diagonal.sample(drawing(1, -2, 3));
    double[] variances = {0.7075708336399202, 0.7427878445235917, 1.1428763471387218};
    double[] numbers = {1, -2, 3};
    for (int i = 0; i < 3; i++) {
      double expected =
          diagonal.mean()[i] + 0.45561143590745534 * numbers[i] * Math.sqrt(variances[i]);
      assertThat(point[i]).as("coordinate %d", i).isCloseTo(expected, ROUNDING);
    }
  }

  @Test
  void coordinatesOfEveryPartSumToZeroEachGivingWayByItsVariance() throws IOException {
    CmaEsDistribution parts = new CmaEsDistribution(4, 6, true, 2, 0.5);
    double[][] ranked = {
      {.3, -.3, .1, -.1},
      {.2, -.2, .4, -.4},
      {.1, -.1, 0, 0},
      {0, 0, .1, -.1},
      {-.5, .5, 0, 0},
      {-.4, .4, -.1, .1}
    };
    parts.update(ranked);
    assertThat(parts.sigma()).isCloseTo(0.4705281897757083, ROUNDING);
    DataInputStream in = input(state(parts));
    in.readLong();
    in.readDouble();
    StrategySnapshot.readRows(in);
    double[] v = StrategySnapshot.readRows(in)[0];
    double[] point = parts.sample(drawing(1, 2, -1, 3));
    double[] numbers = {1, 2, -1, 3};
    for (int from = 0; from < 4; from += 2) {
      double first = numbers[from] * Math.sqrt(v[from]);
      double second = numbers[from + 1] * Math.sqrt(v[from + 1]);
      double share = (first + second) / (v[from] + v[from + 1]);
      assertThat(point[from])
          .isCloseTo(parts.mean()[from] + parts.sigma() * (first - share * v[from]), ROUNDING);
      assertThat(point[from] + point[from + 1]).isCloseTo(0, ROUNDING);
    }
  }

  @Test
  void theStepSizeStaysWithinAMillionthAndAMillionTimesTheFirst() {
    CmaEsDistribution far = distribution(true, 0);
    CmaEsDistribution near = distribution(true, 0);
    for (int n = 0; n < 200; n++) {
      double[][] away = new double[6][3];
      for (double[] point : away) {
        for (int k = 0; k < 3; k++) {
          point[k] = far.mean()[k] + 1e9;
        }
      }
      far.update(away);
      near.update(new double[6][3]);
    }
    assertThat(far.sigma()).isEqualTo(0.5e6);
    assertThat(near.sigma()).isEqualTo(0.5 / 1e6);
    near.shrink();
    assertThat(near.sigma()).isEqualTo(0.25 / 1e6);
  }

  @Test
  void variancesStayWithinTheFourteenthPowerOfTen() throws IOException {
    for (boolean diagonal : new boolean[] {true, false}) {
      CmaEsDistribution flat = distribution(diagonal, 0);
      for (int n = 0; n < 2000; n++) {
        double[][] line = new double[6][3];
        for (int i = 0; i < 6; i++) {
          line[i] = flat.mean();
          line[i][0] += (i % 2 == 0 ? 1 : -1) * flat.sigma();
        }
        flat.update(line);
      }
      double[] steps = new double[3];
      for (int axis = 0; axis < 3; axis++) {
        double[] numbers = new double[3];
        numbers[axis] = 1;
        double[] point = flat.sample(drawing(numbers));
        for (int i = 0; i < 3; i++) {
          double step = point[i] - flat.mean()[i];
          steps[i] += step * step;
        }
      }
      for (int i = 1; i < 3; i++) {
        assertThat(Math.sqrt(steps[0] / steps[i])).as("axis %d", i).isCloseTo(1e7, within(1.0));
      }
    }
  }

  @Test
  void aSavedDistributionContinuesToTheSameBits() throws IOException {
    for (boolean diagonal : new boolean[] {true, false}) {
      CmaEsDistribution whole = distribution(diagonal, 0);
      whole.update(FIRST);
      byte[] saved = state(whole);
      CmaEsDistribution rest = distribution(diagonal, 0);
      rest.sample(new Random(1)); // its axes are to be forgotten
      rest.read(input(saved));
      assertThat(state(rest)).isEqualTo(saved);
      assertThat(rest.sample(new Random(2))).isEqualTo(whole.sample(new Random(2)));
      whole.update(SECOND);
      rest.update(SECOND);
      assertThat(state(rest)).isEqualTo(state(whole));
    }
  }

  @Test
  void theStateOfAnotherDimensionOrCovarianceIsRefused() throws IOException {
    byte[] saved = state(distribution(true, 0));
    for (CmaEsDistribution other :
        new CmaEsDistribution[] {
          new CmaEsDistribution(4, 6, true, 0, 0.5), distribution(false, 0)
        }) {
      assertThatThrownBy(() -> other.read(input(saved)))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("it is of another dimension than");
    }
  }
}
