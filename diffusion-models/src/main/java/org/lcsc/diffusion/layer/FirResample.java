package org.lcsc.diffusion.layer;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Halves or doubles the sides of an image with a fixed separable low-pass filter, each channel by
 * itself: {@code [N, C, H, W]} to {@code [N, C, H/2, W/2]} or {@code [N, C, 2H, 2W]} (Zhang 2019;
 * NCSN++, Song et al. 2021). Outside the image are zeros. Taps (1, 1) give average pooling and
 * nearest-neighbour upsampling, taps (1, 3, 3, 1) the smoother filter of NCSN++.
 *
 * <p>With taps f that sum to one, L of them, and p = (L - 1) / 2 rounded down, halving is y[i] =
 * sum_j f[j] x[2i + j - p] along each side, and doubling its transpose times two. Both are products
 * with small banded matrices: next to the convolutions around them they cost nothing.
 */
public final class FirResample extends ParameterFreeLayer {

  /** Which way an image is resampled. */
  public enum Direction {
    /** Halves the sides. */
    DOWN,
    /** Doubles the sides. */
    UP
  }

  @JsonProperty private double[] taps;
  @JsonProperty private Direction direction;
  @JsonProperty private int padding;

  /** For Jackson. */
  private FirResample() {}

  /**
   * A resampling that exactly halves or doubles the sides.
   *
   * @param taps the filter, an even number of finite values with a sum that is not 0; scaled to sum
   *     to 1
   * @param direction which way
   * @throws IllegalArgumentException where the taps are not such
   */
  public FirResample(double[] taps, Direction direction) {
    this(taps, direction, ringOf(taps));
  }

  private FirResample(double[] taps, Direction direction, int padding) {
    double sum = 0;
    for (double tap : taps) {
      sum += tap;
    }
    Refuse.argument(
        taps.length < 2 || taps.length % 2 != 0 || sum == 0 || !Double.isFinite(sum),
        "taps: expected an even number of finite values that do not sum to 0, got %s",
        taps);
    this.taps = new double[taps.length];
    for (int j = 0; j < taps.length; j++) {
      this.taps[j] = taps[j] / sum;
    }
    this.direction = Objects.requireNonNull(direction, "direction");
    this.padding = padding;
  }

  /**
   * A halving of images that have a ring of {@link #ringOf} pixels more on each side, which takes
   * the place of the zeros.
   *
   * @param taps the filter, as for the constructor
   */
  public static FirResample downWithRing(double[] taps) {
    return new FirResample(taps, Direction.DOWN, 0);
  }

  /** Pixels outside each edge that a filter reads. */
  public static int ringOf(double[] taps) {
    return (taps.length - 1) / 2;
  }

  /** Side of the result for a side of the input. */
  private long resampled(long side) {
    if (direction == Direction.UP) {
      return 2 * side;
    }
    long room = side + 2L * padding - taps.length;
    if (room < 0 || room % 2 != 0) {
      throw new IllegalArgumentException(
          "FirResample \"" + getLayerName() + "\": expected an even side, got " + side);
    }
    return room / 2 + 1;
  }

  /** Matrix [side, resampled(side)] that resamples one line. */
  private double[][] matrix(int side) {
    int result = Math.toIntExact(resampled(side));
    double[][] matrix = new double[side][result];
    boolean down = direction == Direction.DOWN;
    for (int in = 0; in < side; in++) {
      for (int out = 0; out < result; out++) {
        int j = down ? in - 2 * out + padding : out - 2 * in + padding;
        if (j >= 0 && j < taps.length) {
          matrix[in][out] = down ? taps[j] : 2 * taps[j];
        }
      }
    }
    return matrix;
  }

  @Override
  ImageLayerRuntime<?> runtime(NeuralNetConfiguration conf, DataType dataType) {
    return new Runtime(conf, dataType);
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    InputType.InputTypeConvolutional image = image(inputType);
    return InputType.convolutional(
        resampled(image.getHeight()), resampled(image.getWidth()), image.getChannels());
  }

  /**
   * Halving is a convolution of each channel by itself. Doubling is one that makes four of each
   * channel, the pixels of 2x2, which are then put side by side.
   */
  @Override
  public String addTo(OnnxGraph graph, Map<String, INDArray> parameters, String input) {
    boolean box = taps.length == 2 && taps[0] == taps[1];
    boolean up = direction == Direction.UP;
    if (box && up) {
      return graph.upsample(input);
    }
    if (box) {
      return graph.add(
          "AveragePool",
          List.of(input),
          OnnxGraph.numbers("kernel_shape", 2, 2),
          OnnxGraph.numbers("strides", 2, 2));
    }
    // Every channel becomes an image of its own; a size of 0 is that of the input.
    String plane = graph.add("Reshape", input, graph.integers(-1, 1, 0, 0));
    String resampled = up ? doubled(graph, plane) : halved(graph, plane);
    String batch =
        graph.add(
            "Shape", List.of(input), OnnxGraph.number("start", 0), OnnxGraph.number("end", 2));
    String shape =
        graph.add("Concat", List.of(batch, graph.integers(0, 0)), OnnxGraph.number("axis", 0));
    return graph.add("Reshape", resampled, shape);
  }

  private String halved(OnnxGraph graph, String plane) {
    return graph.add(
        "Conv",
        List.of(plane, kernel(graph, 1, taps.length, (phase, i) -> taps[i])),
        OnnxGraph.numbers("strides", 2, 2),
        OnnxGraph.numbers("pads", padding, padding, padding, padding));
  }

  private String doubled(OnnxGraph graph, String plane) {
    int reach = taps.length / 4;
    Weight tap =
        (phase, i) -> {
          int j = phase - 2 * (i - reach) + padding;
          return j >= 0 && j < taps.length ? 2 * taps[j] : 0;
        };
    String phases =
        graph.add(
            "Conv",
            List.of(plane, kernel(graph, 2, 2 * reach + 1, tap)),
            OnnxGraph.numbers("pads", reach, reach, reach, reach));
    return graph.add("DepthToSpace", List.of(phases), OnnxGraph.number("blocksize", 2));
  }

  /** Products of the weights along each side, {@code [phases * phases, 1, width, width]}. */
  private static String kernel(OnnxGraph graph, int phases, int width, Weight weight) {
    float[] values = new float[phases * phases * width * width];
    int at = 0;
    for (int phase = 0; phase < phases * phases; phase++) {
      for (int row = 0; row < width; row++) {
        for (int column = 0; column < width; column++) {
          values[at++] =
              (float) (weight.of(phase / phases, row) * weight.of(phase % phases, column));
        }
      }
    }
    return graph.floats("filter", values, phases * phases, 1, width, width);
  }

  /** A filter along one side. */
  private interface Weight {
    double of(int phase, int i);
  }

  @Override
  Object[] settings() {
    return new Object[] {taps, direction, padding};
  }

  private static final class Runtime extends ImageLayerRuntime<FirResample> {

    /** Resampling matrices by the side of the input. */
    private final Map<Long, INDArray> matrices = new HashMap<>();

    Runtime(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    @Override
    INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr memory) {
      long height = layerConf().resampled(x.size(2));
      long width = layerConf().resampled(x.size(3));
      INDArray y = Outputs.activation(memory, dataType, x.size(0), x.size(1), height, width);
      multiply(x, matrix(x.size(2)), matrix(x.size(3)), false, y, ArrayType.FF_WORKING_MEM, memory);
      return y;
    }

    @Override
    INDArray backward(INDArray x, INDArray epsilon, LayerWorkspaceMgr memory) {
      INDArray dx = Outputs.gradient(memory, x);
      multiply(
          epsilon,
          matrix(x.size(2)),
          matrix(x.size(3)),
          true,
          dx,
          ArrayType.BP_WORKING_MEM,
          memory);
      return dx;
    }

    /** {@code y = A^T x B} for each channel, or {@code A x B^T} where transposed. */
    private void multiply(
        INDArray x,
        INDArray a,
        INDArray b,
        boolean transposed,
        INDArray y,
        ArrayType working,
        LayerWorkspaceMgr memory) {
      long planes = x.size(0) * x.size(1);
      long height = x.size(2);
      long newHeight = y.size(2);
      long newWidth = y.size(3);
      INDArray wide = working(memory, working, planes * height, newWidth);
      RowOps.matmul(x.reshape('c', planes * height, x.size(3)), b, wide, false, transposed, 1);
      INDArray turned = working(memory, working, planes, newWidth, height);
      turned.assign(wide.reshape('c', planes, height, newWidth).permute(0, 2, 1));
      INDArray result = working(memory, working, planes * newWidth, newHeight);
      RowOps.matmul(
          turned.reshape('c', planes * newWidth, height), a, result, false, transposed, 1);
      y.reshape('c', planes, newHeight, newWidth)
          .assign(result.reshape('c', planes, newWidth, newHeight).permute(0, 2, 1));
    }

    private INDArray working(LayerWorkspaceMgr memory, ArrayType type, long... shape) {
      return memory.createUninitialized(type, dataType, shape, 'c');
    }

    private INDArray matrix(long side) {
      return matrices.computeIfAbsent(
          side,
          key -> {
            try (MemoryWorkspace ignored = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
              double[][] values = layerConf().matrix(Math.toIntExact(key));
              return Nd4j.createFromArray(values).castTo(dataType);
            }
          });
    }
  }
}
