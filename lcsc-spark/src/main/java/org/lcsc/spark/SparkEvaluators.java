package org.lcsc.spark;

import java.util.Objects;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;
import org.lcsc.io.Refuse;
import org.lcsc.search.evaluation.Evaluator;
import org.lcsc.search.evaluation.EvaluatorFactory;

/**
 * Evaluators that spread a search over the executors of a Spark application.
 *
 * <pre>{@code
 * try (JavaSparkContext spark = new JavaSparkContext(conf)) {
 *   CheckpointSearch.builder(window, strategy, fid)
 *       .evaluator(new SparkEvaluators(spark, new MyReplica(directory), 16)) ...
 * }
 * }</pre>
 *
 * <p>Every executor opens one {@link Replica} and keeps it; a task is one candidate, or one part of
 * a gradient's samples. Coefficients, seeds, ranges of samples, features, scores and slopes travel,
 * parameters never. A lost executor costs the tasks it was at, which Spark gives to another.
 *
 * <p>What is the same to the bit, on processors of one kind with the same number of native threads:
 * scores of candidates are those of a search on one machine, however many executors there are and
 * whichever die; gradients are those of {@link org.lcsc.search.evaluation.LocalEvaluator#factory}
 * with as many shards, for the parts and the order of their sum depend on the objective and that
 * number alone. Gradients in several parts equal the gradient in one part only to float32 rounding
 * (about 1e-6 of the largest slope), and so lead a search along a path that differs in the last
 * bits. Processors of several kinds may round differently from each other.
 *
 * <p>Thread-safe; the evaluators are not.
 */
public final class SparkEvaluators implements EvaluatorFactory {

  private final JavaSparkContext spark;
  private final ReplicaFactory replicas;
  private final int gradientShards;

  /** One for all searches: an executor continues with what it has open. */
  private final String id = UUID.randomUUID().toString();

  /**
   * For searches over one window.
   *
   * @param spark stays its owner's
   * @param replicas opens, in every executor, the checkpoints and objectives that the search has
   * @param gradientShards the most parts of a gradient's samples, at least 1: at least as many as
   *     executors, to keep all busy. Each part takes one pass over the window
   */
  public SparkEvaluators(JavaSparkContext spark, ReplicaFactory replicas, int gradientShards) {
    this.spark = Objects.requireNonNull(spark, "spark");
    this.replicas = Objects.requireNonNull(replicas, "replicas");
    this.gradientShards = gradientShards;
    Refuse.argument(gradientShards < 1, "shards must be at least 1, got %s", gradientShards);
  }

  @Override
  public int gradientShards() {
    return gradientShards;
  }

  @Override
  public Evaluator create(Setting setting) {
    WindowIdentity window = WindowIdentity.of(setting.merger());
    // An executor's replica is of one window and one way of merging.
    String name = id + "-" + window.checksum() + "-" + setting.mergeRows();
    return new SparkEvaluator(
        spark,
        setting,
        new ReplicaSpec(name, replicas, setting.mergeRows(), gradientShards, window));
  }
}
