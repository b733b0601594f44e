package org.lcsc.diffusion.sampler;

import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.YamlNames;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;

/**
 * Which steps of a chain of T a sampler visits: ascending arrays of steps in [0, T), for {@link
 * DdpmSampler} and {@link DdimSampler}.
 *
 * <p>Stateless and thread-safe.
 */
public final class Timesteps {

  /** Placements of the steps of a sampler. */
  public enum Spacing {
    /** {@link Timesteps#uniform}, for numbers that it meets. */
    UNIFORM,
    /** {@link Timesteps#quadratic}. */
    QUADRATIC,
    /** {@link Timesteps#even}. */
    EVEN,
    /** {@link Timesteps#strided}. */
    STRIDED;

    private int[] steps(int chain, int count) {
      return switch (this) {
        case UNIFORM -> uniform(chain, count);
        case QUADRATIC -> quadratic(chain, count);
        case EVEN -> even(chain, count);
        case STRIDED -> strided(chain, count);
      };
    }

    /** Whether it gives so many steps of a longer chain: one alone would be asked at no noise. */
    private boolean allows(int chain, int count) {
      return count >= 2
          && count <= chain
          && switch (this) {
            case UNIFORM -> ceilDiv(chain, chain / count) == count;
            // Those that follow are further apart.
            case QUADRATIC -> quadratic(chain, count, 1) > 0;
            case EVEN -> true;
            case STRIDED -> ceilDiv(chain, ceilDiv(chain, count)) == count;
          };
    }

    /**
     * Exactly so many steps.
     *
     * @param sampler its kind, for messages
     * @param chain T
     * @param count number of steps
     * @throws InvalidValueException of the key {@code steps}, where this spacing does not give that
     *     many, with the nearest numbers that it gives
     */
    int[] visited(String sampler, int chain, int count) {
      if (count > chain) {
        throw new InvalidValueException(
            "steps",
            Text.format(
                "%s cannot visit more steps than the model has (%d, model.steps %d), allowed: %d to"
                    + " %d",
                sampler, count, chain, Math.min(2, chain), chain));
      }
      if (chain == 1) {
        return all(chain);
      }
      if (allows(chain, count)) {
        return steps(chain, count);
      }
      List<String> nearest =
          IntStream.of(
                  IntStream.iterate(count - 1, n -> n >= 1, n -> n - 1)
                      .filter(n -> allows(chain, n))
                      .findFirst()
                      .orElse(0),
                  IntStream.range(count + 1, chain + 1)
                      .filter(n -> allows(chain, n))
                      .findFirst()
                      .orElse(0))
              .filter(n -> n > 0)
              .mapToObj(String::valueOf)
              .toList();
      throw new InvalidValueException(
          "steps",
          Text.format(
              "spacing: %s cannot visit exactly so many of the model's %d steps (%d), allowed: %s",
              YamlNames.of(this), chain, count, String.join(" or ", nearest)));
    }
  }

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
    return distinct(chain, count, "quadratic", i -> quadratic(chain, count, i));
  }

  private static int quadratic(int chain, int count, int step) {
    double root = Math.sqrt(0.8 * chain) / (count - 1);
    return (int) ((step * root) * (step * root));
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
    // The smallest that does not give more.
    int stride = ceilDiv(chain, count);
    Refuse.argument(
        ceilDiv(chain, stride) != count,
        "no integer stride through %s steps gives exactly %s steps",
        chain,
        count);
    return IntStream.range(0, count).map(i -> i * stride).toArray();
  }

  private static int ceilDiv(int a, int b) {
    return (a - 1) / b + 1;
  }

  private static int[] distinct(int chain, int count, String spacing, IntUnaryOperator step) {
    checkCount(chain, count, 2);
    int[] steps = IntStream.range(0, count).map(step).toArray();
    for (int i = 1; i < count; i++) {
      if (steps[i] == steps[i - 1]) {
        throw new IllegalArgumentException(
            Text.format(
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
          Text.format(
              "number of sampling steps must be in [%d, %d], but is %d", min, chain, count));
    }
  }

  /** Checks a sampler's own choice of steps; returns a copy. */
  static int[] checked(int chain, int[] steps) {
    boolean ascending = steps.length > 0 && steps[0] >= 0 && steps[steps.length - 1] < chain;
    for (int i = 1; i < steps.length; i++) {
      ascending &= steps[i - 1] < steps[i];
    }
    Refuse.argument(
        !ascending, "steps must ascend strictly within [0, %s), but are %s", chain, steps);
    return steps.clone();
  }
}
