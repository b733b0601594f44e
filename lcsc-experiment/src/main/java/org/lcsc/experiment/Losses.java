package org.lcsc.experiment;

import java.io.IOException;
import org.apache.commons.io.function.IOSupplier;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Require;
import org.lcsc.datasets.DataSetException;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.datasets.Split;
import org.lcsc.diffusion.training.LossSource;
import org.lcsc.diffusion.training.TrainingBatches;
import org.lcsc.diffusion.training.TrainingLossSettings;
import org.lcsc.diffusion.training.TrainingLossSettings.Images;
import org.lcsc.experiment.config.RunConfig;

/**
 * What the loss of a run's training is measured by. Held-out images are loaded when first asked
 * for. Not thread-safe.
 */
final class Losses {

  private final ModelSetup setup;
  private final Runnable beforeBatch;
  private ImageDataSet heldOut;

  /**
   * The losses of a run.
   *
   * @param setup makes the training's batches
   * @param beforeBatch is run before every batch; what it throws ends the work
   */
  Losses(ModelSetup setup, Runnable beforeBatch) {
    this.setup = setup;
    this.beforeBatch = beforeBatch;
  }

  /**
   * Refuses held-out images that can be known to be missing without reading an image.
   *
   * @throws InvalidValueException where a search is scored by their loss
   */
  static void check(RunConfig config) throws IOException {
    if (config.scoresLossOf(Images.HELD_OUT)) {
      heldOut(
          config,
          () -> {
            config.dataset().checkHeldOut();
            return null;
          });
    }
  }

  /** The key that names the images, which may be in a mixture. */
  private static String images(RunConfig config) {
    return config.lcsc().objective().leaves().entrySet().stream()
        .filter(leaf -> leaf.getValue() instanceof TrainingLossSettings)
        .map(leaf -> "lcsc.objective" + leaf.getKey() + ".images")
        .findFirst()
        .orElseThrow();
  }

  private static <T> T heldOut(RunConfig config, IOSupplier<T> access) throws IOException {
    try {
      return access.get();
    } catch (DataSetException e) {
      throw new InvalidValueException(
          images(config), "no held-out images (" + e.getMessage() + "), allowed: training");
    }
  }

  /**
   * The loss of networks.
   *
   * @param network gives the architecture
   */
  LossSource of(ComputationGraph network) {
    return new LossSource() {
      @Override
      public ComputationGraph network() {
        return network;
      }

      @Override
      public TrainingBatches batches(Images images, long seed) throws IOException {
        return setup.lossBatches(images == Images.HELD_OUT ? heldOut() : setup.images(), seed);
      }

      @Override
      public void proceed() {
        beforeBatch.run();
      }
    };
  }

  private ImageDataSet heldOut() throws IOException {
    if (heldOut == null) {
      ImageDataSet training = setup.images();
      RunConfig config = setup.config();
      ImageDataSet found = heldOut(config, () -> config.dataset().load(Split.TEST));
      boolean labelled = config.model().unet().classConditional();
      Require.not(
          !found.shape().equals(training.shape())
              || labelled && found.classes() != training.classes(),
          images(config),
          "held-out images of another form (%s, trained on %s), allowed: training",
          found,
          training);
      heldOut = found;
    }
    return heldOut;
  }
}
