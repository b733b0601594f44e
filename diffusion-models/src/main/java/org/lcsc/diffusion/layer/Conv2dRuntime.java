package org.lcsc.diffusion.layer;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs {@link Conv2d}. */
final class Conv2dRuntime extends ImageLayerRuntime<Conv2d> {

  Conv2dRuntime(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  @Override
  INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr memory) {
    Conv2d c = layerConf();
    INDArray y =
        Outputs.activation(
            memory,
            dataType,
            x.size(0),
            c.out,
            ceilDiv(x.size(2), c.stride),
            ceilDiv(x.size(3), c.stride));
    convolve(x, getParam(Conv2d.WEIGHT), getParam(Conv2d.BIAS), y, c.stride, c.even);
    return y;
  }

  @Override
  INDArray backward(INDArray x, INDArray epsilon, LayerWorkspaceMgr memory) {
    INDArray dx = Outputs.gradient(memory, x);
    convolveBackward(
        x,
        getParam(Conv2d.WEIGHT),
        getParam(Conv2d.BIAS),
        epsilon,
        dx,
        gradientOf(Conv2d.WEIGHT),
        gradientOf(Conv2d.BIAS),
        layerConf().stride,
        layerConf().even);
    return dx;
  }

  private static long ceilDiv(long a, long b) {
    return (a + b - 1) / b;
  }

  /**
   * {@code y = conv(x, weight) + bias}; weight [out, in, k, k].
   *
   * @param even whether half a kernel is padded on each side, else as "same" says
   */
  static void convolve(
      INDArray x, INDArray weight, INDArray bias, INDArray y, int stride, boolean even) {
    if (OneDnn.takes(x, weight, bias, y)) {
      OneDnnConvolution.of(x, weight, stride, even).forward(x, weight, bias, y);
      return;
    }
    RowOps.exec(
        "conv2d",
        new INDArray[] {x, weight, bias},
        new INDArray[] {y},
        arguments(weight, stride, even));
  }

  /** Gradients of {@link #convolve} with respect to input, weight and bias. */
  static void convolveBackward(
      INDArray x,
      INDArray weight,
      INDArray bias,
      INDArray dy,
      INDArray dx,
      INDArray dWeight,
      INDArray dBias,
      int stride,
      boolean even) {
    if (OneDnn.takes(x, weight, dy, dx, dWeight, dBias)) {
      OneDnnConvolution.of(x, weight, stride, even).backward(x, weight, dy, dx, dWeight, dBias);
      return;
    }
    RowOps.exec(
        "conv2d_bp",
        new INDArray[] {x, weight, bias, dy},
        new INDArray[] {dx, dWeight, dBias},
        arguments(weight, stride, even));
  }

  /** libnd4j: kernel, stride, padding, dilation, same mode, NCHW = 0, weights OIHW = 1. */
  private static int[] arguments(INDArray weight, int stride, boolean even) {
    int kernel = (int) weight.size(2);
    int padding = even ? kernel / 2 : 0;
    int same = even ? 0 : 1;
    return new int[] {kernel, kernel, stride, stride, padding, padding, 1, 1, same, 0, 1};
  }
}
