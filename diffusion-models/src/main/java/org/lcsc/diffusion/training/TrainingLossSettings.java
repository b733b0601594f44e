package org.lcsc.diffusion.training;

import java.io.IOException;
import org.lcsc.config.Kind;
import org.lcsc.io.SplitMix64;
import org.lcsc.objective.ObjectiveSettings;

/**
 * The training's loss, by default on held-out images ({@link TrainingLoss}). It draws no samples,
 * so it is cheap, and says how well a network denoises, not how good its samples are.
 *
 * @param images whose loss
 */
@Kind("training-loss")
public record TrainingLossSettings(Images images) implements ObjectiveSettings {

  /** Which images a loss is of. */
  public enum Images {
    /** Those that no training saw: the test images of the data set. */
    HELD_OUT,
    /** Those of the training. */
    TRAINING
  }

  /** Tells the noise of the loss from that of samples and from that of the training. */
  private static final long STREAM = 0x6c6f7373L;

  /** Of held-out images. */
  public TrainingLossSettings() {
    this(Images.HELD_OUT);
  }

  @Override
  public boolean drawsSamples() {
    return false;
  }

  @Override
  public TrainingLoss create(Inputs inputs) throws IOException {
    LossSource source = inputs.service(LossSource.class);
    return new TrainingLoss(
        images == Images.HELD_OUT ? kind() : kind() + ", training images",
        source.network(),
        source.batches(images, SplitMix64.derive(inputs.noise().seed(), STREAM, 0)),
        inputs.samples(),
        inputs.gradient() ? inputs.gradientSamples() : inputs.samples(),
        source::proceed);
  }
}
