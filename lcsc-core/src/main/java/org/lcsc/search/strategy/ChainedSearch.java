package org.lcsc.search.strategy;

import java.util.List;
import java.util.function.Function;
import org.lcsc.checkpoint.Coefficients;

/**
 * Runs one strategy after another: each starts from the best candidates of all before it. For
 * example principal components first and all coefficients after, or any quick search first and
 * evolution after.
 *
 * <pre>{@code
 * new ChainedSearch(
 *     List.of(
 *         new ChainedSearch.Stage(200, starts -> new CmaEs("pca-cma-es", components, starts, ...)),
 *         new ChainedSearch.Stage(0, starts -> new EvolutionarySearch(starts, seed))),
 *     initial,
 *     4);
 * }</pre>
 *
 * <p>A stage ends with the generation that uses up its evaluations, or once it has nothing left to
 * propose. A search that is no {@link SearchStrategy} chains through its result: its candidates are
 * another strategy's initial ones. Not thread-safe.
 */
public final class ChainedSearch implements SearchStrategy {

  private final List<Stage> stages;
  private final double[][] initial;
  private final int passedOn;

  private int stage;
  private SearchStrategy current;

  /** Evaluations of the stage; one on a share of the samples counts as that share. */
  private double spent;

  /** What the current stage started from. */
  private double[][] starts;

  /** Best distinct candidates so far, best first, with their scores. */
  private BestCandidates best;

  /**
   * A link of the chain.
   *
   * @param evaluations after which the next begins, at least 1; 0 for no end
   * @param strategy makes it from candidates {@code [B, K]}, best first; the same starts must give
   *     the same strategy
   */
  public record Stage(int evaluations, Function<double[][], SearchStrategy> strategy) {

    /** Checks the range. */
    public Stage {
      if (evaluations < 0) {
        throw new IllegalArgumentException(
            "evaluations of a stage must be at least 0, got " + evaluations);
      }
    }
  }

  /**
   * A chain.
   *
   * @param stages at least one
   * @param initial what the first stage starts from, {@code [B, K]}
   * @param passedOn how many candidates a stage hands to the next, at least 1
   */
  public ChainedSearch(List<Stage> stages, double[][] initial, int passedOn) {
    this.stages = List.copyOf(stages);
    if (stages.isEmpty() || passedOn < 1) {
      throw new IllegalArgumentException(
          "a chain needs a stage and a candidate to pass on, got %d and %d"
              .formatted(stages.size(), passedOn));
    }
    this.initial = Coefficients.copyOf(initial);
    this.passedOn = passedOn;
    this.best = new BestCandidates(passedOn);
    begin(0, this.initial);
  }

  private void begin(int index, double[][] candidates) {
    stage = index;
    starts = candidates;
    spent = 0;
    current = stages.get(index).strategy().apply(Coefficients.copyOf(candidates));
  }

  @Override
  public String name() {
    return "chain";
  }

  @Override
  public int dimension() {
    return current.dimension();
  }

  @Override
  public double fidelity() {
    return current.fidelity();
  }

  @Override
  public double[][] ask() {
    double[][] asked = current.ask();
    while (asked.length == 0 && stage + 1 < stages.size()) {
      next();
      asked = current.ask();
    }
    return asked;
  }

  private void next() {
    begin(stage + 1, best.isEmpty() ? initial : best.coefficients());
  }

  @Override
  public void tell(double[] scores) {
    spent += best.tell(current, scores);
    int evaluations = stages.get(stage).evaluations();
    if (evaluations > 0 && spent >= evaluations && stage + 1 < stages.size()) {
      next();
    }
  }

  @Override
  public byte[] snapshot() {
    return StrategySnapshot.write(
        configuration(),
        out -> {
          out.writeInt(stage);
          out.writeDouble(spent);
          StrategySnapshot.writeRows(out, starts);
          best.write(out);
          StrategySnapshot.writeBytes(out, current.snapshot());
        });
  }

  @Override
  public void restore(byte[] snapshot) {
    StrategySnapshot.read(
        snapshot,
        configuration(),
        in -> {
          int savedStage = in.readInt();
          double savedSpent = in.readDouble();
          double[][] savedStarts = StrategySnapshot.readRows(in);
          BestCandidates savedBest = BestCandidates.read(in, passedOn);
          byte[] inner = StrategySnapshot.readBytes(in);
          begin(savedStage, savedStarts);
          current.restore(inner);
          spent = savedSpent;
          best = savedBest;
        });
  }

  /** The strategies tell their own configurations apart. */
  private String configuration() {
    return "chain of %s evaluations, passing on %d, initial candidates %x"
        .formatted(
            stages.stream().map(Stage::evaluations).toList(),
            passedOn,
            Coefficients.fingerprint(initial));
  }

  @Override
  public String toString() {
    return "ChainedSearch[" + configuration() + ", now " + current + "]";
  }
}
