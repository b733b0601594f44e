package org.lcsc.diffusion.layer;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Runs {@link GroupNorm}: on {@link GroupNormKernel} in float32 on the CPU, elsewhere on libnd4j's
 * operations as follows. The forward pass keeps mean and inverse deviation of each group; whatever
 * is as large as an activation is recomputed in the backward pass, which costs less than the memory
 * traffic of keeping it.
 */
final class GroupNormRuntime extends ImageLayerRuntime<GroupNorm> {

  /** Per (example, group): [N G, 1]. */
  private INDArray mean;

  private INDArray inverseDeviation;

  /** Per (example, channel): y = x scale + shift, [N C, 1]. */
  private INDArray scale;

  private INDArray shift;

  private final GroupNormKernel kernel;

  GroupNormRuntime(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
    kernel = new GroupNormKernel((GroupNorm) conf.getLayer());
  }

  @Override
  INDArray forward(INDArray x, boolean training, LayerWorkspaceMgr memory) {
    checkChannels(x);
    INDArray y = Outputs.activation(memory, x);
    if (HostFloats.holds(x)) {
      kernel.forward(x, parameter(GroupNorm.GAIN), parameter(GroupNorm.SHIFT), y);
      return y;
    }
    INDArray t = memory.createUninitialized(ArrayType.FF_WORKING_MEM, dataType, x.shape(), 'c');
    computeStatistics(x, t);
    normalise(x, y);
    if (layerConf().silu) {
      SiluKernel.forward(y, y, t);
    }
    return y;
  }

  private void checkChannels(INDArray x) {
    if (x.rank() != 4 || x.size(1) != layerConf().channels) {
      throw new IllegalArgumentException(
          Text.format(
              "GroupNorm %s: expected [N, %s, H, W], got %s",
              layerId(), layerConf().channels, x.shape()));
    }
  }

  private float[] parameter(String name) {
    return HostFloats.all(getParam(name));
  }

  private INDArray byGroup(INDArray x) {
    long rows = x.size(0) * layerConf().groups;
    return x.reshape('c', rows, x.length() / rows);
  }

  private static INDArray byChannel(INDArray x) {
    return x.reshape('c', x.size(0) * x.size(1), x.size(2) * x.size(3));
  }

  private void computeStatistics(INDArray x, INDArray t) {
    GroupNorm c = layerConf();
    long n = x.size(0);
    long groups = c.groups;
    long perGroup = c.channels / groups;
    INDArray rows = byGroup(x);
    INDArray centred = byGroup(t);
    double inverseLength = 1.0 / rows.size(1);

    mean = kept(mean, n * groups, 1);
    RowOps.rowSums(rows, inverseLength, mean);
    RowOps.subtract(rows, mean, centred);
    centred.muli(centred);
    inverseDeviation = kept(inverseDeviation, n * groups, 1);
    RowOps.rowSums(centred, inverseLength, inverseDeviation);
    inverseDeviation.addi(c.epsilon);
    Transforms.sqrt(inverseDeviation, false);
    inverseDeviation.rdivi(1);

    INDArray gain = getParam(GroupNorm.GAIN).reshape(1, groups, perGroup);
    INDArray offset = getParam(GroupNorm.SHIFT).reshape(1, groups, perGroup);
    scale = kept(scale, n * groups * perGroup, 1);
    shift = kept(shift, n * groups * perGroup, 1);
    INDArray scale3 = scale.reshape(n, groups, perGroup);
    INDArray shift3 = shift.reshape(n, groups, perGroup);
    RowOps.multiply(gain, inverseDeviation.reshape(n, groups, 1), scale3);
    RowOps.multiply(scale3, mean.reshape(n, groups, 1), shift3);
    RowOps.subtract(offset, shift3, shift3);
  }

  private void normalise(INDArray x, INDArray y) {
    INDArray rows = byChannel(y);
    RowOps.multiply(byChannel(x), scale, rows);
    RowOps.add(rows, shift, rows);
  }

  /**
   * With g = dL/dy gain, and means over a group: dx = (g - mean(g) - xhat mean(g xhat)) /
   * deviation.
   */
  @Override
  INDArray backward(INDArray x, INDArray epsilon, LayerWorkspaceMgr memory) {
    GroupNorm c = layerConf();
    long n = x.size(0);
    long groups = c.groups;
    long channels = c.channels;
    INDArray dx = Outputs.gradient(memory, x);
    if (HostFloats.holds(x, epsilon)) {
      kernel.backward(
          x,
          epsilon,
          parameter(GroupNorm.GAIN),
          parameter(GroupNorm.SHIFT),
          dx,
          gradientOf(GroupNorm.GAIN),
          gradientOf(GroupNorm.SHIFT));
      return dx;
    }
    INDArray a = memory.createUninitialized(ArrayType.BP_WORKING_MEM, dataType, x.shape(), 'c');
    INDArray b = memory.createUninitialized(ArrayType.BP_WORKING_MEM, dataType, x.shape(), 'c');
    INDArray dy = epsilon;
    if (c.silu) {
      normalise(x, a);
      SiluKernel.backward(a, epsilon, dx, a, b);
      dy = dx;
    }

    RowOps.subtract(byGroup(x), mean, byGroup(a));
    dy.mul(a, b);
    INDArray sums = working(memory, n * channels, 1);
    INDArray products = working(memory, n * channels, 1);
    RowOps.rowSums(byChannel(dy), 1, sums);
    RowOps.rowSums(byChannel(b), 1, products);

    // Per-channel gradients: sums over examples of dy and dy xhat.
    long perGroup = channels / groups;
    INDArray inverse3 = inverseDeviation.reshape(n, groups, 1);
    INDArray scaled = working(memory, n, channels);
    RowOps.multiply(
        products.reshape(n, groups, perGroup), inverse3, scaled.reshape(n, groups, perGroup));
    RowOps.columnSums(scaled, gradientOf(GroupNorm.GAIN).reshape(1, channels));
    RowOps.columnSums(sums.reshape(n, channels), gradientOf(GroupNorm.SHIFT).reshape(1, channels));

    // Group means of g and of g xhat, as factors of the rows.
    double inverseLength = (double) groups / (x.length() / n);
    INDArray gain = getParam(GroupNorm.GAIN).reshape(1, channels);
    INDArray meanG = working(memory, n * groups, 1);
    INDArray meanGx = working(memory, n * groups, 1);
    RowOps.multiply(scaled, gain, scaled);
    RowOps.rowSums(scaled.reshape(n * groups, perGroup), inverseLength, meanGx);
    meanGx.muli(inverseDeviation).muli(inverseDeviation);
    RowOps.multiply(sums.reshape(n, channels), gain, scaled);
    RowOps.rowSums(scaled.reshape(n * groups, perGroup), inverseLength, meanG);
    meanG.muli(inverseDeviation);

    RowOps.multiply(byGroup(a), meanGx, byGroup(a));
    RowOps.multiply(byChannel(dy), scale, byChannel(dx));
    dx.subi(a);
    RowOps.subtract(byGroup(dx), meanG, byGroup(dx));
    return dx;
  }

  private INDArray working(LayerWorkspaceMgr memory, long... shape) {
    return memory.createUninitialized(ArrayType.BP_WORKING_MEM, dataType, shape, 'c');
  }
}
