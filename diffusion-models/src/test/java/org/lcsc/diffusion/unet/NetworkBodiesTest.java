package org.lcsc.diffusion.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.config.Kind;
import org.lcsc.config.Parts;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.diffusion.unet.UNetConfig.TimeConditioning;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The published networks: parameters counted against module trees written in PyTorch, outputs
 * against the same networks written as PyTorch functions, gradients against finite differences.
 */
class NetworkBodiesTest {

  private static final List<Integer> CIFAR_LEVELS = List.of(2, 2, 2);
  private static final List<Integer> IMAGENET_LEVELS = List.of(1, 2, 3, 4);

  private static final NetworkBody.Images SMALL = new NetworkBody.Images(3, 8, 3);

  /** NCSN++ with positional features, which need no random frequencies. */
  @Kind("positional")
  private record PositionalNcsnpp(NcsnppConfig config) implements NetworkBody {
    @Override
    public boolean classConditional() {
      return config.classConditional();
    }

    @Override
    public String addTo(GraphBuilder graph, Inputs inputs, long seed) {
      SongUNet.Variant variant = new SongUNet.Variant(null, SongUNet.Encoder.RESIDUAL, 1, 3, 3, 1);
      return new SongUNet(config, config.heads(), variant, graph, inputs, seed).build();
    }
  }

  private static final NetworkBody SMALL_NCSNPP =
      new PositionalNcsnpp(new NcsnppConfig(8, List.of(1, 2), 1, List.of(8), 2, 0, true, null));

  private static final NetworkBody SMALL_DDPMPP =
      new DdpmppConfig(8, List.of(1, 2), 2, List.of(4), 1, 0, false);

  private static final NetworkBody SMALL_ADM =
      new AdmConfig(8, List.of(1, 2), 1, List.of(8), 4, 0, true, null);

  private static final NetworkBody DDIM_CIFAR10 =
      Parts.with(
          new UNetConfig(128, List.of(1, 2, 2, 2), 2, List.of(16)),
          Map.of("dropout", 0.1, "zeroInit", false));

  private static final NetworkBody IDDPM_IMAGENET64 =
      Parts.with(
          new UNetConfig(128, IMAGENET_LEVELS, 3, List.of(16, 8)),
          Map.of("heads", 4, "timeEmbedding", TimeConditioning.SCALE_SHIFT));

  private static final NetworkBody NCSNPP_CIFAR10 = ncsnpp(128, CIFAR_LEVELS, 4, List.of(16));

  private static NetworkBody ncsnpp(
      int channels, List<Integer> levels, int blocks, List<Integer> attention) {
    return new NcsnppConfig(channels, levels, blocks, attention, 1, 0, false, null);
  }

  @TempDir Path directory;

  @BeforeEach
  void gradientChecksWantDoubleByDefault() {
    Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE);
  }

  @AfterEach
  void restoreDefault() {
    Nd4j.setDefaultDataTypes(DataType.FLOAT, DataType.FLOAT);
  }

  private static ComputationGraph network(
      NetworkBody body, NetworkBody.Images images, DataType type) {
    return UNets.network(body, images, new NoOp(), 7, type);
  }

  /** Counted from the configuration, without the memory of the parameters. */
  private static long parameters(NetworkBody body, NetworkBody.Images images) {
    return UNet.configuration(body, images, new SquaredError(), new NoOp(), 7, DataType.FLOAT)
        .getVertices()
        .values()
        .stream()
        .mapToLong(vertex -> vertex.numParams(true))
        .sum();
  }

  @Test
  void publishedNetworksHaveTheirNumbersOfParameters() {
    NetworkBody.Images cifar10 = new NetworkBody.Images(3, 32, 10);
    NetworkBody.Images imageNet64 = new NetworkBody.Images(3, 64, 1000);
    assertThat(parameters(DDIM_CIFAR10, cifar10)).as("DDIM").isEqualTo(35_746_307);
    assertThat(parameters(IDDPM_IMAGENET64, imageNet64)).as("iDDPM").isEqualTo(121_060_483);
    assertThat(parameters(NCSNPP_CIFAR10, cifar10)).as("NCSN++").isEqualTo(56_395_523);
    NetworkBody ddpmpp = new DdpmppConfig(128, CIFAR_LEVELS, 4, List.of(16), 1, 0, false);
    assertThat(parameters(ddpmpp, cifar10)).as("DDPM++").isEqualTo(55_732_739);
    NetworkBody adm =
        new AdmConfig(192, IMAGENET_LEVELS, 3, List.of(32, 16, 8), null, 0, true, null);
    assertThat(parameters(adm, imageNet64)).as("ADM").isEqualTo(295_899_267);
    NetworkBody classes = new NcsnppConfig(128, CIFAR_LEVELS, 4, List.of(16), 1, 0.13, true, null);
    assertThat(parameters(classes, cifar10)).as("NCSN++ with classes").isEqualTo(56_398_339);
  }

  @Test
  void ncsnppAgreesWithPyTorch() {
    assertOutput(
        SMALL_NCSNPP,
        new double[] {-1.3, 0.7},
        0.085356733347,
        0.016570231826,
        0.244110122672,
        -0.056027804038,
        19.641863261379);
  }

  @Test
  void ddpmppAgreesWithPyTorch() {
    assertOutput(
        SMALL_DDPMPP,
        new double[] {-1.3, 0.7},
        -0.017076529717,
        -0.030332544942,
        0.092829144791,
        0.059633310263,
        68.217719074633);
  }

  @Test
  void admAgreesWithPyTorch() {
    assertOutput(
        SMALL_ADM,
        new double[] {10, 700},
        -0.220483877916,
        -0.267714277600,
        0.351919613422,
        -0.071936056399,
        26.798243374222);
    assertOutput(
        new AdmConfig(8, List.of(1, 2), 2, List.of(4), 8, 0, false, null),
        new double[] {10, 700},
        0.124014482358,
        0.042589416095,
        0.117899785670,
        0.051107665102,
        31.969344377310);
  }

  /** Expected: the first, middle and last output, sum_i cos(i) y_i, and the sum of squares. */
  private static void assertOutput(NetworkBody body, double[] times, double... expected) {
    ComputationGraph network = network(body, SMALL, DataType.DOUBLE);
    fill(network);
    double[] y = network.outputSingle(inputs(body, SMALL, times)).dup('c').data().asDouble();
    double weighted = 0;
    double squares = 0;
    for (int i = 0; i < y.length; i++) {
      weighted += Math.cos(i) * y[i];
      squares += y[i] * y[i];
    }
    assertThat(new double[] {y[0], y[y.length / 2], y[y.length - 1], weighted, squares})
        .containsExactly(expected, within(1e-9));
  }

  @Test
  void gradientsAgreeWithFiniteDifferences() {
    NetworkBody fourier = ncsnpp(8, List.of(1, 2), 1, List.of(4));
    for (NetworkBody body : List.of(SMALL_NCSNPP, fourier, SMALL_DDPMPP, SMALL_ADM)) {
      ComputationGraph network = network(body, SMALL, DataType.DOUBLE);
      fill(network);
      network.setInputs(inputs(body, SMALL, -1.3, 0.7));
      network.setLabels(ramp(2, 3, 8, 8).rsub(0.3));
      UNetTest.assertGradient(network, 4, body);
    }
  }

  @Test
  void everyWeightOfTheReducedNetworksIsTrained() {
    NetworkBody.Images cifar10 = new NetworkBody.Images(3, 32, 10);
    NetworkBody.Images imageNet64 = new NetworkBody.Images(3, 64, 20);
    Map<String, Integer> narrow = Map.of("channels", 8);
    assertEveryWeightIsTrained(Parts.with(DDIM_CIFAR10, narrow), cifar10);
    assertEveryWeightIsTrained(Parts.with(IDDPM_IMAGENET64, narrow), imageNet64);
    assertEveryWeightIsTrained(
        new NcsnppConfig(8, CIFAR_LEVELS, 4, List.of(16), 1, 0.13, true, null), cifar10);
    assertEveryWeightIsTrained(
        new AdmConfig(8, IMAGENET_LEVELS, 3, List.of(32, 16, 8), 4, 0.1, true, null), imageNet64);
  }

  private static void assertEveryWeightIsTrained(NetworkBody body, NetworkBody.Images images) {
    ComputationGraph network = network(body, images, DataType.FLOAT);
    fill(network);
    network.setInputs(floats(inputs(body, images, 0.7)));
    network.setLabels(floats(ramp(1, 3, images.side(), images.side()).rsub(0.3)));
    network.computeGradientAndScore();
    for (Map.Entry<String, INDArray> gradient :
        network.gradient().gradientForVariable().entrySet()) {
      double largest = gradient.getValue().amaxNumber().doubleValue();
      assertThat(largest).as(gradient.getKey()).isFinite();
      // A constant added to all keys cancels in the softmax.
      if (!gradient.getKey().endsWith("_keyb")) {
        assertThat(largest).as(gradient.getKey()).isPositive();
      }
    }
  }

  @Test
  void cifar10NetworksTakeAStepAtFullSize() {
    for (NetworkBody body : List.of(DDIM_CIFAR10, NCSNPP_CIFAR10)) {
      NetworkBody.Images images = new NetworkBody.Images(3, 32);
      ComputationGraph network = network(body, images, DataType.FLOAT);
      network.setInputs(floats(inputs(body, images, 0.7)));
      network.setLabels(floats(ramp(1, 3, 32, 32)));
      network.computeGradientAndScore();
      assertThat(network.score()).isBetween(0.1, 10.0);
      assertThat(network.gradient().gradient().norm2Number().doubleValue())
          .as("gradient of %s", body)
          .isFinite()
          .isPositive();
      network.close();
    }
  }

  /** EDM's initialisation keeps variances near one, and the last convolutions near zero. */
  @Test
  void ncsnppStartsNearZeroAndAdmAtZero() {
    NetworkBody ncsnpp = ncsnpp(16, List.of(1, 2), 1, List.of(8));
    NetworkBody.Images images = new NetworkBody.Images(3, 16);
    INDArray near =
        network(ncsnpp, images, DataType.DOUBLE).outputSingle(inputs(ncsnpp, images, 0.7));
    assertThat(near.amaxNumber().doubleValue()).isBetween(1e-7, 1e-3);
    INDArray zero =
        network(SMALL_ADM, SMALL, DataType.DOUBLE).outputSingle(inputs(SMALL_ADM, SMALL, 10));
    assertThat(zero.amaxNumber().doubleValue()).isZero();
  }

  @Test
  void ncsnppKeepsItsFrequenciesInFilesAndUnderOtherSeeds() throws Exception {
    NetworkBody body = ncsnpp(8, List.of(1, 2), 1, List.of(4));
    ComputationGraph network = network(body, SMALL, DataType.DOUBLE);
    fill(network);
    File file = directory.resolve("network.zip").toFile();
    network.save(file, false);
    INDArray[] inputs = inputs(body, SMALL, -1.3, 0.7);
    INDArray output = network.outputSingle(inputs);
    assertThat(ComputationGraph.load(file, false).outputSingle(inputs)).isEqualTo(output);

    ComputationGraph other = UNets.network(body, SMALL, new NoOp(), 8, DataType.DOUBLE);
    assertThat(other.params()).as("initial weights").isNotEqualTo(network.params());
    other.setParams(network.params());
    assertThat(other.outputSingle(inputs)).as("another seed").isEqualTo(output);
  }

  @Test
  void shapesThatCannotBeBuiltAreRefused() {
    assertThatThrownBy(() -> ncsnpp(8, List.of(1, 2, 2), 1, List.of()).checkSide(6))
        .hasMessageStartingWith("multipliers: the images' side is not a multiple of 4");
    assertThatThrownBy(() -> new NcsnppConfig(8, List.of(1, 2), 1, List.of(), 3, 0, false, null))
        .hasMessage("heads: does not divide channels (3, channels 8), allowed: 1, 2, 4, 8");
    assertThatThrownBy(() -> new AdmConfig(8, List.of(1, 2), 1, List.of(8), 16, 0, false, null))
        .hasMessage("headChannels: does not divide channels (16, channels 8), allowed: 1, 2, 4, 8");
    assertThatThrownBy(
            () -> new AdmConfig(8, List.of(1, 2), 1, List.of(3), 4, 0, false, null).checkSide(8))
        .hasMessage("attention: no level has this resolution (3), allowed: 8, 4");
  }

  private static INDArray[] inputs(NetworkBody body, NetworkBody.Images images, double... times) {
    int n = times.length;
    INDArray x = ramp(n, images.channels(), images.side(), images.side());
    INDArray t = Nd4j.createFromArray(times).reshape(n, 1);
    if (!body.classConditional()) {
      return new INDArray[] {x, t};
    }
    INDArray labels = Nd4j.zeros(DataType.DOUBLE, n, images.classes());
    for (int i = 0; i < n; i++) {
      labels.putScalar(i, (i + 1) % 2, 1);
    }
    return new INDArray[] {x, t, labels};
  }

  private static INDArray[] floats(INDArray... arrays) {
    return Arrays.stream(arrays)
        .map(array -> array.castTo(DataType.FLOAT))
        .toArray(INDArray[]::new);
  }

  private static INDArray ramp(long... shape) {
    return Transforms.sin(
            Nd4j.arange(0, ArrayUtil.prodLong(shape)).castTo(DataType.DOUBLE).muli(1.7))
        .reshape(shape);
  }

  /**
   * Fills every parameter with sin(1.7 i + 0.3), i counting its values: over the root of the fan-in
   * where it is a weight, a tenth of it where it is a bias, one plus that for the gains.
   */
  private static void fill(ComputationGraph network) {
    for (Layer layer : network.getLayers()) {
      for (Map.Entry<String, INDArray> parameter : layer.paramTable().entrySet()) {
        INDArray view = parameter.getValue();
        double scale = view.rank() > 1 ? Math.sqrt((double) view.size(0) / view.length()) : 0.1;
        double[] values = new double[(int) view.length()];
        for (int i = 0; i < values.length; i++) {
          values[i] =
              scale * Math.sin(1.7 * i + 0.3) + (parameter.getKey().equals("gamma") ? 1 : 0);
        }
        view.assign(
            Nd4j.createFromArray(values).reshape('c', view.shape()).castTo(view.dataType()));
      }
    }
  }
}
