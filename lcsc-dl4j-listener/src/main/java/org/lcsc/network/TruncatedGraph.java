package org.lcsc.network;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The part of a graph that some of its layers depend on. Deeplearning4j 1.0.0-M2.1 can return
 * activations of an inner layer, but then leaves a workspace open, which breaks the next pass; so
 * the inner layer becomes the output.
 *
 * <p>Stateless and thread-safe, as long as nobody changes the given graph meanwhile.
 */
public final class TruncatedGraph {

  private TruncatedGraph() {}

  /**
   * Cuts a graph off.
   *
   * @param layers names of layers or vertices of the graph, which become its outputs
   * @param graph an initialised graph; neither kept nor changed
   * @return a new graph with a copy of the parameters that are left
   */
  public static ComputationGraph upTo(List<String> layers, ComputationGraph graph) {
    ComputationGraphConfiguration configuration = graph.getConfiguration().clone();
    Set<String> needed = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(layers);
    while (!open.isEmpty()) {
      String name = open.pop();
      if (needed.add(name)) {
        open.addAll(configuration.getVertexInputs().getOrDefault(name, List.of()));
      }
    }
    configuration.getVertices().keySet().retainAll(needed);
    configuration.getVertexInputs().keySet().retainAll(needed);
    configuration.setNetworkOutputs(layers);

    ComputationGraph part = new ComputationGraph(configuration);
    long count = 0;
    for (String name : needed) {
      count += graph.getVertex(name).numParams();
    }
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      // With parameters given, init() leaves the global random generator alone.
      part.init(count == 0 ? null : Nd4j.create(graph.params().dataType(), 1, count), false);
      Map<String, INDArray> source = parametersByVertex(graph);
      parametersByVertex(part).forEach((name, target) -> target.assign(source.get(name)));
    }
    return part;
  }

  /** Views of the flat parameters, which lie in topological order. */
  private static Map<String, INDArray> parametersByVertex(ComputationGraph graph) {
    Map<String, INDArray> views = new HashMap<>();
    long first = 0;
    for (int index : graph.topologicalSortOrder()) {
      GraphVertex vertex = graph.getVertices()[index];
      long end = first + vertex.numParams();
      if (end > first) {
        views.put(vertex.getVertexName(), graph.params().get(NDArrayIndex.interval(first, end)));
      }
      first = end;
    }
    return views;
  }
}
