package org.lcsc.experiment;

import java.nio.file.Path;
import org.lcsc.diffusion.features.FeatureNetworks;
import org.lcsc.image.ImageShape;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.metrics.PixelFeatures;
import org.lcsc.metrics.RandomProjectionFeatures;
import org.lcsc.metrics.onnx.OnnxFeatureExtractor;
import org.lcsc.metrics.onnx.OnnxFeaturesConfig;

/**
 * A feature space that the user names, on the command line or in a configuration.
 *
 * @param name short name, for tables
 * @param extractor gives the features
 */
public record FeatureSpace(String name, FeatureExtractor extractor) {

  /** Features of the projection baseline. */
  private static final int PROJECTION = 64;

  /**
   * Opens a space.
   *
   * @param key the option or key that names it, for messages
   * @param text {@code pixels}, {@code random-projection}, a feature network's {@code .zip}, or the
   *     {@code .yaml} of an ONNX file
   * @param shape shape of the images
   * @throws InvalidInputException where the text is none of these, or the file is missing or wrong
   */
  public static FeatureSpace open(String key, String text, ImageShape shape) {
    if (text.equals("pixels")) {
      return new FeatureSpace("pixels", new PixelFeatures(shape));
    }
    if (text.equals("random-projection")) {
      return new FeatureSpace(
          "random projection", new RandomProjectionFeatures(shape, PROJECTION, 1));
    }
    if (text.endsWith(".zip")) {
      FeatureNetworks.Trained network =
          InvalidInputException.reading(() -> FeatureNetworks.read(Path.of(text)));
      if (!network.card().shape().equals(shape)) {
        throw new InvalidInputException(
            text + ": takes images " + network.card().shape() + ", got " + shape);
      }
      return new FeatureSpace(network.card().name(), network.classifyingExtractor());
    }
    if (text.endsWith(".yaml") || text.endsWith(".yml")) {
      Path file = Path.of(text);
      return new FeatureSpace(
          InvalidInputException.reading(() -> OnnxFeaturesConfig.read(file).name()),
          InvalidInputException.reading(() -> OnnxFeatureExtractor.open(file, shape)));
    }
    throw new InvalidInputException(
        key
            + ": unknown feature space ("
            + text
            + "), allowed: pixels, random-projection, NETWORK.zip, ONNX-DESCRIPTION.yaml");
  }
}
