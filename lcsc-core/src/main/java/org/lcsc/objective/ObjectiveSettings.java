package org.lcsc.objective;

import java.io.IOException;
import java.util.List;
import org.lcsc.config.Part;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The settings of one kind of objective: key {@code lcsc.objective} of a configuration file.
 * Implementations are immutable records.
 */
public interface ObjectiveSettings extends Part {

  /**
   * What an objective is made of.
   *
   * @param generator draws samples of the model
   * @param noise of the samples
   * @param samples per evaluation
   * @param batchSize most samples drawn at once
   * @param gradient whether it is to have a gradient
   * @param gradientSamples how many of the samples a gradient is taken through, where it can be
   *     taken through a part
   * @param services what else the program offers, for example real images in a feature space
   */
  record Inputs(
      SampleGenerator generator,
      NoiseSource noise,
      int samples,
      int batchSize,
      boolean gradient,
      int gradientSamples,
      List<Object> services) {

    /**
     * What the program offers of a type.
     *
     * @throws IllegalArgumentException where it offers none
     */
    public <T> T service(Class<T> type) {
      return services.stream()
          .filter(type::isInstance)
          .map(type::cast)
          .findFirst()
          .orElseThrow(
              () -> new IllegalArgumentException("the objective needs " + type.getSimpleName()));
    }
  }

  /** What decides on validation noise; by default the same. */
  default ObjectiveSettings validation() {
    return this;
  }

  /**
   * A new objective.
   *
   * @throws IllegalArgumentException where the inputs do not allow it
   * @throws IOException where data cannot be read
   */
  Objective create(Inputs inputs) throws IOException;

  /** How many objectives of these inputs can score at a time. */
  default int parallel() {
    return 1;
  }

  /**
   * Tries whether it can score at all, before any work starts.
   *
   * @param parameters of a model
   * @throws org.lcsc.config.InvalidValueException where it cannot
   */
  default void probe(Inputs inputs, INDArray parameters) {}
}
