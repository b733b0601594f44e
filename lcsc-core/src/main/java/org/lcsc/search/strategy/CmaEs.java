package org.lcsc.search.strategy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.io.SplitMix64;
import org.lcsc.io.Text;

/**
 * Searches combination coefficients by the covariance matrix adaptation evolution strategy (N.
 * Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv:1604.00772, with negative weights), along
 * given {@link SearchDirections}: all coefficients, for which a diagonal covariance is meant
 * (separable CMA-ES), or the leading principal components of the checkpoints.
 *
 * <p>The first generation is the given coefficients; the best of them is the first mean. Every
 * later generation is the mean itself and lambda samples: in many dimensions the mean scores better
 * than what is sampled around it, and is what a search of few evaluations finds first. A sample
 * beyond the limits is projected onto them before it is scored, and learnt from as projected.
 *
 * <p>Candidates with a non-finite score rank last; a generation with fewer finite scores than
 * parents only halves the step size. Generation g draws from a generator seeded by (seed, g). Not
 * thread-safe.
 */
public final class CmaEs extends SavedStrategy {

  private final String name;
  private final SearchDirections directions;
  private final double[][] initial;
  private final Parameters parameters;
  private final CoefficientLimits limits;
  private final long seed;
  private final int population;

  private CmaEsDistribution distribution;

  /**
   * Best of the first generation, where the coordinates start; null before its scores are received.
   */
  private double[] origin;

  private long generation;

  /** The generation asked and not yet told, or null. */
  private double[][] pending;

  /**
   * What the tutorial leaves to the user; kind {@code cma-es} of a configuration file, over all
   * coefficients.
   *
   * @param covariance full or diagonal
   * @param population lambda, samples per generation, at least 4; null for the tutorial's {@code 4
   *     + floor(3 ln n)}
   * @param sigma expected length |delta alpha| of the first samples' steps in every group, above 0
   * @param convex whether all coefficients stay at or above 0
   * @param limit greatest absolute value of a coefficient, above 0; null for none
   * @param penalty added to a score for every unit of the coefficients' squared length before the
   *     strategy sees it, at least 0
   */
  @Kind("cma-es")
  public record Parameters(
      Covariance covariance,
      @OptionalKey Integer population,
      double sigma,
      boolean convex,
      @OptionalKey Double limit,
      double penalty)
      implements StrategySettings {

    /** A diagonal covariance: separable CMA-ES (Ros and Hansen 2008). */
    public static final Parameters SEPARABLE = new Parameters();

    /** {@link #SEPARABLE}. */
    public Parameters() {
      this(Covariance.DIAGONAL, null, 0.2, false, null, 0);
    }

    public Parameters {
      Objects.requireNonNull(covariance, "covariance");
      Require.atLeast("population", population, 4);
      Require.positive("sigma", sigma);
      Require.positive("limit", limit);
      Require.notNegative("penalty", penalty);
    }

    @Override
    public SearchStrategy create(Start start) {
      SearchDirections all =
          SearchDirections.coefficients(start.merger().size(), start.merger().groups());
      return create(kind(), all, start);
    }

    SearchStrategy create(String name, SearchDirections directions, Start start) {
      return PenalisedSearch.of(
          new CmaEs(name, directions, start.initial(), this, start.seed()), penalty);
    }

    @Override
    public int generation(int checkpoints) {
      return population(checkpoints);
    }

    /** Samples per generation along so many directions. */
    int population(int dimension) {
      return population == null ? CmaEsConstants.population(Math.max(1, dimension)) : population;
    }
  }

  /** What of the covariance is adapted. */
  public enum Covariance {
    /** All of it; takes some {@code 10 n} generations to learn. */
    FULL,
    /** The variances alone, {@code n / 3} times faster. */
    DIAGONAL
  }

  /**
   * A search.
   *
   * @param name the strategy's name in logs and states, for example {@code "cma-es"}
   * @param directions the directions it moves along
   * @param initial the first generation, {@code [B, K]} with B at least 1; each row is divided by
   *     its sum and projected onto the limits
   * @param parameters what the tutorial leaves to the user
   * @param seed decides every random draw
   * @throws IllegalArgumentException where a row has another length than K, is not finite, or sums
   *     to nearly 0, or coefficients within the limits cannot sum to 1
   */
  public CmaEs(
      String name,
      SearchDirections directions,
      double[][] initial,
      Parameters parameters,
      long seed) {
    this.name = Objects.requireNonNull(name, "name");
    this.directions = directions;
    this.initial = StrategySnapshot.normalisedStarts(initial, directions.groups());
    this.parameters = parameters;
    this.limits = CoefficientLimits.of(parameters.limit(), parameters.convex());
    this.seed = seed;
    if (initial[0].length != directions.length()) {
      throw new IllegalArgumentException(
          Text.format(
              "the directions are of %d coefficients, the initial candidates have %d",
              directions.length(), initial[0].length));
    }
    for (int i = 0; i < initial.length; i++) {
      this.initial[i] = limits.project(this.initial[i], directions.groups());
    }
    population = parameters.population(directions.dimension());
    distribution = distribution();
  }

  private CmaEsDistribution distribution() {
    return new CmaEsDistribution(
        directions.dimension(),
        population,
        parameters.covariance() == Covariance.DIAGONAL,
        directions.dimension() - directions.freedom(),
        // As far in every group as without groups.
        parameters.sigma() * Math.sqrt(directions.groups()) / Math.sqrt(directions.freedom()));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int dimension() {
    return directions.length();
  }

  /** The standard deviation of the next samples along a direction, less what C adds. */
  public double sigma() {
    return distribution.sigma();
  }

  @Override
  public double[][] ask() {
    if (pending == null) {
      pending = origin == null ? initial : samples();
    }
    return Coefficients.copyOf(pending);
  }

  private double[][] samples() {
    Random random = SplitMix64.random(seed, generation);
    double[][] candidates = new double[population + 1][];
    candidates[0] = candidate(distribution.mean());
    for (int i = 1; i <= population; i++) {
      candidates[i] = candidate(distribution.sample(random));
    }
    return candidates;
  }

  private double[] candidate(double[] z) {
    return limits.project(directions.candidate(origin, z), directions.groups());
  }

  @Override
  public void tell(double[] scores) {
    double[][] candidates = pending == null ? ask() : pending;
    StrategySnapshot.requireScores(scores, candidates.length);
    if (origin == null) {
      origin = candidates[Leaders.ranks(scores, 0)[0]].clone();
    } else {
      learn(candidates, scores);
    }
    generation++;
    pending = null;
  }

  /** The mean, candidate 0, is no sample of the distribution and left out. */
  private void learn(double[][] candidates, double[] scores) {
    int[] ranks = Leaders.ranks(scores, 1);
    if (!Double.isFinite(scores[ranks[distribution.parents() - 1]])) {
      distribution.shrink();
      return;
    }
    distribution.update(
        Arrays.stream(ranks)
            .mapToObj(i -> directions.coordinates(origin, candidates[i]))
            .toArray(double[][]::new));
  }

  @Override
  protected void write(DataOutputStream out) throws IOException {
    out.writeLong(generation);
    StrategySnapshot.writeRow(out, origin);
    distribution.write(out);
  }

  @Override
  protected void read(DataInputStream in) throws IOException {
    CmaEsDistribution restored = distribution();
    long savedGeneration = in.readLong();
    double[] savedOrigin = StrategySnapshot.readRow(in);
    restored.read(in);
    generation = savedGeneration;
    origin = savedOrigin;
    distribution = restored;
    pending = null;
  }

  @Override
  protected String configuration() {
    return Text.format(
        "dimension=%d, seed=%d, %s, population %d, along %s, initial candidates %x",
        dimension(), seed, parameters, population, directions, Coefficients.fingerprint(initial));
  }

  @Override
  public String toString() {
    return "CmaEs[" + configuration() + ", generation=" + generation + "]";
  }
}
