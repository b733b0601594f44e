package org.lcsc.experiment.config;

import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.diffusion.model.GenerativeModel;
import org.lcsc.diffusion.sampler.SamplerSettings;
import org.lcsc.diffusion.training.LearningRate.Decay;

/**
 * Section {@code training}.
 *
 * @param iterations updates of the weights, at least 1
 * @param batchSize images per update, at least 1
 * @param learningRate peak learning rate, above 0
 * @param optimizer what applies the gradient; default {@link Optimizer#RADAM} for consistency
 *     models, else {@link Optimizer#ADAM}
 * @param warmup iterations over which the learning rate rises linearly to {@code learningRate},
 *     less than {@code iterations}; default 0
 * @param decay what the learning rate does after the warm-up; default {@link Decay#CONSTANT}
 * @param finalLearningRate learning rate that the decay reaches where the training ends, 0 to
 *     {@code learningRate}, only with a decay that is not constant; default 0 there, null with a
 *     constant rate
 * @param gradientClip largest L2 norm of the whole gradient, above 0; default null: not clipped
 * @param lossReduction how the errors of an image's values become one number; default {@link
 *     LossReduction#MEAN}. It decides how much a gradient clip cuts.
 * @param seed of the initial weights, the order of the images, the noise and the time steps;
 *     default 42
 * @param saveEvery iterations between saves of the state that a killed run is resumed from, 0 for
 *     no state at all; default null: every 5 minutes. Unless 0 it is also saved before and after
 *     each search, and when the run is interrupted.
 * @param labelDropout probability that an image's class is left out, so that the network can be
 *     guided (section {@code guidance}), more than 0 and less than 1, only with a network that is
 *     given the class; default null: never
 * @param from model file of the same network to start from; default null: new weights, or the
 *     teacher's in a distillation
 */
public record TrainingConfig(
    int iterations,
    int batchSize,
    double learningRate,
    @OptionalKey Optimizer optimizer,
    @OptionalKey Integer warmup,
    @OptionalKey Decay decay,
    @OptionalKey Double finalLearningRate,
    @OptionalKey Double gradientClip,
    @OptionalKey LossReduction lossReduction,
    @OptionalKey Long seed,
    @OptionalKey Integer saveEvery,
    @OptionalKey Double labelDropout,
    @OptionalKey String from) {

  /** What applies the gradient. */
  public enum Optimizer {
    /** Adam. */
    ADAM,
    /** Rectified Adam. */
    RADAM
  }

  /** Reductions of the errors of an image's values. */
  public enum LossReduction {
    /** Their mean (improved DDPM). */
    MEAN,
    /** Their sum (DDIM). */
    SUM
  }

  /** Fills in the defaults and validates. */
  public TrainingConfig {
    Require.atLeast("iterations", iterations, 1);
    Require.between("batchSize", batchSize, 1, SamplerSettings.MOST_BATCH);
    Require.positive("learningRate", learningRate);
    // Beyond, it is infinite for the parameters, and nothing is trained.
    Require.not(
        learningRate > Float.MAX_VALUE,
        "learningRate",
        "no float32 (%s), allowed: up to 3.4e38",
        learningRate);
    warmup = Require.between("warmup", warmup == null ? 0 : warmup, 0, iterations - 1);
    decay = decay == null ? Decay.CONSTANT : decay;
    if (decay == Decay.CONSTANT) {
      Require.not(
          finalLearningRate != null,
          "finalLearningRate",
          "has no effect with decay: constant (%s), allowed: only with decay: linear or cosine",
          finalLearningRate);
    } else {
      finalLearningRate = finalLearningRate == null ? 0.0 : finalLearningRate;
      Require.between("finalLearningRate", finalLearningRate, 0, learningRate);
    }
    Require.positive("gradientClip", gradientClip);
    lossReduction = lossReduction == null ? LossReduction.MEAN : lossReduction;
    seed = seed == null ? 42L : seed;
    Require.atLeast("saveEvery", saveEvery, 0);
    if (labelDropout != null) {
      Require.inside("labelDropout", labelDropout, 0, 1);
    }
    Require.path("from", from);
  }

  /** These settings, with the optimizer that a model is usually trained with. */
  TrainingConfig of(GenerativeModel model) {
    Optimizer usual = model.usesRAdam() ? Optimizer.RADAM : Optimizer.ADAM;
    return new TrainingConfig(
        iterations,
        batchSize,
        learningRate,
        optimizer == null ? usual : optimizer,
        warmup,
        decay,
        finalLearningRate,
        gradientClip,
        lossReduction,
        seed,
        saveEvery,
        labelDropout,
        from);
  }
}
