package org.lcsc.diffusion.layer;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Nearest-neighbour upsampling by two: {@code [N, C, H, W]} to {@code [N, C, 2H, 2W]}.
 *
 * <p>Not thread-safe, as no Deeplearning4j configuration is.
 */
public final class UpsampleNearest extends ParameterFreeLayer {

  /** The layer. */
  public UpsampleNearest() {}

  @Override
  ImageLayerRuntime<?> runtime(NeuralNetConfiguration conf, DataType dataType) {
    return new Runtime(conf, dataType);
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType inputType) {
    InputType.InputTypeConvolutional image = image(inputType);
    return InputType.convolutional(
        2 * image.getHeight(), 2 * image.getWidth(), image.getChannels());
  }

  @Override
  Object[] settings() {
    return new Object[0];
  }

  private static final class Runtime extends ImageLayerRuntime<UpsampleNearest> {

    Runtime(NeuralNetConfiguration conf, DataType dataType) {
      super(conf, dataType);
    }

    @Override
    INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr memory) {
      long[] s = x.shape();
      INDArray y =
          memory.createUninitialized(
              ArrayType.ACTIVATIONS, dataType, new long[] {s[0], s[1], 2 * s[2], 2 * s[3]}, 'c');
      if (HostFloats.holds(x)) {
        enlargeOnHost(x, y);
        return y;
      }
      INDArray rows = x.reshape('c', s[0] * s[1] * s[2], s[3]);
      for (int phase = 0; phase < 4; phase++) {
        phase(y, s, phase).assign(rows);
      }
      return y;
    }

    @Override
    INDArray backward(INDArray x, INDArray epsilon, LayerWorkspaceMgr memory) {
      long[] s = x.shape();
      INDArray dx = memory.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, s, 'c');
      if (HostFloats.holds(epsilon)) {
        reduceOnHost(epsilon, dx);
        return dx;
      }
      INDArray rows = dx.reshape('c', s[0] * s[1] * s[2], s[3]);
      rows.assign(phase(epsilon, s, 0));
      for (int phase = 1; phase < 4; phase++) {
        rows.addi(phase(epsilon, s, phase));
      }
      return dx;
    }

    /** Rows of pixels to pairs of rows of twice the width, in blocks. */
    private static void enlargeOnHost(INDArray x, INDArray y) {
      int width = Math.toIntExact(x.size(3));
      int rows = Math.toIntExact(x.length() / width);
      HostParallel.run(rows, 4 * width, (chunk, from, to) -> enlargeOnHost(x, y, width, from, to));
    }

    private static void enlargeOnHost(INDArray x, INDArray y, int width, int begin, int end) {
      int rowsPerBlock = Math.max(1, Scratch.BLOCK / (4 * width));
      float[] small = Scratch.floats(0, rowsPerBlock * width);
      float[] large = Scratch.floats(1, rowsPerBlock * 4 * width);
      HostFloats from = HostFloats.of(x);
      HostFloats to = HostFloats.of(y);
      for (int first = begin; first < end; first += rowsPerBlock) {
        int count = Math.min(rowsPerBlock, end - first);
        from.read((long) first * width, small, 0, count * width);
        for (int row = 0; row < count; row++) {
          int at = 4 * row * width;
          for (int i = row * width; i < (row + 1) * width; i++) {
            large[at] = small[i];
            large[at + 1] = small[i];
            at += 2;
          }
          System.arraycopy(large, at - 2 * width, large, at, 2 * width);
        }
        to.write(4L * first * width, large, 0, count * 4 * width);
      }
    }

    private static void reduceOnHost(INDArray epsilon, INDArray dx) {
      int width = Math.toIntExact(dx.size(3));
      int rows = Math.toIntExact(dx.length() / width);
      HostParallel.run(
          rows, 4 * width, (chunk, from, to) -> reduceOnHost(epsilon, dx, width, from, to));
    }

    private static void reduceOnHost(INDArray epsilon, INDArray dx, int width, int begin, int end) {
      int rowsPerBlock = Math.max(1, Scratch.BLOCK / (4 * width));
      float[] small = Scratch.floats(0, rowsPerBlock * width);
      float[] large = Scratch.floats(1, rowsPerBlock * 4 * width);
      HostFloats from = HostFloats.of(epsilon);
      HostFloats to = HostFloats.of(dx);
      for (int first = begin; first < end; first += rowsPerBlock) {
        int count = Math.min(rowsPerBlock, end - first);
        from.read(4L * first * width, large, 0, count * 4 * width);
        for (int row = 0; row < count; row++) {
          int above = 4 * row * width;
          int below = above + 2 * width;
          for (int i = 0; i < width; i++) {
            small[row * width + i] =
                (large[above + 2 * i] + large[above + 2 * i + 1])
                    + (large[below + 2 * i] + large[below + 2 * i + 1]);
          }
        }
        to.write((long) first * width, small, 0, count * width);
      }
    }

    /**
     * One of the four pixels that each input pixel became: a view [N C H, W] of the large array.
     */
    private static INDArray phase(INDArray large, long[] small, int phase) {
      return large
          .reshape('c', small[0] * small[1] * small[2], 2, small[3], 2)
          .get(
              NDArrayIndex.all(),
              NDArrayIndex.point(phase / 2),
              NDArrayIndex.all(),
              NDArrayIndex.point(phase % 2));
    }
  }
}
