package org.lcsc.search.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class SearchDirectionsTest {

  private static final Offset<Double> ROUNDING = within(1e-12);

  /** Orthonormal, of sum 0; the entry of greatest size is positive. */
  private static final double[][] UNITS = new double[2][3];

  static {
    double[] e = {Math.sqrt(0.5), -Math.sqrt(0.5), 0};
    double[] f = {Math.sqrt(1 / 6.0), Math.sqrt(1 / 6.0), -Math.sqrt(2 / 3.0)};
    for (int k = 0; k < 3; k++) {
      UNITS[0][k] = Math.cos(0.5) * e[k] + Math.sin(0.5) * f[k];
      UNITS[1][k] = Math.sin(0.5) * e[k] - Math.cos(0.5) * f[k];
    }
  }

  /** The centred Gram matrix with these variances along the units. */
  private static double[][] gram(double first, double second) {
    double[][] gram = new double[3][3];
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        gram[i][j] = first * UNITS[0][i] * UNITS[0][j] + second * UNITS[1][i] * UNITS[1][j];
      }
    }
    return gram;
  }

  private static double[] combined(double[] origin, double a, double b) {
    double[] sum = origin.clone();
    for (int k = 0; k < 3; k++) {
      sum[k] += a * UNITS[0][k] + b * UNITS[1][k];
    }
    return sum;
  }

  @Test
  void everyCoefficientOfEveryGroupIsACoordinate() {
    SearchDirections all = SearchDirections.coefficients(3, 2);
    assertThat(all.dimension()).isEqualTo(6);
    assertThat(all.length()).isEqualTo(6);
    assertThat(all.freedom()).isEqualTo(4);
    assertThat(all.groups()).isEqualTo(2);
    assertThat(all).hasToString("coefficients of 2 groups");
    assertThat(SearchDirections.coefficients(2, 1)).hasToString("coefficients");
    double[] origin = {1, 0, 0, 0, 0, 1};
    double[] candidate = all.candidate(origin, new double[] {3, 0, 0, 1, 2, 6});
    assertThat(candidate).containsExactly(3, -1, -1, -2, -1, 4);
    assertThat(all.coordinates(origin, candidate)).containsExactly(2, -1, -1, -2, -1, 3);
    assertThat(all.gradient(new double[] {3, 0, 0, 1, 2, 6})).containsExactly(2, -1, -1, -2, -1, 3);
    assertThat(origin).as("not modified").containsExactly(1, 0, 0, 0, 0, 1);
  }

  @Test
  void principalComponentsAreTheEigenvectorsOfTheGramMatrix() {
    SearchDirections two =
        SearchDirections.principalComponents(new double[][][] {gram(4, 1)}, 9, 0);
    assertThat(two.dimension()).isEqualTo(2);
    assertThat(two.freedom()).isEqualTo(2);
    assertThat(two.length()).isEqualTo(3);
    assertThat(two).asString().startsWith("2 principal components, whitening 0.0, ");
    double[] origin = {0.2, 0.3, 0.5};
    double[] z = {0.4, -0.7};
    double[] candidate = two.candidate(origin, z);
    assertThat(candidate).containsExactly(combined(origin, 0.4, -0.7), ROUNDING);
    assertThat(two.coordinates(origin, candidate)).containsExactly(z, ROUNDING);
    double[] slopes = two.gradient(combined(new double[] {5, 5, 5}, 2, 3));
    assertThat(slopes).containsExactly(new double[] {2, 3}, ROUNDING);
  }

  @Test
  void whiteningScalesComponentsByTheirVarianceToAMeanSquareOfOne() {
    SearchDirections white =
        SearchDirections.principalComponents(new double[][][] {gram(4, 1)}, 9, 1);
    // Squares 1/4 and 1 before they are divided by their mean, 5/8.
    double first = Math.sqrt(0.4);
    double second = Math.sqrt(1.6);
    double[] origin = {1, 0, 0};
    double[] candidate = white.candidate(origin, new double[] {1, 1});
    assertThat(candidate).containsExactly(combined(origin, first, second), ROUNDING);
    assertThat(white.coordinates(origin, candidate)).containsExactly(new double[] {1, 1}, ROUNDING);
    assertThat(white.gradient(combined(new double[3], 1, 1)))
        .containsExactly(new double[] {first, second}, ROUNDING);
    SearchDirections half =
        SearchDirections.principalComponents(new double[][][] {gram(16, 1)}, 9, 0.5);
    // Squares 1/4 and 1 again.
    assertThat(half.candidate(origin, new double[] {1, 0}))
        .containsExactly(combined(origin, first, 0), ROUNDING);
  }

  @Test
  void componentsOfRoundingAloneAreLeftOut() {
    assertThat(dimension(gram(16, 16e-5), 9)).isEqualTo(2);
    assertThat(dimension(gram(16, 16e-7), 9)).isEqualTo(1);
    assertThat(dimension(gram(4, 1), 1)).isEqualTo(1);
    // A Gram matrix that is not centred has a third, which no search of sum 1 moves along.
    assertThat(dimension(new double[][] {{3, 0, 0}, {0, 2, 0}, {0, 0, 1}}, 9)).isEqualTo(2);
    double[][] apart = {{3, 0, 0}, {0, 2, 0}, {0, 0, 1}};
    SearchDirections centred = SearchDirections.principalComponents(new double[][][] {apart}, 1, 0);
    assertThat(centred.candidate(new double[3], new double[] {3}))
        .containsExactly(new double[] {2, -1, -1}, ROUNDING);
    assertThat(dimension(new double[3][3], 9)).as("equal checkpoints").isEqualTo(1);
  }

  private static int dimension(double[][] gram, int components) {
    return SearchDirections.principalComponents(new double[][][] {gram}, components, 0.5)
        .dimension();
  }

  @Test
  void theGreatestEntryOfAComponentIsPositive() {
    for (int angle = 0; angle < 20; angle++) {
      double[] unit = new double[3];
      for (int k = 0; k < 3; k++) {
        unit[k] = Math.cos(angle) * UNITS[0][k] + Math.sin(angle) * UNITS[1][k];
      }
      double[][] gram = new double[3][3];
      double greatest = 0;
      for (int i = 0; i < 3; i++) {
        greatest = Math.abs(unit[i]) > Math.abs(greatest) ? unit[i] : greatest;
        for (int j = 0; j < 3; j++) {
          gram[i][j] = unit[i] * unit[j];
        }
      }
      double[] column =
          SearchDirections.principalComponents(new double[][][] {gram}, 1, 0)
              .candidate(new double[3], new double[] {Math.signum(greatest)});
      assertThat(column).as("angle %d", angle).containsExactly(unit, ROUNDING);
    }
  }

  @Test
  void everyGroupHasComponentsOfItsOwn() {
    SearchDirections groups =
        SearchDirections.principalComponents(new double[][][] {gram(4, 1), gram(2, 8)}, 1, 0);
    assertThat(groups.dimension()).isEqualTo(2);
    assertThat(groups).asString().startsWith("2 principal components of 2 groups, whitening 0.0, ");
    double[] candidate = groups.candidate(new double[6], new double[] {2, -3});
    double[] first = combined(new double[3], 2, 0);
    double[] second = combined(new double[3], 0, -3);
    assertThat(candidate)
        .containsExactly(
            new double[] {first[0], first[1], first[2], second[0], second[1], second[2]}, ROUNDING);
  }

  @Test
  void badSettingsAreNamed() {
    for (int[] bad : new int[][] {{1, 1}, {2, 0}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SearchDirections.coefficients(bad[0], bad[1]))
          .withMessage(
              "checkpoints must be at least 2 and groups at least 1, got %d and %d",
              bad[0], bad[1]);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> dimension(gram(4, 1), 0))
        .withMessage("components must be at least 1, got 0");
    for (double whitening : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  SearchDirections.principalComponents(new double[][][] {gram(4, 1)}, 1, whitening))
          .withMessage("whitening must be in [0, 1], got " + whitening);
    }
  }
}
