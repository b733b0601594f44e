package org.lcsc.objective;

import java.io.IOException;
import java.util.List;
import java.util.Map;
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
   * @param gradientSamples how many of the samples a gradient is taken through, where it can be
   *     taken through a part; 0 where none is needed
   * @param deciding whether it picks what a search found and decides what is emitted, on validation
   *     noise, and so may look at more than the search does
   * @param services what else the program offers, for example real images in a feature space
   */
  record Inputs(
      SampleGenerator generator,
      NoiseSource noise,
      int samples,
      int batchSize,
      int gradientSamples,
      boolean deciding,
      List<Object> services) {

    /** Whether it is to have a gradient. */
    public boolean gradient() {
      return gradientSamples > 0;
    }

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

  /**
   * A new objective.
   *
   * @throws IllegalArgumentException where the inputs do not allow it
   * @throws IOException where data cannot be read
   */
  Objective create(Inputs inputs) throws IOException;

  /** Whether it scores model files, and so is no measure for a training of this project. */
  default boolean scoresFiles() {
    return false;
  }

  /** Whether what scores model files also gives its gradient. */
  default boolean givesGradient() {
    return false;
  }

  /** Whether it scores samples of the model, and so depends on a sampler. */
  default boolean drawsSamples() {
    return true;
  }

  /**
   * The objectives that it is made of, by the keys that lead to them, each with a dot in front; of
   * a single one itself, by an empty key.
   */
  default Map<String, ObjectiveSettings> leaves() {
    return Map.of("", this);
  }

  /** The same with usual values for all that does not decide the scores, such as time limits. */
  default ObjectiveSettings measure() {
    return this;
  }

  /** Feature spaces that it names beside those of the run, by the keys that name them. */
  default Map<String, String> featureSpaces() {
    return Map.of();
  }

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
