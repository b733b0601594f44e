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
import org.lcsc.io.NumpyArchive;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.lcsc.model.ModelFile;
import org.lcsc.network.DifferentiableGraph;
import org.lcsc.network.TruncatedGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The network, its layers and their weights behind a {@link PerceptualDistance}. */
final class PerceptualBackbone {

  /** Added to the length over the channels, as LPIPS does. */
  private static final double EPSILON = 1e-10;

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
  private final int side;
  private final double[] mean;
  private final double[] deviation;
  private final DataType type;

  private PerceptualBackbone(
      String file, List<Layer> layers, int side, double[] mean, double[] deviation) {
    this.file = file;
    this.layers = layers;
    this.side = side;
    this.mean = mean;
    this.deviation = deviation;
    this.type = layers.get(0).graph().params().dataType();
  }

  static PerceptualBackbone read(
      String file,
      List<String> names,
      String weights,
      int side,
      double[] mean,
      double[] deviation) {
    return onItsThread(
        () -> {
          try {
            ComputationGraph graph = ModelFile.graph(Path.of(file));
            List<float[]> channels =
                weights == null
                    ? null
                    : NumpyArchive.vectors(Path.of(weights), "lin", names.size());
            List<Layer> layers = new ArrayList<>();
            for (int i = 0; i < names.size(); i++) {
              layers.add(
                  layer(file, graph, names.get(i), channels == null ? null : channels.get(i)));
            }
            return new PerceptualBackbone(file, layers, side, mean, deviation);
          } catch (IOException e) {
            throw new IllegalArgumentException(file + ": cannot be read: " + e.getMessage(), e);
          }
        });
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
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new IllegalArgumentException(
          file + ": does not take images " + Arrays.toString(shape) + ": " + reason, e);
    }
  }

  /** Distance of each pair, into {@code out} [N, 1]. */
  void distances(INDArray first, INDArray second, INDArray out) {
    out.assign(
        onItsThread(
            () -> {
              INDArray a = prepared(first);
              INDArray b = prepared(second);
              INDArray sums = Nd4j.zeros(type, a.size(0));
              for (Layer layer : layers) {
                INDArray difference = unit(activations(layer, a)).subi(unit(activations(layer, b)));
                INDArray square = weighted(layer, difference.muli(difference));
                sums.addi(square.sum(1).mean(1, 2));
              }
              return sums.reshape(sums.length(), 1).castTo(out.dataType());
            }));
  }

  /** Gradient of the sum of all distances with respect to {@code first}, into {@code out}. */
  void gradient(INDArray first, INDArray second, INDArray out) {
    out.assign(
        onItsThread(
            () -> {
              INDArray a = prepared(first);
              INDArray b = prepared(second);
              INDArray sum = Nd4j.zeros(type, a.shape());
              for (Layer layer : layers) {
                INDArray features = activations(layer, a);
                INDArray slope =
                    weighted(layer, unit(features).sub(unit(activations(layer, b))))
                        .muli(2.0 / (features.size(2) * features.size(3)));
                sum.addi(
                    layer.gradients().backpropagate(throughLength(features, slope).dup('c'), a));
              }
              return unprepared(sum, first).castTo(out.dataType());
            }));
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
    // A length of 0 has no direction; its features are 0 too, so any finite factor will do.
    INDArray factor =
        along.div(raised.mul(raised).muli(Transforms.max(length, Float.MIN_NORMAL, true)));
    return slope.div(raised).subi(features.mul(factor));
  }

  /** Resized and normalised, of the backbone's type. */
  private INDArray prepared(INDArray images) {
    INDArray x = images.castTo(type).dup('c');
    if (side > 0) {
      x = resampled(x, matrix(x.size(2)), matrix(x.size(3)), false);
    }
    if (mean != null) {
      x.subi(channels("mean", mean, x));
    }
    if (deviation != null) {
      x.divi(channels("deviation", deviation, x));
    }
    return x;
  }

  private INDArray unprepared(INDArray gradient, INDArray images) {
    INDArray x = gradient;
    if (deviation != null) {
      x.divi(channels("deviation", deviation, x));
    }
    return side > 0 ? resampled(x, matrix(images.size(2)), matrix(images.size(3)), true) : x;
  }

  private INDArray channels(String name, double[] values, INDArray images) {
    if (values.length != images.size(1)) {
      throw new IllegalArgumentException(
          name + " has " + values.length + " values for " + images.size(1) + " channels");
    }
    return Nd4j.createFromArray(values).castTo(type).reshape(1, values.length, 1, 1);
  }

  /** Weights {@code [side, size]} of bilinear resizing without aligned corners. */
  private INDArray matrix(long size) {
    double[][] weights = new double[side][Math.toIntExact(size)];
    for (int i = 0; i < side; i++) {
      double at = Math.min(Math.max((i + 0.5) * size / side - 0.5, 0), size - 1.0);
      int low = (int) at;
      int high = (int) Math.min(low + 1L, size - 1);
      weights[i][low] += 1 - (at - low);
      weights[i][high] += at - low;
    }
    return Nd4j.createFromArray(weights).castTo(type);
  }

  /** R x C' of every plane; with the transposed matrices it is the gradient of that. */
  private static INDArray resampled(
      INDArray x, INDArray rows, INDArray columns, boolean transposed) {
    INDArray r = transposed ? rows.transpose() : rows;
    INDArray c = transposed ? columns.transpose() : columns;
    long planes = x.size(0) * x.size(1);
    long height = x.size(2);
    INDArray wide = x.reshape('c', planes * height, x.size(3)).mmul(c.transpose()).dup('c');
    INDArray columnsFirst = wide.reshape('c', planes, height, c.size(0)).permute(0, 2, 1).dup('c');
    INDArray tall =
        columnsFirst.reshape('c', planes * c.size(0), height).mmul(r.transpose()).dup('c');
    return tall.reshape('c', planes, c.size(0), r.size(0))
        .permute(0, 2, 1)
        .dup('c')
        .reshape('c', x.size(0), x.size(1), r.size(0), c.size(0));
  }
}
