package org.lcsc.diffusion.layer;

import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Nearest-neighbour upsampling by two: {@code [N, C, H, W]} to {@code [N, C, 2H, 2W]}. */
public final class UpsampleNearest extends StatelessLayer {

  /** The layer. */
  public UpsampleNearest() {}

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    InputType.InputTypeConvolutional image = image(inputType);
    return InputType.convolutional(
        2 * image.getHeight(), 2 * image.getWidth(), image.getChannels());
  }

  @Override
  INDArray forward(INDArray x, LayerWorkspaceMgr memory) {
    long[] s = x.shape();
    INDArray y = Outputs.activation(memory, x.dataType(), s[0], s[1], 2 * s[2], 2 * s[3]);
    if (HostFloats.holds(x)) {
      enlargeOnHost(x, y);
      return y;
    }
    INDArray rows = x.reshape('c', s[0] * s[1] * s[2], s[3]);
    for (int phase = 0; phase < 4; phase++) {
      phase(y, s, phase).assign(rows);
    }
    return y;
  }

  @Override
  INDArray backward(INDArray x, INDArray epsilon, LayerWorkspaceMgr memory) {
    long[] s = x.shape();
    INDArray dx = Outputs.gradient(memory, x);
    if (HostFloats.holds(epsilon)) {
      reduceOnHost(epsilon, dx);
      return dx;
    }
    INDArray rows = dx.reshape('c', s[0] * s[1] * s[2], s[3]);
    rows.assign(phase(epsilon, s, 0));
    for (int phase = 1; phase < 4; phase++) {
      rows.addi(phase(epsilon, s, phase));
    }
    return dx;
  }

  /** Rows of pixels to pairs of rows of twice the width. */
  private static void enlargeOnHost(INDArray x, INDArray y) {
    int width = Math.toIntExact(x.size(3));
    HostFloats.pass(
        x,
        y,
        Math.toIntExact(x.length() / width),
        (small, large, first, rows) -> {
          for (int row = 0; row < rows; row++) {
            int at = 4 * row * width;
            for (int i = row * width; i < (row + 1) * width; i++) {
              large[at] = small[i];
              large[at + 1] = small[i];
              at += 2;
            }
            System.arraycopy(large, at - 2 * width, large, at, 2 * width);
          }
          return large;
        });
  }

  private static void reduceOnHost(INDArray epsilon, INDArray dx) {
    int width = Math.toIntExact(dx.size(3));
    HostFloats.pass(
        epsilon,
        dx,
        Math.toIntExact(dx.length() / width),
        (large, small, first, rows) -> {
          for (int row = 0; row < rows; row++) {
            int above = 4 * row * width;
            int below = above + 2 * width;
            for (int i = 0; i < width; i++) {
              small[row * width + i] =
                  (large[above + 2 * i] + large[above + 2 * i + 1])
                      + (large[below + 2 * i] + large[below + 2 * i + 1]);
            }
          }
          return small;
        });
  }

  /** One of the four pixels that each input pixel became: a view [N C H, W] of the large array. */
  private static INDArray phase(INDArray large, long[] small, int phase) {
    return large
        .reshape('c', small[0] * small[1] * small[2], 2, small[3], 2)
        .get(
            NDArrayIndex.all(),
            NDArrayIndex.point(phase / 2),
            NDArrayIndex.all(),
            NDArrayIndex.point(phase % 2));
  }

  @Override
  String addTo(OnnxGraph graph, String input) {
    return graph.upsample(input);
  }
}
