package org.lcsc.diffusion.layer;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Base of the vertices of this package: two inputs, no parameters.
 *
 * <p>Not thread-safe, as no Deeplearning4j configuration is.
 */
public abstract class ImageVertex extends GraphVertex {

  /** For Jackson. */
  protected ImageVertex() {}

  /** Output for the two inputs, an array of type ACTIVATIONS. */
  abstract INDArray forward(INDArray a, INDArray b, LayerWorkspaceMgr memory);

  /** Gradients with respect to the two inputs, arrays of type ACTIVATION_GRAD. */
  abstract INDArray[] backward(INDArray a, INDArray b, INDArray epsilon, LayerWorkspaceMgr memory);

  /**
   * Writes the vertex into an ONNX graph.
   *
   * @param graph where to
   * @param a name of the first input
   * @param b name of the second
   * @return name of its result
   */
  public abstract String addTo(OnnxGraph graph, String a, String b);

  /** The settings that tell two vertices of this class apart. */
  Object[] settings() {
    return new Object[0];
  }

  @Override
  public org.deeplearning4j.nn.graph.vertex.GraphVertex instantiate(
      ComputationGraph graph,
      String name,
      int index,
      INDArray paramsView,
      boolean initializeParams,
      DataType networkDatatype) {
    return new ImageVertexRuntime(this, graph, name, index, networkDatatype);
  }

  @Override
  public GraphVertex clone() {
    // Vertices are immutable.
    return this;
  }

  @Override
  public long numParams(boolean backprop) {
    return 0;
  }

  @Override
  public int minVertexInputs() {
    return 2;
  }

  @Override
  public int maxVertexInputs() {
    return 2;
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType... vertexInputs) {
    return vertexInputs[0];
  }

  @Override
  public MemoryReport getMemoryReport(InputType... inputTypes) {
    InputType output = getOutputType(-1, inputTypes);
    return new LayerMemoryReport.Builder(null, getClass(), inputTypes[0], output)
        .standardMemory(0, 0)
        .workingMemory(0, 0, 0, 0)
        .cacheMemory(0, 0)
        .build();
  }

  @Override
  public boolean equals(Object other) {
    return other != null
        && other.getClass() == getClass()
        && Arrays.deepEquals(settings(), ((ImageVertex) other).settings());
  }

  @Override
  public int hashCode() {
    return 31 * getClass().hashCode() + Arrays.deepHashCode(settings());
  }
}
