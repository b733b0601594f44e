package org.lcsc.checkpoint;

import org.lcsc.io.Refuse;

/**
 * Arithmetic on combination coefficients: K reals that sum to 1, or with G groups of parameters
 * (see {@link org.lcsc.checkpoint.ParameterGroups}) one after the other G times as many.
 *
 * <p>Stateless and thread-safe.
 */
public final class Coefficients {

  /** The least absolute sum that is divided by where nothing else is said. */
  public static final double MINIMUM_SUM = 0.1;

  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private Coefficients() {}

  /** The sum of the coefficients. */
  public static double sum(double[] coefficients) {
    return sum(coefficients, 0, coefficients.length);
  }

  /** The sum of the coefficients {@code from} to {@code to - 1}. */
  public static double sum(double[] coefficients, int from, int to) {
    double sum = 0;
    for (int k = from; k < to; k++) {
      sum += coefficients[k];
    }
    return sum;
  }

  /** Divides coefficients by their sum of at least {@link #MINIMUM_SUM}. */
  public static double[] normalised(double[] coefficients) {
    return normalised(coefficients, MINIMUM_SUM);
  }

  /**
   * Divides coefficients by their sum (line 10 of Algorithm 1).
   *
   * @param coefficients any reals; not modified
   * @param minimumSum the least absolute sum that is accepted, above 0
   * @return alpha / sum(alpha)
   * @throws IllegalArgumentException where a coefficient is not finite or |sum| is below {@code
   *     minimumSum}, since the quotient would be arbitrarily large
   */
  public static double[] normalised(double[] coefficients, double minimumSum) {
    return normalised(coefficients, minimumSum, 1);
  }

  /**
   * Divides the coefficients of every group by their sum.
   *
   * @param coefficients {@code G * K} reals, those of the first group first; not modified
   * @param minimumSum the least absolute sum of a group that is accepted, above 0
   * @param groups G
   * @see #normalised(double[], double)
   */
  public static double[] normalised(double[] coefficients, double minimumSum, int groups) {
    double[] quotient = new double[coefficients.length];
    int size = coefficients.length / groups;
    for (int from = 0; from < quotient.length; from += size) {
      double sum = checkedSum(coefficients, from, from + size, minimumSum);
      for (int k = from; k < from + size; k++) {
        quotient[k] = coefficients[k] / sum;
      }
    }
    return quotient;
  }

  /** Whether {@link #normalised(double[], double, int)} would accept the sum of every group. */
  public static boolean areDivisible(double[] coefficients, double minimumSum, int groups) {
    int size = coefficients.length / groups;
    for (int from = 0; from < coefficients.length; from += size) {
      if (!(Math.abs(sum(coefficients, from, from + size)) >= minimumSum)) {
        return false;
      }
    }
    return true;
  }

  /** The same coefficients for every group. */
  public static double[] repeated(double[] coefficients, int groups) {
    double[] repeated = new double[groups * coefficients.length];
    for (int k = 0; k < repeated.length; k++) {
      repeated[k] = coefficients[k % coefficients.length];
    }
    return repeated;
  }

  private static double checkedSum(double[] coefficients, int from, int to, double minimumSum) {
    double sum = sum(coefficients, from, to);
    Refuse.argument(!Double.isFinite(sum), "coefficients must be finite, got %s", coefficients);
    Refuse.argument(
        Math.abs(sum) < minimumSum,
        "coefficients cannot be normalised: their sum is %s, it must be at least %s in absolute"
            + " value",
        sum,
        minimumSum);
    return sum;
  }

  /**
   * A 64-bit FNV-1a hash of the exact bits, to tell candidates apart in a log. Equal coefficients
   * have equal fingerprints, on every machine.
   */
  public static long fingerprint(double[] coefficients) {
    long hash = FNV_OFFSET;
    for (double a : coefficients) {
      long bits = Double.doubleToLongBits(a);
      for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
        hash = (hash ^ (bits >>> shift & 0xff)) * FNV_PRIME;
      }
    }
    return hash;
  }

  /** The same for several in their order. */
  public static long fingerprint(double[][] rows) {
    long hash = 0;
    for (double[] row : rows) {
      hash = 31 * hash + fingerprint(row);
    }
    return hash;
  }

  public static double[][] copyOf(double[][] rows) {
    double[][] copy = new double[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      copy[i] = rows[i].clone();
    }
    return copy;
  }
}
