package org.lcsc.diffusion.features;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.diffusion.features.FeatureNetworkConfig.Architecture;
import org.lcsc.diffusion.training.LearningRate;
import org.lcsc.io.Refuse;
import org.lcsc.io.Sha256;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;

/**
 * Trains a {@link FeatureNetwork} on a set of square images, by Deeplearning4j's ordinary {@code
 * fit}. The same images and configuration give the same network, bit by bit, on one machine with
 * one number of native threads.
 *
 * <p>Not thread-safe.
 */
public final class FeatureTraining {

  private static final int EVALUATION_BATCH = 256;

  private final FeatureTrainingConfig config;
  private final FeatureNetworkConfig network;
  private final ImageDataSet images;
  private final int iterations;

  /** Hears of progress; an exception that it throws ends the training. */
  @FunctionalInterface
  public interface Progress {

    /**
     * Called after each update.
     *
     * @param iteration updates applied, from 1
     * @param loss of the batch before the update
     */
    void update(int iteration, double loss);
  }

  /**
   * A training with the default network of an architecture.
   *
   * @param images what to train on
   * @param config how
   * @param architecture of the network
   * @throws IllegalArgumentException where the images have no labels and the network needs them, or
   *     are not square, or are too small
   */
  public FeatureTraining(
      ImageDataSet images, FeatureTrainingConfig config, Architecture architecture) {
    boolean masked = architecture == Architecture.MASKED;
    Refuse.argument(
        !masked && !images.labelled(),
        "data set %s has no labels, which a classifier needs; allowed: the masked architecture",
        images.name());
    if (images.shape().height() != images.shape().width()) {
      throw new IllegalArgumentException(
          "data set " + images.name() + ": expected square images, got " + images.shape());
    }
    this.images = images;
    this.config = config;
    this.network =
        new FeatureNetworkConfig(
            images.shape().channels(),
            images.shape().height(),
            masked ? 0 : images.classes(),
            architecture);
    this.iterations =
        Math.toIntExact(Math.max(2, (long) config.epochs() * images.size() / config.batchSize()));
  }

  /** Length of the training in iterations. */
  public int iterations() {
    return iterations;
  }

  /**
   * Trains a network from its initial parameters.
   *
   * @param progress called after each iteration
   * @return the trained network
   */
  public ComputationGraph run(Progress progress) {
    int warmup = Math.min(100, iterations / 10);
    LearningRate rate =
        new LearningRate(config.learningRate(), 0, warmup, iterations, LearningRate.Decay.COSINE);
    ComputationGraph graph =
        new ComputationGraph(FeatureNetwork.configuration(network, new Adam(rate), config.seed()));
    graph.init();
    ShiftedBatches batches = new ShiftedBatches(images, config, network.classes() == 0);
    for (int iteration = 0; iteration < iterations; iteration++) {
      ShiftedBatches.Batch batch = batches.batch(iteration);
      graph.fit(new INDArray[] {batch.images()}, new INDArray[] {batch.labels()});
      progress.update(iteration + 1, graph.score());
    }
    return graph;
  }

  /**
   * Trains a network, measures it on held-out images and describes it.
   *
   * @param test images that were held out; null where they have no labels to measure by
   * @param dataset name of the data set
   * @param command the command to write down
   * @param progress called after each iteration
   */
  public FeatureNetworks.Trained run(
      ImageDataSet test, String dataset, String command, Progress progress) {
    if (test != null
        && (!test.shape().equals(images.shape()) || test.classes() != images.classes())) {
      throw new IllegalArgumentException(
          "held-out images (" + test + ") differ in kind from those to train on (" + images + ")");
    }
    ComputationGraph graph = run(progress);
    FeatureNetworkCard card =
        new FeatureNetworkCard(
            dataset,
            network.architecture(),
            images.shape(),
            network.classes(),
            FeatureNetwork.FEATURES,
            network.dimension(),
            graph.numParams(),
            Sha256.of(graph.params()),
            images.size(),
            images.fingerprint(),
            test == null ? 0 : test.size(),
            test == null ? "none" : test.fingerprint(),
            measured(graph, test),
            config.epochs(),
            config.seed(),
            command);
    return new FeatureNetworks.Trained(graph, card);
  }

  private double measured(ComputationGraph graph, ImageDataSet test) {
    if (test == null) {
      return Double.NaN;
    }
    return network.classes() > 0
        ? accuracy(graph, test)
        : LinearProbe.accuracy(graph, images, test);
  }

  /**
   * Share of images that a network puts into the right class.
   *
   * @param graph a network of {@link FeatureNetwork}
   * @param images labelled images of its shape
   * @return 0 to 1
   */
  public static double accuracy(ComputationGraph graph, ImageDataSet images) {
    int right = 0;
    for (int first = 0; first < images.size(); first += EVALUATION_BATCH) {
      int count = Math.min(EVALUATION_BATCH, images.size() - first);
      int[] predicted = graph.output(images.batch(first, count))[0].argMax(1).toIntVector();
      for (int i = 0; i < count; i++) {
        right += predicted[i] == images.label(first + i) ? 1 : 0;
      }
    }
    return (double) right / images.size();
  }
}
