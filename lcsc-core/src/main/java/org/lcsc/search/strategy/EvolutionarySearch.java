package org.lcsc.search.strategy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.io.SplitMix64;
import org.lcsc.io.Text;

/**
 * Evolves combination coefficients by Algorithm 1 of the LCSC paper.
 *
 * <p>The first generation is the given coefficients, in the paper those of several EMA rates. Every
 * later generation is a number of children; each draws two parents uniformly from the M_CP best of
 * everything evaluated so far, crosses them (mixes them, takes every coordinate from one or the
 * other, or takes the first whole), adds Gaussian noise to the coefficients and restores their sum
 * to 1. The candidates beyond the M_CP best can never be drawn again and are forgotten.
 *
 * <p>Candidates with a non-finite score rank last and are no parents unless there are no others.
 * What the paper leaves open is in {@link Parameters}. Generation g draws from a generator seeded
 * by (seed, g), so the state is the population, the step size and g. Not thread-safe.
 */
public final class EvolutionarySearch extends SavedStrategy {

  private final String name;
  private final double[][] initial;
  private final Parameters parameters;
  private final long seed;
  private final CoefficientLimits limits;

  /** Into how many equal parts a candidate falls that each sum to 1. */
  private final int groups;

  /** The candidate parents CP of Algorithm 1. */
  private Leaders population;

  /** Index of the generation to be asked; 0 is the initial one. */
  private long generation;

  /** Expected length of a mutation. */
  private double sigma;

  /** The generation asked and not yet told, or null. */
  private double[][] pending;

  /** Evolves with {@link Parameters#DEFAULTS}. */
  public EvolutionarySearch(double[][] initial, long seed) {
    this(initial, Parameters.DEFAULTS, seed);
  }

  /**
   * Evolves from given coefficients.
   *
   * @param initial the first generation, {@code [B, K]} with B at least 1 and K at least 2; each
   *     row is divided by its sum and projected onto the limits
   * @param parameters what Algorithm 1 leaves open
   * @param seed decides every random draw
   * @throws IllegalArgumentException where a row has another length than the first, is not finite,
   *     or sums to nearly 0, or coefficients within the limits cannot sum to 1
   */
  public EvolutionarySearch(double[][] initial, Parameters parameters, long seed) {
    this(initial, parameters, 1, seed);
  }

  /**
   * Evolves coefficients for each of several groups of parameters.
   *
   * @param initial {@code [B, G * K]}, those of the first group first; each group's are divided by
   *     their sum
   * @param groups G, at least 1
   * @see #EvolutionarySearch(double[][], Parameters, long)
   */
  public EvolutionarySearch(double[][] initial, Parameters parameters, int groups, long seed) {
    this(parameters.kind(), initial, parameters, groups, seed);
  }

  EvolutionarySearch(
      String name, double[][] initial, Parameters parameters, int groups, long seed) {
    this.name = name;
    this.initial = StrategySnapshot.normalisedStarts(initial, parameters.minimumSum(), groups);
    this.groups = groups;
    this.limits =
        CoefficientLimits.of(
            parameters.limit(), parameters.normalisation() == Normalisation.CONVEX);
    if (!limits.equals(CoefficientLimits.NONE)) {
      limits.requireFeasible(initial[0].length / groups);
      Arrays.setAll(this.initial, i -> limits.project(this.initial[i], groups));
    }
    this.parameters = parameters;
    this.seed = seed;
    this.sigma = parameters.sigma();
    this.population = new Leaders(parameters.parents(), false);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int dimension() {
    return initial[0].length;
  }

  /** The expected length of the next mutation; changes where the step size adapts. */
  public double sigma() {
    return sigma;
  }

  @Override
  public double[][] ask() {
    if (pending == null) {
      pending = generation == 0 ? initial : children();
    }
    return Coefficients.copyOf(pending);
  }

  @Override
  public void tell(double[] scores) {
    double[][] candidates = pending == null ? ask() : pending;
    StrategySnapshot.requireScores(scores, candidates.length);
    if (generation > 0) {
      adapt(scores);
    }
    population.add(candidates, scores);
    generation++;
    pending = null;
  }

  /** Success rule: a child succeeds where it would have been among the parents it came from. */
  private void adapt(double[] scores) {
    double threshold = population.worst();
    int successes = 0;
    for (double score : scores) {
      if (Double.isFinite(score) && score < threshold) {
        successes++;
      }
    }
    double target = parameters.successTarget();
    double rate = (double) successes / scores.length;
    double factor = StrictMath.exp(parameters.adaptation() * (rate - target) / (1 - target));
    sigma =
        Math.min(
            parameters.sigma() * Parameters.SIGMA_RANGE,
            Math.max(parameters.sigma() / Parameters.SIGMA_RANGE, sigma * factor));
  }

  private double[][] children() {
    List<double[]> parents = population.usable();
    Reproduction reproduction =
        new Reproduction(parameters, groups, SplitMix64.random(seed, generation));
    double[][] children = new double[parameters.childrenPerGeneration()][];
    for (int i = 0; i < children.length; i++) {
      double[] child = reproduction.child(parents, sigma);
      children[i] = limits.equals(CoefficientLimits.NONE) ? child : limits.project(child, groups);
    }
    return children;
  }

  @Override
  protected void write(DataOutputStream out) throws IOException {
    out.writeLong(generation);
    out.writeDouble(sigma);
    population.write(out);
  }

  @Override
  protected void read(DataInputStream in) throws IOException {
    long savedGeneration = in.readLong();
    double savedSigma = in.readDouble();
    population = Leaders.read(in, parameters.parents(), false);
    generation = savedGeneration;
    sigma = savedSigma;
    pending = null;
  }

  @Override
  protected String configuration() {
    return Text.format(
        "dimension=%d, groups=%d, seed=%d, %s, initial population %x",
        dimension(), groups, seed, parameters, Coefficients.fingerprint(initial));
  }

  @Override
  public String toString() {
    return "EvolutionarySearch[" + configuration() + ", generation=" + generation + "]";
  }

  /**
   * What Algorithm 1 leaves open; kind {@code evolution} of a configuration file.
   *
   * @param parents M_CP, how many of the best are drawn from, at least 1
   * @param childrenPerGeneration at least 1
   * @param mixProbability chance in [0, 1] that a child is lambda father + (1 - lambda) mother with
   *     lambda uniform in [0, 1)
   * @param exchangeProbability chance in [0, 1] that a child takes every coefficient from either
   *     parent with equal chance; the remaining children are copies of one parent. With {@code
   *     mixProbability} at most 1
   * @param mutationProbability chance in (0, 1] that a coefficient is mutated; at least two of
   *     every group are
   * @param sigma expected length |delta alpha| of the first mutations of a group, above 0. One that
   *     is one of n mutated gets noise of standard deviation {@code sigma / sqrt(n)}: so a mutation
   *     moves the model by about sigma times the spread of the checkpoints, whatever K is
   * @param successTarget share in (0, 1) of the children that are to get among the parents
   * @param adaptation how fast sigma follows the share that did, at least 0: after a generation
   *     {@code sigma *= exp(adaptation (share - successTarget) / (1 - successTarget))}, within a
   *     factor of {@value #SIGMA_RANGE} of the first; 0 keeps it fixed
   * @param normalisation how the sum is made 1
   * @param minimumSum the least |sum| in (0, 0.5] that is divided by; below it a child is drawn
   *     anew
   * @param limit greatest absolute value of a coefficient, above 0: whatever is proposed is
   *     projected onto the limits; null for none
   * @param penalty added to a score for every unit of the coefficients' squared length before the
   *     evolution sees it, at least 0
   */
  @Kind("evolution")
  public record Parameters(
      int parents,
      int childrenPerGeneration,
      double mixProbability,
      double exchangeProbability,
      double mutationProbability,
      double sigma,
      double successTarget,
      double adaptation,
      Normalisation normalisation,
      double minimumSum,
      @OptionalKey Double limit,
      double penalty)
      implements StrategySettings {

    static final double SIGMA_RANGE = 1e4;

    /**
     * Chosen by measurement: the share of the gap between the best EMA and the best combination
     * that is left after 400 and 2,000 evaluations, on 6 simulated SGD runs around a basin (K =
     * 100, P = 200; class {@code EvolutionaryDefaultsStudy} among the tests) times 2 seeds.
     *
     * <pre>
     *                               400   2,000
     * defaults                     0.634  0.501
     * M_CP 2                       0.621  0.503
     * M_CP 10                      0.672  0.524
     * M_CP 40                      0.781  0.609
     * 4 children                   0.621  0.491
     * 32 children                  0.668  0.527
     * sigma 0.05                   0.648  0.508
     * sigma 0.5                    0.656  0.509
     * division by the sum          0.647  0.524
     * convex                       0.992  0.958
     * fixed sigma 0.03             0.755  0.570
     * fixed sigma 0.1              0.650  0.513
     * {@link Algorithm1}           0.655  0.529
     * mix only                     0.638  0.506
     * exchange only                0.641  0.510
     * no crossover                 0.637  0.509
     * mutation probability 0.05    0.653  0.525
     * </pre>
     *
     * <p>Few parents, projection and an adapting sigma help; crossover hardly matters. Four
     * children would be a little better, sixteen are merged together at a fraction of the cost. On
     * 4 other runs each of K = 25 and K = 400 the defaults are within 3 % of the best of the rows
     * tried.
     */
    public static final Parameters DEFAULTS = new Parameters();

    /** {@link #DEFAULTS}. */
    public Parameters() {
      this(
          4,
          16,
          0.5,
          0.25,
          1,
          0.2,
          0.2,
          0.3,
          Normalisation.PROJECT,
          Coefficients.MINIMUM_SUM,
          null,
          0);
    }

    public Parameters {
      check(parents, childrenPerGeneration, mixProbability, exchangeProbability, sigma);
      Require.aboveTo("mutationProbability", mutationProbability, 0, 1);
      Require.inside("successTarget", successTarget, 0, 1);
      Require.notNegative("adaptation", adaptation);
      Objects.requireNonNull(normalisation, "normalisation");
      Require.aboveTo("minimumSum", minimumSum, 0, 0.5);
      Require.positive("limit", limit);
      Require.notNegative("penalty", penalty);
    }

    static void check(
        int parents,
        int children,
        double mixProbability,
        double exchangeProbability,
        double sigma) {
      Require.atLeast("parents", parents, 1);
      Require.atLeast("childrenPerGeneration", children, 1);
      Require.between("mixProbability", mixProbability, 0, 1);
      Require.between("exchangeProbability", exchangeProbability, 0, 1 - mixProbability);
      Require.positive("sigma", sigma);
    }

    @Override
    public SearchStrategy create(Start start) {
      return PenalisedSearch.of(
          new EvolutionarySearch(start.initial(), this, start.merger().groups(), start.seed()),
          penalty);
    }

    @Override
    public int generation(int checkpoints) {
      return childrenPerGeneration;
    }
  }
}
