package org.lcsc.diffusion.layer;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Moves float32 data on the CPU between the layouts of attention: images {@code [N, C, S]}, tokens
 * {@code [N S, parts C]}, and parts by head {@code [N heads, S, C / heads]}. Biases are added and
 * summed on the way.
 */
final class TokenLayout {

  private final int examples;
  private final int channels;
  private final int positions;
  private final int heads;

  /** For batches of {@code examples} images of {@code positions} pixels. */
  TokenLayout(long examples, long channels, long positions, int heads) {
    this.examples = Math.toIntExact(examples);
    this.channels = Math.toIntExact(channels);
    this.positions = Math.toIntExact(positions);
    this.heads = heads;
  }

  /** Images to tokens. */
  void toTokens(INDArray images, INDArray tokens) {
    transpose(images, tokens, channels, positions, null);
  }

  /** Tokens to images, plus {@code bias [C]}. */
  void toImages(INDArray tokens, float[] bias, INDArray images) {
    transpose(tokens, images, positions, channels, bias);
  }

  /** Each example's matrix {@code [rows, columns]} to its transpose, plus a bias by its rows. */
  private void transpose(INDArray from, INDArray to, int rows, int columns, float[] bias) {
    int length = rows * columns;
    float[] source = Scratch.floats(0, length);
    float[] target = Scratch.floats(1, length);
    HostFloats in = HostFloats.of(from);
    HostFloats out = HostFloats.of(to);
    for (int n = 0; n < examples; n++) {
      in.read((long) n * length, source, 0, length);
      for (int column = 0; column < columns; column++) {
        float added = bias == null ? 0 : bias[column];
        int at = column * rows;
        for (int row = 0; row < rows; row++) {
          target[at + row] = source[row * columns + column] + added;
        }
      }
      out.write((long) n * length, target, 0, length);
    }
  }

  /** Tokens {@code [N S, parts C]} plus {@code bias [parts C]} to as many parts by head. */
  void split(INDArray tokens, float[] bias, INDArray... parts) {
    int width = parts.length * channels;
    int perHead = channels / heads;
    int length = positions * channels;
    float[] source = Scratch.floats(0, positions * width);
    float[] target = Scratch.floats(1, length);
    HostFloats in = HostFloats.of(tokens);
    HostFloats[] out = memory(parts);
    for (int n = 0; n < examples; n++) {
      in.read((long) n * positions * width, source, 0, positions * width);
      for (int part = 0; part < parts.length; part++) {
        int at = 0;
        for (int head = 0; head < heads; head++) {
          int first = part * channels + head * perHead;
          for (int s = 0; s < positions; s++) {
            for (int column = first; column < first + perHead; column++) {
              target[at++] = source[s * width + column] + bias[column];
            }
          }
        }
        out[part].write((long) n * length, target, 0, length);
      }
    }
  }

  /** Undoes {@link #split}, without a bias; returns the sum of each column. */
  double[] join(INDArray tokens, INDArray... parts) {
    int width = parts.length * channels;
    int perHead = channels / heads;
    int length = positions * channels;
    float[] source = Scratch.floats(0, length);
    float[] target = Scratch.floats(1, positions * width);
    double[] sums = new double[width];
    HostFloats[] in = memory(parts);
    HostFloats out = HostFloats.of(tokens);
    for (int n = 0; n < examples; n++) {
      for (int part = 0; part < parts.length; part++) {
        in[part].read((long) n * length, source, 0, length);
        int at = 0;
        for (int head = 0; head < heads; head++) {
          int first = part * channels + head * perHead;
          for (int s = 0; s < positions; s++) {
            for (int column = first; column < first + perHead; column++) {
              float value = source[at++];
              target[s * width + column] = value;
              sums[column] += value;
            }
          }
        }
      }
      out.write((long) n * positions * width, target, 0, positions * width);
    }
    return sums;
  }

  private static HostFloats[] memory(INDArray[] arrays) {
    HostFloats[] memory = new HostFloats[arrays.length];
    for (int i = 0; i < arrays.length; i++) {
      memory[i] = HostFloats.of(arrays[i]);
    }
    return memory;
  }

  /** Column sums of tokens {@code [N S, C]}. */
  double[] columnSums(INDArray tokens) {
    double[] sums = new double[channels];
    int length = positions * channels;
    float[] values = Scratch.floats(0, length);
    HostFloats in = HostFloats.of(tokens);
    for (int n = 0; n < examples; n++) {
      in.read((long) n * length, values, 0, length);
      for (int s = 0; s < positions; s++) {
        for (int c = 0; c < channels; c++) {
          sums[c] += values[s * channels + c];
        }
      }
    }
    return sums;
  }

  /** {@code gradient = attention (gradient - sum gradient attention)} by rows of {@code S}. */
  void softmaxBackward(INDArray attention, INDArray gradient) {
    int length = positions * positions;
    float[] weights = Scratch.floats(0, length);
    float[] gradients = Scratch.floats(1, length);
    HostFloats in = HostFloats.of(attention);
    HostFloats inOut = HostFloats.of(gradient);
    for (int n = 0; n < examples * heads; n++) {
      in.read((long) n * length, weights, 0, length);
      inOut.read((long) n * length, gradients, 0, length);
      for (int row = 0; row < length; row += positions) {
        float even = 0;
        float odd = 0;
        int i = row;
        for (; i < row + positions - 1; i += 2) {
          even += gradients[i] * weights[i];
          odd += gradients[i + 1] * weights[i + 1];
        }
        float sum = even + odd + (i < row + positions ? gradients[i] * weights[i] : 0);
        for (int j = row; j < row + positions; j++) {
          gradients[j] = weights[j] * (gradients[j] - sum);
        }
      }
      inOut.write((long) n * length, gradients, 0, length);
    }
  }
}
