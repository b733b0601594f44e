package org.lcsc.experiment.strategy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.linear.NonPositiveDefiniteMatrixException;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.config.Kind;
import org.lcsc.config.Require;
import org.lcsc.io.SplitMix64;
import org.lcsc.io.Text;
import org.lcsc.search.strategy.Leaders;
import org.lcsc.search.strategy.SavedStrategy;
import org.lcsc.search.strategy.SearchDirections;
import org.lcsc.search.strategy.SearchStrategy;
import org.lcsc.search.strategy.StrategySettings;
import org.lcsc.search.strategy.StrategySnapshot;

/**
 * Bayesian optimisation along the leading principal components of the window: a Gaussian process of
 * the scores, and a trust region around the best candidate that grows after successes and shrinks
 * after failures (TuRBO, Eriksson et al. 2019, arXiv:1910.01739, one region). Of random candidates
 * in the region the one of greatest expected improvement (Jones et al. 1998) is scored next. Not
 * thread-safe.
 */
public final class BayesianSearch extends SavedStrategy {

  /** Side of the trust region at first, at least and at most, in units of the range (TuRBO). */
  private static final double FIRST_SIDE = 0.8;

  private static final double LEAST_SIDE = 1.0 / 128;
  private static final double GREATEST_SIDE = 1.6;

  /** Successes in a row after which the region is doubled (TuRBO). */
  private static final int SUCCESSES = 3;

  /** A candidate leaves the best in about so many coordinates (TuRBO). */
  private static final double PERTURBED = 20;

  /** Scores between two fits of length and nugget. */
  private static final int SCORES_PER_FIT = 10;

  private static final double[] LENGTHS = {0.125, 0.25, 0.5, 1, 2, 4};
  private static final double[] NUGGETS = {1e-6, 1e-4, 1e-2};
  private static final NormalDistribution NORMAL = new NormalDistribution(null, 0, 1);

  private final Parameters parameters;
  private final SearchDirections directions;
  private final double[][] starts;
  private final long seed;

  /** The best of the starts; null before their scores are received. */
  private double[] origin;

  /** Scored coordinates, each row with its score at the end. */
  private List<double[]> told = new ArrayList<>();

  private double side = FIRST_SIDE;
  private int successes;
  private int failures;

  /** Index of the length and of the nugget of greatest likelihood. */
  private int length = 2;

  private int nugget = 1;

  /** The coordinates asked for and not yet told, or null. */
  private double[] pending;

  /**
   * Bayesian optimisation along the leading principal components of the window, within a trust
   * region.
   *
   * @param components principal components that are searched along, at least 1
   * @param whitening from 0, unit steps change the coefficients equally, to 1, they change the
   *     parameters equally
   * @param range how far a coordinate goes from the start where the trust region has side 2, above
   *     0
   * @param neighbours scored points that the Gaussian process is fitted to, the nearest to the
   *     best, at least 10
   * @param candidates random points of the trust region that are compared, at least 1
   */
  @Kind("bayesian")
  public record Parameters(
      int components, double whitening, double range, int neighbours, int candidates)
      implements StrategySettings {

    public Parameters() {
      this(20, SearchDirections.DEFAULT_WHITENING, 0.2, 200, 500);
    }

    public Parameters {
      Require.atLeast("components", components, 1);
      Require.between("whitening", whitening, 0, 1);
      Require.positive("range", range);
      Require.atLeast("neighbours", neighbours, 10);
      Require.atLeast("candidates", candidates, 1);
    }

    @Override
    public SearchStrategy create(Start start) {
      SearchDirections directions =
          SearchDirections.principalComponents(
              start.merger().centredGrams(), components, whitening);
      return new BayesianSearch(this, directions, start.initial(), start.seed());
    }
  }

  /**
   * A search.
   *
   * @param parameters sizes of the region and of what is compared within it
   * @param directions the directions it moves along, n of them
   * @param initial the first generation, {@code [B, G * K]}, each divided by its sum; the best is
   *     where the region begins
   * @param seed decides every random draw
   * @throws IllegalArgumentException where a candidate has another length or its sum is near 0
   */
  public BayesianSearch(
      Parameters parameters, SearchDirections directions, double[][] initial, long seed) {
    this.parameters = parameters;
    this.directions = directions;
    this.seed = seed;
    starts = StrategySnapshot.normalisedStarts(initial, directions.groups());
  }

  @Override
  public String name() {
    return "bayesian";
  }

  @Override
  public int dimension() {
    return directions.length();
  }

  @Override
  public double[][] ask() {
    if (origin == null) {
      return Coefficients.copyOf(starts);
    }
    if (pending == null) {
      pending = next();
    }
    return new double[][] {directions.candidate(origin, scaled(pending))};
  }

  @Override
  public void tell(double[] scores) {
    StrategySnapshot.requireScores(scores, origin == null ? starts.length : 1);
    if (origin == null) {
      int best = Leaders.ranks(scores, 0)[0];
      origin = starts[best];
      told.add(row(new double[directions.dimension()], scores[best]));
      return;
    }
    double[] asked = pending == null ? next() : pending;
    if (told.size() > firstPoints()) {
      adapt(scores[0] < score(best()));
    }
    told.add(row(asked, scores[0]));
    pending = null;
    if (told.size() % SCORES_PER_FIT == 0) {
      fit();
    }
  }

  private void adapt(boolean success) {
    successes = success ? successes + 1 : 0;
    failures = success ? 0 : failures + 1;
    if (successes == SUCCESSES) {
      side = Math.min(2 * side, GREATEST_SIDE);
      successes = 0;
    } else if (failures == Math.max(4, directions.dimension())) {
      side /= 2;
      failures = 0;
    }
    if (side < LEAST_SIDE) {
      side = FIRST_SIDE;
    }
  }

  private int firstPoints() {
    return 2 * directions.dimension();
  }

  /** Uniform points of the first region, then those of greatest expected improvement. */
  private double[] next() {
    Random random = SplitMix64.random(seed, told.size());
    double[] best = best();
    if (told.size() <= firstPoints()) {
      return perturbed(best, 1, random);
    }
    GaussianProcess process = process(nearest(), length, nugget);
    if (process == null) {
      return perturbed(best, 1, random);
    }
    double share = Math.min(1, PERTURBED / directions.dimension());
    double[] chosen = null;
    double greatest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < parameters.candidates(); i++) {
      double[] candidate = perturbed(best, share, random);
      double improvement = expectedImprovement(process.predict(candidate), score(best));
      if (improvement > greatest) {
        greatest = improvement;
        chosen = candidate;
      }
    }
    return chosen;
  }

  private static double expectedImprovement(double[] predicted, double best) {
    double gain = best - predicted[0];
    if (predicted[1] <= 0) {
      return Math.max(0, gain);
    }
    double z = gain / predicted[1];
    return gain * NORMAL.cumulativeProbability(z) + predicted[1] * NORMAL.density(z);
  }

  private double[] perturbed(double[] best, double share, Random random) {
    double[] point = new double[directions.dimension()];
    int always = random.nextInt(point.length);
    for (int i = 0; i < point.length; i++) {
      double step = side * (random.nextDouble() - 0.5);
      point[i] = best[i] + (i == always || random.nextDouble() < share ? step : 0);
    }
    return point;
  }

  private void fit() {
    List<double[]> near = nearest();
    double greatest = Double.NEGATIVE_INFINITY;
    for (int l = 0; l < LENGTHS.length; l++) {
      for (int v = 0; v < NUGGETS.length; v++) {
        GaussianProcess process = process(near, l, v);
        if (process != null && process.logLikelihood() > greatest) {
          greatest = process.logLikelihood();
          length = l;
          nugget = v;
        }
      }
    }
  }

  /** The rows with finite scores that are nearest to the best. */
  private List<double[]> nearest() {
    double[] best = best();
    return told.stream()
        .filter(row -> Double.isFinite(score(row)))
        .sorted(Comparator.comparingDouble(row -> square(row, best)))
        .limit(parameters.neighbours())
        .toList();
  }

  /** The process of some rows, or null where there are none or its matrix is singular. */
  private GaussianProcess process(List<double[]> near, int length, int nugget) {
    if (near.isEmpty()) {
      return null;
    }
    // The root of n / 6 is the root mean square distance of two random points of a unit cube.
    double scale = LENGTHS[length] * Math.sqrt(directions.dimension() / 6.0);
    try {
      return new GaussianProcess(
          near.stream().map(BayesianSearch::point).toArray(double[][]::new),
          near.stream().mapToDouble(BayesianSearch::score).toArray(),
          scale,
          NUGGETS[nugget]);
    } catch (NonPositiveDefiniteMatrixException singular) {
      return null;
    }
  }

  private double[] best() {
    return told.stream()
        .min(Comparator.comparingDouble(row -> Leaders.ranked(score(row))))
        .orElseThrow();
  }

  private double square(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < directions.dimension(); i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return sum;
  }

  private double[] scaled(double[] point) {
    double[] z = point.clone();
    for (int i = 0; i < z.length; i++) {
      z[i] *= parameters.range();
    }
    return z;
  }

  private static double[] row(double[] point, double score) {
    double[] row = Arrays.copyOf(point, point.length + 1);
    row[point.length] = score;
    return row;
  }

  private static double[] point(double[] row) {
    return Arrays.copyOf(row, row.length - 1);
  }

  private static double score(double[] row) {
    return row[row.length - 1];
  }

  @Override
  protected String configuration() {
    return Text.format(
        "dimension=%d, seed=%d, %s, along %s, initial candidates %x",
        dimension(), seed, parameters, directions, Coefficients.fingerprint(starts));
  }

  @Override
  protected void write(DataOutputStream out) throws IOException {
    StrategySnapshot.writeRow(out, origin);
    StrategySnapshot.writeRows(out, told.toArray(double[][]::new));
    StrategySnapshot.writeRow(out, new double[] {side, successes, failures, length, nugget});
  }

  @Override
  protected void read(DataInputStream in) throws IOException {
    double[] savedOrigin = StrategySnapshot.readRow(in);
    List<double[]> savedTold = new ArrayList<>(List.of(StrategySnapshot.readRows(in)));
    double[] region = StrategySnapshot.readRow(in);
    origin = savedOrigin;
    told = savedTold;
    side = region[0];
    successes = (int) region[1];
    failures = (int) region[2];
    length = (int) region[3];
    nugget = (int) region[4];
    pending = null;
  }
}
