package org.lcsc.diffusion.layer;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Arrays in Deeplearning4j's workspaces for results: C order, values arbitrary. */
final class Outputs {

  private Outputs() {}

  /** An activation of the shape and type of {@code like}. */
  static INDArray activation(LayerWorkspaceMgr memory, INDArray like) {
    return activation(memory, like.dataType(), like.shape());
  }

  /** An activation. */
  static INDArray activation(LayerWorkspaceMgr memory, DataType type, long... shape) {
    return memory.createUninitialized(ArrayType.ACTIVATIONS, type, shape, 'c');
  }

  /** The gradient with respect to {@code input}. */
  static INDArray gradient(LayerWorkspaceMgr memory, INDArray input) {
    return memory.createUninitialized(
        ArrayType.ACTIVATION_GRAD, input.dataType(), input.shape(), 'c');
  }
}
