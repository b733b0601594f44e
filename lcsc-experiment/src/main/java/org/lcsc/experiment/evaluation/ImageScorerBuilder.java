package org.lcsc.experiment.evaluation;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.lcsc.experiment.FeaturesListener;
import org.lcsc.image.ImageShape;
import org.lcsc.metrics.FeatureMoments;
import org.lcsc.metrics.onnx.OnnxLpips;

/** Puts an {@link ImageScorer} together. Not thread-safe. */
public final class ImageScorerBuilder {

  private final ReferenceImages images;
  private final ImageShape shape;
  private List<String> features = List.of();
  private FeatureMoments published;
  private Path publishedFile;
  private Boolean memorisation;
  private OnnxLpips lpips;
  private FeaturesListener listener = FeaturesListener.NONE;

  /**
   * An evaluation in the spaces of this library for the data set, where there are any.
   *
   * @param images what to compare with; null where only published statistics are known
   * @param shape shape of all images
   */
  public ImageScorerBuilder(ReferenceImages images, ImageShape shape) {
    this.images = images;
    this.shape = shape;
  }

  /**
   * Adds feature spaces.
   *
   * @param spaces {@code pixels}, {@code random-projection}, files of feature networks ({@code
   *     .zip}) or descriptions of ONNX files ({@code .yaml})
   */
  public ImageScorerBuilder features(List<String> spaces) {
    this.features = List.copyOf(spaces);
    return this;
  }

  /**
   * Takes published statistics in place of those of the training images, in the first space of
   * their dimension.
   *
   * @param moments the statistics, or null for none
   * @param file where they are from, for messages
   */
  public ImageScorerBuilder published(FeatureMoments moments, Path file) {
    this.published = moments;
    this.publishedFile = file;
    return this;
  }

  /**
   * Whether to look for the nearest training images.
   *
   * @param check null: only in small training sets
   */
  public ImageScorerBuilder memorisation(Boolean check) {
    this.memorisation = check;
    return this;
  }

  /** Measures the diversity of the images by LPIPS; null for not. */
  public ImageScorerBuilder lpips(OnnxLpips network) {
    this.lpips = network;
    return this;
  }

  /** Is called while features of the real images are extracted. */
  public ImageScorerBuilder watchedBy(FeaturesListener listener) {
    this.listener = listener;
    return this;
  }

  /**
   * Opens the feature spaces and extracts the features of the real images.
   *
   * @throws IOException where a file is missing or wrong
   * @throws org.lcsc.experiment.InvalidInputException where a space is unknown, or there is none
   */
  public ImageScorer build(ImageScorer.Settings settings) throws IOException {
    MetricSpaces spaces = new MetricSpaces(images, shape, listener);
    spaces.addOwn();
    for (String space : features) {
      spaces.add(space);
    }
    return new ImageScorer(spaces.build(published, publishedFile, memorisation), lpips, settings);
  }
}
