package org.lcsc.search.strategy;

/**
 * The constants of the covariance matrix adaptation evolution strategy as functions of dimension
 * and population: Table 1 and Equations 49 to 58 of N. Hansen, "The CMA Evolution Strategy: A
 * Tutorial" (arXiv:1604.00772). With a diagonal covariance its learning rates are {@code (n + 2) /
 * 3} times larger (R. Ros and N. Hansen, "A Simple Modification in CMA-ES Achieving Linear Time and
 * Space Complexity", PPSN 2008).
 *
 * @param weights recombination weights by rank, the first {@code parents} positive with sum 1, the
 *     others at most 0, {@code [lambda]}
 * @param parents mu
 * @param selectionMass mu_eff
 * @param pathRate c_c
 * @param stepPathRate c_sigma
 * @param damping d_sigma
 * @param rankOneRate c_1
 * @param rankMuRate c_mu
 */
record CmaEsConstants(
    double[] weights,
    int parents,
    double selectionMass,
    double pathRate,
    double stepPathRate,
    double damping,
    double rankOneRate,
    double rankMuRate) {

  /** The default population: {@code 4 + floor(3 ln n)}. */
  static int population(int dimension) {
    return 4 + (int) Math.floor(3 * StrictMath.log(dimension));
  }

  static CmaEsConstants of(int dimension, int population, boolean diagonal) {
    double n = dimension;
    double[] raw = new double[population];
    int mu = population / 2;
    double positive = 0;
    double positiveSquares = 0;
    double negative = 0;
    double negativeSquares = 0;
    for (int i = 0; i < population; i++) {
      raw[i] = StrictMath.log((population + 1) / 2.0) - StrictMath.log(i + 1);
      if (i < mu) {
        positive += raw[i];
        positiveSquares += raw[i] * raw[i];
      } else {
        negative -= Math.min(0, raw[i]);
        negativeSquares += raw[i] * raw[i];
      }
    }
    double mass = positive * positive / positiveSquares;
    double negativeMass = negativeSquares == 0 ? 0 : negative * negative / negativeSquares;
    double speed = diagonal ? (n + 2) / 3 : 1;
    double one = Math.min(0.5, speed * 2 / ((n + 1.3) * (n + 1.3) + mass));
    double many =
        Math.min(1 - one, speed * 2 * (0.25 + mass + 1 / mass - 2) / ((n + 2) * (n + 2) + mass));
    double scale =
        Math.min(
            1 + one / many,
            Math.min(1 + 2 * negativeMass / (mass + 2), (1 - one - many) / (n * many)));
    double[] weights = new double[population];
    for (int i = 0; i < population; i++) {
      weights[i] =
          i < mu ? raw[i] / positive : negative == 0 ? 0 : Math.min(0, raw[i]) * scale / negative;
    }
    double stepRate = (mass + 2) / (n + mass + 5);
    return new CmaEsConstants(
        weights,
        mu,
        mass,
        (4 + mass / n) / (n + 4 + 2 * mass / n),
        stepRate,
        1 + 2 * Math.max(0, Math.sqrt((mass - 1) / (n + 1)) - 1) + stepRate,
        one,
        many);
  }

  /** The expected length of a standard normal vector of n numbers. */
  static double expectedLength(double n) {
    return Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));
  }
}
