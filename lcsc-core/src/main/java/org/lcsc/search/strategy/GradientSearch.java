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
import org.lcsc.objective.DifferentiableObjective;
import org.lcsc.objective.Objective;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Descends the score along its exact gradient by L-BFGS (Liu and Nocedal, 1989; Nocedal and Wright,
 * Algorithms 7.4 and 7.5) with a line search, on the same noise throughout.
 *
 * <p>Starts from the best of the given candidates, in the paper those of several EMA rates. Every
 * step within the plane of sum 1 takes one value and gradient, seldom more. It may begin on a share
 * of the samples and take more as it goes on (progressive batching; Bollapragada et al., ICML
 * 2018): the curvature is estimated anew on every share, so a step is accepted on common noise.
 * Ends where no step along the steepest descent gains any more. Where the optimum is a matter of
 * the noise the search fits it: {@link #finalists} offers the path for validation. Not thread-safe.
 */
public final class GradientSearch extends PathSearch {

  private static final Logger LOG = LoggerFactory.getLogger(GradientSearch.class);

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

  /** Whether this process has seen a step that was taken. */
  private boolean stepped;

  /** Gradients that each share of {@link Parameters#growth} is used for. */
  private int gradientsPerShare;

  /** How many shares of the growth are behind the path. */
  private int grown;

  /** Gradients on the share of now. */
  private int onShare;

  /**
   * What L-BFGS leaves open; kind {@code gradient} of a configuration file.
   *
   * @param starts the most averages that are scored to choose the start from, at least 1; what an
   *     earlier search found is scored beside them
   * @param step length of the first trial step in coefficients, above 0; with {@link
   *     SearchDirections} of mean squared length 1, in whose coordinates it is meant
   * @param components principal components of the window that are moved along, at least 1; null for
   *     all
   * @param whitening from 0, steps are measured in coefficients, to 1, in parameters
   * @param memory steps that the curvature is estimated from, at least 1
   * @param trials the most trials of a line search, at least 2
   * @param penalty added to the score for every unit of the coefficients' squared length, at least
   *     0: {@link PenalisedSearch}, with its gradient
   * @param growth shares of the samples, ascending, above 0 and below 1, that the descent begins
   *     on: each for an equal part of the gradients that the search could afford on all samples,
   *     and what that spares goes to all samples at the end; empty for all from the start
   */
  @Kind("gradient")
  public record Parameters(
      int starts,
      double step,
      @OptionalKey Integer components,
      double whitening,
      int memory,
      int trials,
      double penalty,
      List<Double> growth)
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
      this(5, 0.1, null, SearchDirections.DEFAULT_WHITENING, 20, 8, 0, List.of());
    }

    public Parameters {
      requirePath(starts, step, components, whitening, penalty);
      Require.atLeast("memory", memory, 1);
      Require.atLeast("trials", trials, 2);
      growth = List.copyOf(growth);
      double before = 0;
      for (double share : growth) {
        Require.not(
            !(share > before && share < 1),
            "growth",
            "expected ascending shares above 0 and below 1, got %s",
            share);
        before = share;
      }
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
    public void require(Objective objective) {
      DifferentiableObjective differentiable = DifferentiableObjective.require(objective);
      if (!growth.isEmpty()) {
        differentiable.onShare(growth.get(0));
      }
    }

    @Override
    public GradientSearch create(Start start) {
      double[][] initial = spread(start, starts);
      double affordable = (start.evaluations() - initial.length) / start.gradientCost();
      int gradientsPerShare = (int) Math.round(affordable / (growth.size() + 1));
      return new GradientSearch(
          directions(start.merger(), components, whitening),
          initial,
          this,
          Math.max(1, gradientsPerShare));
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
    this(directions, initial, parameters, 1);
  }

  /** With the number of gradients, at least 1, that each share of the growth is used for. */
  GradientSearch(
      SearchDirections directions,
      double[][] initial,
      Parameters parameters,
      int gradientsPerShare) {
    super(directions, initial, parameters.penalty(), parameters);
    this.parameters = Objects.requireNonNull(parameters, "parameters");
    this.gradientsPerShare = gradientsPerShare;
  }

  @Override
  public String name() {
    return "gradient";
  }

  @Override
  public long draw() {
    return 0;
  }

  /** All samples for the starts, then the shares of the growth. */
  @Override
  public double fidelity() {
    return wantsGradient() && growing() ? parameters.growth().get(grown) : 1;
  }

  private boolean growing() {
    return grown < parameters.growth().size();
  }

  @Override
  double[] next() {
    if (exhausted) {
      return null;
    }
    double[] end = path.isEmpty() ? new double[coordinates()] : path.get(path.size() - 1);
    return onShare == 0 ? end : plus(end, line.trial(), direction);
  }

  @Override
  void step(double value, double[] slopes) {
    double[] z = next();
    boolean first = onShare++ == 0;
    if (!first) {
      follow(z, value, slopes);
    } else if (Double.isFinite(value)) {
      begin(z, value, slopes);
    } else {
      exhausted = true;
    }
    boolean between = line == null || line.trials() == 0;
    if (growing() && (exhausted || between && onShare >= gradientsPerShare)) {
      grown++;
      onShare = 0;
      exhausted = path.isEmpty();
    }
  }

  /** Takes the path's end on the samples of now; what was found on others compares with none. */
  private void begin(double[] z, double value, double[] slopes) {
    path = new ArrayList<>(List.of(z));
    score = value;
    gradient = slopes;
    steps.clear();
    changes.clear();
    descend();
  }

  private void follow(double[] z, double value, double[] slopes) {
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
      warnOfNoStep();
    }
  }

  private void warnOfNoStep() {
    if (!stepped) {
      LOG.warn(
          "No step along the gradient lowers the score {}: it is at a minimum, or the gradient is"
              + " that of another score",
          score);
    }
  }

  private void accept(double[] z, double value, double[] slopes) {
    stepped = true;
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
    if (exhausted) {
      warnOfNoStep();
    }
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
    out.writeInt(gradientsPerShare);
    out.writeInt(grown);
    out.writeInt(onShare);
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
    int savedGradientsPerShare = in.readInt();
    int savedGrown = in.readInt();
    int savedOnShare = in.readInt();
    if (!savedPath.isEmpty()) {
      List<double[]> now = rows(in);
      List<double[]> trial = rows(in);
      double savedScore = in.readDouble();
      double savedFallbackScore = in.readDouble();
      // The last that is read: from here on nothing fails.
      line = WolfeLineSearch.read(in);
      score = savedScore;
      fallbackScore = savedFallbackScore;
      gradient = now.get(0);
      direction = now.get(1);
      fallback = trial.isEmpty() ? null : trial.get(0);
      fallbackGradient = trial.isEmpty() ? null : trial.get(1);
    }
    path = savedPath;
    steps = savedSteps;
    changes = savedChanges;
    exhausted = savedExhausted;
    stepped = path.size() > 1;
    gradientsPerShare = savedGradientsPerShare;
    grown = savedGrown;
    onShare = savedOnShare;
  }

  static List<double[]> rows(DataInputStream in) throws IOException {
    return new ArrayList<>(Arrays.asList(StrategySnapshot.readRows(in)));
  }
}
