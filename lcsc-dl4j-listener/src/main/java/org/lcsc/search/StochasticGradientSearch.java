package org.lcsc.search;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Descends the score by Adam (Kingma and Ba, 2015), each step on noise of its own, so that there is
 * no noise to over-fit. The result is an average of iterates (Polyak and Juditsky, 1992): the step
 * size can then stay the same throughout, and the search can end at any time.
 *
 * <p>Starts from the best of the given candidates. Its scores are of different noise each, and not
 * of the averages; {@link #finalists} offers averages over the last shares of the path, for
 * validation to choose from. Not thread-safe.
 */
public final class StochasticGradientSearch extends PathSearch {

  /** Sums of consecutive iterates are joined in pairs where there would be more of them. */
  private static final int MOST_BLOCKS = 64;

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

  /**
   * What Adam leaves open.
   *
   * @param learningRate length of a step in every coordinate, above 0
   * @param meanDecay decay of the gradient's running mean, in [0, 1)
   * @param squareDecay decay of the running mean of its square, in [0, 1)
   * @param penalty added to the score for every unit of the coefficients' squared length, at least
   *     0
   */
  public record Parameters(
      double learningRate, double meanDecay, double squareDecay, double penalty) {

    /** Chosen by measurement on the window of a digits diffusion model. */
    public static final Parameters DEFAULTS = new Parameters(0.02, 0.9, 0.99, 0);

    /** Checks the ranges. */
    public Parameters {
      if (!(learningRate > 0 && Double.isFinite(learningRate))) {
        throw new IllegalArgumentException(
            "learningRate must be above 0 and finite, got " + learningRate);
      }
      for (double decay : new double[] {meanDecay, squareDecay}) {
        if (!(decay >= 0 && decay < 1)) {
          throw new IllegalArgumentException("a decay must be in [0, 1), got " + decay);
        }
      }
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
    super(directions, initial, parameters.penalty());
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
    if (!Double.isFinite(score)) {
      // Back to where the score was a number, and more slowly: the moments stay.
      z = average(0.5);
      if (z == null) {
        z = new double[coordinates()];
      }
      return;
    }
    remember();
    double[] moved = z.clone();
    for (int i = 0; i < moved.length; i++) {
      mean[i] += (1 - parameters.meanDecay()) * (gradient[i] - mean[i]);
      square[i] += (1 - parameters.squareDecay()) * (gradient[i] * gradient[i] - square[i]);
      double m = mean[i] / (1 - StrictMath.pow(parameters.meanDecay(), step));
      double v = square[i] / (1 - StrictMath.pow(parameters.squareDecay(), step));
      moved[i] -= parameters.learningRate() * m / (Math.sqrt(v) + EPSILON);
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

  /** The average over about the last share of the iterates; null where there is none. */
  private double[] average(double share) {
    if (blocks.isEmpty()) {
      return null;
    }
    int count = Math.max(1, (int) Math.round(share * blocks.size()));
    double[] sum = new double[coordinates()];
    for (double[] block : blocks.subList(blocks.size() - count, blocks.size())) {
      sum = plus(sum, 1, block);
    }
    double iterates = (count - 1.0) * blockLength + inLast;
    return plus(new double[sum.length], 1 / iterates, sum);
  }

  /** Averages over the last half, then over shorter and longer ends of the path. */
  @Override
  public List<double[]> finalists(int most) {
    double[] shares = {0.5, 0.25, 0.75, 0.125, 1, 0.375, 0.625, 0.875};
    List<double[]> finalists = new ArrayList<>();
    for (int i = 0; i < Math.min(most, shares.length) && !blocks.isEmpty(); i++) {
      double[] average = candidate(average(shares[i]));
      if (finalists.stream().noneMatch(known -> Arrays.equals(known, average))) {
        finalists.add(average);
      }
    }
    return finalists;
  }

  @Override
  String settings() {
    return parameters.toString();
  }

  @Override
  void writePath(DataOutputStream out) throws IOException {
    out.writeLong(step);
    StrategySnapshot.writeRows(out, new double[][] {z, mean, square});
    StrategySnapshot.writeRows(out, blocks.toArray(double[][]::new));
    out.writeLong(blockLength);
    out.writeLong(inLast);
  }

  @Override
  void readPath(DataInputStream in) throws IOException {
    long savedStep = in.readLong();
    double[][] moments = StrategySnapshot.readRows(in);
    List<double[]> savedBlocks = new ArrayList<>(Arrays.asList(StrategySnapshot.readRows(in)));
    long savedLength = in.readLong();
    inLast = in.readLong();
    blockLength = savedLength;
    blocks = savedBlocks;
    step = savedStep;
    z = moments[0];
    mean = moments[1];
    square = moments[2];
  }
}
