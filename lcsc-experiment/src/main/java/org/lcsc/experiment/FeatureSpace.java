package org.lcsc.experiment;

import org.lcsc.config.InvalidValueException;
import org.lcsc.image.ImageShape;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.metrics.FeatureSource;

/**
 * A feature space that the user names, on the command line or in a configuration.
 *
 * @param name short name, for tables
 * @param extractor gives the features
 */
public record FeatureSpace(String name, FeatureExtractor extractor) {

  /** Name of FID in this space. */
  public String fid() {
    return FeatureSpaces.FIRST + " (" + name + ")";
  }

  /**
   * Opens a space.
   *
   * @param key the option or key that names it, for messages
   * @param text as {@link FeatureSource#named} takes it
   * @param shape shape of the images
   * @throws InvalidInputException where the text names none, or the file is missing or wrong
   */
  public static FeatureSpace open(String key, String text, ImageShape shape) {
    try {
      FeatureSource source = FeatureSource.named(key, text);
      return new FeatureSpace(
          InvalidInputException.reading(source::name),
          InvalidInputException.reading(() -> source.open(shape)));
    } catch (InvalidValueException e) {
      throw new InvalidInputException(e);
    }
  }
}
