package org.lcsc.search;

import java.util.Arrays;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.Objective;
import org.lcsc.objective.StageSeconds;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Checkpoints of a simulated SGD run around a basin, so neighbours are strongly correlated, and a
 * metric whose optimum is near the basin's centre but not at it, as FID's optimum is not the
 * training loss's. The curvature of direction i is 1 / (i + 1); the metric may have ripples on top.
 */
public final class SyntheticBasin {

  private static final int STEPS_PER_CHECKPOINT = 20;
  private static final double LEARNING_RATE = 0.05;
  private static final double GRADIENT_NOISE = 0.1;
  private static final double OPTIMUM_SHIFT = 0.15;
  private static final double[] EMA_RATES = {0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999};

  /** Checkpoints {@code [K][P]}. */
  private final double[][] theta;

  private final double[] optimum;
  private final double[] curvature;
  private final double[][] rippleDirections;
  private final double ripples;

  public SyntheticBasin(
      long seed, int checkpoints, int parameters, double ripples, double distance) {
    Random random = new Random(seed);
    this.ripples = ripples;
    theta = new double[checkpoints][];
    optimum = new double[parameters];
    curvature = new double[parameters];
    double[] position = new double[parameters];
    for (int i = 0; i < parameters; i++) {
      curvature[i] = 1.0 / (i + 1);
      position[i] = distance * random.nextGaussian();
      optimum[i] = OPTIMUM_SHIFT * random.nextGaussian();
    }
    for (int k = 0; k < checkpoints; k++) {
      for (int step = 0; step < STEPS_PER_CHECKPOINT; step++) {
        for (int i = 0; i < parameters; i++) {
          position[i] +=
              -LEARNING_RATE * curvature[i] * position[i]
                  + GRADIENT_NOISE * Math.sqrt(curvature[i]) * random.nextGaussian();
        }
      }
      theta[k] = position.clone();
    }
    rippleDirections = new double[3][parameters];
    for (double[] direction : rippleDirections) {
      for (int i = 0; i < parameters; i++) {
        direction[i] = 6 * Math.sqrt(curvature[i]) * random.nextGaussian();
      }
    }
  }

  public double score(double[] parameters) {
    double score = 0;
    for (int i = 0; i < parameters.length; i++) {
      double d = parameters[i] - optimum[i];
      score += curvature[i] * d * d;
    }
    for (double[] direction : rippleDirections) {
      double phase = 0;
      for (int i = 0; ripples > 0 && i < parameters.length; i++) {
        phase += direction[i] * parameters[i];
      }
      score += ripples * (1 - Math.cos(phase));
    }
    return score;
  }

  /** Derivatives of {@link #score}. */
  double[] gradient(double[] parameters) {
    double[] gradient = new double[parameters.length];
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] = 2 * curvature[i] * (parameters[i] - optimum[i]);
    }
    for (double[] direction : rippleDirections) {
      double phase = 0;
      for (int i = 0; ripples > 0 && i < gradient.length; i++) {
        phase += direction[i] * parameters[i];
      }
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] += ripples * Math.sin(phase) * direction[i];
      }
    }
    return gradient;
  }

  /** Derivatives of {@link #scoreOf} with respect to the coefficients. */
  public double[] gradientOf(double[] coefficients) {
    double[] slopes = gradient(merged(coefficients));
    double[] products = new double[theta.length];
    for (int k = 0; k < products.length; k++) {
      for (int i = 0; i < slopes.length; i++) {
        products[k] += theta[k][i] * slopes[i];
      }
    }
    return products;
  }

  double[] merged(double[] coefficients) {
    double[] sum = new double[optimum.length];
    for (int k = 0; k < theta.length; k++) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += coefficients[k] * theta[k][i];
      }
    }
    return sum;
  }

  public double scoreOf(double[] coefficients) {
    return score(merged(coefficients));
  }

  /** Renormalised EMA coefficients of several rates, the start of Algorithm 1. */
  public double[][] emaStarts() {
    double[][] starts = new double[EMA_RATES.length][];
    for (int j = 0; j < starts.length; j++) {
      starts[j] = new double[theta.length];
      for (int k = 0; k < theta.length; k++) {
        starts[j][k] = Math.pow(EMA_RATES[j], theta.length - 1 - k);
      }
      starts[j] = Coefficients.normalised(starts[j], 0.1);
    }
    return starts;
  }

  public double bestEma() {
    return Arrays.stream(emaStarts()).mapToDouble(this::scoreOf).min().orElseThrow();
  }

  /** The least score within the span at sum 1, ripples aside: linear least squares. */
  public double optimumInSpan() {
    int n = theta.length - 1;
    double[][] system = new double[n][n + 1];
    for (int a = 0; a < n; a++) {
      for (int b = 0; b < n; b++) {
        for (int i = 0; i < optimum.length; i++) {
          system[a][b] +=
              curvature[i] * (theta[a + 1][i] - theta[0][i]) * (theta[b + 1][i] - theta[0][i]);
        }
      }
      system[a][a] += 1e-9;
      for (int i = 0; i < optimum.length; i++) {
        system[a][n] += curvature[i] * (theta[a + 1][i] - theta[0][i]) * (optimum[i] - theta[0][i]);
      }
    }
    double[] free = solve(system);
    double[] coefficients = new double[n + 1];
    coefficients[0] = 1 - Coefficients.sum(free);
    System.arraycopy(free, 0, coefficients, 1, n);
    double[] best = merged(coefficients);
    double score = 0;
    for (int i = 0; i < best.length; i++) {
      score += curvature[i] * (best[i] - optimum[i]) * (best[i] - optimum[i]);
    }
    return score;
  }

  private static double[] solve(double[][] m) {
    int n = m.length;
    for (int p = 0; p < n; p++) {
      for (int row = p + 1; row < n; row++) {
        double factor = m[row][p] / m[p][p];
        for (int column = p; column <= n; column++) {
          m[row][column] -= factor * m[p][column];
        }
      }
    }
    double[] x = new double[n];
    for (int p = n - 1; p >= 0; p--) {
      x[p] = m[p][n];
      for (int column = p + 1; column < n; column++) {
        x[p] -= m[p][column] * x[column];
      }
      x[p] /= m[p][p];
    }
    return x;
  }

  /** The checkpoints, of iterations 10, 20, ...; to be closed. */
  public CheckpointWindow window() {
    SortedMap<Long, INDArray> checkpoints = new TreeMap<>();
    for (int k = 0; k < theta.length; k++) {
      checkpoints.put(10L * (k + 1), Nd4j.createFromArray(theta[k]).castTo(DataType.FLOAT));
    }
    return CheckpointWindow.ofCheckpoints(checkpoints);
  }

  public Objective objective(String name) {
    return new Objective() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Evaluation evaluate(INDArray parameters) {
        return new Evaluation(
            score(parameters.dup().data().asDouble()), new StageSeconds(0, 1, 0.5, 0.25));
      }
    };
  }
}
