package org.lcsc.diffusion.layer;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Group normalisation of float32 images on the CPU, with its SiLU, in one pass over memory: groups
 * lie one after the other, so that a block of whole groups is read, normalised in the cache and
 * written. Keeps mean and inverse deviation of each group for the backward pass. Not thread-safe.
 */
final class GroupNormKernel {

  private final int channels;
  private final int groups;
  private final double epsilon;
  private final boolean silu;

  /** Per (example, group). */
  private float[] mean = {};

  private float[] inverseDeviation = {};

  GroupNormKernel(GroupNorm config) {
    channels = config.channels;
    groups = config.groups;
    epsilon = config.epsilon;
    silu = config.silu;
  }

  /** {@code y = SiLU?(normalised x * gain + shift)}, all {@code [N, C, H, W]}. */
  void forward(INDArray x, float[] gain, float[] shift, INDArray y) {
    int rows = Math.toIntExact(x.size(0) * groups);
    int positions = Math.toIntExact(x.size(2) * x.size(3));
    int length = channels / groups * positions;
    if (mean.length < rows) {
      mean = new float[rows];
      inverseDeviation = new float[rows];
    }
    HostParallel.run(
        rows, length, (chunk, from, to) -> forward(x, gain, shift, y, positions, from, to));
  }

  /** Groups {@code begin} to {@code end - 1}. */
  private void forward(
      INDArray x, float[] gain, float[] shift, INDArray y, int positions, int begin, int end) {
    int perGroup = channels / groups;
    int length = perGroup * positions;
    HostFloats from = HostFloats.of(x);
    HostFloats to = HostFloats.of(y);
    int rowsPerBlock = Math.max(1, Scratch.BLOCK / length);
    float[] values = Scratch.floats(0, rowsPerBlock * length);
    for (int first = begin; first < end; first += rowsPerBlock) {
      int blockRows = Math.min(rowsPerBlock, end - first);
      long start = (long) first * length;
      from.read(start, values, 0, blockRows * length);
      for (int r = 0; r < blockRows; r++) {
        int row = first + r;
        int offset = r * length;
        float m = (float) (BlockSums.sum(values, offset, length) / length);
        double variance = BlockSums.squares(values, offset, length, m) / length;
        float inverse = (float) (1 / Math.sqrt(variance + epsilon));
        mean[row] = m;
        inverseDeviation[row] = inverse;
        int channel = row % groups * perGroup;
        for (int c = 0; c < perGroup; c++) {
          float scale = gain[channel + c] * inverse;
          affine(values, offset + c * positions, positions, scale, shift[channel + c] - scale * m);
        }
      }
      if (silu) {
        SiluKernel.forward(values, blockRows * length);
      }
      to.write(start, values, 0, blockRows * length);
    }
  }

  /**
   * With g = dL/dy gain, and means over a group: dx = (g - mean(g) - xhat mean(g xhat)) /
   * deviation.
   *
   * @param x the input of the last forward pass
   * @param dGain gradient of the gain, {@code [C]}, overwritten
   * @param dShift gradient of the shift, {@code [C]}, overwritten
   */
  void backward(
      INDArray x,
      INDArray dy,
      float[] gain,
      float[] shift,
      INDArray dx,
      INDArray dGain,
      INDArray dShift) {
    int rows = Math.toIntExact(x.size(0) * groups);
    int positions = Math.toIntExact(x.size(2) * x.size(3));
    int length = channels / groups * positions;
    double[][] gainSums = new double[HostParallel.chunks(rows, length)][channels];
    double[][] shiftSums = new double[gainSums.length][channels];
    HostParallel.run(
        rows,
        length,
        (chunk, from, to) ->
            backward(
                x, dy, gain, shift, dx, positions, from, to, gainSums[chunk], shiftSums[chunk]));
    write(gainSums, dGain);
    write(shiftSums, dShift);
  }

  /** Groups {@code begin} to {@code end - 1}; adds their part of the parameters' gradients. */
  private void backward(
      INDArray x,
      INDArray dy,
      float[] gain,
      float[] shift,
      INDArray dx,
      int positions,
      int begin,
      int end,
      double[] gainSums,
      double[] shiftSums) {
    int perGroup = channels / groups;
    int length = perGroup * positions;
    HostFloats from = HostFloats.of(x);
    HostFloats incoming = HostFloats.of(dy);
    HostFloats to = HostFloats.of(dx);
    int rowsPerBlock = Math.max(1, Scratch.BLOCK / length);
    float[] values = Scratch.floats(0, rowsPerBlock * length);
    float[] gradients = Scratch.floats(1, rowsPerBlock * length);
    float[] activated = Scratch.floats(2, rowsPerBlock * length);

    for (int first = begin; first < end; first += rowsPerBlock) {
      int blockRows = Math.min(rowsPerBlock, end - first);
      long start = (long) first * length;
      from.read(start, values, 0, blockRows * length);
      incoming.read(start, gradients, 0, blockRows * length);
      if (silu) {
        normalised(values, activated, first, blockRows, positions, gain, shift);
        SiluKernel.backward(activated, gradients, blockRows * length);
      }
      for (int r = 0; r < blockRows; r++) {
        int row = first + r;
        int channel = row % groups * perGroup;
        float inverse = inverseDeviation[row];
        double meanG = 0;
        double meanGx = 0;
        for (int c = 0; c < perGroup; c++) {
          int offset = r * length + c * positions;
          double sum = BlockSums.sum(gradients, offset, positions);
          double product =
              (BlockSums.products(values, gradients, offset, positions, mean[row])) * inverse;
          shiftSums[channel + c] += sum;
          gainSums[channel + c] += product;
          meanG += sum * gain[channel + c];
          meanGx += product * gain[channel + c];
        }
        meanG /= length;
        meanGx /= length;
        double slope = -meanGx * inverse * inverse;
        double constant = -meanG * inverse - slope * mean[row];
        for (int c = 0; c < perGroup; c++) {
          combine(
              gradients,
              values,
              r * length + c * positions,
              positions,
              gain[channel + c] * inverse,
              (float) slope,
              (float) constant);
        }
      }
      to.write(start, gradients, 0, blockRows * length);
    }
  }

  /** The forward pass again, up to SiLU. */
  private void normalised(
      float[] values,
      float[] into,
      int first,
      int rows,
      int positions,
      float[] gain,
      float[] shift) {
    int perGroup = channels / groups;
    int at = 0;
    for (int row = first; row < first + rows; row++) {
      int channel = row % groups * perGroup;
      for (int c = channel; c < channel + perGroup; c++) {
        float scale = gain[c] * inverseDeviation[row];
        float offset = shift[c] - scale * mean[row];
        for (int i = at; i < at + positions; i++) {
          into[i] = values[i] * scale + offset;
        }
        at += positions;
      }
    }
  }

  /** The total of the chunks' sums, in their order. */
  private static void write(double[][] sums, INDArray into) {
    float[] values = new float[sums[0].length];
    for (int i = 0; i < values.length; i++) {
      double total = 0;
      for (double[] chunk : sums) {
        total += chunk[i];
      }
      values[i] = (float) total;
    }
    HostFloats.of(into).write(0, values, 0, values.length);
  }

  private static void affine(float[] x, int from, int count, float scale, float offset) {
    for (int i = from; i < from + count; i++) {
      x[i] = x[i] * scale + offset;
    }
  }

  /** {@code g = a g + b x + c}. */
  private static void combine(
      float[] g, float[] x, int from, int count, float a, float b, float c) {
    for (int i = from; i < from + count; i++) {
      g[i] = a * g[i] + (b * x[i] + c);
    }
  }
}
