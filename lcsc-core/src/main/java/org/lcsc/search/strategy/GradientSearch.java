package org.lcsc.search.strategy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;

/**
 * Descends the score along its exact gradient by L-BFGS (Liu and Nocedal, 1989; Nocedal and Wright,
 * Algorithms 7.4 and 7.5) with a line search, on the same noise throughout.
 *
 * <p>Starts from the best of the given candidates, in the paper those of several EMA rates. Every
 * step within the plane of sum 1 takes one value and gradient, seldom more. Ends where no step
 * along the steepest descent gains any more. Where the optimum is a matter of the noise the search
 * fits it: {@link #finalists} offers the path for validation. Not thread-safe.
 */
public final class GradientSearch extends PathSearch {

  private final Parameters parameters;

  /** Score and gradient at the path's end. */
  private double score;

  private double[] gradient;

  /** Steps and the changes of the gradient over them, oldest first. */
  private List<double[]> steps = new ArrayList<>();

  private List<double[]> changes = new ArrayList<>();

  private double[] direction;
  private WolfeLineSearch line;

  /** The best trial on the line that was not good enough: coordinates, gradient, score; or null. */
  private double[] fallback;

  private double[] fallbackGradient;
  private double fallbackScore;

  private boolean exhausted;

  /**
   * What L-BFGS leaves open; kind {@code gradient} of a configuration file.
   *
   * @param starts the most candidates that are scored to choose the start from, at least 1
   * @param step length of the first trial step in coefficients, above 0; with {@link
   *     SearchDirections} of mean squared length 1, in whose coordinates it is meant
   * @param components principal components of the window that are moved along, at least 1; null for
   *     all
   * @param whitening from 0, steps are measured in coefficients, to 1, in parameters
   * @param memory steps that the curvature is estimated from, at least 1
   * @param trials the most trials of a line search, at least 2
   * @param penalty added to the score for every unit of the coefficients' squared length, at least
   *     0: {@link PenalisedSearch}, with its gradient
   */
  @Kind("gradient")
  public record Parameters(
      int starts,
      double step,
      @OptionalKey Integer components,
      double whitening,
      int memory,
      int trials,
      double penalty)
      implements GradientSettings {

    /**
     * Measured on the window of a digits diffusion model (2,000 iterations, 176,849 parameters, K =
     * 100), sampled by DPM-Solver++ in 5 evaluations, from an average of FID 34.6: FID on the 500
     * samples of the search after 20 values and gradients, at the cost of 80 evaluations, and on
     * 500 others.
     *
     * <pre>
     *                                        search  other
     * all components, whitening 0.5           10.35  11.25
     * all components, whitening 1             12.16  12.13
     * plain coefficients                      11.02  11.86
     * 30 components, whitening 0.5            13.99  14.55
     * evolution, 81 evaluations               21.39  22.37
     * </pre>
     */
    public static final Parameters DEFAULTS = new Parameters();

    /** {@link #DEFAULTS}. */
    public Parameters() {
      this(5, 0.1, null, SearchDirections.DEFAULT_WHITENING, 20, 8, 0);
    }

    public Parameters {
      requirePath(starts, step, components, whitening, penalty);
      Require.atLeast("memory", memory, 1);
      Require.atLeast("trials", trials, 2);
    }

    /**
     * The starts and 20 gradients through a quarter of the samples: on a long consistency training
     * (Fashion-MNIST 16x16, K = 100, 2,000 samples) the third feature space, which no search sees,
     * has 0.668 after 33 evaluations and 0.666 after 117.
     */
    @Override
    public int evaluations() {
      return 40;
    }

    @Override
    public GradientSearch create(Start start) {
      return new GradientSearch(
          directions(start.merger(), components, whitening), spread(start.initial(), starts), this);
    }
  }

  /**
   * A search.
   *
   * @param directions the coordinates that it moves in
   * @param initial what it may start from, {@code [B, K]}; the best is taken. A single one is
   *     started from without being scored.
   * @param parameters what L-BFGS leaves open
   */
  public GradientSearch(SearchDirections directions, double[][] initial, Parameters parameters) {
    super(directions, initial, parameters.penalty(), parameters);
    this.parameters = Objects.requireNonNull(parameters, "parameters");
  }

  @Override
  public String name() {
    return "gradient";
  }

  @Override
  public long draw() {
    return 0;
  }

  @Override
  double[] next() {
    if (exhausted) {
      return null;
    }
    if (path.isEmpty()) {
      return new double[coordinates()];
    }
    return plus(path.get(path.size() - 1), line.trial(), direction);
  }

  @Override
  void step(double value, double[] slopes) {
    if (path.isEmpty()) {
      if (Double.isFinite(value)) {
        path.add(new double[coordinates()]);
        score = value;
        gradient = slopes;
        descend();
      } else {
        exhausted = true;
      }
      return;
    }
    double[] z = next();
    switch (line.tell(value, dot(slopes, direction))) {
      case DONE -> accept(z, value, slopes);
      case BETTER -> {
        fallback = z;
        fallbackScore = value;
        fallbackGradient = slopes;
        endAfterTooManyTrials();
      }
      case WORSE -> endAfterTooManyTrials();
    }
  }

  private void endAfterTooManyTrials() {
    if (line.trials() < parameters.trials()) {
      return;
    }
    if (fallback != null) {
      accept(fallback, fallbackScore, fallbackGradient);
    } else if (!steps.isEmpty()) {
      // The curvature is out of date; the steepest descent needs none.
      steps.clear();
      changes.clear();
      descend();
    } else {
      exhausted = true;
    }
  }

  private void accept(double[] z, double value, double[] slopes) {
    double[] step = plus(z, -1, path.get(path.size() - 1));
    double[] change = plus(slopes, -1, gradient);
    // Negative curvature, which a line search cut short may show, would spoil the estimate.
    if (dot(step, change) > 1e-10 * Math.sqrt(dot(step, step) * dot(change, change))) {
      steps.add(step);
      changes.add(change);
      if (steps.size() > parameters.memory()) {
        steps.remove(0);
        changes.remove(0);
      }
    }
    path.add(z);
    score = value;
    gradient = slopes;
    descend();
  }

  /** Starts the next line search. */
  private void descend() {
    fallback = null;
    fallbackGradient = null;
    direction = steps.isEmpty() ? steepest() : quasiNewton();
    double slope = dot(direction, gradient);
    exhausted = !(slope < 0);
    line = new WolfeLineSearch(score, slope, 1);
  }

  private double[] steepest() {
    double length = Math.sqrt(dot(gradient, gradient));
    return plus(new double[coordinates()], -parameters.step() / length, gradient);
  }

  /** The two-loop recursion. */
  private double[] quasiNewton() {
    double[] q = gradient.clone();
    int n = steps.size();
    double[] weights = new double[n];
    for (int i = n - 1; i >= 0; i--) {
      weights[i] = dot(steps.get(i), q) / dot(steps.get(i), changes.get(i));
      q = plus(q, -weights[i], changes.get(i));
    }
    double[] last = changes.get(n - 1);
    double scale = dot(steps.get(n - 1), last) / dot(last, last);
    q = plus(new double[q.length], scale, q);
    for (int i = 0; i < n; i++) {
      double b = dot(changes.get(i), q) / dot(steps.get(i), changes.get(i));
      q = plus(q, weights[i] - b, steps.get(i));
    }
    return plus(new double[q.length], -1, q);
  }

  @Override
  void writePath(DataOutputStream out) throws IOException {
    StrategySnapshot.writeRows(out, path.toArray(double[][]::new));
    StrategySnapshot.writeRows(out, steps.toArray(double[][]::new));
    StrategySnapshot.writeRows(out, changes.toArray(double[][]::new));
    out.writeBoolean(exhausted);
    if (!path.isEmpty()) {
      StrategySnapshot.writeRows(out, new double[][] {gradient, direction});
      StrategySnapshot.writeRows(
          out, fallback == null ? new double[0][] : new double[][] {fallback, fallbackGradient});
      out.writeDouble(score);
      out.writeDouble(fallbackScore);
      line.write(out);
    }
  }

  @Override
  void readPath(DataInputStream in) throws IOException {
    List<double[]> savedPath = rows(in);
    List<double[]> savedSteps = rows(in);
    List<double[]> savedChanges = rows(in);
    boolean savedExhausted = in.readBoolean();
    if (!savedPath.isEmpty()) {
      List<double[]> now = rows(in);
      List<double[]> trial = rows(in);
      score = in.readDouble();
      fallbackScore = in.readDouble();
      line = WolfeLineSearch.read(in);
      gradient = now.get(0);
      direction = now.get(1);
      fallback = trial.isEmpty() ? null : trial.get(0);
      fallbackGradient = trial.isEmpty() ? null : trial.get(1);
    }
    path = savedPath;
    steps = savedSteps;
    changes = savedChanges;
    exhausted = savedExhausted;
  }

  private static List<double[]> rows(DataInputStream in) throws IOException {
    return new ArrayList<>(Arrays.asList(StrategySnapshot.readRows(in)));
  }
}
