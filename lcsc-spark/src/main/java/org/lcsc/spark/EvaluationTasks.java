package org.lcsc.spark;

import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.StageSeconds;
import org.lcsc.search.evaluation.Evaluator;
import org.lcsc.search.evaluation.ShardGradients;

/** What executors are sent to do. Results are plain arrays, which every serialiser can carry. */
final class EvaluationTasks {

  private static final int SECONDS = StageSeconds.NAMES.size();

  private EvaluationTasks() {}

  /**
   * Scores one candidate of a block that is merged together, so that its score does not depend on
   * where the others are scored; the argument is its index, the result score and seconds.
   */
  record Score(ReplicaSpec spec, Evaluator.NoiseSet noise, double[][] block, double fidelity)
      implements Function<Integer, double[]> {

    @Override
    public double[] call(Integer index) throws IOException {
      return ExecutorReplica.run(
          spec,
          evaluator -> {
            evaluator.load(new Evaluator.Generation(noise, block, fidelity, index, index + 1));
            Evaluation evaluation = evaluator.evaluate(index);
            return packed(evaluation.seconds(), evaluation.score());
          });
    }
  }

  /** A whole gradient; the result is score, slopes and seconds. */
  record Differentiate(ReplicaSpec spec, double[] candidate, double share)
      implements Function<Long, double[]> {

    @Override
    public double[] call(Long draw) throws IOException {
      return ExecutorReplica.run(
          spec,
          evaluator -> {
            Evaluator.Gradient gradient = evaluator.differentiate(candidate, draw, share);
            double[] values = new double[candidate.length + 1];
            values[0] = gradient.evaluation().score();
            System.arraycopy(gradient.slopes(), 0, values, 1, candidate.length);
            return packed(gradient.evaluation().seconds(), values);
          });
    }
  }

  /** The features of a part of the samples, and which part. No record: Kryo could not read it. */
  static final class Part implements Serializable {

    final int shard;
    final float[] features;
    final double[] seconds;

    Part(int shard, float[] features, double[] seconds) {
      this.shard = shard;
      this.features = features;
      this.seconds = seconds;
    }

    ShardGradients.Forward unpacked() {
      return new ShardGradients.Forward(features, EvaluationTasks.seconds(seconds));
    }
  }

  /** The features of a part. */
  record Forward(ReplicaSpec spec, double[] candidate, long draw, double share)
      implements Function<Integer, Part> {

    @Override
    public Part call(Integer shard) throws IOException {
      return ExecutorReplica.run(
          spec,
          evaluator -> {
            ShardGradients.Forward forward = evaluator.parts(share).forward(candidate, draw, shard);
            return new Part(shard, forward.features(), packed(forward.seconds()));
          });
    }
  }

  /** A part's share of the gradient; the result is its slopes and seconds. */
  record Backward(
      ReplicaSpec spec, double[] candidate, long draw, double share, Broadcast<float[]> slopes)
      implements Function<Part, double[]> {

    @Override
    public double[] call(Part part) throws IOException {
      return ExecutorReplica.run(
          spec,
          evaluator -> {
            ShardGradients parts = evaluator.parts(share);
            ShardGradients.Backward backward =
                parts.backward(
                    candidate, draw, part.shard, parts.shards().part(slopes.value(), part.shard));
            return packed(backward.seconds(), backward.slopes());
          });
    }

    static ShardGradients.Backward unpacked(double[] result) {
      return new ShardGradients.Backward(values(result), seconds(result));
    }
  }

  private static double[] packed(StageSeconds seconds, double... values) {
    double[] all = Arrays.copyOf(values, values.length + SECONDS);
    System.arraycopy(seconds.toArray(), 0, all, values.length, SECONDS);
    return all;
  }

  /** The values of a result. */
  static double[] values(double[] packed) {
    return Arrays.copyOf(packed, packed.length - SECONDS);
  }

  /** The seconds of a result. */
  static StageSeconds seconds(double[] packed) {
    return StageSeconds.of(Arrays.copyOfRange(packed, packed.length - SECONDS, packed.length));
  }
}
