package org.lcsc.network;

import org.deeplearning4j.nn.api.FwdPassType;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.InputVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A graph that runs forward and backward within one workspace, as its own training would. The
 * public {@code feedForward} and {@code backpropGradient} would allocate every activation anew, and
 * leave the input's gradient in a workspace that is closed by the time it can be read.
 */
final class WorkspaceGraph extends ComputationGraph {

  private static final long serialVersionUID = 1;

  private transient CapturingInput captured;

  WorkspaceGraph(ComputationGraphConfiguration configuration) {
    super(configuration);
    configuration.setInferenceWorkspaceMode(WorkspaceMode.ENABLED);
    configuration.setTrainingWorkspaceMode(WorkspaceMode.ENABLED);
  }

  /** Makes an input keep the gradient that arrives at it. */
  void capture(int input) {
    GraphVertex plain = vertices[input];
    captured = new CapturingInput(this, plain, getConfiguration().getDataType());
    vertices[input] = captured;
    verticesMap.put(plain.getVertexName(), captured);
  }

  INDArray run(INDArray epsilon, INDArray[] inputs) {
    LayerWorkspaceMgr memory =
        LayerWorkspaceMgr.builder()
            .with(ArrayType.ACTIVATIONS, WS_ALL_LAYERS_ACT, WS_ALL_LAYERS_ACT_CONFIG)
            .defaultNoWorkspace()
            .build();
    captured.forget();
    try (MemoryWorkspace activations = memory.notifyScopeEntered(ArrayType.ACTIVATIONS)) {
      ffToLayerActivationsInWS(
          false, -1, null, FwdPassType.STANDARD, false, inputs, null, null, false);
      calcBackpropGradients(true, false, epsilon);
    } finally {
      clear();
    }
    return captured.gradient();
  }

  /** An input that copies the gradients set on it out of the workspace they lie in. */
  private static final class CapturingInput extends InputVertex {

    private final transient DataType dataType;
    private transient INDArray buffer;
    private transient boolean set;

    CapturingInput(ComputationGraph graph, GraphVertex plain, DataType dataType) {
      super(
          graph,
          plain.getVertexName(),
          plain.getVertexIndex(),
          plain.getOutputVertices(),
          dataType);
      this.dataType = dataType;
    }

    void forget() {
      set = false;
    }

    INDArray gradient() {
      Refuse.state(!set, "no gradient arrived at input '%s' of the graph", getVertexName());
      return buffer;
    }

    @Override
    public void setEpsilon(INDArray epsilon) {
      super.setEpsilon(epsilon);
      if (epsilon == null) {
        return;
      }
      if (buffer == null || !buffer.equalShapes(epsilon)) {
        if (buffer != null) {
          buffer.close();
        }
        buffer = Nd4j.createUninitializedDetached(dataType, 'c', epsilon.shape());
      }
      // Set again with the sum where several layers read the input.
      buffer.assign(epsilon);
      set = true;
    }
  }
}
