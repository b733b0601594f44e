package org.lcsc.diffusion.unet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.io.HostArrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Sgd;

/** Images in whatever order, type and memory a user has them. */
class InputLayoutTest {

  private static final int CHANNELS = 3;
  private static final int SIDE = 8;
  private static final NetworkBody.Images IMAGES = new NetworkBody.Images(CHANNELS, SIDE, 0);

  private static final List<NetworkBody> BODIES =
      List.of(
          new UNetConfig(8, List.of(1, 2), 1, List.of(4)),
          new DdpmppConfig(8, List.of(1, 2), 1, List.of(4), 1, 0, false),
          new NcsnppConfig(8, List.of(1, 2), 1, List.of(8), 1, 0, false, null),
          new AdmConfig(8, List.of(1, 2), 1, List.of(8), 4, 0, false, null));

  private static UnaryOperator<INDArray> form(String name) {
    return switch (name) {
      case "channels last, permuted" -> x -> x.permute(0, 2, 3, 1).dup('c').permute(0, 3, 1, 2);
      case "column order" -> x -> x.dup('f');
      case "double precision" -> x -> x.castTo(DataType.DOUBLE);
      case "a part of a larger array" ->
          x -> {
            long n = x.size(0);
            INDArray whole = Nd4j.rand(DataType.FLOAT, n + 2, CHANNELS, SIDE + 1, SIDE + 2);
            INDArray part =
                whole.get(
                    NDArrayIndex.interval(1, n + 1),
                    NDArrayIndex.all(),
                    NDArrayIndex.interval(1, SIDE + 1),
                    NDArrayIndex.interval(2, SIDE + 2));
            return part.assign(x);
          };
      default -> throw new AssertionError(name);
    };
  }

  /**
   * Its first layer, or where it is preconditioned its first vertex, sees the images as they are.
   */
  private static ComputationGraph network(NetworkBody body, boolean preconditioned) {
    Preconditioning edm = Preconditioning.edm(0.5, Preconditioning.NetworkTime.QUARTER_LOG);
    Sgd sgd = new Sgd(0.1);
    SquaredError loss = new SquaredError();
    ComputationGraph network =
        new ComputationGraph(
            preconditioned
                ? UNet.configuration(body, IMAGES, edm, loss, sgd, 7, DataType.FLOAT)
                : UNet.configuration(body, IMAGES, loss, sgd, 7, DataType.FLOAT));
    network.init();
    network.params().assign(values(network.numParams(), 0.1));
    return network;
  }

  private static INDArray values(long length, double scale) {
    Random random = new Random(7);
    float[] values = new float[(int) length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (scale * random.nextGaussian());
    }
    return Nd4j.createFromArray(values);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "channels last, permuted",
        "column order",
        "double precision",
        "a part of a larger array"
      })
  void theFormOfTheImagesChangesNoBit(String name) {
    INDArray images = values(4L * CHANNELS * SIDE * SIDE, 1).reshape(4, CHANNELS, SIDE, SIDE);
    INDArray targets = images.mul(0.5);
    INDArray sigmas = Nd4j.createFromArray(0.1f, 1, 5, 0.01f).reshape(4, 1);
    UnaryOperator<INDArray> form = form(name);
    for (NetworkBody body : BODIES) {
      for (boolean preconditioned : new boolean[] {false, true}) {
        ComputationGraph usual = network(body, preconditioned);
        ComputationGraph other = network(body, preconditioned);
        assertThat(HostArrays.floats(other.outputSingle(form.apply(images), sigmas)))
            .as("output of %s", body)
            .isEqualTo(HostArrays.floats(usual.outputSingle(images, sigmas)));
        usual.fit(new MultiDataSet(new INDArray[] {images, sigmas}, new INDArray[] {targets}));
        other.fit(
            new MultiDataSet(
                new INDArray[] {form.apply(images), sigmas}, new INDArray[] {form.apply(targets)}));
        assertThat(HostArrays.floats(other.params()))
            .as("a step of %s", body)
            .isEqualTo(HostArrays.floats(usual.params()));
      }
    }
  }
}
