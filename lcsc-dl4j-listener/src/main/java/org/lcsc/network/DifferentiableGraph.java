package org.lcsc.network;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Gradients of a graph in inference mode, without dropout: given the gradient of something with
 * respect to the graph's only output, its gradients with respect to the parameters and to one
 * input.
 *
 * <p>A loss layer at the end, which has no parameters and passes its input on, is left out;
 * Deeplearning4j accepts errors from outside at other layers only. The flat parameter vector is
 * that of the original graph. Activations live in Deeplearning4j's workspaces, so that repeated
 * calls allocate next to nothing. Not thread-safe.
 */
public final class DifferentiableGraph {

  private final WorkspaceGraph graph;
  private final INDArray parameters;

  private DifferentiableGraph(WorkspaceGraph graph, INDArray parameters) {
    this.graph = graph;
    this.parameters = parameters;
  }

  /**
   * A graph on given parameters.
   *
   * @param graph gives the configuration; neither kept nor changed
   * @param parameters flat parameters {@code [P]} of that graph, outside any workspace; shared, so
   *     that values written into it later count
   * @param input name of the input whose gradient is wanted
   * @throws IllegalArgumentException where the graph has several outputs or no such input, ends in
   *     a layer that cannot be differentiated from outside, or normalises over its batch
   */
  public static DifferentiableGraph sharing(
      ComputationGraph graph, INDArray parameters, String input) {
    ComputationGraphConfiguration original = graph.getConfiguration();
    ComputationGraphConfiguration configuration = original.clone();
    int captured = configuration.getNetworkInputs().indexOf(input);
    if (captured < 0) {
      throw new IllegalArgumentException(
          "the graph has no input '" + input + "'; it has " + configuration.getNetworkInputs());
    }
    removeLoss(configuration);
    WorkspaceGraph own = WorkspaceGraph.of(configuration, original, parameters);
    own.capture(captured);
    return new DifferentiableGraph(own, parameters);
  }

  /** Makes the input of a loss layer the output. */
  private static void removeLoss(ComputationGraphConfiguration configuration) {
    List<String> outputs = configuration.getNetworkOutputs();
    Refuse.argument(
        outputs.size() != 1, "a graph must have 1 output to be differentiated, got %s", outputs);
    String output = outputs.get(0);
    if (!(configuration.getVertices().get(output) instanceof LayerVertex vertex)) {
      return;
    }
    Layer layer = vertex.getLayerConf().getLayer();
    if (layer instanceof LossLayer loss
        && loss.getActivationFn() instanceof ActivationIdentity
        && vertex.getPreProcessor() == null) {
      configuration.setNetworkOutputs(new ArrayList<>(configuration.getVertexInputs().get(output)));
      configuration.getVertices().remove(output);
      configuration.getVertexInputs().remove(output);
    } else if (layer instanceof LossLayer || layer instanceof BaseOutputLayer) {
      throw new IllegalArgumentException(
          Text.format(
              "layer '%s' (%s) has no gradient from outside; take the layer before it",
              output, layer.getClass().getSimpleName()));
    }
  }

  /**
   * Runs the graph forward and backward.
   *
   * @param epsilon gradient with respect to the output, of its shape; may be overwritten
   * @param inputs the graph's inputs, in order
   * @return the gradient with respect to the input chosen; valid until the next call
   */
  public INDArray backpropagate(INDArray epsilon, INDArray... inputs) {
    return graph.run(epsilon, inputs);
  }

  /** Gradient with respect to the parameters, {@code [P]}; valid until the next call. */
  public INDArray parameterGradient() {
    INDArray gradient = graph.getFlattenedGradients();
    Refuse.state(gradient == null, "nothing was backpropagated yet");
    return gradient.reshape(gradient.length());
  }

  @Override
  public String toString() {
    return Text.format(
        "DifferentiableGraph(outputs=%s, parameters=%s)",
        graph.getConfiguration().getNetworkOutputs(), parameters.shape());
  }
}
