package org.lcsc.diffusion.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lcsc.diffusion.sampler.DpmSolver.Algorithm;
import org.lcsc.diffusion.sampler.DpmSolver.SolverType;

/** Updates against the integral that they approximate, where m is a polynomial of lambda. */
class DpmUpdatesTest {

  private static final double X = 0.7;

  private static final NoiseLevel OLDEST = level(-1.1);
  private static final NoiseLevel OLDER = level(-0.4);
  private static final NoiseLevel START = level(0.1);
  private static final NoiseLevel THIRD = level(0.3);
  private static final NoiseLevel HALF = level(0.5);
  private static final NoiseLevel END = level(0.9);

  private static final DoubleUnaryOperator CONSTANT = lambda -> -0.4;
  private static final DoubleUnaryOperator LINEAR = lambda -> -0.4 + 1.3 * lambda;
  private static final DoubleUnaryOperator QUADRATIC =
      lambda -> -0.4 + 1.3 * lambda + 0.8 * lambda * lambda;

  private static NoiseLevel level(double lambda) {
    double alpha = 1 / Math.sqrt(1 + Math.exp(-2 * lambda));
    return new NoiseLevel(0, alpha, alpha * Math.exp(-lambda), lambda);
  }

  private static DpmUpdates updates(Algorithm algorithm, SolverType type) {
    return new DpmUpdates(algorithm, type);
  }

  /** What an update makes of {@link #X} and of m at some levels. */
  private static double applied(LinearUpdate update, DoubleUnaryOperator m, NoiseLevel... levels) {
    assertThat(update.weights()).hasSameSizeAs(levels);
    double x = update.base() * X;
    for (int k = 0; k < levels.length; k++) {
      x += update.weights()[k] * m.applyAsDouble(levels[k].lambda());
    }
    return x;
  }

  /** arXiv:2211.01095, equation 8, and arXiv:2206.00927, equation 3.4, by Simpson's rule. */
  private static double exact(
      Algorithm algorithm, DoubleUnaryOperator m, NoiseLevel s, NoiseLevel t) {
    double sign = isPlusPlus(algorithm) ? 1 : -1;
    int n = 400;
    double h = (t.lambda() - s.lambda()) / n;
    double sum = 0;
    for (int i = 0; i <= n; i++) {
      double lambda = s.lambda() + i * h;
      double weight = i == 0 || i == n ? 1 : i % 2 == 1 ? 4 : 2;
      sum += weight * h / 3 * Math.exp(sign * lambda) * m.applyAsDouble(lambda);
    }
    return isPlusPlus(algorithm)
        ? t.sigma() / s.sigma() * X + t.sigma() * sum
        : t.alpha() / s.alpha() * X - t.alpha() * sum;
  }

  private static boolean isPlusPlus(Algorithm algorithm) {
    return algorithm == Algorithm.DPM_SOLVER_PLUS_PLUS;
  }

  private static void assertExact(
      Algorithm algorithm, LinearUpdate update, DoubleUnaryOperator m, NoiseLevel... levels) {
    assertThat(applied(update, m, levels))
        .isCloseTo(exact(algorithm, m, START, END), within(1e-11));
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void firstOrderIsExactForAConstant(Algorithm algorithm) {
    LinearUpdate update = updates(algorithm, SolverType.DPMSOLVER).first(START, END);
    assertExact(algorithm, update, CONSTANT, START);
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void taylorsSecondOrderIsExactForALine(Algorithm algorithm) {
    DpmUpdates taylor = updates(algorithm, SolverType.TAYLOR);
    assertExact(algorithm, taylor.multistepSecond(OLDER, START, END), LINEAR, START, OLDER);
    assertExact(algorithm, taylor.singlestepSecond(START, HALF, END), LINEAR, START, HALF);
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void theSolversOwnSecondOrderTakesMInTheMiddleForAConstant(Algorithm algorithm) {
    DpmUpdates own = updates(algorithm, SolverType.DPMSOLVER);
    double middle = LINEAR.applyAsDouble((START.lambda() + END.lambda()) / 2);
    double expected = exact(algorithm, lambda -> middle, START, END);
    assertThat(applied(own.multistepSecond(OLDER, START, END), LINEAR, START, OLDER))
        .isCloseTo(expected, within(1e-11));
    assertThat(applied(own.singlestepSecond(START, THIRD, END), LINEAR, START, THIRD))
        .isCloseTo(expected, within(1e-11));
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void singlestepThirdOrderIsExactForAParabolaOrForALine(Algorithm algorithm) {
    LinearUpdate taylor =
        updates(algorithm, SolverType.TAYLOR).singlestepThird(START, THIRD, HALF, END);
    assertExact(algorithm, taylor, QUADRATIC, START, THIRD, HALF);
    LinearUpdate own =
        updates(algorithm, SolverType.DPMSOLVER).singlestepThird(START, THIRD, HALF, END);
    assertExact(algorithm, own, LINEAR, START, THIRD, HALF);
    assertThat(own.weights()[1]).as("the first inner level takes no part").isZero();
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void theSecondInnerLevelOfThirdOrderIsExactForALine(Algorithm algorithm) {
    LinearUpdate inner =
        updates(algorithm, SolverType.DPMSOLVER).singlestepThirdInner(START, THIRD, HALF, END);
    assertThat(applied(inner, LINEAR, START, THIRD))
        .isCloseTo(exact(algorithm, LINEAR, START, HALF), within(1e-11));
  }

  /** As in its authors' software, D2 is half of h^2 times the second derivative. */
  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void multistepThirdOrderIsExactForALineAndTakesHalfTheCurvature(Algorithm algorithm) {
    LinearUpdate update =
        updates(algorithm, SolverType.TAYLOR).multistepThird(OLDEST, OLDER, START, END);
    assertExact(algorithm, update, LINEAR, START, OLDER, OLDEST);
    double start = START.lambda();
    // The parabola less half of its second-order term.
    DoubleUnaryOperator halved =
        lambda -> QUADRATIC.applyAsDouble(lambda) - 0.4 * (lambda - start) * (lambda - start);
    assertThat(applied(update, QUADRATIC, START, OLDER, OLDEST))
        .isCloseTo(exact(algorithm, halved, START, END), within(1e-11));
  }
}
