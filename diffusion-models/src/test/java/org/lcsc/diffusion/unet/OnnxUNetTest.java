package org.lcsc.diffusion.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import onnx.Onnx.ModelProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto.Dimension;
import onnx.Onnx.ValueInfoProto;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lcsc.diffusion.engine.Forward;
import org.lcsc.diffusion.engine.OnnxEngine;
import org.lcsc.diffusion.layer.Conv2d;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.layer.Preconditioning.NetworkTime;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.diffusion.training.OneHot;
import org.lcsc.diffusion.unet.UNetConfig.TimeConditioning;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/** Networks written as ONNX give in ONNX Runtime what they give in Deeplearning4j. */
class OnnxUNetTest {

  private static final int CLASSES = 3;
  private static final double TOLERANCE = 1e-5;

  /** A network and what its time means. */
  private record Case(String name, NetworkBody body, Preconditioning preconditioning) {
    @Override
    public String toString() {
      return name;
    }

    ComputationGraph network(long seed) {
      ComputationGraph network =
          new ComputationGraph(
              UNet.configuration(
                  body,
                  new NetworkBody.Images(3, 16, CLASSES),
                  preconditioning,
                  new SquaredError(),
                  new NoOp(),
                  seed,
                  DataType.FLOAT));
      network.init();
      // Branches that start at zero would hide what is in them.
      network.params().addi(Nd4j.randn(DataType.FLOAT, network.numParams()).muli(0.05));
      return network;
    }
  }

  private static UNetConfig ddpm(TimeConditioning time, int heads, boolean classes) {
    return new UNetConfig(
        16, List.of(1, 2), 1, List.of(8), heads, 0.1, time, classes, true, null, null, null);
  }

  private static final NetworkBody EVEN =
      new UNetConfig(
          8,
          List.of(1, 2),
          1,
          List.of(8),
          1,
          0,
          TimeConditioning.ADD,
          false,
          false,
          4,
          2,
          UNetConfig.Conventions.IDDPM);

  static List<Case> cases() {
    NetworkBody ncsnpp = new NcsnppConfig(8, List.of(1, 2, 1), 1, List.of(8), 2, 0, true, null);
    NetworkBody ddpmpp = new DdpmppConfig(8, List.of(1, 2), 2, List.of(16), 1, 0.2, false);
    NetworkBody adm = new AdmConfig(16, List.of(1, 2), 1, List.of(8, 16), 8, 0, true, null);
    List<Case> cases = new ArrayList<>();
    cases.add(new Case("DDPM", ddpm(TimeConditioning.ADD, 1, false), null));
    cases.add(
        new Case("improved DDPM, classes", ddpm(TimeConditioning.SCALE_SHIFT, 4, true), null));
    cases.add(new Case("padded evenly", EVEN, null));
    cases.add(new Case("ADM, classes", adm, null));
    Preconditioning edm = Preconditioning.edm(0.5, NetworkTime.QUARTER_LOG);
    cases.add(new Case("DDPM++ of EDM", ddpmpp, edm));
    cases.add(new Case("NCSN++ of EDM, classes", ncsnpp, edm));
    cases.add(new Case("ADM of EDM", adm, Preconditioning.edm(0.29, NetworkTime.THOUSANDFOLD)));
    Preconditioning consistency = Preconditioning.consistency(0.5, NetworkTime.QUARTER_LOG);
    cases.add(new Case("consistency on NCSN++", ncsnpp, consistency));
    cases.add(
        new Case(
            "consistency on DDPM",
            ddpm(TimeConditioning.ADD, 2, false),
            Preconditioning.consistency(0.3, NetworkTime.THOUSANDFOLD)));
    cases.add(
        new Case(
            "flow as a denoiser",
            ddpm(TimeConditioning.ADD, 1, true),
            new Preconditioning.Flow(1000)));
    return cases;
  }

  private static INDArray[] inputs(Case of, ComputationGraph network, int count, int side) {
    double[] times = new double[count];
    for (int i = 0; i < count; i++) {
      // Steps of a chain, or noise levels from the least to the largest.
      times[i] =
          of.preconditioning == null
              ? 999.0 * (i + 1) / count
              : 0.002 * Math.pow(80 / 0.002, i / Math.max(1, count - 1.0));
    }
    List<INDArray> inputs = new ArrayList<>();
    inputs.add(Nd4j.randn(DataType.FLOAT, count, 3, side, side));
    inputs.add(Nd4j.createFromArray(times).castTo(DataType.FLOAT).reshape(count, 1));
    if (network.getNumInputArrays() == 3) {
      int[] labels = new int[count];
      for (int i = 0; i < count; i++) {
        labels[i] = i % CLASSES;
      }
      inputs.add(OneHot.of(labels, CLASSES).castTo(DataType.FLOAT));
    }
    return inputs.toArray(INDArray[]::new);
  }

  private static double difference(INDArray ours, INDArray theirs) {
    assertThat(theirs.shape()).isEqualTo(ours.shape());
    return theirs.sub(ours).amaxNumber().doubleValue() / ours.amaxNumber().doubleValue();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void givesTheNetworksOutputs(Case of) {
    Nd4j.getRandom().setSeed(11);
    ComputationGraph network = of.network(5);
    try (Forward forward = new OnnxEngine().open(network)) {
      for (int[] size : new int[][] {{1, 16}, {5, 16}, {3, 8}, {2, 24}}) {
        INDArray[] inputs = inputs(of, network, size[0], size[1]);
        INDArray ours = network.outputSingle(inputs);
        assertThat(difference(ours, forward.output(inputs)))
            .as("%s images of side %s", size[0], size[1])
            .isLessThan(TOLERANCE);
      }
    }
  }

  @Test
  void repeatsToTheBit() {
    Nd4j.getRandom().setSeed(12);
    Case of = cases().get(1);
    ComputationGraph network = of.network(6);
    INDArray[] inputs = inputs(of, network, 8, 16);
    try (Forward first = new OnnxEngine().open(network);
        Forward second = new OnnxEngine().open(network)) {
      INDArray once = first.output(inputs).dup();
      assertThat(first.output(inputs)).isEqualTo(once);
      assertThat(second.output(inputs)).isEqualTo(once);
    }
  }

  @Test
  void isAFileOfOpset17WithNamedInputsAndWeights() throws Exception {
    Case of = cases().get(1);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    OnnxUNet.write(of.network(7), Map.of("iteration", "80"), file);
    ModelProto model = ModelProto.parseFrom(file.toByteArray());
    assertThat(model.getOpsetImport(0).getVersion()).isEqualTo(17);
    assertThat(model.getMetadataProps(0).getKey()).isEqualTo("iteration");
    assertThat(model.getGraph().getInputList())
        .extracting(ValueInfoProto::getName)
        .containsExactly("image", "time", "label");
    assertThat(model.getGraph().getInput(0).getType().getTensorType().getShape().getDim(0))
        .extracting(Dimension::getDimParam)
        .isEqualTo("batch");
    assertThat(model.getGraph().getInitializerList())
        .extracting(TensorProto::getName)
        .contains("conv_in.weight", "conv_in.bias", "label_embedding.weight");
  }

  @Test
  void refusesNetworksOfOtherLayers() {
    ComputationGraph other =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("image")
                .addLayer("conv_in", new Conv2d(1, 1, 3), "image")
                .addLayer("dense", new DenseLayer.Builder().nIn(4).nOut(2).build(), "conv_in")
                .setOutputs("dense")
                .build());
    other.init();
    assertThatThrownBy(() -> OnnxUNet.write(other, Map.of(), OutputStream.nullOutputStream()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "layer 'dense' (DenseLayer) has no form in ONNX, allowed: a network of this library");
  }
}
