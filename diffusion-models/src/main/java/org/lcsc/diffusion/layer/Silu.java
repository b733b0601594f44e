package org.lcsc.diffusion.layer;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * SiLU (swish), x sigmoid(x), on activations of any shape. No parameters.
 *
 * <p>Not thread-safe, as no Deeplearning4j configuration is.
 */
public final class Silu extends ParameterFreeLayer {

  /** The activation. */
  public Silu() {}

  @Override
  ImageLayerRuntime<?> runtime(NeuralNetConfiguration conf, DataType dataType) {
    return new Runtime(conf, dataType);
  }

  @Override
  Object[] settings() {
    return new Object[0];
  }

  private static final class Runtime extends ImageLayerRuntime<Silu> {

    Runtime(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    @Override
    INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr memory) {
      INDArray y = memory.createUninitialized(ArrayType.ACTIVATIONS, dataType, x.shape(), 'c');
      if (HostFloats.holds(x)) {
        SiluKernel.forwardOnHost(x, y);
        return y;
      }
      INDArray t = memory.createUninitialized(ArrayType.FF_WORKING_MEM, dataType, x.shape(), 'c');
      SiluKernel.forward(x, y, t);
      return y;
    }

    @Override
    INDArray backward(INDArray x, INDArray epsilon, LayerWorkspaceMgr memory) {
      INDArray dx = memory.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
      if (HostFloats.holds(x, epsilon)) {
        SiluKernel.backwardOnHost(x, epsilon, dx);
        return dx;
      }
      INDArray a = memory.createUninitialized(ArrayType.BP_WORKING_MEM, dataType, x.shape(), 'c');
      INDArray b = memory.createUninitialized(ArrayType.BP_WORKING_MEM, dataType, x.shape(), 'c');
      SiluKernel.backward(x, epsilon, dx, a, b);
      return dx;
    }
  }
}
