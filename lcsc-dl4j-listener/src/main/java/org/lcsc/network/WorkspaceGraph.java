package org.lcsc.network;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.FwdPassType;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.InputVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A graph without dropout, weight noise and frozen layers that runs forward and backward within one
 * workspace, as its own training would. The public {@code feedForward} and {@code backpropGradient}
 * would allocate every activation anew, and leave the input's gradient in a workspace that is
 * closed by the time it can be read.
 */
final class WorkspaceGraph extends ComputationGraph {

  private static final long serialVersionUID = 1;

  private transient CapturingInput captured;

  /** What the output layers are compared with, without a backward pass; null with one. */
  private transient INDArray[] compared;

  private WorkspaceGraph(ComputationGraphConfiguration configuration) {
    super(configuration);
    configuration.setInferenceWorkspaceMode(WorkspaceMode.ENABLED);
    configuration.setTrainingWorkspaceMode(WorkspaceMode.ENABLED);
  }

  /**
   * A graph on given parameters.
   *
   * @param configuration of the graph or of its greater part; changed
   * @param original that of the whole graph, whose order of the flat parameters is kept
   * @param parameters flat parameters, outside any workspace; shared
   * @throws IllegalArgumentException where it normalises over its batch
   */
  static WorkspaceGraph of(
      ComputationGraphConfiguration configuration,
      ComputationGraphConfiguration original,
      INDArray parameters) {
    configuration
        .getVertices()
        .forEach(
            (name, vertex) -> {
              if (vertex instanceof LayerVertex layer) {
                prepare(name, layer.getLayerConf());
              }
            });
    keepOrder(original, configuration);
    WorkspaceGraph graph = new WorkspaceGraph(configuration);
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      graph.init(parameters, false);
    }
    return graph;
  }

  private static void prepare(String name, NeuralNetConfiguration layerConfiguration) {
    Layer layer = thawed(layerConfiguration.getLayer());
    layerConfiguration.setLayer(layer);
    Refuse.argument(
        layer instanceof BatchNormalization,
        "layer '%s' is a BatchNormalization, whose gradient in inference mode Deeplearning4j does"
            + " not give",
        name);
    LayerNoise.silence(layer);
  }

  /** Frozen layers pass no gradient on. */
  private static Layer thawed(Layer layer) {
    Layer inner =
        layer instanceof FrozenLayer frozen
            ? frozen.getLayer()
            : layer instanceof FrozenLayerWithBackprop frozen ? frozen.getUnderlying() : null;
    if (inner == null) {
      return layer;
    }
    if (inner instanceof BaseLayer weighted) {
      // Nor do their weights count in the loss.
      weighted.setRegularization(List.of());
      weighted.setRegularizationBias(List.of());
    }
    return thawed(inner);
  }

  /** A restored graph may carry another topological order than its configuration would give. */
  private static void keepOrder(
      ComputationGraphConfiguration original, ComputationGraphConfiguration configuration) {
    List<String> order = original.getTopologicalOrderStr();
    if (order == null) {
      return;
    }
    List<String> byIndex = new ArrayList<>(configuration.getNetworkInputs());
    byIndex.addAll(configuration.getVertices().keySet());
    List<String> kept = order.stream().filter(byIndex::contains).toList();
    configuration.setTopologicalOrderStr(new ArrayList<>(kept));
    configuration.setTopologicalOrder(kept.stream().mapToInt(byIndex::indexOf).toArray());
  }

  /** Makes an input keep the gradient that arrives at it. */
  void capture(int input) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      GraphVertex plain = vertices[input];
      captured = new CapturingInput(this, plain, getConfiguration().getDataType());
      vertices[input] = captured;
      verticesMap.put(plain.getVertexName(), captured);
    }
  }

  /**
   * The score of a batch, computed as a training computes it.
   *
   * @param backward whether the gradient is computed too, else the backward pass is left out
   */
  double loss(MultiDataSet batch, boolean backward) {
    compared = backward ? null : batch.getLabels();
    try {
      setInputs(batch.getFeatures());
      setLabels(batch.getLabels());
      setLayerMaskArrays(batch.getFeaturesMaskArrays(), batch.getLabelsMaskArrays());
      computeGradientAndScore();
      return score();
    } finally {
      compared = null;
      clearLayerMaskArrays();
      clear();
    }
  }

  @Override
  protected void calcBackpropGradients(
      boolean clearLayers, boolean truncatedBptt, INDArray... externalEpsilons) {
    if (compared == null) {
      super.calcBackpropGradients(clearLayers, truncatedBptt, externalEpsilons);
      return;
    }
    // As the backward pass would.
    for (int i = 0; i < compared.length; i++) {
      ((IOutputLayer) getOutputLayer(i)).setLabels(compared[i]);
    }
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
