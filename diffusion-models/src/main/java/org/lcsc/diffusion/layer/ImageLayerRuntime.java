package org.lcsc.diffusion.layer;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Base of the run-time layers: states forward and backward, hides Deeplearning4j's ceremony. */
abstract class ImageLayerRuntime<C extends ImageLayer> extends BaseLayer<C> {

  ImageLayerRuntime(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  /**
   * Output for {@code x}, in an array of type {@link ArrayType#ACTIVATIONS}. Working memory of type
   * {@link ArrayType#FF_WORKING_MEM} is open.
   */
  abstract INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr memory);

  /**
   * Gradient with respect to {@code x}, in an array of type {@link ArrayType#ACTIVATION_GRAD}; the
   * parameters' gradients are written into {@link #gradientOf}. Working memory of type {@link
   * ArrayType#BP_WORKING_MEM} is open.
   */
  abstract INDArray backward(INDArray x, INDArray epsilon, LayerWorkspaceMgr memory);

  /** The view to write a parameter's gradient into. */
  final INDArray gradientOf(String parameter) {
    return gradientViews.get(parameter);
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
    assertInputSet(false);
    applyDropOutIfNecessary(training, workspaceMgr);
    // The backward pass reads it too.
    input = RowOps.dense(input, dataType, ArrayType.ACTIVATIONS, workspaceMgr);
    return forward(input, training, workspaceMgr);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(
      INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    assertInputSet(true);
    INDArray next =
        backward(
            RowOps.dense(input, dataType, ArrayType.ACTIVATION_GRAD, workspaceMgr),
            RowOps.dense(epsilon, dataType, ArrayType.ACTIVATION_GRAD, workspaceMgr),
            workspaceMgr);
    Gradient gradient = new DefaultGradient();
    if (gradientViews != null) {
      gradientViews.forEach(gradient::setGradientFor);
    }
    return new Pair<>(gradient, backpropDropOutIfPresent(next));
  }

  /**
   * {@code current} where it has the wanted shape, else a fresh array outside any workspace in its
   * place: left to the garbage collector, those of a batch size that changes would pile up.
   */
  final INDArray kept(INDArray current, long... shape) {
    // Closed is one in whose place there was no memory for another.
    boolean open = current != null && !current.wasClosed();
    if (open && java.util.Arrays.equals(current.shape(), shape)) {
      return current;
    }
    if (open && current.closeable()) {
      current.close();
    }
    try (MemoryWorkspace ignored = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      return Nd4j.createUninitialized(dataType, shape);
    }
  }

  @Override
  public boolean isPretrainLayer() {
    return false;
  }

  @Override
  public boolean hasBias() {
    return false;
  }

  @Override
  public void clearNoiseWeightParams() {
    // No weight noise here.
  }
}
