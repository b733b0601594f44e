package org.lcsc.diffusion.layer;

import static org.lcsc.diffusion.layer.SelfAttention2d.PROJECTIONS;

import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Self-attention of float32 images on the CPU. Images are turned into rows of tokens {@code [N S,
 * C]}, S = H W, so that query, key and value are one matrix product instead of three convolutions,
 * and so is each of their gradients. Keeps what the backward pass needs. Not thread-safe.
 */
final class TokenAttention {

  private static final int PARTS = 3;
  private static final String OUTPUT = PROJECTIONS[PARTS];

  private final long channels;
  private final int heads;
  private final double scale;
  private final BiFunction<INDArray, long[], INDArray> allocate;

  /** What the arrays below are laid out for. */
  private long examples;

  private long positions;

  private TokenLayout layout;

  /** {@code [N S, C]}: the input, the values mixed by attention, the output. */
  private INDArray tokens;

  private INDArray mixedTokens;

  private INDArray output;

  /** Query, key and value, {@code [N S, 3C]}, and their weights {@code [3C, C]}. */
  private INDArray joined;

  private INDArray weights;

  /** By head, {@code [N heads, S, C / heads]}: query, key, value; what attention mixed. */
  private final INDArray[] projected = new INDArray[PARTS];

  private INDArray mixed;

  /** {@code [N heads, S, S]}. */
  private INDArray attention;

  /**
   * Attention of a layer.
   *
   * @param allocate an array that lasts, of a given shape, in place of another or null
   */
  TokenAttention(SelfAttention2d config, BiFunction<INDArray, long[], INDArray> allocate) {
    channels = config.channels;
    heads = config.heads;
    scale = 1 / Math.sqrt((double) channels / heads);
    this.allocate = allocate;
  }

  private INDArray array(INDArray before, long... shape) {
    return allocate.apply(before, shape);
  }

  private void layOut(INDArray x) {
    long s = x.size(2) * x.size(3);
    if (layout != null && examples == x.size(0) && positions == s) {
      return;
    }
    examples = x.size(0);
    positions = s;
    layout = null;
    tokens = array(tokens, examples * s, channels);
    mixedTokens = array(mixedTokens, examples * s, channels);
    output = array(output, examples * s, channels);
    joined = array(joined, examples * s, PARTS * channels);
    weights = array(weights, PARTS * channels, channels);
    attention = array(attention, examples * heads, s, s);
    for (int p = 0; p < PARTS; p++) {
      projected[p] = byHead(projected[p]);
    }
    mixed = byHead(mixed);
    // Last: where there was no memory, the arrays are made anew the next time.
    layout = new TokenLayout(examples, channels, positions, heads);
  }

  private INDArray byHead(INDArray before) {
    return array(before, examples * heads, positions, channels / heads);
  }

  /** Writes the output for {@code x} to {@code y}, both {@code [N, C, H, W]}. */
  void forward(INDArray x, Map<String, INDArray> parameters, INDArray y) {
    layOut(x);
    layout.toTokens(x, tokens);
    HostFloats joint = HostFloats.of(weights);
    float[] bias = new float[(int) (PARTS * channels)];
    for (int p = 0; p < PARTS; p++) {
      INDArray part = parameters.get(SelfAttention2d.weight(PROJECTIONS[p]));
      joint.copy(p * channels * channels, HostFloats.of(part), 0, channels * channels);
      HostFloats.of(parameters.get(SelfAttention2d.bias(PROJECTIONS[p])))
          .read(0, bias, (int) (p * channels), (int) channels);
    }
    RowOps.matmul(tokens, weights, joined, false, true, 1);
    layout.split(joined, bias, projected);
    RowOps.matmul(projected[0], projected[1], attention, false, true, scale);
    RowOps.exec("softmax", new INDArray[] {attention}, new INDArray[] {attention}, -1);
    RowOps.matmul(attention, projected[2], mixed, false, false, 1);
    layout.join(mixedTokens, mixed);

    RowOps.matmul(mixedTokens, square(parameters), output, false, true, 1);
    layout.toImages(output, HostFloats.all(parameters.get(SelfAttention2d.bias(OUTPUT))), y);
  }

  private INDArray square(Map<String, INDArray> parameters) {
    return parameters.get(SelfAttention2d.weight(OUTPUT)).reshape('c', channels, channels);
  }

  /**
   * Writes the gradient with respect to the last input to {@code dx} and those of the parameters to
   * their views.
   */
  void backward(
      INDArray dy,
      Map<String, INDArray> parameters,
      Map<String, INDArray> gradients,
      INDArray dx,
      Function<long[], INDArray> working) {
    long rows = examples * positions;
    INDArray dOut = working.apply(new long[] {rows, channels});
    layout.toTokens(dy, dOut);
    write(layout.columnSums(dOut), 0, gradients.get(SelfAttention2d.bias(OUTPUT)));
    RowOps.matmul(dOut, mixedTokens, square(gradients), true, false, 1);
    INDArray dMixedTokens = working.apply(new long[] {rows, channels});
    RowOps.matmul(dOut, square(parameters), dMixedTokens, false, false, 1);

    INDArray dMixed = working.apply(mixed.shape());
    layout.split(dMixedTokens, new float[(int) channels], dMixed);
    INDArray[] dProjected = new INDArray[PARTS];
    for (int p = 0; p < PARTS; p++) {
      dProjected[p] = working.apply(mixed.shape());
    }
    INDArray dScores = working.apply(attention.shape());
    RowOps.matmul(attention, dMixed, dProjected[2], true, false, 1);
    RowOps.matmul(dMixed, projected[2], dScores, false, true, 1);
    layout.softmaxBackward(attention, dScores);
    RowOps.matmul(dScores, projected[1], dProjected[0], false, false, scale);
    RowOps.matmul(dScores, projected[0], dProjected[1], true, false, scale);

    double[] sums = layout.join(joined, dProjected);
    INDArray dWeights = working.apply(weights.shape());
    RowOps.matmul(joined, tokens, dWeights, true, false, 1);
    HostFloats joint = HostFloats.of(dWeights);
    for (int p = 0; p < PARTS; p++) {
      HostFloats.of(gradients.get(SelfAttention2d.weight(PROJECTIONS[p])))
          .copy(0, joint, p * channels * channels, channels * channels);
      write(sums, (int) (p * channels), gradients.get(SelfAttention2d.bias(PROJECTIONS[p])));
    }
    RowOps.matmul(joined, weights, dMixedTokens, false, false, 1);
    layout.toImages(dMixedTokens, new float[(int) channels], dx);
  }

  private void write(double[] sums, int from, INDArray into) {
    float[] values = new float[(int) channels];
    for (int c = 0; c < values.length; c++) {
      values[c] = (float) sums[from + c];
    }
    HostFloats.of(into).write(0, values, 0, values.length);
  }
}
