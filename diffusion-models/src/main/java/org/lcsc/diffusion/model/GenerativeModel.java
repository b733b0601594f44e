package org.lcsc.diffusion.model;

import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Part;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.diffusion.layer.ImageLoss;
import org.lcsc.diffusion.layer.PerceptualDistance;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.layer.Preconditioning.NetworkTime;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.diffusion.sampler.SampledModel;
import org.lcsc.diffusion.sampler.SamplerSettings;
import org.lcsc.diffusion.training.BatchSettings;
import org.lcsc.diffusion.training.TrainingBatches;
import org.lcsc.diffusion.unet.NetworkBody;

/**
 * The settings of a kind of generative model: what is trained, and how its network is used. Section
 * {@code model} of a configuration holds one. Implementations are immutable records.
 */
public interface GenerativeModel extends Part {

  /** The network. */
  NetworkBody unet();

  /** What it is called in a sentence, with its article. */
  String description();

  /** How a noise level is given to the network; null for a network of time steps. */
  default NetworkTime networkTime() {
    return null;
  }

  /** What the loss reads a network for; null where it needs none. */
  default PerceptualDistance perceptual() {
    return null;
  }

  /**
   * How the network becomes what is sampled.
   *
   * @return null for a bare network, as it is by default
   */
  default Preconditioning preconditioning(ImageDataSet images) {
    return null;
  }

  /**
   * What the network's output is compared by.
   *
   * @param images the training images
   * @param mean whether the errors of an image's values are averaged, else summed
   */
  default ImageLoss loss(ImageDataSet images, boolean mean) {
    return new SquaredError(mean);
  }

  /** Whether the loss is of single values, which are averaged or summed. */
  default boolean lossIsOfValues() {
    return true;
  }

  /** Whether the training images are what it learns. */
  default boolean learnsFromImages() {
    return true;
  }

  /**
   * The training's batches.
   *
   * @param settings data, iterations, seed
   * @param network what is trained
   * @param teacher what is distilled; null for models without a teacher
   */
  TrainingBatches batches(
      BatchSettings settings, ComputationGraph network, ComputationGraph teacher);

  /**
   * Why the training's loss does not compare networks, in a few words: where a batch's labels are
   * made by a network too, or its images. Empty where a batch is of images and noise alone.
   */
  default Optional<String> incomparableLoss() {
    return Optional.of("whose loss is not known to be of images and the network alone");
  }

  /** These settings with what they leave to the training images. */
  default GenerativeModel measuredOn(ImageDataSet images) {
    return this;
  }

  /** What the network is to its sampler. */
  SampledModel sampled();

  /** The sampler that is usual for the model. */
  SamplerSettings usualSampler();

  /** Whether it is usually trained by rectified Adam, else by Adam. */
  default boolean usesRAdam() {
    return false;
  }

  /** Model file of the teacher, of the same network; null where none is. */
  default String teacher() {
    return null;
  }

  /** Configuration file of the run that makes the teacher; null where that is unknown. */
  default String teacherConfig() {
    return null;
  }

  /** Which kinds of model the teacher may be; several only until {@link #taughtBy} tells. */
  default List<String> teacherKinds() {
    return List.of(new EdmModel().kind());
  }

  /**
   * These settings with what they leave to the teacher, where it is of one of {@link
   * #teacherKinds}.
   *
   * @throws org.lcsc.config.InvalidValueException where something else excludes it
   */
  default GenerativeModel taughtBy(GenerativeModel teacher) {
    return this;
  }

  /** How the teacher's network becomes what it was trained as; null for a bare network. */
  default Preconditioning teacherPreconditioning(ImageDataSet images) {
    throw new IllegalStateException("a model of kind " + kind() + " has no teacher");
  }

  /**
   * Checks the settings against the length of the training.
   *
   * @throws org.lcsc.config.InvalidValueException where they exclude it; the key is relative to
   *     these settings
   */
  default void checkTraining(int iterations) {}

  /**
   * Where the model file comes from that a training starts with.
   *
   * @param model its settings
   * @param iteration updates applied to it in its own training
   * @param iterations length of that training
   */
  record Origin(GenerativeModel model, int iteration, int iterations) {}

  /** Whether the origin of the model that a training starts with changes these settings. */
  default boolean continues() {
    return false;
  }

  /** These settings for a training that starts from a finished model. */
  default GenerativeModel continuing(Origin origin) {
    return this;
  }

  /** What works but may not be meant, with the keys relative to these settings in front. */
  default List<String> warnings() {
    return List.of();
  }
}
