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
 * Descends the score by Adam (Kingma and Ba, 2015), each step on noise of its own, so that there is
 * no noise to over-fit. The result is an average of iterates (Polyak and Juditsky, 1992): the step
 * size can then stay the same throughout, and the search can end at any time.
 *
 * <p>Starts from the best of the given candidates. Every few steps the average over the last half
 * of the iterates is scored on the noise of the starts, which no step has seen; {@link #finalists}
 * are among these averages and that at the end. Not thread-safe.
 */
public final class StochasticGradientSearch extends PathSearch {

  /** Sums of consecutive iterates are joined in pairs where there would be more of them. */
  private static final int MOST_BLOCKS = 64;

  /** Share of the iterates, the last of them, that is averaged. */
  private static final double AVERAGED = 0.5;

  private static final double EPSILON = 1e-12;

  private final Parameters parameters;

  private double[] z;
  private double[] mean;
  private double[] square;
  private long step;

  /** Sums of {@link #blockLength} iterates each, the last of up to as many. */
  private List<double[]> blocks = new ArrayList<>();

  private long blockLength = 1;
  private long inLast;

  /** Whether the average is to be scored now. */
  private boolean due;

  /**
   * What Adam leaves open; kind {@code stochastic-gradient} of a configuration file.
   *
   * @param starts the most averages that are scored to choose the start from, at least 1; what an
   *     earlier search found is scored beside them
   * @param step length of a step in every coordinate, the learning rate, above 0
   * @param components principal components of the window that are moved along, at least 1; null for
   *     all
   * @param whitening from 0, steps are measured in coefficients, to 1, in parameters
   * @param meanDecay decay of the gradient's running mean, in [0, 1)
   * @param squareDecay decay of the running mean of its square, in [0, 1)
   * @param stepsPerCheck steps after which the average is scored, at least 1
   * @param penalty added to the score for every unit of the coefficients' squared length, at least
   *     0
   */
  @Kind("stochastic-gradient")
  public record Parameters(
      int starts,
      double step,
      @OptionalKey Integer components,
      double whitening,
      double meanDecay,
      double squareDecay,
      int stepsPerCheck,
      double penalty)
      implements GradientSettings {

    /**
     * The learning rate is measured on the window of a digits diffusion model (2,000 iterations, K
     * = 100, 10 evaluations of DPM-Solver++, one seed): best FID so far on 500 samples that no step
     * saw, and on 3,000 fresh ones.
     *
     * <pre>
     * learning rate   at 50 evaluations   at 100 evaluations
     * 0.001              2.67   2.42          2.37   2.09
     * 0.005              1.90   1.54          1.72   1.13
     * 0.02               1.94   1.59          1.88   1.10
     * </pre>
     *
     * Steps of 0.05 were too long on another such window, of 5 evaluations (FID rose from 34 to 115
     * at the second). The decays are from a simulated basin.
     */
    public static final Parameters DEFAULTS = new Parameters();

    /** {@link #DEFAULTS}. */
    public Parameters() {
      this(5, 0.005, null, SearchDirections.DEFAULT_WHITENING, 0.9, 0.99, 5, 0);
    }

    public Parameters {
      requirePath(starts, step, components, whitening, penalty);
      Require.fromBelow("meanDecay", meanDecay, 0, 1);
      Require.fromBelow("squareDecay", squareDecay, 0, 1);
      Require.atLeast("stepsPerCheck", stepsPerCheck, 1);
    }

    @Override
    public SearchStrategy create(Start start) {
      return new StochasticGradientSearch(
          directions(start.merger(), components, whitening), spread(start, starts), this);
    }
  }

  /**
   * A search.
   *
   * @param directions the coordinates that it moves in
   * @param initial what it may start from, {@code [B, K]}; the best is taken. A single one is
   *     started from without being scored.
   * @param parameters what Adam leaves open
   */
  public StochasticGradientSearch(
      SearchDirections directions, double[][] initial, Parameters parameters) {
    super(directions, initial, parameters.penalty(), parameters);
    this.parameters = Objects.requireNonNull(parameters, "parameters");
    int n = coordinates();
    z = new double[n];
    mean = new double[n];
    square = new double[n];
  }

  @Override
  public String name() {
    return "stochastic-gradient";
  }

  /** Draw 0, the noise of plain scores, is that of the starts. */
  @Override
  public long draw() {
    return step + 1;
  }

  @Override
  double[] next() {
    return z;
  }

  @Override
  void step(double score, double[] gradient) {
    step++;
    due = step % parameters.stepsPerCheck() == 0;
    if (!Double.isFinite(score)) {
      // Back to where the score was a number, and more slowly: the moments stay.
      z = blocks.isEmpty() ? new double[coordinates()] : average(AVERAGED);
      return;
    }
    remember();
    double[] moved = z.clone();
    for (int i = 0; i < moved.length; i++) {
      mean[i] += (1 - parameters.meanDecay()) * (gradient[i] - mean[i]);
      square[i] += (1 - parameters.squareDecay()) * (gradient[i] * gradient[i] - square[i]);
      double m = mean[i] / (1 - StrictMath.pow(parameters.meanDecay(), step));
      double v = square[i] / (1 - StrictMath.pow(parameters.squareDecay(), step));
      moved[i] -= parameters.step() * m / (Math.sqrt(v) + EPSILON);
    }
    z = moved;
  }

  private void remember() {
    if (blocks.isEmpty() || inLast == blockLength) {
      if (blocks.size() == MOST_BLOCKS) {
        joinPairs();
      }
      blocks.add(new double[coordinates()]);
      inLast = 0;
    }
    blocks.set(blocks.size() - 1, plus(blocks.get(blocks.size() - 1), 1, z));
    inLast++;
  }

  private void joinPairs() {
    List<double[]> joined = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i += 2) {
      joined.add(plus(blocks.get(i), 1, blocks.get(i + 1)));
    }
    blocks = joined;
    blockLength *= 2;
  }

  /** The average over about the last share of the iterates, of which there is at least one. */
  private double[] average(double share) {
    int count = Math.max(1, (int) Math.round(share * blocks.size()));
    double[] sum = new double[coordinates()];
    for (double[] block : blocks.subList(blocks.size() - count, blocks.size())) {
      sum = plus(sum, 1, block);
    }
    double iterates = (count - 1.0) * blockLength + inLast;
    return plus(new double[sum.length], 1 / iterates, sum);
  }

  @Override
  double[] check() {
    return due ? end() : null;
  }

  /** The average of now, where it was not scored. */
  @Override
  double[] end() {
    if (blocks.isEmpty()) {
      return null;
    }
    double[] average = average(AVERAGED);
    return !path.isEmpty() && Arrays.equals(path.get(path.size() - 1), average) ? null : average;
  }

  @Override
  void checked() {
    path.add(average(AVERAGED));
    due = false;
  }

  @Override
  void writePath(DataOutputStream out) throws IOException {
    out.writeLong(step);
    StrategySnapshot.writeRows(out, new double[][] {z, mean, square});
    StrategySnapshot.writeRows(out, blocks.toArray(double[][]::new));
    out.writeLong(blockLength);
    out.writeLong(inLast);
    StrategySnapshot.writeRows(out, path.toArray(double[][]::new));
    out.writeBoolean(due);
  }

  @Override
  void readPath(DataInputStream in) throws IOException {
    long savedStep = in.readLong();
    double[][] moments = StrategySnapshot.readRows(in);
    List<double[]> savedBlocks = GradientSearch.rows(in);
    long savedLength = in.readLong();
    long savedInLast = in.readLong();
    List<double[]> savedPath = GradientSearch.rows(in);
    due = in.readBoolean();
    path = savedPath;
    inLast = savedInLast;
    blockLength = savedLength;
    blocks = savedBlocks;
    step = savedStep;
    z = moments[0];
    mean = moments[1];
    square = moments[2];
  }
}
