package org.lcsc.search.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected values: the tutorial's Table 1 written in NumPy. */
class CmaEsConstantsTest {

  @ParameterizedTest
  @CsvSource({"1, 4", "2, 6", "10, 10", "100, 17"})
  void thePopulationIsTheTutorials(int dimension, int population) {
    assertThat(CmaEsConstants.population(dimension)).isEqualTo(population);
  }

  @ParameterizedTest
  @CsvSource({
    // n, lambda, diagonal, mu_eff, c_c, c_sigma, d_sigma, c_1, c_mu, first and last weight
    "10, 10, false, 3.1672992814107026, 0.29499038303562225, 0.2844285879463675, 1.2844285879463675,"
        + " 0.015283824524751714, 0.023551776650417484, 0.45627264690340597, -0.5497499176973852",
    "10, 10, true, 3.1672992814107026, 0.29499038303562225, 0.2844285879463675, 1.2844285879463675,"
        + " 0.061135298099006856, 0.09420710660166993, 0.45627264690340597, -0.29892059698252577",
    "2, 6, false, 2.0286114646100617, 0.6245545390268264, 0.44620498737831715, 1.4462049873783172,"
        + " 0.1548153998964136, 0.08559277942666424, 0.6370425712412168, -1.1559817781589212",
    "3, 60, false, 16.575738175766904, 0.5277000758070285, 0.7558567739822217, 3.7024677474336087,"
        + " 0.05703573071740302, 0.716093951288802, 0.12261534492135759, -0.0062470446693545486",
  })
  void theRatesAndWeightsAreTheTutorials(
      int dimension,
      int population,
      boolean diagonal,
      double mass,
      double pathRate,
      double stepRate,
      double damping,
      double rankOne,
      double rankMu,
      double first,
      double last) {
    CmaEsConstants constants = CmaEsConstants.of(dimension, population, diagonal);
    assertThat(constants.parents()).isEqualTo(population / 2);
    assertThat(
            new double[] {
              constants.selectionMass(),
              constants.pathRate(),
              constants.stepPathRate(),
              constants.damping(),
              constants.rankOneRate(),
              constants.rankMuRate(),
              constants.weights()[0],
              constants.weights()[population - 1]
            })
        .containsExactly(
            new double[] {mass, pathRate, stepRate, damping, rankOne, rankMu, first, last},
            within(1e-13));
  }

  @Test
  void theWeightsOfParentsSumToOneAndAMiddleRankWeighsNothing() {
    double[] weights = CmaEsConstants.of(100, 17, true).weights();
    assertThat(Arrays.stream(weights, 0, 8).sum()).isCloseTo(1, within(1e-14));
    assertThat(weights[7]).isCloseTo(0.01689083086664692, within(1e-14));
    assertThat(weights[8]).isCloseTo(0, within(1e-14));
    assertThat(weights[9]).isCloseTo(-0.014133416620938411, within(1e-14));
  }

  @Test
  void theExpectedLengthOfNormalVectorsIsTheGammaQuotient() {
    // sqrt(2) Gamma((n + 1) / 2) / Gamma(n / 2), which the tutorial's formula approximates.
    assertThat(CmaEsConstants.expectedLength(1)).isCloseTo(Math.sqrt(2 / Math.PI), within(2e-3));
    assertThat(CmaEsConstants.expectedLength(4))
        .isCloseTo(0.75 * Math.sqrt(2 * Math.PI), within(2e-3));
    assertThat(CmaEsConstants.expectedLength(3)).isCloseTo(Math.sqrt(8 / Math.PI), within(2e-3));
  }
}
