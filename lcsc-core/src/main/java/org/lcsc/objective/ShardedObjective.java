package org.lcsc.objective;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A differentiable objective over samples that may be taken in parts, on several machines: first
 * the features of every part, then, once the score of all features is differentiated, every part's
 * share of the gradient. The gradient is the sum of the shares.
 *
 * <pre>{@code
 * Shard shard = objective.shard(parameters, draw, from, to);   // every part, anywhere
 * double score = objective.score(features, slopes);            // all features, in one place
 * shard.backpropagate(slopesOfTheShard, gradient);             // every part again
 * }</pre>
 *
 * <p>With the single part of all samples this is {@link #gradient}, to the bit. The features and
 * the score do not depend on the parts where these are whole batches; the gradient is then another
 * order of the same sum. Not thread-safe.
 */
public interface ShardedObjective extends DifferentiableObjective {

  /** Number of samples of an evaluation. */
  int samples();

  /** Samples drawn at once; parts begin at multiples of it. */
  int batchSize();

  /**
   * Draws a part of the samples and keeps, as far as memory goes, what it takes to differentiate
   * them.
   *
   * @param parameters flat parameters of the network, {@code [P]}; not modified, not retained
   * @param draw which noise, see {@link #gradient}
   * @param from first sample, a multiple of the batch size
   * @param to the sample after the last
   */
  Shard shard(INDArray parameters, long draw, int from, int to);

  /**
   * The score of all samples, differentiated.
   *
   * @param features of all samples, row-major, {@link #samples} rows
   * @param slopes receives the derivatives of the score with respect to them; arbitrary where the
   *     score is not finite
   */
  double score(float[] features, float[] slopes);

  /** A part of the samples. Its objective must score no other parameters while it is used. */
  interface Shard extends AutoCloseable {

    /** The features, row-major, a row per sample; empty where one is not finite. */
    float[] features();

    /**
     * Adds this part's share of the gradient. To be called once.
     *
     * @param slopes derivatives of the score with respect to {@link #features}
     * @param gradient {@code [P]}, added to
     */
    void backpropagate(float[] slopes, INDArray gradient);

    /** Where the time went so far. */
    StageSeconds seconds();

    /** Frees what is kept; more than once does nothing. */
    @Override
    void close();
  }
}
