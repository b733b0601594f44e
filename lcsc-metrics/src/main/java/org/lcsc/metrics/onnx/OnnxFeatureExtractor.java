package org.lcsc.metrics.onnx;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.lcsc.config.Kind;
import org.lcsc.image.ImageShape;
import org.lcsc.io.HostArrays;
import org.lcsc.io.Text;
import org.lcsc.metrics.ClassifyingExtractor;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.metrics.FeatureSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Features are an output of a network in an ONNX file, described by an {@link OnnxFeaturesConfig}.
 *
 * <p>Outputs {@code [N, D]} are taken as they are; {@code [N, D, h, w]} are averaged over the
 * positions. Where the description names logits, {@link #open} gives a {@link
 * ClassifyingExtractor}. Not thread-safe.
 */
public class OnnxFeatureExtractor implements FeatureExtractor, Closeable {

  /**
   * The space of an ONNX network.
   *
   * @param file its description
   */
  @Kind("onnx")
  public record Settings(String file) implements FeatureSource {

    /** Without a file, which has no default. */
    public Settings() {
      this(null);
    }

    @Override
    public List<String> endings() {
      return List.of(".yaml", ".yml");
    }

    @Override
    public List<Path> weights() throws IOException {
      Path description = Path.of(file);
      return OnnxFile.files(
          description.resolveSibling(OnnxFeaturesConfig.read(description).model()));
    }

    @Override
    public boolean isDifferentiable() {
      return false;
    }

    @Override
    public String name() throws IOException {
      return OnnxFeaturesConfig.read(Path.of(file)).name();
    }

    @Override
    public FeatureExtractor open(ImageShape shape) throws IOException {
      return OnnxFeatureExtractor.open(Path.of(file), shape);
    }
  }

  private final OnnxNetwork network;
  private final String id;
  private final int dimension;

  private OnnxFeatureExtractor(
      OnnxFeaturesConfig config, Path base, List<String> outputs, ImageShape shape)
      throws IOException {
    this.network = new OnnxNetwork(config, base, outputs);
    this.id =
        Text.format(
            "%s-%s-%s-%s",
            config.name(), config.features(), network.sha256(), config.preprocessing());
    this.dimension = width(0, shape);
  }

  /**
   * How many values an output has per image.
   *
   * @throws IOException where it has no rows of values; the network is closed then
   */
  private int width(int output, ImageShape shape) throws IOException {
    try {
      return Math.toIntExact(rows(network.run(probe(shape)).get(output)).size(1));
    } catch (IllegalArgumentException e) {
      network.close();
      throw new IOException(e.getMessage(), e);
    }
  }

  /**
   * Opens the network that a YAML file describes.
   *
   * @param description YAML of an {@link OnnxFeaturesConfig} with {@code features}
   * @param shape shape of the images that will come
   * @return a {@link ClassifyingExtractor} where the description names logits
   * @throws IOException where a file is missing or wrong, or the network does not take such images;
   *     the message is one line
   */
  public static OnnxFeatureExtractor open(Path description, ImageShape shape) throws IOException {
    OnnxFeaturesConfig config = OnnxFeaturesConfig.read(description);
    if (config.isLpips()) {
      throw new IOException(
          description + ": describes a network for LPIPS (layers), expected one with features");
    }
    Path base = description.toAbsolutePath().getParent();
    return config.logits() == null
        ? new OnnxFeatureExtractor(config, base, List.of(config.features()), shape)
        : new Classifying(config, base, shape);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: name, output, SHA-256 of the network with its weights, and the preprocessing.
   */
  @Override
  public String id() {
    return id;
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public INDArray extract(INDArray images) {
    return rows(network.run(images).get(0));
  }

  /** Frees the native session. */
  @Override
  public void close() {
    network.close();
  }

  private static INDArray probe(ImageShape shape) {
    return Nd4j.create(DataType.FLOAT, 1, shape.channels(), shape.height(), shape.width());
  }

  private static INDArray rows(INDArray output) {
    return switch (output.rank()) {
      case 2 -> output;
      case 4 -> output.mean(2, 3);
      default ->
          throw new IllegalArgumentException(
              "an output of shape "
                  + Arrays.toString(output.shape())
                  + " is neither [N, D] nor [N, D, h, w]");
    };
  }

  private static final class Classifying extends OnnxFeatureExtractor
      implements ClassifyingExtractor {

    private final int classes;

    Classifying(OnnxFeaturesConfig config, Path base, ImageShape shape) throws IOException {
      super(config, base, List.of(config.features(), config.logits()), shape);
      this.classes = super.width(1, shape);
    }

    @Override
    public int classes() {
      return classes;
    }

    @Override
    public Outputs extractAll(INDArray images) {
      List<INDArray> outputs = super.network.run(images);
      return new Outputs(rows(outputs.get(0)), softmax(rows(outputs.get(1))));
    }

    private static INDArray softmax(INDArray logits) {
      float[] values = HostArrays.floats(logits);
      int classes = Math.toIntExact(logits.size(1));
      double[] exponentials = new double[classes];
      for (int first = 0; first < values.length; first += classes) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
          largest = Math.max(largest, values[first + c]);
        }
        double sum = 0;
        for (int c = 0; c < classes; c++) {
          exponentials[c] = Math.exp(values[first + c] - largest);
          sum += exponentials[c];
        }
        for (int c = 0; c < classes; c++) {
          values[first + c] = (float) (exponentials[c] / sum);
        }
      }
      return Nd4j.create(values, logits.shape(), 'c');
    }
  }
}
