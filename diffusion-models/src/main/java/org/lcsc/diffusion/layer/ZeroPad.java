package org.lcsc.diffusion.layer;

import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** A ring of zeros around an image: {@code [N, C, H, W]} to {@code [N, C, H + 2r, W + 2r]}. */
public final class ZeroPad extends StatelessLayer {

  @JsonProperty private int ring;

  /** For Jackson. */
  private ZeroPad() {}

  /**
   * A padding.
   *
   * @param ring pixels r on each side, at least 1
   * @throws IllegalArgumentException where {@code ring} is below 1
   */
  public ZeroPad(int ring) {
    this.ring = atLeast(1, "ring", ring);
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    InputType.InputTypeConvolutional image = image(inputType);
    return InputType.convolutional(
        image.getHeight() + 2L * ring, image.getWidth() + 2L * ring, image.getChannels());
  }

  @Override
  String addTo(OnnxGraph graph, String input) {
    return graph.add("Pad", input, graph.integers(0, 0, ring, ring, 0, 0, ring, ring));
  }

  @Override
  Object[] settings() {
    return new Object[] {ring};
  }

  @Override
  INDArray forward(INDArray x, LayerWorkspaceMgr memory) {
    long more = 2L * ring;
    long[] shape = {x.size(0), x.size(1), x.size(2) + more, x.size(3) + more};
    INDArray y = memory.create(ArrayType.ACTIVATIONS, x.dataType(), shape, 'c');
    inner(y).assign(x);
    return y;
  }

  @Override
  INDArray backward(INDArray x, INDArray epsilon, LayerWorkspaceMgr memory) {
    INDArray dx = Outputs.gradient(memory, x);
    dx.assign(inner(epsilon));
    return dx;
  }

  /** The padded image without its ring, a view. */
  private INDArray inner(INDArray padded) {
    return padded.get(
        NDArrayIndex.all(),
        NDArrayIndex.all(),
        NDArrayIndex.interval(ring, padded.size(2) - ring),
        NDArrayIndex.interval(ring, padded.size(3) - ring));
  }
}
