package org.lcsc.diffusion.layer;

import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Nearest-neighbour upsampling by two: {@code [N, C, H, W]} to {@code [N, C, 2H, 2W]}. */
public final class UpsampleNearest extends ImageLayer {

  /** The layer. */
  public UpsampleNearest() {}

  @Override
  protected Map<String, long[]> parameterShapes() {
    return Map.of();
  }

  @Override
  protected void initialise(String name, INDArray view, long seed) {
    throw new IllegalArgumentException("UpsampleNearest has no parameter " + name);
  }

  @Override
  ImageLayerRuntime<?> runtime(NeuralNetConfiguration conf, DataType dataType) {
    return new Runtime(conf, dataType);
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    InputType.InputTypeConvolutional image = image(inputType);
    return InputType.convolutional(
        2 * image.getHeight(), 2 * image.getWidth(), image.getChannels());
  }

  @Override
  Object[] settings() {
    return new Object[0];
  }

  private static final class Runtime extends ImageLayerRuntime<UpsampleNearest> {

    Runtime(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    @Override
    INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr memory) {
      long[] s = x.shape();
      INDArray y =
          memory.createUninitialized(
              ArrayType.ACTIVATIONS, dataType, new long[] {s[0], s[1], 2 * s[2], 2 * s[3]}, 'c');
      INDArray rows = x.reshape('c', s[0] * s[1] * s[2], s[3]);
      for (int phase = 0; phase < 4; phase++) {
        phase(y, s, phase).assign(rows);
      }
      return y;
    }

    @Override
    INDArray backward(INDArray x, INDArray epsilon, LayerWorkspaceMgr memory) {
      long[] s = x.shape();
      INDArray dx = memory.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, s, 'c');
      INDArray rows = dx.reshape('c', s[0] * s[1] * s[2], s[3]);
      rows.assign(phase(epsilon, s, 0));
      for (int phase = 1; phase < 4; phase++) {
        rows.addi(phase(epsilon, s, phase));
      }
      return dx;
    }

    /**
     * One of the four pixels that each input pixel became: a view [N C H, W] of the large array.
     */
    private static INDArray phase(INDArray large, long[] small, int phase) {
      return large
          .reshape('c', small[0] * small[1] * small[2], 2, small[3], 2)
          .get(
              NDArrayIndex.all(),
              NDArrayIndex.point(phase / 2),
              NDArrayIndex.all(),
              NDArrayIndex.point(phase % 2));
    }
  }
}
