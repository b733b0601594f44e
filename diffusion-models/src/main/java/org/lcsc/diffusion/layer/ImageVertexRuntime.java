package org.lcsc.diffusion.layer;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.BaseGraphVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs an {@link ImageVertex}. */
final class ImageVertexRuntime extends BaseGraphVertex {

  private final ImageVertex vertex;

  ImageVertexRuntime(
      ImageVertex vertex, ComputationGraph graph, String name, int index, DataType dataType) {
    super(graph, name, index, null, null, dataType);
    this.vertex = vertex;
  }

  @Override
  public INDArray doForward(boolean training, LayerWorkspaceMgr workspaceMgr) {
    return vertex.forward(input(0, workspaceMgr), input(1, workspaceMgr), workspaceMgr);
  }

  @Override
  public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaceMgr) {
    return new Pair<>(
        null,
        vertex.backward(
            input(0, workspaceMgr),
            input(1, workspaceMgr),
            RowOps.dense(epsilon, dataType, ArrayType.ACTIVATION_GRAD, workspaceMgr),
            workspaceMgr));
  }

  private INDArray input(int number, LayerWorkspaceMgr memory) {
    return RowOps.dense(inputs[number], dataType, ArrayType.ACTIVATIONS, memory);
  }

  @Override
  public void setBackpropGradientsViewArray(INDArray backpropGradientsViewArray) {
    if (backpropGradientsViewArray != null) {
      throw new IllegalArgumentException(vertex.getClass().getSimpleName() + " has no parameters");
    }
  }

  @Override
  public Pair<INDArray, MaskState> feedForwardMaskArrays(
      INDArray[] maskArrays, MaskState currentMaskState, int minibatchSize) {
    return maskArrays == null ? null : new Pair<>(maskArrays[0], currentMaskState);
  }

  @Override
  public boolean hasLayer() {
    return false;
  }

  @Override
  public Layer getLayer() {
    return null;
  }

  @Override
  public String toString() {
    return vertex.getClass().getSimpleName() + "(\"" + getVertexName() + "\")";
  }
}
