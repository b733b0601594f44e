package org.lcsc.diffusion.sampler;

import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;

/**
 * Guidance without a classifier (Ho and Salimans 2022, arXiv:2207.12598): in place of its output
 * F(x, c) for a class, a network gives {@code F(x) + scale (F(x, c) - F(x))}, where F(x) is its
 * output without a class, at twice the cost. Section {@code guidance} of a configuration; what a
 * network predicts does not matter, for at the same x every parameterisation is linear in every
 * other.
 *
 * @param scale 1 is no guidance, 0 leaves the class out; above 1 samples are more typical of their
 *     class and less varied; at least 0
 * @param from lowest noise level sigma, beside an image of scale 1, that is guided, at least 0;
 *     default null: 0
 * @param to highest noise level that is guided, at least {@code from}; default null: no end
 *     (Kynkaanniemi et al. 2024, arXiv:2404.07724)
 */
public record Guidance(double scale, @OptionalKey Double from, @OptionalKey Double to) {

  public Guidance {
    Require.notNegative("scale", scale);
    Require.notNegative("from", from);
    Require.notNegative("to", to);
    Require.not(
        from != null && to != null && to < from,
        "to",
        "below from (%s, from %s), allowed: at least from",
        to,
        from);
  }

  /** Guidance at every noise level. */
  public static Guidance everywhere(double scale) {
    return new Guidance(scale, null, null);
  }

  /** Whether an evaluation at a noise level is guided. */
  boolean applies(double noiseLevel) {
    return scale != 1 && (from == null || noiseLevel >= from) && (to == null || noiseLevel <= to);
  }

  @Override
  public String toString() {
    return "guidance "
        + scale
        + (from == null ? "" : ", from sigma " + from)
        + (to == null ? "" : ", to sigma " + to);
  }
}
