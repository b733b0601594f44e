package org.lcsc.search.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lcsc.search.strategy.EvolutionarySearch.Parameters;

/** Children drawn with random numbers that are known. */
class ReproductionTest {

  private static final Offset<Double> ROUNDING = within(1e-15);
  private static final double[] FATHER = {0.5, 0.25, 0.25};
  private static final double[] MOTHER = {-1, 1.5, 0.5};

  /** With two coefficients mutated, the standard deviation of the noise is 1. */
  private static final double SIGMA = Math.sqrt(2);

  /** Gives the numbers it is given, each once. */
  private static final class Scripted extends Random {
    private static final long serialVersionUID = 1L;

    private final transient Deque<Double> doubles = new ArrayDeque<>();
    private final transient Deque<Double> gaussians = new ArrayDeque<>();
    private final transient Deque<Integer> integers = new ArrayDeque<>();
    private final transient Deque<Boolean> booleans = new ArrayDeque<>();

    Scripted doubles(Double... values) {
      doubles.addAll(Arrays.asList(values));
      return this;
    }

    Scripted gaussians(Double... values) {
      gaussians.addAll(Arrays.asList(values));
      return this;
    }

    Scripted integers(Integer... values) {
      integers.addAll(Arrays.asList(values));
      return this;
    }

    Scripted booleans(Boolean... values) {
      booleans.addAll(Arrays.asList(values));
      return this;
    }

    @Override
    public double nextDouble() {
      return doubles.remove();
    }

    @Override
    public double nextGaussian() {
      return gaussians.remove();
    }

    @Override
    public int nextInt(int bound) {
      int value = integers.remove();
      assertThat(value).isLessThan(bound);
      return value;
    }

    @Override
    public boolean nextBoolean() {
      return booleans.remove();
    }

    void requireUsedUp() {
      assertThat(doubles).isEmpty();
      assertThat(gaussians).isEmpty();
      assertThat(integers).isEmpty();
      assertThat(booleans).isEmpty();
    }
  }

  private static Parameters parameters(double mutated, Normalisation normalisation) {
    return new Parameters(4, 16, 0.5, 0.25, mutated, 0.2, 0.2, 0.3, normalisation, 0.5, null, 0);
  }

  private static double[] child(
      Normalisation normalisation, double mutated, int groups, Scripted random, double[]... of) {
    double[] child =
        new Reproduction(parameters(mutated, normalisation), groups, random)
            .child(List.of(of), SIGMA);
    random.requireUsedUp();
    return child;
  }

  @ParameterizedTest
  @CsvSource({"0", "0.499"})
  void aMixtureIsOfBothParents(double kind) {
    Scripted random =
        new Scripted().integers(0, 1).doubles(kind, 0.25, 0.0, 0.0, 0.0).gaussians(0.0, 0.0, 0.0);
    assertThat(child(Normalisation.DIVIDE, 1, 1, random, FATHER, MOTHER))
        .containsExactly(new double[] {0.125 - 0.75, 0.0625 + 1.125, 0.0625 + 0.375}, ROUNDING);
  }

  @ParameterizedTest
  @CsvSource({"0.5", "0.749"})
  void anExchangeTakesEveryCoefficientFromEither(double kind) {
    Scripted random =
        new Scripted()
            .integers(0, 1)
            .doubles(kind, 0.0, 0.0, 0.0)
            .booleans(false, true, true)
            .gaussians(0.0, 0.0, 0.0);
    double sum = 0.5 + 1.5 + 0.5;
    assertThat(child(Normalisation.DIVIDE, 1, 1, random, FATHER, MOTHER))
        .containsExactly(new double[] {0.5 / sum, 1.5 / sum, 0.5 / sum}, ROUNDING);
  }

  @ParameterizedTest
  @CsvSource({"0.75", "0.999"})
  void otherwiseItIsACopyOfTheFirst(double kind) {
    Scripted random =
        new Scripted().integers(1, 0).doubles(kind, 0.0, 0.0, 0.0).gaussians(0.0, 0.0, 0.0);
    double[] child = child(Normalisation.DIVIDE, 1, 1, random, FATHER, MOTHER);
    assertThat(child).containsExactly(MOTHER, ROUNDING).isNotSameAs(MOTHER);
  }

  @Test
  void onlyMutatedCoefficientsChangeAndTakeTheExcess() {
    Scripted random =
        new Scripted()
            .integers(0, 0)
            // The probability itself is not below the probability.
            .doubles(0.9, 0.3, 0.29, 0.1)
            .gaussians(1.0, -0.5);
    double[] father = {0.25, 0.25, 0.5};
    // Noise 1 and -0.5 on the last two: an excess of 0.5, half of it from each.
    assertThat(child(Normalisation.PROJECT, 0.3, 1, random, father))
        .containsExactly(new double[] {0.25, 0.25 + 1 - 0.25, 0.5 - 0.5 - 0.25}, ROUNDING);
    assertThat(father).containsExactly(0.25, 0.25, 0.5);
  }

  @Test
  void atLeastTwoOfAGroupAreMutated() {
    Scripted random =
        new Scripted()
            // Of the draws that make up for too few, the second hits one that is mutated already.
            .integers(0, 0, 2, 2, 1)
            .doubles(0.9, 0.9, 0.9, 0.9)
            .gaussians(0.5, 0.25);
    assertThat(child(Normalisation.PROJECT, 0.3, 1, random, FATHER))
        .containsExactly(new double[] {0.5, 0.25 + 0.125, 0.25 - 0.125}, ROUNDING);
  }

  @Test
  void everyGroupIsMutatedAndProjectedByItself() {
    double[] father = {0.5, 0.25, 0.25, 0.25, 0.25, 0.5};
    Scripted random =
        new Scripted()
            // In the second group one is mutated by chance, its first by the rule.
            .integers(0, 0, 0)
            .doubles(0.9, 0.0, 0.0, 0.0, 0.9, 0.9, 0.0)
            .gaussians(1.0, 2.0, 3.0, 4.0, 0.0);
    // Two groups and five mutated coefficients: sigma sqrt(2) / sqrt(5).
    double unit = 2 / Math.sqrt(5);
    assertThat(child(Normalisation.PROJECT, 0.3, 2, random, father))
        .containsExactly(
            new double[] {0.5 - unit, 0.25, 0.25 + unit, 0.25 + 2 * unit, 0.25, 0.5 - 2 * unit},
            within(1e-14));
  }

  @ParameterizedTest
  @CsvSource({"-0.25, 0.5", "-0.75, 0.5", "0, 0.5"})
  void aSumOfTheLeastMagnitudeIsDividedBy(double noise, double expected) {
    Scripted random = new Scripted().integers(0, 0).doubles(0.9, 0.0, 0.0).gaussians(noise, noise);
    assertThat(child(Normalisation.DIVIDE, 1, 1, random, new double[] {0.5, 0.5}))
        .containsExactly(new double[] {expected, expected}, ROUNDING);
  }

  @Test
  void aChildWhoseSumIsSmallerIsDrawnAnew() {
    Scripted random =
        new Scripted()
            .integers(0, 0, 0, 0, 0, 0)
            .doubles(0.9, 0.0, 0.0, 0.9, 0.0, 0.0, 0.9, 0.0, 0.0)
            .gaussians(-0.26, -0.26, -0.74, -0.74, 1.0, 0.0);
    assertThat(child(Normalisation.DIVIDE, 1, 1, random, new double[] {0.5, 0.5}))
        .containsExactly(new double[] {0.75, 0.25}, ROUNDING);
  }

  @Test
  void theSumOfEveryGroupCounts() {
    double[] father = {0.5, 0.5, 0.5, 0.5};
    Scripted random =
        new Scripted()
            .integers(0, 0, 0, 0)
            .doubles(0.9, 0.0, 0.0, 0.0, 0.0, 0.9, 0.0, 0.0, 0.0, 0.0)
            // Four mutated coefficients of two groups: the standard deviation is 1 again.
            .gaussians(0.0, 0.0, -0.4, -0.4, 1.0, 0.0, 0.0, 1.0);
    assertThat(child(Normalisation.DIVIDE, 1, 2, random, father))
        .containsExactly(new double[] {0.75, 0.25, 0.25, 0.75}, ROUNDING);
  }

  @Test
  void whereNoSumWillDoItIsTheBestParent() {
    Scripted random = new Scripted();
    for (int draw = 0; draw < 100; draw++) {
      random.integers(1, 1).doubles(0.9, 0.0, 0.0).gaussians(-0.5, -0.5);
    }
    double[] best = {0.25, 0.75};
    double[] child = child(Normalisation.DIVIDE, 1, 1, random, best, new double[] {0.5, 0.5});
    assertThat(child).containsExactly(best).isNotSameAs(best);
  }

  @Test
  void convexChildrenHaveNoNegativeCoefficient() {
    Scripted random = new Scripted().integers(0, 0).doubles(0.9, 0.0, 0.0).gaussians(-1.0, 0.25);
    assertThat(child(Normalisation.CONVEX, 1, 1, random, new double[] {0.5, 0.5}))
        .containsExactly(0, 1);
    // Divided only they stay.
    Scripted again = new Scripted().integers(0, 0).doubles(0.9, 0.0, 0.0).gaussians(-1.0, 1.0);
    assertThat(child(Normalisation.DIVIDE, 1, 1, again, new double[] {0.5, 0.5}))
        .containsExactly(-0.5, 1.5);
  }
}
