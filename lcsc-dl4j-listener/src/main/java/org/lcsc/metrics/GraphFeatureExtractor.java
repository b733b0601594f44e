package org.lcsc.metrics;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.lcsc.network.DifferentiableGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Features are the activations of one layer of a trained Deeplearning4j graph, in inference mode.
 * The forward pass stops at that layer and frees activations as it goes.
 *
 * <p>Activations {@code [N, D]} are taken as they are; {@code [N, D, h, w]} are averaged over the
 * positions, as Inception's pooled features are. Images go in as they come, in [-1, 1]: the graph
 * must have been trained on that range.
 *
 * <p>Not thread-safe, as the graph is not.
 */
public final class GraphFeatureExtractor implements DifferentiableFeatureExtractor {

  private final ComputationGraph graph;
  private final ImageShape shape;
  private final int batchSize;
  private final int dimension;
  private final String id;

  /** Height and width of the activations that are averaged, or null. */
  private long[] positions;

  /** Made when the first gradient is asked for. */
  private DifferentiableGraph gradients;

  /**
   * Wraps a graph.
   *
   * @param graph initialised, with one input; neither kept nor changed
   * @param layer name of the layer or vertex whose activations are the features
   * @param name short name of the space, first part of the {@link #id()}
   * @param shape shape of the images that the graph takes
   * @param batchSize most images in one forward pass, at least 1: bounds the memory
   * @throws IllegalArgumentException where the graph has no such layer, takes other images, or the
   *     activations are neither {@code [N, D]} nor {@code [N, D, h, w]}
   */
  @SuppressWarnings("try")
  public GraphFeatureExtractor(
      ComputationGraph graph, String layer, String name, ImageShape shape, int batchSize) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batchSize must be at least 1, got " + batchSize);
    }
    if (graph.getNumInputArrays() != 1) {
      throw new IllegalArgumentException(
          "A feature graph must have 1 input, got " + graph.getNumInputArrays());
    }
    if (graph.getVertex(layer) == null) {
      throw new IllegalArgumentException(
          "The graph has no layer '"
              + layer
              + "'; it has "
              + Arrays.stream(graph.getVertices()).map(vertex -> vertex.getVertexName()).toList());
    }
    this.graph = upTo(layer, graph);
    this.shape = shape;
    this.batchSize = batchSize;
    this.id = name + "-" + layer + "-" + fingerprint(this.graph);
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray probe =
          Nd4j.create(DataType.FLOAT, 1, shape.channels(), shape.height(), shape.width());
      try {
        this.dimension = Math.toIntExact(forward(probe).size(1));
      } catch (RuntimeException e) {
        String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        throw new IllegalArgumentException(
            "The graph gives no features of images "
                + shape
                + " at layer '"
                + layer
                + "': "
                + reason,
            e);
      }
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: name, layer and the SHA-256 of configuration and parameters up to that layer.
   */
  @Override
  public String id() {
    return id;
  }

  @Override
  public int dimension() {
    return dimension;
  }

  /**
   * {@inheritDoc}
   *
   * <p>The result is detached from any workspace. Deeplearning4j refuses to run a graph while the
   * caller has a workspace open.
   */
  @Override
  @SuppressWarnings("try")
  public INDArray extract(INDArray images) {
    shape.check(images, id);
    long count = images.size(0);
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      if (count <= batchSize) {
        return forward(images);
      }
      INDArray features =
          Nd4j.createUninitialized(DataType.FLOAT, new long[] {count, dimension}, 'c');
      for (long first = 0; first < count; first += batchSize) {
        long end = Math.min(count, first + batchSize);
        INDArray part =
            images.get(
                NDArrayIndex.interval(first, end),
                NDArrayIndex.all(),
                NDArrayIndex.all(),
                NDArrayIndex.all());
        features.get(NDArrayIndex.interval(first, end), NDArrayIndex.all()).assign(forward(part));
      }
      return features;
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Runs forward and backward; costs about three times {@link #extract}.
   */
  @Override
  @SuppressWarnings("try")
  public INDArray backpropagate(INDArray images, INDArray epsilon) {
    shape.check(images, id);
    if (gradients == null) {
      String input = graph.getConfiguration().getNetworkInputs().get(0);
      gradients = DifferentiableGraph.sharing(graph, graph.params(), input);
    }
    long count = images.size(0);
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray result = Nd4j.createUninitialized(images.dataType(), images.shape(), 'c');
      for (long first = 0; first < count; first += batchSize) {
        INDArrayIndex rows = NDArrayIndex.interval(first, Math.min(count, first + batchSize));
        INDArray part =
            images.get(rows, NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.all()).dup('c');
        INDArray errors = atLayer(epsilon.get(rows, NDArrayIndex.all()).dup('c'));
        result
            .get(rows, NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.all())
            .assign(gradients.backpropagate(errors, part.castTo(graph.params().dataType())));
      }
      return result;
    }
  }

  /** The gradient with respect to the activations, of which the features may be means. */
  private INDArray atLayer(INDArray epsilon) {
    INDArray typed = epsilon.castTo(graph.params().dataType());
    if (positions == null) {
      return typed;
    }
    long count = typed.size(0);
    long area = positions[0] * positions[1];
    return typed
        .div(area)
        .reshape('c', count, dimension, 1, 1)
        .broadcast(count, dimension, positions[0], positions[1])
        .dup('c');
  }

  private INDArray forward(INDArray images) {
    INDArray activations = graph.output(false, images)[0];
    if (activations.rank() == 4) {
      positions = new long[] {activations.size(2), activations.size(3)};
    }
    INDArray features =
        switch (activations.rank()) {
          case 2 -> activations;
          case 4 -> activations.mean(2, 3);
          default ->
              throw new IllegalArgumentException(
                  "activations of shape "
                      + Arrays.toString(activations.shape())
                      + " are neither [N, D] nor [N, D, h, w]");
        };
    return features.castTo(DataType.FLOAT);
  }

  /**
   * The part of a graph that a layer depends on. Deeplearning4j 1.0.0-M2.1 can return activations
   * of an inner layer, but then leaves a workspace open, which breaks the next pass; so the inner
   * layer becomes the output.
   */
  @SuppressWarnings("try")
  private static ComputationGraph upTo(String layer, ComputationGraph graph) {
    ComputationGraphConfiguration configuration = graph.getConfiguration().clone();
    Set<String> needed = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(layer));
    while (!open.isEmpty()) {
      String name = open.pop();
      if (needed.add(name)) {
        open.addAll(configuration.getVertexInputs().getOrDefault(name, List.of()));
      }
    }
    configuration.getVertices().keySet().retainAll(needed);
    configuration.getVertexInputs().keySet().retainAll(needed);
    configuration.setNetworkOutputs(List.of(layer));

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

  /** First 16 bytes of the SHA-256 of configuration and parameters. */
  private static String fingerprint(ComputationGraph graph) {
    ComputationGraphConfiguration configuration = graph.getConfiguration().clone();
    // Counters of training, which change with nothing that the features depend on.
    configuration.setIterationCount(0);
    configuration.setEpochCount(0);
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(configuration.toJson().getBytes(StandardCharsets.UTF_8));
      float[] parameters = HostArrays.floats(graph.params());
      ByteBuffer chunk = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
      for (float parameter : parameters) {
        chunk.putFloat(parameter);
        if (!chunk.hasRemaining()) {
          digest.update(chunk.array());
          chunk.clear();
        }
      }
      digest.update(chunk.array(), 0, chunk.position());
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
