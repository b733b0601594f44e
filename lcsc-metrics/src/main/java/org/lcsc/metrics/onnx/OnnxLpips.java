package org.lcsc.metrics.onnx;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.lcsc.io.NpzArchive;
import org.lcsc.metrics.Lpips;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link Lpips} on the layers of a network in an ONNX file, with weights from a NumPy archive. Not
 * thread-safe.
 */
public final class OnnxLpips implements AutoCloseable {

  private final OnnxNetwork network;
  private final Lpips lpips;

  private OnnxLpips(OnnxNetwork network, List<float[]> weights) {
    this.network = network;
    this.lpips = new Lpips(network::run, weights);
  }

  /**
   * Opens the network that a YAML file describes.
   *
   * @param description YAML of an {@link OnnxFeaturesConfig} with {@code layers} and {@code
   *     weights}
   * @throws IOException where a file is missing or wrong; the message is one line
   */
  public static OnnxLpips open(Path description) throws IOException {
    OnnxFeaturesConfig config = OnnxFeaturesConfig.read(description);
    if (!config.isLpips()) {
      throw new IOException(
          description + ": has no layers, expected the network of LPIPS with layers and weights");
    }
    Path base = description.toAbsolutePath().getParent();
    Path file = base.resolve(config.weights());
    List<float[]> weights = NpzArchive.vectors(file, "lin", config.layers().size());
    OnnxNetwork network = new OnnxNetwork(config, base, config.layers());
    try {
      return new OnnxLpips(network, weights);
    } catch (IllegalArgumentException e) {
      network.close();
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Compares images pair by pair.
   *
   * @param first {@code [N, C, H, W]} in [-1, 1]
   * @param second the same shape
   * @return {@code [N]}
   * @throws IllegalArgumentException where the images do not fit the network
   */
  public double[] distances(INDArray first, INDArray second) {
    return lpips.distances(first, second);
  }

  /** Frees the native session. */
  @Override
  public void close() {
    network.close();
  }
}
