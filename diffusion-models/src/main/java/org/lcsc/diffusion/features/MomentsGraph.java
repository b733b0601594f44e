package org.lcsc.diffusion.features;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.diffusion.layer.ChannelMoments;
import org.lcsc.network.TruncatedGraph;

/**
 * A feature network with the moments of all its maps beside its features. Stateless and
 * thread-safe.
 */
final class MomentsGraph {

  /** Name of the layer {@code [N, D]} that joins them. */
  static final String FEATURES = "moments";

  private MomentsGraph() {}

  /**
   * Adds the moments.
   *
   * @param network a network of {@link FeatureNetwork}; neither kept nor changed
   * @param features name of its layer of features
   */
  static ComputationGraph of(ComputationGraph network, String features) {
    ComputationGraph graph = TruncatedGraph.upTo(List.of(features), network);
    ComputationGraphConfiguration configuration = graph.getConfiguration().clone();
    GraphBuilder builder = new GraphBuilder(configuration, new NeuralNetConfiguration.Builder());
    List<String> parts = new ArrayList<>();
    for (String map : FeatureNetwork.maps(configuration.getVertices().keySet())) {
      parts.add(map + "_moments");
      builder.addLayer(map + "_moments", new ChannelMoments(), map);
    }
    parts.add(features);
    builder.addVertex(FEATURES, new MergeVertex(), parts.toArray(String[]::new));
    configuration = builder.setOutputs(FEATURES).build();
    configuration.setTopologicalOrder(null);
    configuration.setTopologicalOrderStr(null);
    ComputationGraph result = new ComputationGraph(configuration);
    result.init(graph.params().dup(), false);
    graph.paramTable().forEach((name, values) -> result.getParam(name).assign(values));
    return result;
  }
}
