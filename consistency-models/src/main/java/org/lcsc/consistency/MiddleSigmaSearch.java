package org.lcsc.consistency;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import org.lcsc.diffusion.schedule.KarrasSigmas;
import org.lcsc.io.Refuse;

/**
 * Ternary search for the second noise level of two-step sampling (Song et al. 2023,
 * arXiv:2303.01469, appendix C): the score is taken to fall and then to rise over the levels of a
 * Karras discretisation.
 *
 * <p>Stateless and thread-safe.
 */
public final class MiddleSigmaSearch {

  /**
   * What a search found.
   *
   * @param sigma the level of the lowest score
   * @param score its score
   * @param evaluated every score by its level, in the order of evaluation
   */
  public record Result(double sigma, double score, Map<Double, Double> evaluated) {}

  private MiddleSigmaSearch() {}

  /**
   * Searches.
   *
   * @param levels of the discretisation, at least 3; its first and last are not candidates
   * @param score smaller is better, for example FID of two-step samples from the same noise; NaN
   *     counts as the worst
   */
  public static Result search(int levels, DoubleUnaryOperator score) {
    Objects.requireNonNull(score, "score");
    Refuse.argument(levels < 3, "levels: expected at least 3, got %s", levels);
    double[] sigmas = KarrasSigmas.edm(levels);
    Map<Double, Double> evaluated = new LinkedHashMap<>();
    int low = 1;
    int high = levels - 2;
    while (high - low > 2) {
      int left = low + (high - low) / 3;
      int right = high - (high - low) / 3;
      if (at(sigmas[left], score, evaluated) <= at(sigmas[right], score, evaluated)) {
        high = right - 1;
      } else {
        low = left + 1;
      }
    }
    for (int i = low; i <= high; i++) {
      at(sigmas[i], score, evaluated);
    }
    var best = evaluated.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow();
    return new Result(
        best.getKey(), best.getValue(), java.util.Collections.unmodifiableMap(evaluated));
  }

  private static double at(double sigma, DoubleUnaryOperator score, Map<Double, Double> evaluated) {
    return evaluated.computeIfAbsent(
        sigma,
        s -> {
          double value = score.applyAsDouble(s);
          return Double.isNaN(value) ? Double.POSITIVE_INFINITY : value;
        });
  }
}
