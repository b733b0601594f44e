package org.lcsc.diffusion.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.diffusion.unet.UNetConfig.TimeConditioning;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.ops.transforms.Transforms;

class UNetTest {

  private static final NetworkBody.Images IMAGES = new NetworkBody.Images(1, 4, 3);

  @BeforeEach
  void gradientChecksWantDoubleByDefault() {
    Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE);
  }

  @AfterEach
  void restoreDefault() {
    Nd4j.setDefaultDataTypes(DataType.FLOAT, DataType.FLOAT);
  }

  @Test
  void aConsistencyFunctionIsTheIdentityAtEpsilonWhateverItsNetwork() {
    Preconditioning consistency =
        Preconditioning.consistency(0.5, Preconditioning.NetworkTime.THOUSANDFOLD);
    UNetConfig config = new UNetConfig(4, List.of(1, 2), 1, List.of());
    ComputationGraph network =
        new ComputationGraph(
            UNet.configuration(
                config, IMAGES, consistency, new SquaredError(), new NoOp(), 7, DataType.DOUBLE));
    network.init();
    network.params().assign(ramp(network.numParams()));
    INDArray x = ramp(2, 1, 4, 4);
    INDArray same =
        network.outputSingle(x, Nd4j.createFromArray(new double[] {0.002, 0.002}).reshape(2, 1));
    assertThat(same.sub(x).amaxNumber().doubleValue()).isLessThan(1e-12);
    INDArray other =
        network.outputSingle(x, Nd4j.createFromArray(new double[] {1, 80}).reshape(2, 1));
    assertThat(other.sub(x).amaxNumber().doubleValue()).isGreaterThan(0.1);
  }

  @Test
  void preconditioningAddsNoParametersAndLeavesTheBareNetworkInside() {
    UNetConfig config = new UNetConfig(4, List.of(1, 2), 1, List.of());
    Preconditioning edm = Preconditioning.edm(0.5, Preconditioning.NetworkTime.QUARTER_LOG);
    ComputationGraph bare = UNets.network(config, IMAGES, new NoOp(), 7, DataType.DOUBLE);
    ComputationGraph denoiser =
        new ComputationGraph(
            UNet.configuration(
                config, IMAGES, edm, new SquaredError(), new NoOp(), 7, DataType.DOUBLE));
    denoiser.init();
    assertThat(denoiser.numParams()).isEqualTo(bare.numParams());
    bare.params().assign(ramp(bare.numParams()).muli(0.1));
    // By name: the two graphs lay their parameters out in different orders.
    bare.paramTable().forEach(denoiser::setParam);
    INDArray x = ramp(1, 1, 4, 4);
    double sigma = 1.7;
    INDArray inside =
        bare.outputSingle(
            x.mul(edm.in(sigma)),
            Nd4j.createFromArray(new double[] {edm.noise(sigma)}).reshape(1, 1));
    INDArray expected = x.mul(edm.skip(sigma)).addi(inside.mul(edm.out(sigma)));
    INDArray denoised =
        denoiser.outputSingle(x, Nd4j.createFromArray(new double[] {sigma}).reshape(1, 1));
    assertThat(denoised.sub(expected).amaxNumber().doubleValue()).isLessThan(1e-12);
  }

  @Test
  void gradientsAgreeWithFiniteDifferences() {
    for (TimeConditioning conditioning : TimeConditioning.values()) {
      UNetConfig config =
          new UNetConfig(
              4, List.of(1, 2), 1, List.of(2), 2, 0, conditioning, true, false, null, null, null);
      ComputationGraph network = UNets.network(config, IMAGES, new NoOp(), 7, DataType.DOUBLE);
      INDArray x = ramp(2, 1, 4, 4);
      INDArray t = Nd4j.createFromArray(new double[] {10, 700}).reshape(2, 1);
      INDArray label = Nd4j.createFromArray(new double[][] {{0, 1, 0}, {1, 0, 0}});
      network.setInputs(x, t, label);
      network.setLabels(ramp(2, 1, 4, 4).rsub(0.3));
      assertGradient(network, 12, conditioning);
    }
  }

  /** Against central differences along directions; inputs and labels are set. */
  static void assertGradient(ComputationGraph network, int directions, Object what) {
    network.computeGradientAndScore();
    // Deeplearning4j's gradient is the sum over the batch, its score the mean.
    INDArray gradient = network.gradient().gradient().reshape(network.numParams()).div(2);
    INDArray start = network.params().dup();
    for (int direction = 1; direction <= directions; direction++) {
      INDArray d = Transforms.sin(ramp(network.numParams()).muli(direction * 37.0));
      double h = 1e-6;
      double slope =
          (scoreAt(network, start.add(d.mul(h))) - scoreAt(network, start.sub(d.mul(h)))) / (2 * h);
      assertThat(slope)
          .as("%s, direction %d", what, direction)
          .isCloseTo(Nd4j.getBlasWrapper().dot(gradient, d), withinPercentage(1e-3));
    }
  }

  @Test
  void samplesDoNotDependOnTheBatchTheyAreIn() {
    UNetConfig config = new UNetConfig(16, List.of(1, 2), 1, List.of(4));
    ComputationGraph network =
        UNets.network(config, new NetworkBody.Images(1, 8), new NoOp(), 7, DataType.FLOAT);
    network.params().addi(0.01f);
    INDArray x = ramp(6, 1, 8, 8).castTo(DataType.FLOAT);
    INDArray t = Nd4j.valueArrayOf(new long[] {6, 1}, 321f, DataType.FLOAT);
    INDArray all = network.outputSingle(x, t).dup();
    INDArray part =
        network.outputSingle(
            x.get(NDArrayIndex.interval(2, 4)).dup(), t.get(NDArrayIndex.interval(2, 4)).dup());
    assertThat(part.sub(all.get(NDArrayIndex.interval(2, 4))).amaxNumber())
        .satisfies(worst -> assertThat(worst.doubleValue()).isLessThan(1e-5));
  }

  @Test
  void aResolutionThatNeverOccursIsRefused() {
    UNetConfig attends = new UNetConfig(16, List.of(1, 2), 1, List.of(5));
    assertThatThrownBy(() -> attends.checkSide(8))
        .hasMessage("attention: no level has this resolution (5), allowed: 8, 4");
    UNetConfig deep = new UNetConfig(16, List.of(1, 2, 2), 1, List.of());
    assertThatThrownBy(() -> deep.checkSide(6))
        .hasMessage(
            "multipliers: the images' side is not a multiple of 4 (side 6, 3 levels), allowed: at"
                + " most 2 levels, or another dataset.side");
  }

  private static double scoreAt(ComputationGraph network, INDArray parameters) {
    network.setParams(parameters);
    network.computeGradientAndScore();
    return network.score();
  }

  private static INDArray ramp(long... shape) {
    long length = org.nd4j.common.util.ArrayUtil.prodLong(shape);
    INDArray values = Nd4j.arange(0, length).castTo(DataType.DOUBLE);
    return Transforms.sin(values.muli(1.7)).reshape(shape);
  }
}
