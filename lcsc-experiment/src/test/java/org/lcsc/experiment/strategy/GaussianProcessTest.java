package org.lcsc.experiment.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class GaussianProcessTest {

  private static final double LENGTH = 0.7;
  private static final double NUGGET = 0.01;

  /** The kernel of Rasmussen and Williams 2006, Equation 4.17. */
  private static double matern(double r) {
    double s = Math.sqrt(5) * r / LENGTH;
    return (1 + s + 5 * r * r / (3 * LENGTH * LENGTH)) * Math.exp(-s);
  }

  @Test
  void agreesWithTheClosedFormOfTwoPoints() {
    GaussianProcess process =
        new GaussianProcess(new double[][] {{0}, {1}}, new double[] {2, 4}, LENGTH, NUGGET);
    double k = matern(1);
    double least = 1 + NUGGET - k;
    // Mean 3; the centred values (-1, 1) are an eigenvector with eigenvalue 1 + nugget - k.
    double variance = 1 / least;
    double a = matern(0.25);
    double b = matern(0.75);
    double[] predicted = process.predict(new double[] {0.25});
    assertThat(predicted[0]).isCloseTo(3 + (b - a) / least, within(1e-12));
    double explained = (b - a) * (b - a) / 2 / least + (a + b) * (a + b) / 2 / (1 + NUGGET + k);
    assertThat(predicted[1]).isCloseTo(Math.sqrt(variance * (1 - explained)), within(1e-12));
    double logDeterminant = Math.log(least) + Math.log(1 + NUGGET + k);
    assertThat(process.logLikelihood())
        .isCloseTo(-0.5 * (2 * Math.log(variance) + logDeterminant), within(1e-12));
  }

  @Test
  void goesThroughItsValuesAndBackToTheMeanFarAway() {
    double[][] points = {{0, 0}, {1, 0}, {0, 1}, {2, 2}};
    double[] values = {1, 3, -2, 5};
    GaussianProcess process = new GaussianProcess(points, values, LENGTH, 1e-10);
    for (int i = 0; i < points.length; i++) {
      double[] predicted = process.predict(points[i]);
      assertThat(predicted[0]).isCloseTo(values[i], within(1e-6));
      assertThat(predicted[1]).isCloseTo(0, within(1e-3));
    }
    double[] far = process.predict(new double[] {1e3, 0});
    double[] farther = process.predict(new double[] {0, -1e4});
    assertThat(far).containsExactly(farther);
    assertThat(far[1]).isGreaterThan(1);
  }
}
