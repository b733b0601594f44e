package org.lcsc.diffusion.layer;

import java.util.List;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Concatenates two images along the channels: {@code [N, A, H, W]} and {@code [N, B, H, W]} to
 * {@code [N, A + B, H, W]}.
 */
public final class ConcatChannels extends ImageVertex {

  /** The vertex. */
  public ConcatChannels() {}

  private static INDArray channels(INDArray image, long from, long to) {
    return image.get(
        NDArrayIndex.all(),
        NDArrayIndex.interval(from, to),
        NDArrayIndex.all(),
        NDArrayIndex.all());
  }

  private static long perRow(INDArray image) {
    return image.length() / image.size(0);
  }

  /**
   * Copies rows between two parts and the whole in which they lie side by side.
   *
   * @param join from the parts to the whole, else back
   */
  private static void copyRows(INDArray a, INDArray b, INDArray whole, boolean join) {
    long left = perRow(a);
    long right = perRow(b);
    long length = left + right;
    HostParallel.run(
        Math.toIntExact(a.size(0)),
        Math.toIntExact(length),
        (chunk, from, to) -> {
          HostFloats first = HostFloats.of(a);
          HostFloats second = HostFloats.of(b);
          HostFloats both = HostFloats.of(whole);
          for (long row = from; row < to; row++) {
            if (join) {
              both.copy(row * length, first, row * left, left);
              both.copy(row * length + left, second, row * right, right);
            } else {
              first.copy(row * left, both, row * length, left);
              second.copy(row * right, both, row * length + left, right);
            }
          }
        });
  }

  @Override
  INDArray forward(INDArray a, INDArray b, LayerWorkspaceMgr memory) {
    long split = a.size(1);
    long total = split + b.size(1);
    INDArray y = Outputs.activation(memory, a.dataType(), a.size(0), total, a.size(2), a.size(3));
    if (HostFloats.holds(a, b)) {
      copyRows(a, b, y, true);
      return y;
    }
    channels(y, 0, split).assign(a);
    channels(y, split, total).assign(b);
    return y;
  }

  @Override
  INDArray[] backward(INDArray a, INDArray b, INDArray epsilon, LayerWorkspaceMgr memory) {
    long split = a.size(1);
    INDArray da = Outputs.gradient(memory, a);
    INDArray db = Outputs.gradient(memory, b);
    if (HostFloats.holds(epsilon)) {
      copyRows(da, db, epsilon, false);
      return new INDArray[] {da, db};
    }
    da.assign(channels(epsilon, 0, split));
    db.assign(channels(epsilon, split, split + b.size(1)));
    return new INDArray[] {da, db};
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType... vertexInputs) {
    if (vertexInputs[0] instanceof InputType.InputTypeConvolutional a
        && vertexInputs[1] instanceof InputType.InputTypeConvolutional b) {
      return InputType.convolutional(
          a.getHeight(), a.getWidth(), a.getChannels() + b.getChannels());
    }
    throw new IllegalStateException(
        Text.format(
            "ConcatChannels: expected two convolutional inputs, got %s and %s",
            vertexInputs[0], vertexInputs[1]));
  }

  @Override
  public String addTo(OnnxGraph graph, String a, String b) {
    return graph.add("Concat", List.of(a, b), OnnxGraph.number("axis", 1));
  }
}
