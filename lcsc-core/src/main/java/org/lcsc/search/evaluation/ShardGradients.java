package org.lcsc.search.evaluation;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.objective.DifferentiableObjective;
import org.lcsc.objective.Objective;
import org.lcsc.objective.ShardedObjective;
import org.lcsc.objective.StageSeconds;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One network's work on the gradient of a candidate: the features of some of its parts, and later
 * those parts' shares of the gradient. What a part keeps in between is used where it is still here,
 * and made again, to the same bits, where it is not. Not thread-safe.
 */
public final class ShardGradients implements AutoCloseable {

  private static final double NANO = 1e-9;

  /**
   * The features of a part.
   *
   * @param features row-major; empty where one is not finite
   * @param seconds what they took
   */
  public record Forward(float[] features, StageSeconds seconds) {}

  /**
   * A part's share of the gradient.
   *
   * @param slopes with respect to the coefficients, {@code [G * K]}
   * @param seconds what it took
   */
  public record Backward(double[] slopes, StageSeconds seconds) {}

  private final CheckpointMerger merger;
  private final ShardedObjective objective;
  private final SampleShards shards;
  private final Map<Integer, ShardedObjective.Shard> kept = new HashMap<>();

  private INDArray merged;
  private INDArray gradient;
  private double[] candidate;
  private long draw;

  /**
   * For an objective that nothing else scores with between the two steps.
   *
   * @param merger the checkpoints
   * @param objective on a network of its own
   * @param most the most parts, see {@link SampleShards#of}
   */
  public ShardGradients(CheckpointMerger merger, ShardedObjective objective, int most) {
    this.merger = merger;
    this.objective = objective;
    this.shards = SampleShards.of(objective, most);
  }

  /** For a share of the samples of an objective that can be taken in parts. */
  static ShardGradients of(CheckpointMerger merger, Objective objective, double share, int most) {
    return new ShardGradients(
        merger, (ShardedObjective) ((DifferentiableObjective) objective).onShare(share), most);
  }

  /** The parts. */
  public SampleShards shards() {
    return shards;
  }

  /** Draws a part of the samples of a candidate. */
  public Forward forward(double[] candidate, long draw, int shard) {
    double merging = merge(candidate, draw);
    ShardedObjective.Shard part = draw(shard);
    return new Forward(part.features(), part.seconds().plus(new StageSeconds(merging, 0, 0, 0)));
  }

  /**
   * A part's share of the gradient.
   *
   * @param slopes derivatives of the score with respect to the part's features
   */
  public Backward backward(double[] candidate, long draw, int shard, float[] slopes) {
    double merging = merge(candidate, draw);
    boolean here = kept.containsKey(shard);
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
        ShardedObjective.Shard part = here ? kept.get(shard) : draw(shard)) {
      StageSeconds before = here ? part.seconds() : StageSeconds.ZERO;
      gradient.assign(0);
      part.backpropagate(slopes, gradient);
      long begin = System.nanoTime();
      double[] share = merger.dot(gradient);
      merging += (System.nanoTime() - begin) * NANO;
      kept.remove(shard);
      StageSeconds after = part.seconds();
      return new Backward(
          share,
          new StageSeconds(
              merging,
              after.sampling() - before.sampling(),
              after.features() - before.features(),
              after.statistics() - before.statistics()));
    }
  }

  private ShardedObjective.Shard draw(int shard) {
    ShardedObjective.Shard part =
        objective.shard(
            merged.reshape(merger.parameters()), draw, shards.from(shard), shards.to(shard));
    ShardedObjective.Shard earlier = kept.put(shard, part);
    if (earlier != null) {
      earlier.close();
    }
    return part;
  }

  /** Forms the candidate's parameters unless they are those at hand, and gives the seconds. */
  private double merge(double[] wanted, long drawWanted) {
    if (candidate != null && draw == drawWanted && Arrays.equals(candidate, wanted)) {
      return 0;
    }
    long begin = System.nanoTime();
    release();
    if (merged == null) {
      merged = Nd4j.createUninitializedDetached(DataType.FLOAT, 1, merger.parameters());
      gradient = Nd4j.createUninitializedDetached(DataType.FLOAT, merger.parameters());
    }
    merger.merge(new double[][] {wanted}, merged);
    candidate = wanted.clone();
    draw = drawWanted;
    return (System.nanoTime() - begin) * NANO;
  }

  /** Gives up what is kept of a candidate; to be called before the objective scores another. */
  public void release() {
    kept.values().forEach(ShardedObjective.Shard::close);
    kept.clear();
    candidate = null;
  }

  @Override
  public void close() {
    release();
    if (merged != null) {
      merged.close();
      gradient.close();
      merged = null;
    }
  }
}
