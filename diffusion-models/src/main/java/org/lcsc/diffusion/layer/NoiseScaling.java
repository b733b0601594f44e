package org.lcsc.diffusion.layer;

import java.util.Objects;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Multiplies each image {@code [N, C, H, W]} by a factor that a {@link Preconditioning} gives for
 * its noise level, the second input {@code [N, 1]}. No gradient flows to the noise level.
 */
public final class NoiseScaling extends ImageVertex {

  /** Which factor. */
  public enum Factor {
    /** c_in, of what the network sees. */
    IN,
    /** c_skip, of the noisy image in the result. */
    SKIP,
    /** c_out, of the network's output in the result. */
    OUT
  }

  @JsonProperty private Preconditioning preconditioning;
  @JsonProperty private Factor factor;

  /** For Jackson. */
  private NoiseScaling() {}

  /**
   * The vertex; inputs are the image and the noise level sigma.
   *
   * @param preconditioning gives the factors
   * @param factor which of them
   */
  public NoiseScaling(Preconditioning preconditioning, Factor factor) {
    this.preconditioning = Objects.requireNonNull(preconditioning, "preconditioning");
    this.factor = Objects.requireNonNull(factor, "factor");
  }

  /** What gives the factors. */
  public Preconditioning preconditioning() {
    return preconditioning;
  }

  @Override
  public String addTo(OnnxGraph graph, String image, String sigma) {
    String level = graph.cast(sigma, true);
    String factors =
        switch (factor) {
          case IN -> preconditioning.in(graph, level);
          case SKIP -> preconditioning.skip(graph, level);
          case OUT -> preconditioning.out(graph, level);
        };
    return graph.add("Mul", image, graph.asImage(graph.cast(factors, false)));
  }

  @Override
  Object[] settings() {
    return new Object[] {preconditioning, factor};
  }

  private INDArray factors(INDArray sigmas, INDArray like) {
    double[] values = sigmas.reshape(sigmas.length()).toDoubleVector();
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (factor) {
            case IN -> preconditioning.in(values[i]);
            case SKIP -> preconditioning.skip(values[i]);
            case OUT -> preconditioning.out(values[i]);
          };
    }
    return Nd4j.createFromArray(values).castTo(like.dataType()).reshape(values.length, 1);
  }

  private static INDArray rows(INDArray image) {
    return image.reshape('c', image.size(0), image.length() / image.size(0));
  }

  @Override
  INDArray forward(INDArray x, INDArray sigma, LayerWorkspaceMgr memory) {
    INDArray y = Outputs.activation(memory, x);
    RowOps.multiply(rows(x), factors(sigma, x), rows(y));
    return y;
  }

  @Override
  INDArray[] backward(INDArray x, INDArray sigma, INDArray epsilon, LayerWorkspaceMgr memory) {
    INDArray dx = Outputs.gradient(memory, x);
    RowOps.multiply(rows(epsilon), factors(sigma, x), rows(dx));
    return new INDArray[] {
      dx, memory.create(ArrayType.ACTIVATION_GRAD, x.dataType(), sigma.shape(), 'c')
    };
  }
}
