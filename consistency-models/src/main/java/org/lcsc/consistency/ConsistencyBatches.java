package org.lcsc.consistency;

import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.diffusion.training.BatchSettings;
import org.lcsc.diffusion.training.TrainingBatches;
import org.lcsc.io.Refuse;
import org.lcsc.network.EvaluationNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/**
 * Training batches of a consistency model, for {@code ComputationGraph.fit}: images at the larger
 * noise level of a pair, and as their labels the target's output at the smaller level,
 *
 * <pre>lambda d(f_theta(y + sigma z, sigma), f_theta-minus(x', sigma')),</pre>
 *
 * with x' = y + sigma' z (consistency training) or one Heun step of a teacher from y + sigma z
 * (consistency distillation): Song et al. 2023, arXiv:2303.01469, Algorithms 2 and 3. The weight
 * lambda is the labels mask; the distance d is the network's own loss. No gradient reaches the
 * target, and both sides share their noise and their dropout masks.
 *
 * <p>The target side is evaluated when a batch is asked for, with the network's parameters of that
 * moment; so batches must be asked for one at a time between the updates, as {@code fit} does
 * without prefetching. Not thread-safe.
 */
public final class ConsistencyBatches extends TrainingBatches {

  private static final long serialVersionUID = 1;

  private final transient ConsistencyCurriculum curriculum;
  private final transient ComputationGraph teacher;
  private final transient TargetNetwork target;
  private int followed;

  /** Pairs of the present number of levels. */
  private transient Pairs pairs;

  private record Pairs(double[] sigmas, double[] cumulative) {}

  private ConsistencyBatches(
      BatchSettings settings,
      ConsistencyCurriculum curriculum,
      ComputationGraph student,
      ComputationGraph teacher) {
    super(settings);
    this.curriculum = Objects.requireNonNull(curriculum, "curriculum");
    this.teacher = teacher;
    this.followed = settings.first();
    boolean itself = curriculum.targetRate(0) == 0;
    this.target = itself ? TargetNetwork.sharing(student) : TargetNetwork.following(student);
  }

  /**
   * Batches of consistency training, which needs no teacher.
   *
   * @param settings data, iterations, seed
   * @param curriculum levels, pairs, weights and target rate
   * @param student the network that is trained, a consistency function of (image, sigma)
   */
  public static ConsistencyBatches training(
      BatchSettings settings, ConsistencyCurriculum curriculum, ComputationGraph student) {
    return new ConsistencyBatches(settings, curriculum, student, null);
  }

  /**
   * Batches of consistency distillation.
   *
   * @param settings data, iterations, seed
   * @param curriculum levels, pairs, weights and target rate
   * @param student the network that is trained, a consistency function of (image, sigma)
   * @param teacher a denoiser of (image, sigma); copied
   */
  public static ConsistencyBatches distillation(
      BatchSettings settings,
      ConsistencyCurriculum curriculum,
      ComputationGraph student,
      ComputationGraph teacher) {
    return new ConsistencyBatches(settings, curriculum, student, EvaluationNetwork.copyOf(teacher));
  }

  /**
   * The target's parameters for a state to resume from: what the batch after so many updates sees.
   * To be called between two updates, before that batch is asked for or after.
   *
   * @param updates updates applied to the trained network
   * @return {@code [P]}, live; empty where the target is the trained network itself
   */
  public Optional<INDArray> followedTarget(int updates) {
    if (target.isShared()) {
      return Optional.empty();
    }
    follow(updates);
    return Optional.of(target.parameters());
  }

  /**
   * Continues from the target of a training that was interrupted.
   *
   * @param parameters {@link #followedTarget} after as many updates as these batches begin with
   * @throws IllegalStateException where the target is the trained network itself
   */
  public void restoreTarget(INDArray parameters) {
    Refuse.state(target.isShared(), "the target is the trained network itself");
    target.restore(parameters);
  }

  /**
   * {@inheritDoc}
   *
   * <p>A target that is a moving average first follows the updates since the last batch: it must be
   * asked for the iterations in order.
   */
  @Override
  public MultiDataSet batch(int n) {
    follow(n);
    Pairs levels = pairs(n);
    int[] draws = uniformInts(LEVEL_STREAM, n, Integer.MAX_VALUE);
    double[] sigma = new double[draws.length];
    double[] next = new double[draws.length];
    double[] weight = new double[draws.length];
    for (int i = 0; i < draws.length; i++) {
      int pair = pair(levels.cumulative(), draws[i] / (double) Integer.MAX_VALUE);
      sigma[i] = levels.sigmas()[pair];
      next[i] = levels.sigmas()[pair + 1];
      weight[i] = curriculum.weight(sigma[i], next[i]);
    }
    INDArray clean = images(n);
    INDArray noise = imageNoise(n);
    INDArray labels = labels(n);
    INDArray sigmas = column(sigma);
    INDArray nexts = column(next);
    INDArray noisy = addScaled(clean, sigmas, noise);
    INDArray lessNoisy =
        teacher == null
            ? addScaled(clean, nexts, noise)
            : HeunStep.apply(
                (x, level) -> teacher.outputSingle(inputs(x, level, labels)), noisy, sigmas, nexts);
    INDArray goal = target.predict(n, inputs(lessNoisy, nexts, labels));
    return new MultiDataSet(
        inputs(noisy, sigmas, labels),
        new INDArray[] {goal},
        null,
        new INDArray[] {column(weight)});
  }

  /** After update k the target follows with mu(k). */
  private void follow(int n) {
    for (; followed < n; followed++) {
      target.follow(curriculum.targetRate(followed));
    }
  }

  private Pairs pairs(int n) {
    int levels = curriculum.levels(n);
    if (pairs == null || pairs.sigmas().length != levels) {
      double[] sigmas = curriculum.sigmas(n);
      double[] cumulative = curriculum.probabilities(sigmas).clone();
      for (int i = 1; i < cumulative.length; i++) {
        cumulative[i] += cumulative[i - 1];
      }
      pairs = new Pairs(sigmas, cumulative);
    }
    return pairs;
  }

  /** The first pair whose cumulative probability exceeds u in [0, 1). */
  private static int pair(double[] cumulative, double u) {
    int found = java.util.Arrays.binarySearch(cumulative, u);
    int pair = found >= 0 ? found + 1 : -found - 1;
    // The last sum may be a hair below 1.
    return Math.min(pair, cumulative.length - 1);
  }
}
