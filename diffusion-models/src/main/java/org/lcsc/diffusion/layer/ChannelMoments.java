package org.lcsc.diffusion.layer;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Mean and standard deviation of every channel over the positions of an image: {@code [N, C, H, W]}
 * to {@code [N, 2C]}, the means first. What a map of a feature network holds, without the places.
 *
 * <p>Not thread-safe, as no Deeplearning4j configuration is.
 */
public final class ChannelMoments extends ParameterFreeLayer {

  /** Added to the variance, so that a constant channel has a gradient. */
  private static final double EPSILON = 1e-5;

  /** The layer. */
  public ChannelMoments() {}

  @Override
  ImageLayerRuntime<?> runtime(NeuralNetConfiguration conf, DataType dataType) {
    return new Runtime(conf, dataType);
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    return InputType.feedForward(2 * image(inputType).getChannels());
  }

  @Override
  Object[] settings() {
    return new Object[0];
  }

  private static final class Runtime extends ImageLayerRuntime<ChannelMoments> {

    Runtime(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    @Override
    INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr memory) {
      long count = x.size(0);
      long channels = x.size(1);
      INDArray rows = rows(x);
      INDArray y =
          memory.createUninitialized(
              ArrayType.ACTIVATIONS, dataType, new long[] {count, 2 * channels}, 'c');
      half(y, 0, channels).assign(rows.mean(1).reshape(count, channels));
      half(y, channels, 2 * channels).assign(deviation(rows).reshape(count, channels));
      return y;
    }

    /** d mean / dx = 1 / HW and d deviation / dx = (x - mean) / (HW deviation). */
    @Override
    INDArray backward(INDArray x, INDArray epsilon, LayerWorkspaceMgr memory) {
      long channels = x.size(1);
      INDArray rows = rows(x);
      INDArray slopes =
          half(epsilon, channels, 2 * channels)
              .dup('c')
              .reshape(rows.size(0))
              .divi(deviation(rows));
      INDArray dx = memory.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
      INDArray to = rows(dx);
      to.assign(rows.subColumnVector(rows.mean(1)));
      to.muliColumnVector(slopes);
      to.addiColumnVector(half(epsilon, 0, channels).dup('c').reshape(rows.size(0)));
      to.divi(rows.size(1));
      return dx;
    }

    private static INDArray rows(INDArray x) {
      return x.reshape('c', x.size(0) * x.size(1), x.size(2) * x.size(3));
    }

    private static INDArray deviation(INDArray rows) {
      return Transforms.sqrt(rows.var(false, 1).addi(EPSILON), false);
    }

    private static INDArray half(INDArray y, long from, long to) {
      return y.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to));
    }
  }
}
