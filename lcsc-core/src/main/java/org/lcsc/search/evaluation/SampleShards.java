package org.lcsc.search.evaluation;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.lcsc.io.Refuse;
import org.lcsc.objective.DifferentiableObjective;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.ShardedObjective;
import org.lcsc.objective.StageSeconds;

/**
 * The parts of an objective's samples: whole batches, as evenly as they go. They depend on the
 * objective and on the most parts wanted, never on how many machines there are, and their shares of
 * a gradient are added in their order, in double: so the sum is the same to the bit wherever the
 * parts are evaluated. Another number of parts rounds differently. Immutable.
 *
 * @param bounds first sample of every part, and the number of all, ascending
 */
public record SampleShards(List<Integer> bounds) {

  private static final double NANO = 1e-9;

  /**
   * Cuts the samples of an objective.
   *
   * @param most at least 1; there are no more parts than batches
   */
  public static SampleShards of(ShardedObjective objective, int most) {
    Refuse.argument(most < 1, "shards must be at least 1, got %s", most);
    int batches = (objective.samples() - 1) / objective.batchSize() + 1;
    int parts = Math.min(most, batches);
    Integer[] bounds = new Integer[parts + 1];
    for (int i = 0; i < parts; i++) {
      bounds[i] = (int) ((long) i * batches / parts) * objective.batchSize();
    }
    bounds[parts] = objective.samples();
    return new SampleShards(List.of(bounds));
  }

  /** The parts of an objective that can be taken in parts, a single part of any other. */
  static int count(DifferentiableObjective objective, int most) {
    return objective instanceof ShardedObjective sharded ? of(sharded, most).size() : 1;
  }

  /** Number of parts. */
  public int size() {
    return bounds.size() - 1;
  }

  /** First sample of a part. */
  public int from(int shard) {
    return bounds.get(shard);
  }

  /** The sample after the last of a part. */
  public int to(int shard) {
    return bounds.get(shard + 1);
  }

  /**
   * Scores the features of all parts and differentiates the score.
   *
   * @param coefficients how many slopes the gradient has
   * @param forwards every part's features, in order
   * @param backward gives every part's share of the gradient, in order, of the derivatives with
   *     respect to all features, row-major; not called where the score is not finite
   */
  public Evaluator.Gradient gradient(
      ShardedObjective objective,
      int coefficients,
      List<ShardGradients.Forward> forwards,
      Function<float[], List<ShardGradients.Backward>> backward) {
    long begin = System.nanoTime();
    float[] features = join(forwards);
    float[] slopes = new float[features == null ? 0 : features.length];
    double score = features == null ? Double.NaN : objective.score(features, slopes);
    StageSeconds seconds = new StageSeconds(0, 0, 0, (System.nanoTime() - begin) * NANO);
    for (ShardGradients.Forward forward : forwards) {
      seconds = seconds.plus(forward.seconds());
    }
    double[] sum = new double[coefficients];
    if (Double.isFinite(score)) {
      for (ShardGradients.Backward share : backward.apply(slopes)) {
        for (int k = 0; k < sum.length; k++) {
          sum[k] += share.slopes()[k];
        }
        seconds = seconds.plus(share.seconds());
      }
    }
    return new Evaluator.Gradient(new Evaluation(score, seconds), sum);
  }

  /** Null where a part has none. */
  private static float[] join(List<ShardGradients.Forward> parts) {
    float[] all = new float[parts.stream().mapToInt(part -> part.features().length).sum()];
    int at = 0;
    for (ShardGradients.Forward part : parts) {
      int length = part.features().length;
      if (length == 0) {
        return null;
      }
      System.arraycopy(part.features(), 0, all, at, length);
      at += length;
    }
    return all;
  }

  /** A part's rows of what belongs to all samples. */
  public float[] part(float[] all, int shard) {
    int width = all.length / bounds.get(size());
    return Arrays.copyOfRange(all, from(shard) * width, to(shard) * width);
  }
}
