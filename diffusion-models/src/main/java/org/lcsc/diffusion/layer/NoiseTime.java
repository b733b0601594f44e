package org.lcsc.diffusion.layer;

import java.util.Arrays;
import java.util.Objects;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * c_noise of a {@link Preconditioning}: noise levels {@code [N, 1]} to network times {@code [N,
 * 1]}. Not trained, and no gradient flows to the noise level.
 */
public final class NoiseTime extends NoiseFeatures {

  @JsonProperty private Preconditioning preconditioning;

  /** For Jackson. */
  private NoiseTime() {}

  /**
   * The layer.
   *
   * @param preconditioning gives the times
   */
  public NoiseTime(Preconditioning preconditioning) {
    this.preconditioning = Objects.requireNonNull(preconditioning, "preconditioning");
  }

  @Override
  String addTo(OnnxGraph graph, String input) {
    return graph.cast(preconditioning.noise(graph, graph.cast(input, true)), false);
  }

  @Override
  Object[] settings() {
    return new Object[] {preconditioning};
  }

  @Override
  double[] features(double[] times) {
    return Arrays.stream(times).map(preconditioning::noise).toArray();
  }
}
