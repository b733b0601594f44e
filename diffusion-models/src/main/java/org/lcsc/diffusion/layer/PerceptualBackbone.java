package org.lcsc.diffusion.layer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.diffusion.backbone.Backbone;
import org.lcsc.diffusion.backbone.ImageInput;
import org.lcsc.io.NpzArchive;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.lcsc.model.ModelFile;
import org.lcsc.network.DifferentiableGraph;
import org.lcsc.network.TruncatedGraph;
import org.lcsc.tensor.StateDict;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The network, its layers and their weights behind a {@link PerceptualDistance}. */
final class PerceptualBackbone {

  /** Added to the length over the channels, as LPIPS does. */
  private static final double EPSILON = 1e-10;

  /**
   * The least length above 0 of floats, as squares below the least float are 0. A length of 0 has
   * no direction; its features are 0 or next to it, so that this in its place adds nothing.
   */
  private static final double LEAST_LENGTH = Math.sqrt(Float.MIN_VALUE);

  /**
   * Deeplearning4j refuses to run one network in the workspaces of another's training, and
   * workspaces belong to threads: so the backbone runs on a thread of its own.
   */
  private static final ExecutorService THREAD =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "perceptual-distance");
            thread.setDaemon(true);
            return thread;
          });

  /** A graph up to one layer. */
  private record Layer(ComputationGraph graph, DifferentiableGraph gradients, INDArray weights) {}

  private final String file;
  private final List<Layer> layers;
  private final ImageInput input;
  private final DataType type;

  private PerceptualBackbone(String file, List<Layer> layers, ImageInput input) {
    this.file = file;
    this.layers = layers;
    this.input = input;
    this.type = layers.get(0).graph().params().dataType();
  }

  /**
   * Reads the files.
   *
   * @param file a model file, or the state dict of a published network
   * @param names of the layers; null for those of the published network
   * @param weights of the layers' channels; null for weights of 1
   * @param input in place of the published network's where it says something
   */
  static PerceptualBackbone read(
      String file, List<String> names, String weights, ImageInput input) {
    return onItsThread(
        () -> {
          try {
            Path path = Path.of(file);
            Backbone published = StateDict.isOne(path) ? Backbone.read(path) : null;
            ComputationGraph graph = published == null ? ModelFile.graph(path) : published.graph();
            List<String> compared = names == null ? compared(file, published) : names;
            List<float[]> channels = weights == null ? null : weights(weights, compared.size());
            List<Layer> layers = new ArrayList<>();
            for (int i = 0; i < compared.size(); i++) {
              layers.add(
                  layer(file, graph, compared.get(i), channels == null ? null : channels.get(i)));
            }
            return new PerceptualBackbone(
                file, layers, published == null ? input : input(file, published, input));
          } catch (IOException e) {
            String message = String.valueOf(e.getMessage());
            throw new IllegalArgumentException(
                message.startsWith(file) || message.startsWith(String.valueOf(weights))
                    ? message
                    : file + ": cannot be read: " + message,
                e);
          }
        });
  }

  private static ImageInput input(String file, Backbone published, ImageInput told) {
    ImageInput input = published.kind().input().or(told);
    Refuse.argument(
        input.side() < published.kind().leastSide(),
        "%s: side: too small for %s (%s), allowed: %s or more",
        file,
        published.kind().kind(),
        input.side(),
        published.kind().leastSide());
    return input;
  }

  private static List<String> compared(String file, Backbone published) {
    List<String> compared = published == null ? List.of() : published.kind().compared();
    Refuse.argument(
        compared.isEmpty(),
        "%s: LPIPS was not made for this network, needed: the names of layers",
        file);
    return compared;
  }

  private static List<float[]> weights(String file, int count) throws IOException {
    List<float[]> weights =
        file.endsWith(".npz")
            ? NpzArchive.vectors(Path.of(file), "lin", count)
            : Backbone.heads(Path.of(file), count);
    for (int layer = 0; layer < count; layer++) {
      for (float weight : weights.get(layer)) {
        Refuse.file(
            !(weight >= 0 && Float.isFinite(weight)),
            "%s: lin%s holds %s, allowed: finite numbers from 0 on",
            file,
            layer,
            weight);
      }
    }
    return weights;
  }

  private static Layer layer(String file, ComputationGraph graph, String name, float[] weights) {
    if (graph.getVertex(name) == null) {
      throw new IllegalArgumentException(
          file
              + ": has no layer '"
              + name
              + "'; it has "
              + Arrays.stream(graph.getVertices()).map(v -> v.getVertexName()).toList());
    }
    ComputationGraph part = TruncatedGraph.upTo(List.of(name), graph);
    String input = part.getConfiguration().getNetworkInputs().get(0);
    return new Layer(
        part,
        DifferentiableGraph.sharing(part, part.params(), input),
        weights == null
            ? null
            : Nd4j.createFromArray(weights)
                .castTo(part.params().dataType())
                .reshape(1, weights.length, 1, 1));
  }

  private static <T> T onItsThread(java.util.concurrent.Callable<T> work) {
    try {
      return THREAD.submit(work).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }

  void check(long... shape) {
    long[] batch = new long[shape.length + 1];
    batch[0] = 1;
    System.arraycopy(shape, 0, batch, 1, shape.length);
    INDArray image = Nd4j.zeros(type, batch);
    try {
      gradient(image, image, Nd4j.createUninitialized(type, batch));
    } catch (RuntimeException e) {
      String reason = Text.firstLine(e.getMessage());
      throw new IllegalArgumentException(
          file + ": does not take images " + Arrays.toString(shape) + ": " + reason, e);
    }
  }

  /** Distance of each pair, into {@code out} [N, 1]. */
  void distances(INDArray first, INDArray second, INDArray out) {
    out.assign(
        onItsThread(
            () -> distances(input.of(first, type), input.of(second, type)).castTo(out.dataType())));
  }

  /** Gradient of the sum of all distances with respect to {@code first}, into {@code out}. */
  void gradient(INDArray first, INDArray second, INDArray out) {
    out.assign(
        onItsThread(
            () -> {
              INDArray ofInput = gradient(input.of(first, type), input.of(second, type));
              return input.transposed(ofInput, first).castTo(out.dataType());
            }));
  }

  private INDArray distances(INDArray a, INDArray b) {
    INDArray sums = Nd4j.zeros(type, a.size(0));
    for (Layer layer : layers) {
      INDArray difference = unit(activations(layer, a)).subi(unit(activations(layer, b)));
      INDArray square = weighted(layer, difference.muli(difference));
      sums.addi(square.sum(1).mean(1, 2));
    }
    return sums.reshape(sums.length(), 1);
  }

  private INDArray gradient(INDArray a, INDArray b) {
    INDArray sum = Nd4j.zeros(type, a.shape());
    for (Layer layer : layers) {
      INDArray features = activations(layer, a);
      INDArray slope =
          weighted(layer, unit(features).sub(unit(activations(layer, b))))
              .muli(2.0 / (features.size(2) * features.size(3)));
      sum.addi(layer.gradients().backpropagate(throughLength(features, slope).dup('c'), a));
    }
    return sum;
  }

  private INDArray activations(Layer layer, INDArray images) {
    INDArray activations = layer.graph().output(false, images)[0];
    Refuse.argument(
        activations.rank() != 4, "activations must be [N, c, h, w], got %s", activations.shape());
    if (layer.weights() != null && layer.weights().length() != activations.size(1)) {
      throw new IllegalArgumentException(
          Text.format(
              "a layer has %s channels, but %s weights",
              activations.size(1), layer.weights().length()));
    }
    return activations;
  }

  private static INDArray weighted(Layer layer, INDArray features) {
    return layer.weights() == null ? features : features.mul(layer.weights());
  }

  private static INDArray length(INDArray features) {
    INDArray square = features.mul(features).sum(true, 1);
    return Transforms.sqrt(square, false);
  }

  private static INDArray unit(INDArray features) {
    return features.div(length(features).addi(EPSILON));
  }

  /** u = f / (|f| + eps): du'g = g / (|f| + eps) - f (f'g) / (|f| (|f| + eps)^2). */
  private static INDArray throughLength(INDArray features, INDArray slope) {
    INDArray length = length(features);
    INDArray raised = length.add(EPSILON);
    INDArray along = features.mul(slope).sum(true, 1);
    // One by one: the product of the divisors may be too small for a float, which makes 0 of it.
    INDArray factor =
        along.div(raised).divi(raised).divi(Transforms.max(length, LEAST_LENGTH, true));
    return slope.div(raised).subi(features.mul(factor));
  }
}
