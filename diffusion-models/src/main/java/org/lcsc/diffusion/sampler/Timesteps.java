package org.lcsc.diffusion.sampler;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Which steps of a chain of T a sampler visits: ascending arrays of steps in [0, T), for {@link
 * DdpmSampler} and {@link DdimSampler}.
 *
 * <p>Stateless and thread-safe.
 */
public final class Timesteps {

  private Timesteps() {}

  /** Every step of the chain. */
  public static int[] all(int chain) {
    return IntStream.range(0, chain).toArray();
  }

  /**
   * Steps {@code 0, k, 2k, ..} below T, for the stride {@code k = floor(T / count)} (DDIM). Where
   * {@code count} does not divide T there may be more steps than asked for: T = 1000 and count 15
   * give stride 66 and 16 steps, the last 990.
   *
   * @param chain T
   * @param count number of steps asked for, in [1, T]
   */
  public static int[] uniform(int chain, int count) {
    checkCount(chain, count, 1);
    int stride = chain / count;
    return IntStream.iterate(0, t -> t < chain, t -> t + stride).toArray();
  }

  /**
   * Steps {@code floor((i / (count - 1))^2 * 0.8 T)}, crowded where noise is low (DDIM, appendix
   * D.2).
   *
   * @param chain T
   * @param count number of steps, at least 2, few enough that no step repeats
   */
  public static int[] quadratic(int chain, int count) {
    double root = Math.sqrt(0.8 * chain) / (count - 1);
    return distinct(chain, count, "quadratic", i -> (int) ((i * root) * (i * root)));
  }

  /**
   * Steps {@code round(i (T - 1) / (count - 1))}: both ends and an even spacing between (iDDPM).
   *
   * @param chain T
   * @param count number of steps, in [2, T]
   */
  public static int[] even(int chain, int count) {
    double stride = (chain - 1.0) / (count - 1);
    return distinct(chain, count, "even", i -> (int) Math.rint(i * stride));
  }

  /**
   * Exactly {@code count} steps {@code 0, k, 2k, ..} of an integer stride k (iDDPM's "ddimN").
   *
   * @throws IllegalArgumentException if no integer stride gives that many steps
   */
  public static int[] strided(int chain, int count) {
    checkCount(chain, count, 1);
    for (int stride = 1; stride <= chain; stride++) {
      if ((chain + stride - 1) / stride == count) {
        int k = stride;
        return IntStream.range(0, count).map(i -> i * k).toArray();
      }
    }
    throw new IllegalArgumentException(
        "no integer stride through " + chain + " steps gives exactly " + count + " steps");
  }

  private static int[] distinct(int chain, int count, String spacing, IntUnaryOperator step) {
    checkCount(chain, count, 2);
    int[] steps = IntStream.range(0, count).map(step).toArray();
    for (int i = 1; i < count; i++) {
      if (steps[i] == steps[i - 1]) {
        throw new IllegalArgumentException(
            String.format(
                "%s spacing of %d out of %d steps visits step %d twice; use fewer steps or uniform"
                    + " spacing",
                spacing, count, chain, steps[i]));
      }
    }
    return steps;
  }

  private static void checkCount(int chain, int count, int min) {
    if (count < min || count > chain) {
      throw new IllegalArgumentException(
          String.format(
              "number of sampling steps must be in [%d, %d], but is %d", min, chain, count));
    }
  }

  /** Checks a sampler's own choice of steps; returns a copy. */
  static int[] checked(int chain, int[] steps) {
    boolean ascending = steps.length > 0 && steps[0] >= 0 && steps[steps.length - 1] < chain;
    for (int i = 1; i < steps.length; i++) {
      ascending &= steps[i - 1] < steps[i];
    }
    if (!ascending) {
      throw new IllegalArgumentException(
          "steps must ascend strictly within [0, "
              + chain
              + "), but are "
              + Arrays.toString(steps));
    }
    return steps.clone();
  }
}
