package org.lcsc.diffusion.sampler;

import org.lcsc.config.Family;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Part;
import org.lcsc.diffusion.engine.SamplingEngine;

/**
 * The settings of a {@link Sampler}: how a model draws its samples, in the search and in every
 * report. Section {@code sampler} of a configuration holds one.
 */
@Family(standard = "dpm-solver++")
public interface SamplerSettings extends Part {

  /** The most steps of a sampler without a chain; more would hold gigabytes of coefficients. */
  int MAX_STEPS = 100_000;

  /** Samples per network call unless configured. */
  int DEFAULT_BATCH = 128;

  /** Whether models of this kind can be sampled so. */
  boolean fits(SampledModel model);

  /**
   * The sampler of a model.
   *
   * @param model one that {@link #fits}
   * @throws IllegalArgumentException where these settings and the model exclude each other; an
   *     {@link InvalidValueException} where one key is to blame, relative to these settings
   */
  Sampler of(SampledModel model);

  /** Whether samples have a gradient: clipping within the chain takes it away. */
  default boolean isDifferentiable() {
    return true;
  }

  /** Samples or images per network call: more gain nothing, and no memory holds them. */
  int MOST_BATCH = 1 << 16;

  /** Samples per network call, from 1 to {@value #MOST_BATCH}; it does not change the samples. */
  default int batchSize() {
    return DEFAULT_BATCH;
  }

  /** What computes the network's outputs; null for Deeplearning4j. */
  default SamplingEngine engine() {
    return null;
  }

  /** Settings for the network of a discrete chain. */
  interface OfChain extends SamplerSettings {

    /** The sampler of a chain's network; exceptions as of {@link #of}. */
    Sampler ofChain(SampledModel.Chain chain);

    @Override
    default boolean fits(SampledModel model) {
      return model instanceof SampledModel.Chain;
    }

    @Override
    default Sampler of(SampledModel model) {
      return ofChain((SampledModel.Chain) model);
    }
  }
}
