package org.lcsc.search.strategy;

import java.util.List;

/**
 * A strategy that steps on values and gradients. It asks for plain scores first, of what it may
 * start from, and then for one candidate at a time with the gradient of the score with respect to
 * the coefficients.
 *
 * <pre>{@code
 * double[] candidate = strategy.ask()[0];
 * if (strategy.wantsGradient()) {
 *   strategy.tell(score, gradient);      // on the noise of strategy.draw()
 * }
 * }</pre>
 */
public interface GradientStrategy extends SearchStrategy {

  /** Whether the gradient of what was last asked for, a single candidate, is wanted. */
  boolean wantsGradient();

  /**
   * The noise that the candidate last asked for is to be scored on, see {@link
   * org.lcsc.objective.DifferentiableObjective#gradient}: 0 where it is the same at every step.
   */
  long draw();

  /**
   * Takes the score of the candidate last asked for.
   *
   * @param score smaller is better; a non-finite one is legal, its gradient is not read
   * @param gradient as many derivatives of the score with respect to the coefficients
   */
  void tell(double score, double[] gradient);

  /**
   * Where the search may end: points of its path, or averages of it, for validation to choose from.
   * A search on fixed noise fits that noise ever closer, and may have been best before its end.
   *
   * @param most the most to return, at least 1
   * @return distinct candidates of sum 1, the strategy's own choice first; empty before its first
   *     step
   */
  List<double[]> finalists(int most);
}
