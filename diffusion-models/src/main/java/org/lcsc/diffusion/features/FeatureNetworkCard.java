package org.lcsc.diffusion.features;

import java.io.IOException;
import java.io.Reader;
import java.util.Properties;
import java.util.function.Function;
import org.lcsc.diffusion.features.FeatureNetworkConfig.Architecture;
import org.lcsc.image.ImageShape;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;

/**
 * What is known about a trained feature network; stands beside its model file as {@code
 * NAME.properties}.
 *
 * @param dataset name of the data set it was trained on
 * @param architecture how its convolutions are laid out
 * @param shape shape of the images it takes
 * @param classes classes it tells apart; 0 of an autoencoder
 * @param layer name of the layer whose activations are the features
 * @param dimension number of features
 * @param parameters number of parameters, the classifier included
 * @param parametersSha256 SHA-256 of all parameters as little-endian float32; ties the card to its
 *     model file
 * @param trainImages images it was trained on
 * @param trainFingerprint {@link org.lcsc.datasets.ImageDataSet#fingerprint()} of these
 * @param testImages images held out
 * @param testFingerprint fingerprint of these
 * @param testAccuracy measured share of the held-out images in the right class, 0 to 1; of an
 *     autoencoder by {@link LinearProbe} on its features, NaN where the images have no labels
 * @param epochs passes over the training images
 * @param seed seed of the training
 * @param command the command that trained it
 */
public record FeatureNetworkCard(
    String dataset,
    Architecture architecture,
    ImageShape shape,
    int classes,
    String layer,
    int dimension,
    long parameters,
    String parametersSha256,
    int trainImages,
    String trainFingerprint,
    int testImages,
    String testFingerprint,
    double testAccuracy,
    int epochs,
    long seed,
    String command) {

  /**
   * Name of the model file without its extension, for example {@code fashion-mnist-28} or {@code
   * fashion-mnist-28-coarse}.
   */
  public String name() {
    return name(dataset, shape, architecture);
  }

  /** The same before the network is there. */
  public static String name(String dataset, ImageShape shape, Architecture architecture) {
    return architecture.named(dataset + "-" + shape.width());
  }

  /** The card as the text of a properties file, without a date, so that equal cards are equal. */
  String toProperties() {
    String text =
        Text.format(
            """
            dataset = %s
            architecture = %s
            channels = %s
            height = %s
            width = %s
            classes = %s
            layer = %s
            dimension = %s
            parameters = %s
            parametersSha256 = %s
            trainImages = %s
            trainFingerprint = %s
            testImages = %s
            testFingerprint = %s
            testAccuracy = %s
            epochs = %s
            seed = %s
            command = %s
            """,
            dataset,
            architecture.text(),
            shape.channels(),
            shape.height(),
            shape.width(),
            classes,
            layer,
            dimension,
            parameters,
            parametersSha256,
            trainImages,
            trainFingerprint,
            testImages,
            testFingerprint,
            testAccuracy,
            epochs,
            seed,
            command);
    // A backslash of a path would otherwise be read as an escape.
    return text.replace("\\", "\\\\");
  }

  /**
   * Reads {@link #toProperties()}.
   *
   * @param file name of the file, for messages
   * @throws IOException where a property is missing or no number
   */
  static FeatureNetworkCard read(Reader text, String file) throws IOException {
    Properties properties = new Properties();
    try {
      properties.load(text);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": not a properties file: " + e.getMessage(), e);
    }
    Fields fields = new Fields(properties, file);
    try {
      return new FeatureNetworkCard(
          fields.text("dataset"),
          Architecture.of(fields.text("architecture")),
          new ImageShape(
              fields.integer("channels"), fields.integer("height"), fields.integer("width")),
          fields.integer("classes"),
          fields.text("layer"),
          fields.integer("dimension"),
          fields.number("parameters", Long::parseLong),
          fields.text("parametersSha256"),
          fields.integer("trainImages"),
          fields.text("trainFingerprint"),
          fields.integer("testImages"),
          fields.text("testFingerprint"),
          fields.number("testAccuracy", Double::parseDouble),
          fields.integer("epochs"),
          fields.number("seed", Long::parseLong),
          fields.text("command"));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private record Fields(Properties properties, String file) {

    String text(String key) throws IOException {
      String value = properties.getProperty(key);
      Refuse.file(value == null, "%s: has no %s, must be as train-features writes it", file, key);
      return value.strip();
    }

    int integer(String key) throws IOException {
      return number(key, Integer::parseInt);
    }

    <T extends Number> T number(String key, Function<String, T> parse) throws IOException {
      String value = text(key);
      try {
        return parse.apply(value);
      } catch (NumberFormatException e) {
        throw new IOException(file + ": " + key + " = " + value + ", must be a number", e);
      }
    }
  }
}
