package org.lcsc.search.evaluation;

import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.lcsc.io.Refuse;
import org.lcsc.objective.DifferentiableObjective;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.ShardedObjective;

/**
 * Scores one candidate after the other on the calling thread. The candidates of a generation are
 * merged together, a block of rows at a time; evaluators elsewhere hold one of these each.
 *
 * <p>A block is merged whole whichever of its candidates is asked for, so a candidate's score does
 * not depend on which others this evaluator scores. Not thread-safe.
 */
public final class LocalEvaluator implements Evaluator {

  private final EvaluatorFactory.Setting setting;
  private final int shards;
  private final CandidateScorer buffer;
  private final GradientScorer gradients;
  private ShardGradients parts;
  private double partsShare;
  private Generation generation;

  /**
   * An evaluator.
   *
   * @param setting what it scores with
   * @param shards the most parts of a gradient's samples, see {@link SampleShards}
   */
  public LocalEvaluator(EvaluatorFactory.Setting setting, int shards) {
    this.setting = Objects.requireNonNull(setting, "setting");
    this.shards = shards;
    this.buffer = new CandidateScorer(setting.merger(), setting.mergeRows(), setting.nanoTime());
    this.gradients = new GradientScorer(setting.merger(), setting.nanoTime());
  }

  /**
   * Makes such evaluators.
   *
   * @param shards the most parts of a gradient's samples, at least 1: 1 takes the least time on one
   *     machine, more give the bits of a search that is spread over several
   */
  public static EvaluatorFactory factory(int shards) {
    return new Factory(shards);
  }

  private record Factory(int gradientShards) implements EvaluatorFactory {

    Factory {
      Refuse.argument(gradientShards < 1, "shards must be at least 1, got %s", gradientShards);
    }

    @Override
    public Evaluator create(Setting setting) {
      return new LocalEvaluator(setting, gradientShards);
    }
  }

  @Override
  public void load(Generation generation) {
    this.generation = generation;
    buffer.load(generation.candidates());
  }

  @Override
  public Evaluation evaluate(int index) {
    release();
    return buffer.evaluate(
        generation.noise() == NoiseSet.SEARCH ? setting.objective() : setting.validation(),
        index,
        generation.fidelity());
  }

  @Override
  public Gradient differentiate(double[] candidate, long draw, double share) {
    DifferentiableObjective objective =
        DifferentiableObjective.require(setting.objective()).onShare(share);
    if (SampleShards.count(objective, shards) == 1) {
      release();
      Evaluation evaluation = gradients.evaluate(objective, candidate, draw);
      return new Gradient(evaluation, gradients.slopes());
    }
    return differentiate((ShardedObjective) objective, parts(share), candidate, draw);
  }

  private static Gradient differentiate(
      ShardedObjective objective, ShardGradients parts, double[] candidate, long draw) {
    SampleShards all = parts.shards();
    return all.gradient(
        objective,
        candidate.length,
        each(all, shard -> parts.forward(candidate, draw, shard)),
        slopes ->
            each(all, shard -> parts.backward(candidate, draw, shard, all.part(slopes, shard))));
  }

  private static <T> List<T> each(SampleShards shards, IntFunction<T> work) {
    return IntStream.range(0, shards.size()).mapToObj(work).toList();
  }

  /**
   * This evaluator's work on parts of a gradient.
   *
   * @param share of the samples
   */
  public ShardGradients parts(double share) {
    if (parts == null || share != partsShare) {
      closeParts();
      parts = ShardGradients.of(setting.merger(), setting.objective(), share, shards);
      partsShare = share;
    }
    return parts;
  }

  private void release() {
    if (parts != null) {
      parts.release();
    }
  }

  @Override
  public void close() {
    buffer.close();
    gradients.close();
    closeParts();
  }

  private void closeParts() {
    if (parts != null) {
      parts.close();
    }
  }
}
