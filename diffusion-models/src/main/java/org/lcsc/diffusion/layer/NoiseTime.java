package org.lcsc.diffusion.layer;

import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * c_noise of a {@link Preconditioning}: noise levels {@code [N, 1]} to network times {@code [N,
 * 1]}. Not trained, and no gradient flows to the noise level.
 *
 * <p>Not thread-safe, as no Deeplearning4j configuration is.
 */
public final class NoiseTime extends ParameterFreeLayer {

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
  ImageLayerRuntime<?> runtime(NeuralNetConfiguration conf, DataType dataType) {
    return new Runtime(conf, dataType);
  }

  @Override
  Object[] settings() {
    return new Object[] {preconditioning};
  }

  private static final class Runtime extends ImageLayerRuntime<NoiseTime> {

    Runtime(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    @Override
    INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr memory) {
      double[] times = x.reshape(x.length()).toDoubleVector();
      for (int n = 0; n < times.length; n++) {
        times[n] = layerConf().preconditioning.noise(times[n]);
      }
      INDArray y = memory.createUninitialized(ArrayType.ACTIVATIONS, dataType, x.shape(), 'c');
      y.assign(Nd4j.createFromArray(times).reshape(x.shape()));
      return y;
    }

    @Override
    INDArray backward(INDArray x, INDArray epsilon, LayerWorkspaceMgr memory) {
      return memory.create(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
    }
  }
}
