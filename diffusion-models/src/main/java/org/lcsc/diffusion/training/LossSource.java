package org.lcsc.diffusion.training;

import java.io.IOException;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * What the loss of a training is measured by: a service of {@link
 * org.lcsc.objective.ObjectiveSettings.Inputs}.
 */
public interface LossSource {

  /** A network that ends in the loss of the training; to be left alone. */
  ComputationGraph network();

  /**
   * Batches made as those of the training, with noise levels that are spread evenly.
   *
   * @param images which images
   * @param seed of order, flips, noise levels and noise
   * @throws IllegalArgumentException where there are no such images, or the loss is not of the
   *     network alone
   * @throws IOException where they cannot be read
   */
  TrainingBatches batches(TrainingLossSettings.Images images, long seed) throws IOException;

  /**
   * Is called before every batch.
   *
   * @throws java.util.concurrent.CancellationException where the work is to end
   */
  void proceed();
}
