package org.lcsc.diffusion.training;

import java.util.Arrays;
import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.io.Refuse;
import org.lcsc.network.GraphLoss;
import org.lcsc.objective.DifferentiableObjective;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.PartialObjective;
import org.lcsc.objective.StageStopwatch;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Scores a network by the mean loss of training batches, with the gradient, both from the code that
 * trains it; without dropout and without samples. A loss says how well a network denoises; the
 * combination that does so best need not draw the best samples (section 6 of the LCSC paper).
 *
 * <p>Example i, that is its image, noise level and noise, is that of the batches: a function of
 * their seed and i alone, whatever was scored before. The gradient may be taken through a part of
 * the examples, whole batches. A network whose loss is not finite scores NaN, and the pass ends
 * with the batch that shows it. Running the network counts as sampling in {@link
 * org.lcsc.objective.StageSeconds}. Not thread-safe.
 */
public final class TrainingLoss implements DifferentiableObjective, PartialObjective {

  /** A backward pass, to the inputs and the parameters of every layer, in forward passes. */
  private static final double BACKWARD = 2;

  private final String name;
  private final GraphLoss loss;
  private final TrainingBatches batches;
  private final int batchSize;
  private final int samples;
  private final int gradientSamples;
  private final Runnable beforeBatch;

  /**
   * Creates the objective.
   *
   * @param name of the objective
   * @param network ends in the loss; copied
   * @param batches whose labels do not depend on a network, as those of a consistency model do
   * @param samples examples per evaluation, at least 2
   * @param gradientSamples how many of them, the first, the gradient is taken through, from 1 to
   *     all
   * @param beforeBatch is run before every batch; what it throws ends the evaluation
   * @throws IllegalArgumentException where a number is out of range, or the network normalises over
   *     its batch
   */
  public TrainingLoss(
      String name,
      ComputationGraph network,
      TrainingBatches batches,
      int samples,
      int gradientSamples,
      Runnable beforeBatch) {
    this(name, new GraphLoss(network), batches, samples, gradientSamples, beforeBatch);
  }

  private TrainingLoss(
      String name,
      GraphLoss loss,
      TrainingBatches batches,
      int samples,
      int gradientSamples,
      Runnable beforeBatch) {
    Refuse.argument(samples < 2, "samples must be at least 2, got %s", samples);
    Refuse.argument(
        gradientSamples < 1 || gradientSamples > samples,
        "gradientSamples must be from 1 to the %s samples, got %s",
        samples,
        gradientSamples);
    this.name = Objects.requireNonNull(name, "name");
    this.batches = Objects.requireNonNull(batches, "batches");
    this.beforeBatch = Objects.requireNonNull(beforeBatch, "beforeBatch");
    this.loss = loss;
    this.batchSize = batches.settings().batchSize();
    this.samples = samples;
    this.gradientSamples = Math.min(samples, batchesOf(gradientSamples) * batchSize);
  }

  /** How many batches hold so many examples. */
  private int batchesOf(int examples) {
    return (examples - 1) / batchSize + 1;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int samples() {
    return samples;
  }

  @Override
  public double gradientCost() {
    return 1 + BACKWARD * gradientSamples / samples;
  }

  @Override
  public TrainingLoss onShare(double share) {
    if (share == 1) {
      return this;
    }
    int fewer = samples(share);
    return new TrainingLoss(
        name, loss, batches, fewer, Math.min(fewer, gradientSamples), beforeBatch);
  }

  @Override
  public Evaluation evaluate(INDArray parameters, double share) {
    return pass(parameters, 0, samples(share), 0, null);
  }

  @Override
  public Evaluation gradient(INDArray parameters, long draw, INDArray gradient) {
    gradient.assign(0);
    Evaluation evaluation = pass(parameters, draw, samples, gradientSamples, gradient);
    gradient.divi(gradientSamples);
    return evaluation;
  }

  /**
   * The mean loss of the first examples of a draw.
   *
   * @param through the first of them, whole batches, whose gradients are added to {@code gradient}
   */
  private Evaluation pass(
      INDArray parameters, long draw, int count, int through, INDArray gradient) {
    StageStopwatch watch = new StageStopwatch();
    double sum = 0;
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      loss.setParameters(parameters);
      // Every draw begins with a batch of its own.
      int first = Math.toIntExact(draw * batchesOf(samples));
      for (int start = 0; start < count && Double.isFinite(sum); start += batchSize) {
        beforeBatch.run();
        int size = Math.min(batchSize, count - start);
        MultiDataSet batch = first(batches.batch(first + start / batchSize), size);
        if (start < through) {
          sum += size * loss.differentiate(batch);
          gradient.addi(loss.gradient());
        } else {
          sum += size * loss.of(batch);
        }
      }
    }
    watch.sampled();
    return new Evaluation(Double.isFinite(sum) ? sum / count : Double.NaN, watch.seconds());
  }

  /** The first examples of a batch. */
  private static MultiDataSet first(MultiDataSet batch, int count) {
    return batch.getFeatures(0).size(0) == count
        ? batch
        : new org.nd4j.linalg.dataset.MultiDataSet(
            first(batch.getFeatures(), count),
            first(batch.getLabels(), count),
            first(batch.getFeaturesMaskArrays(), count),
            first(batch.getLabelsMaskArrays(), count));
  }

  private static INDArray[] first(INDArray[] arrays, int count) {
    return arrays == null
        ? null
        : Arrays.stream(arrays)
            .map(a -> a == null ? null : a.get(NDArrayIndex.interval(0, count)).dup('c'))
            .toArray(INDArray[]::new);
  }
}
