package org.lcsc.network;

import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Copies of a network to evaluate other parameters with, while the original continues training.
 *
 * <p>Stateless and thread-safe, as long as nobody changes the given network meanwhile.
 */
public final class EvaluationNetwork {

  private EvaluationNetwork() {}

  /**
   * A model of a class that there are evaluation networks of.
   *
   * @throws IllegalArgumentException where it is of another
   */
  public static Model require(Model model) {
    Refuse.argument(
        !(model instanceof ComputationGraph || model instanceof MultiLayerNetwork),
        "a model must be a ComputationGraph or a MultiLayerNetwork, got %s",
        model.getClass().getName());
    return model;
  }

  /**
   * A network of the same configuration, parameters copied, without listeners and updater state.
   *
   * @param graph an initialised network; left alone
   */
  public static ComputationGraph copyOf(ComputationGraph graph) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      return withParameters(graph, graph.params().dup());
    }
  }

  /**
   * A network of the same configuration on other parameters, without listeners and updater state.
   *
   * <p>Neither {@code clone()}, which shares the list of listeners, nor {@code init()}, which
   * reseeds the global random generator. The order of the flat parameters is taken over: a restored
   * network may carry one that its configuration alone would not give again.
   *
   * @param graph an initialised network; left alone
   * @param own as many values as the network has parameters, outside any workspace; the new network
   *     keeps this array as its own
   */
  public static ComputationGraph withParameters(ComputationGraph graph, INDArray own) {
    ComputationGraphConfiguration original = graph.getConfiguration();
    ComputationGraphConfiguration configuration = original.clone();
    configuration.setTopologicalOrder(original.getTopologicalOrder());
    configuration.setTopologicalOrderStr(original.getTopologicalOrderStr());
    ComputationGraph network = new ComputationGraph(configuration);
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      network.init(own, false);
    }
    return network;
  }

  /**
   * A network of the same configuration, parameters copied, without listeners and updater state.
   *
   * @param network an initialised network; left alone
   */
  public static MultiLayerNetwork copyOf(MultiLayerNetwork network) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      return withParameters(network, network.params().dup());
    }
  }

  /** As for graphs. */
  public static MultiLayerNetwork withParameters(MultiLayerNetwork network, INDArray own) {
    MultiLayerNetwork other = new MultiLayerNetwork(network.getLayerWiseConfigurations().clone());
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      other.init(own, false);
    }
    return other;
  }
}
