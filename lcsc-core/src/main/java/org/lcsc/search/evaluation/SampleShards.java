package org.lcsc.search.evaluation;

import java.util.Arrays;
import java.util.List;
import org.lcsc.io.Refuse;
import org.lcsc.objective.DifferentiableObjective;
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
   * What the features of all parts score.
   *
   * @param score NaN where a feature is not finite
   * @param slopes with respect to all features, row-major
   * @param seconds what it took
   */
  public record Scored(double score, float[] slopes, StageSeconds seconds) {}

  /**
   * Scores the features of all parts and differentiates the score.
   *
   * @param features of every part, in order; empty where its samples are not finite
   */
  public Scored score(ShardedObjective objective, List<float[]> features) {
    long begin = System.nanoTime();
    float[] all = join(features);
    float[] slopes = new float[all == null ? 0 : all.length];
    double score = all == null ? Double.NaN : objective.score(all, slopes);
    return new Scored(score, slopes, new StageSeconds(0, 0, 0, (System.nanoTime() - begin) * NANO));
  }

  private static float[] join(List<float[]> parts) {
    float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (float[] part : parts) {
      if (part.length == 0) {
        return null;
      }
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  /** A part's rows of what belongs to all samples. */
  public float[] part(float[] all, int shard) {
    int width = all.length / bounds.get(size());
    return Arrays.copyOfRange(all, from(shard) * width, to(shard) * width);
  }

  /** Adds up shares of a gradient in the order of the parts. */
  public static double[] sum(List<double[]> shares) {
    double[] sum = new double[shares.get(0).length];
    for (double[] share : shares) {
      for (int k = 0; k < sum.length; k++) {
        sum[k] += share[k];
      }
    }
    return sum;
  }

  /** Adds up seconds. */
  public static StageSeconds total(List<StageSeconds> seconds) {
    return seconds.stream().reduce(StageSeconds.ZERO, StageSeconds::plus);
  }
}
