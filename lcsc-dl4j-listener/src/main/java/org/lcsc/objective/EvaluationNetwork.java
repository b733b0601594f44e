package org.lcsc.objective;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.factory.Nd4j;

/** Copies of a network to evaluate other parameters with, while the original goes on training. */
public final class EvaluationNetwork {

  private EvaluationNetwork() {}

  /**
   * A network of the same configuration, parameters copied, without listeners and updater state.
   *
   * <p>Neither {@code clone()}, which shares the list of listeners, nor {@code init()}, which
   * reseeds the global random generator. The order of the flat parameters is taken over: a restored
   * network may carry one that its configuration alone would not give again.
   */
  public static ComputationGraph copyOf(ComputationGraph graph) {
    ComputationGraphConfiguration original = graph.getConfiguration();
    ComputationGraphConfiguration configuration = original.clone();
    configuration.setTopologicalOrder(original.getTopologicalOrder());
    configuration.setTopologicalOrderStr(original.getTopologicalOrderStr());
    ComputationGraph own = new ComputationGraph(configuration);
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      own.init(graph.params().dup(), false);
    }
    return own;
  }
}
