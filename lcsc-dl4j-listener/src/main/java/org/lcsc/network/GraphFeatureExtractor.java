package org.lcsc.network;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.image.ImageShape;
import org.lcsc.io.Refuse;
import org.lcsc.io.Sha256;
import org.lcsc.io.Text;
import org.lcsc.metrics.ClassifyingExtractor;
import org.lcsc.metrics.DifferentiableFeatureExtractor;
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
 * <p>A graph with a softmax over classes can hand these out too ({@link
 * #classifying(ComputationGraph, String, String, String, ImageShape, int)}).
 *
 * <p>Not thread-safe, as the graph is not.
 */
public class GraphFeatureExtractor implements DifferentiableFeatureExtractor {

  private final ComputationGraph graph;

  /** The same up to the features, without what else is handed out. */
  private final ComputationGraph alone;

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
  public GraphFeatureExtractor(
      ComputationGraph graph, String layer, String name, ImageShape shape, int batchSize) {
    this(graph, layer, null, name, shape, batchSize);
  }

  /**
   * Wraps a graph that also classifies.
   *
   * @param probabilities name of the layer whose activations {@code [N, classes]} are class
   *     probabilities
   * @return the same features, under the same {@link #id()}, as without probabilities
   * @throws IllegalArgumentException as the constructor, and where there is no layer {@code
   *     probabilities}
   */
  public static ClassifyingExtractor classifying(
      ComputationGraph graph,
      String layer,
      String probabilities,
      String name,
      ImageShape shape,
      int batchSize) {
    return new Classifying(graph, layer, probabilities, name, shape, batchSize);
  }

  private GraphFeatureExtractor(
      ComputationGraph graph,
      String layer,
      String probabilities,
      String name,
      ImageShape shape,
      int batchSize) {
    Refuse.argument(batchSize < 1, "batchSize must be at least 1, got %s", batchSize);
    Refuse.argument(
        graph.getNumInputArrays() != 1,
        "A feature graph must have 1 input, got %s",
        graph.getNumInputArrays());
    List<String> outputs = probabilities == null ? List.of(layer) : List.of(layer, probabilities);
    for (String output : outputs) {
      requireLayer(graph, output);
    }
    this.graph = TruncatedGraph.upTo(outputs, graph);
    this.shape = shape;
    this.batchSize = batchSize;
    this.alone = probabilities == null ? this.graph : TruncatedGraph.upTo(List.of(layer), graph);
    this.id = name + "-" + layer + "-" + fingerprint(alone);
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray probe =
          Nd4j.create(DataType.FLOAT, 1, shape.channels(), shape.height(), shape.width());
      try {
        this.dimension = Math.toIntExact(forward(probe)[0].size(1));
      } catch (RuntimeException e) {
        String reason = Text.firstLine(e.getMessage());
        throw new IllegalArgumentException(
            Text.format(
                "The graph gives no features of images %s at layer '%s': %s", shape, layer, reason),
            e);
      }
    }
  }

  private static void requireLayer(ComputationGraph graph, String layer) {
    if (graph.getVertex(layer) == null) {
      throw new IllegalArgumentException(
          "The graph has no layer '"
              + layer
              + "'; it has "
              + Arrays.stream(graph.getVertices()).map(vertex -> vertex.getVertexName()).toList());
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
  public INDArray extract(INDArray images) {
    return run(images)[0];
  }

  /** Activations of all output layers, each {@code [N, .]}. */
  private INDArray[] run(INDArray images) {
    shape.check(images, id);
    long count = images.size(0);
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      if (count <= batchSize) {
        return forward(images);
      }
      INDArray[] all = null;
      for (long first = 0; first < count; first += batchSize) {
        long end = Math.min(count, first + batchSize);
        INDArray[] parts = forward(images.get(NDArrayIndex.interval(first, end)));
        if (all == null) {
          all = new INDArray[parts.length];
          for (int i = 0; i < parts.length; i++) {
            all[i] =
                Nd4j.createUninitialized(DataType.FLOAT, new long[] {count, parts[i].size(1)}, 'c');
          }
        }
        for (int i = 0; i < parts.length; i++) {
          all[i].get(NDArrayIndex.interval(first, end)).assign(parts[i]);
        }
      }
      return all;
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Runs forward and backward; costs about three times {@link #extract}.
   */
  @Override
  public INDArray backpropagate(INDArray images, INDArray epsilon) {
    shape.check(images, id);
    if (gradients == null) {
      String input = alone.getConfiguration().getNetworkInputs().get(0);
      gradients = DifferentiableGraph.sharing(alone, alone.params(), input);
    }
    long count = images.size(0);
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray result = Nd4j.createUninitialized(images.dataType(), images.shape(), 'c');
      for (long first = 0; first < count; first += batchSize) {
        INDArrayIndex rows = NDArrayIndex.interval(first, Math.min(count, first + batchSize));
        INDArray part = images.get(rows).dup('c');
        INDArray errors = atLayer(epsilon.get(rows).dup('c'));
        result
            .get(rows)
            .assign(gradients.backpropagate(errors, part.castTo(alone.params().dataType())));
      }
      return result;
    }
  }

  /** The gradient with respect to the activations, of which the features may be means. */
  private INDArray atLayer(INDArray epsilon) {
    INDArray typed = epsilon.castTo(alone.params().dataType());
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

  private INDArray[] forward(INDArray images) {
    INDArray[] outputs = graph.output(false, images);
    INDArray[] rows = new INDArray[outputs.length];
    for (int i = 0; i < rows.length; i++) {
      INDArray activations = outputs[i];
      if (i == 0 && activations.rank() == 4) {
        positions = new long[] {activations.size(2), activations.size(3)};
      }
      rows[i] =
          switch (activations.rank()) {
            case 2 -> activations.castTo(DataType.FLOAT);
            case 4 -> activations.mean(2, 3).castTo(DataType.FLOAT);
            default ->
                throw new IllegalArgumentException(
                    "activations of shape "
                        + Arrays.toString(activations.shape())
                        + " are neither [N, D] nor [N, D, h, w]");
          };
    }
    return rows;
  }

  /** First 16 bytes of the SHA-256 of configuration and parameters. */
  private static String fingerprint(ComputationGraph graph) {
    ComputationGraphConfiguration configuration = graph.getConfiguration().clone();
    // Counters of training, which change with nothing that the features depend on.
    configuration.setIterationCount(0);
    configuration.setEpochCount(0);
    MessageDigest digest = Sha256.digest();
    digest.update(configuration.toJson().getBytes(StandardCharsets.UTF_8));
    Sha256.update(digest, graph.params());
    return Sha256.hex(digest).substring(0, 32);
  }

  private static final class Classifying extends GraphFeatureExtractor
      implements ClassifyingExtractor {

    private final int classes;

    Classifying(
        ComputationGraph graph,
        String layer,
        String probabilities,
        String name,
        ImageShape shape,
        int batchSize) {
      super(graph, layer, probabilities, name, shape, batchSize);
      INDArray probe =
          Nd4j.create(DataType.FLOAT, 1, shape.channels(), shape.height(), shape.width());
      this.classes = Math.toIntExact(super.run(probe)[1].size(1));
    }

    @Override
    public int classes() {
      return classes;
    }

    @Override
    public Outputs extractAll(INDArray images) {
      INDArray[] outputs = super.run(images);
      return new Outputs(outputs[0], outputs[1]);
    }
  }
}
