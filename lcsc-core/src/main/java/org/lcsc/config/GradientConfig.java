package org.lcsc.config;

/**
 * Section {@code lcsc.search.gradient}: parameters of the searches by gradients. What is absent is
 * the strategy's own default.
 *
 * @param starts the most averages over the window that are scored to choose the start from, at
 *     least 1; default 5
 * @param step length of the first step ({@code gradient}, {@code gradient-evolution}) or of every
 *     step in every coordinate ({@code stochastic-gradient}), above 0
 * @param components principal components of the window that are moved along, at least 1; default:
 *     all
 * @param whitening from 0, steps are measured in coefficients, to 1, in parameters
 * @param gradients values and gradients computed before evolution takes over, at least 1, only with
 *     {@code gradient-evolution}; default: half the evaluations at the cost of 4 each
 */
public record GradientConfig(
    @OptionalKey Integer starts,
    @OptionalKey Double step,
    @OptionalKey Integer components,
    @OptionalKey Double whitening,
    @OptionalKey Integer gradients) {

  /** Nothing set: all defaults. */
  public static final GradientConfig DEFAULT = new GradientConfig(null, null, null, null, null);

  /** Validates what is set. */
  public GradientConfig {
    starts = Require.atLeast("starts", starts == null ? 5 : starts, 1);
    if (step != null) {
      Require.positive("step", step);
    }
    if (components != null) {
      Require.atLeast("components", components, 1);
    }
    if (whitening != null) {
      Require.between("whitening", whitening, 0, 1);
    }
    if (gradients != null) {
      Require.atLeast("gradients", gradients, 1);
    }
  }
}
