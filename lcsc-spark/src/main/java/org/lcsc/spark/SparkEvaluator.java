package org.lcsc.spark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.lcsc.objective.DifferentiableObjective;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.ShardedObjective;
import org.lcsc.search.evaluation.Evaluator;
import org.lcsc.search.evaluation.EvaluatorFactory;
import org.lcsc.search.evaluation.SampleShards;

/** The evaluator of one search: every candidate is a Spark job of one task. Not thread-safe. */
final class SparkEvaluator implements Evaluator {

  private final JavaSparkContext spark;
  private final EvaluatorFactory.Setting setting;
  private final ReplicaSpec spec;

  private Generation generation;
  private List<JavaFutureAction<List<double[]>>> jobs = List.of();

  SparkEvaluator(JavaSparkContext spark, EvaluatorFactory.Setting setting, ReplicaSpec spec) {
    this.spark = spark;
    this.setting = setting;
    this.spec = spec;
  }

  @Override
  public void load(Generation generation) {
    giveUp();
    this.generation = generation;
    jobs = new ArrayList<>();
    for (int i = 0; i < generation.candidates().length; i++) {
      jobs.add(i >= generation.first() && i < generation.end() ? submit(i) : null);
    }
  }

  /** Starts a candidate; only the block of candidates that it is merged with travels. */
  private JavaFutureAction<List<double[]>> submit(int index) {
    double[][] candidates = generation.candidates();
    int start = index - index % spec.mergeRows();
    int end = Math.min(candidates.length, start + spec.mergeRows());
    double[][] block = Arrays.copyOfRange(candidates, start, end);
    return spark
        .parallelize(List.of(index - start), 1)
        .map(new EvaluationTasks.Score(spec, generation.noise(), block, generation.fidelity()))
        .collectAsync();
  }

  @Override
  public Evaluation evaluate(int index) {
    if (jobs.get(index) == null) {
      jobs.set(index, submit(index));
    }
    double[] result = result(jobs.get(index));
    return new Evaluation(EvaluationTasks.values(result)[0], EvaluationTasks.seconds(result));
  }

  @Override
  public Gradient differentiate(double[] candidate, long draw, double share) {
    DifferentiableObjective objective =
        DifferentiableObjective.require(setting.objective()).onShare(share);
    giveUp();
    if (objective instanceof ShardedObjective sharded) {
      SampleShards shards = SampleShards.of(sharded, spec.shards());
      if (shards.size() > 1) {
        return inParts(sharded, shards, candidate, draw, share);
      }
    }
    double[] result =
        result(
            spark
                .parallelize(List.of(draw), 1)
                .map(new EvaluationTasks.Differentiate(spec, candidate, share))
                .collectAsync());
    double[] values = EvaluationTasks.values(result);
    return new Gradient(
        new Evaluation(values[0], EvaluationTasks.seconds(result)),
        Arrays.copyOfRange(values, 1, values.length));
  }

  private Gradient inParts(
      ShardedObjective objective,
      SampleShards shards,
      double[] candidate,
      long draw,
      double share) {
    List<Integer> indices = IntStream.range(0, shards.size()).boxed().toList();
    // Stored where it was made, so the second step goes to the executor that kept the states.
    JavaRDD<EvaluationTasks.Part> forward =
        spark
            .parallelize(indices, shards.size())
            .map(new EvaluationTasks.Forward(spec, candidate, draw, share))
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      return shards.gradient(
          objective,
          candidate.length,
          results(forward.collectAsync()).stream().map(EvaluationTasks.Part::unpacked).toList(),
          slopes -> {
            Broadcast<float[]> bySample = spark.broadcast(slopes);
            List<double[]> shares =
                results(
                    forward
                        .map(new EvaluationTasks.Backward(spec, candidate, draw, share, bySample))
                        .collectAsync());
            bySample.destroy();
            return shares.stream().map(EvaluationTasks.Backward::unpacked).toList();
          });
    } finally {
      forward.unpersist(false);
    }
  }

  private double[] result(JavaFutureAction<List<double[]>> job) {
    return results(job).get(0);
  }

  private <T> List<T> results(JavaFutureAction<List<T>> job) {
    try {
      return job.get();
    } catch (InterruptedException e) {
      job.cancel(true);
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while executors evaluated");
    } catch (ExecutionException e) {
      if (spark.sc().isStopped()) {
        throw new CancellationException("the Spark application ended while executors evaluated");
      }
      Throwable cause = e.getCause() == null ? e : e.getCause();
      String message = String.valueOf(cause.getMessage());
      // The first line says what happened and where; the executor's stack trace follows.
      throw cause instanceof SparkException
          ? new IllegalStateException(message.lines().findFirst().orElse(message), cause)
          : new IllegalStateException(message, cause);
    }
  }

  private void giveUp() {
    for (JavaFutureAction<List<double[]>> job : jobs) {
      if (job != null && !job.isDone()) {
        job.cancel(true);
      }
    }
    jobs = List.of();
  }

  @Override
  public void close() {
    giveUp();
  }
}
