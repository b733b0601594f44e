package org.lcsc.diffusion.layer;

import static org.lcsc.diffusion.layer.SelfAttention2d.PROJECTIONS;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Runs {@link SelfAttention2d}: by {@link TokenAttention} in float32 on the CPU, elsewhere with 1x1
 * convolutions. Query, key, value, attention and mixed values of the last forward pass are kept for
 * the backward pass, in inference too, which may be differentiated: for N images with S positions
 * and h heads, 4 N h S^2 bytes of attention and a few images of C channels. From 32x32 on that is
 * what limits the batch (N = 128, h = 6: 3.2 GB a layer).
 */
final class SelfAttention2dRuntime extends ImageLayerRuntime<SelfAttention2d> {

  private static final int QUERY = 0;
  private static final int KEY = 1;
  private static final int VALUE = 2;
  private static final int OUTPUT = 3;

  /** Query, key and value, each [N, C, H, W]. */
  private final INDArray[] projected = new INDArray[3];

  /** Attention over keys for each query, [N heads, S, S]. */
  private INDArray attention;

  /** Values mixed by attention, [N, C, H, W]. */
  private INDArray mixed;

  private final TokenAttention byTokens;

  SelfAttention2dRuntime(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    byTokens = new TokenAttention((SelfAttention2d) conf.getLayer(), this::kept);
  }

  @Override
  INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr memory) {
    if (HostFloats.holds(x)) {
      INDArray y = Outputs.activation(memory, x);
      byTokens.forward(x, params, y);
      return y;
    }
    for (int p = QUERY; p <= VALUE; p++) {
      projected[p] = kept(projected[p], x.shape());
      Conv2dRuntime.convolve(x, weight(p), bias(p), projected[p], 1, false);
    }
    long positions = x.size(2) * x.size(3);
    attention = kept(attention, x.size(0) * layerConf().heads, positions, positions);
    mixed = kept(mixed, x.shape());

    RowOps.matmul(
        perHead(projected[QUERY]), perHead(projected[KEY]), attention, true, false, scale());
    RowOps.exec("softmax", new INDArray[] {attention}, new INDArray[] {attention}, -1);
    RowOps.matmul(perHead(projected[VALUE]), attention, perHead(mixed), false, true, 1);

    INDArray y = Outputs.activation(memory, x);
    Conv2dRuntime.convolve(mixed, weight(OUTPUT), bias(OUTPUT), y, 1, false);
    return y;
  }

  @Override
  INDArray backward(INDArray x, INDArray epsilon, LayerWorkspaceMgr memory) {
    if (HostFloats.holds(x, epsilon)) {
      INDArray dx = Outputs.gradient(memory, x);
      byTokens.backward(epsilon, params, gradientViews, dx, shape -> working(memory, shape));
      return dx;
    }
    INDArray dMixed = working(memory, x.shape());
    Conv2dRuntime.convolveBackward(
        mixed,
        weight(OUTPUT),
        bias(OUTPUT),
        epsilon,
        dMixed,
        gradientOf(SelfAttention2d.weight(PROJECTIONS[OUTPUT])),
        gradientOf(SelfAttention2d.bias(PROJECTIONS[OUTPUT])),
        1,
        false);

    INDArray[] dProjected = new INDArray[3];
    for (int p = QUERY; p <= VALUE; p++) {
      dProjected[p] = working(memory, x.shape());
    }
    RowOps.matmul(perHead(dMixed), attention, perHead(dProjected[VALUE]), false, false, 1);
    INDArray dScores = working(memory, attention.shape());
    RowOps.matmul(perHead(dMixed), perHead(projected[VALUE]), dScores, true, false, 1);
    softmaxBackward(dScores, memory);
    RowOps.matmul(
        perHead(projected[KEY]), dScores, perHead(dProjected[QUERY]), false, true, scale());
    RowOps.matmul(
        perHead(projected[QUERY]), dScores, perHead(dProjected[KEY]), false, false, scale());

    INDArray dx = Outputs.gradient(memory, x);
    INDArray part = working(memory, x.shape());
    for (int p = QUERY; p <= VALUE; p++) {
      Conv2dRuntime.convolveBackward(
          x,
          weight(p),
          bias(p),
          dProjected[p],
          p == QUERY ? dx : part,
          gradientOf(SelfAttention2d.weight(PROJECTIONS[p])),
          gradientOf(SelfAttention2d.bias(PROJECTIONS[p])),
          1,
          false);
      if (p != QUERY) {
        dx.addi(part);
      }
    }
    return dx;
  }

  /** dS = P (dP - sum_j dP P), in place. */
  private void softmaxBackward(INDArray dAttention, LayerWorkspaceMgr memory) {
    long rows = attention.size(0) * attention.size(1);
    INDArray products = working(memory, attention.shape());
    INDArray sums = working(memory, rows, 1);
    dAttention.mul(attention, products);
    RowOps.rowSums(products.reshape('c', rows, attention.size(2)), 1, sums);
    INDArray matrix = dAttention.reshape('c', rows, attention.size(2));
    RowOps.subtract(matrix, sums, matrix);
    dAttention.muli(attention);
  }

  private double scale() {
    return 1 / Math.sqrt((double) layerConf().channels / layerConf().heads);
  }

  /** [N, C, H, W] seen as [N heads, C / heads, S]. */
  private INDArray perHead(INDArray x) {
    long heads = layerConf().heads;
    return x.reshape('c', x.size(0) * heads, x.size(1) / heads, x.size(2) * x.size(3));
  }

  private INDArray weight(int projection) {
    return getParam(SelfAttention2d.weight(PROJECTIONS[projection]));
  }

  private INDArray bias(int projection) {
    return getParam(SelfAttention2d.bias(PROJECTIONS[projection]));
  }

  private INDArray working(LayerWorkspaceMgr memory, long... shape) {
    return memory.createUninitialized(ArrayType.BP_WORKING_MEM, dataType, shape, 'c');
  }
}
