package org.lcsc.diffusion.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.NoOp;

class PerceptualDistanceTest {

  private static final int C = 2;
  private static final int SIDE = 5;

  @TempDir Path directory;
  private String backbone;

  @BeforeEach
  void writeBackbone() throws Exception {
    Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE);
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(DataType.DOUBLE)
                .updater(new NoOp())
                .graphBuilder()
                .addInputs("in")
                .addLayer("first", new Conv2d(C, 4, 3), "in")
                .addLayer("silu", new Silu(), "first")
                .addLayer("second", new Conv2d(4, 6, 3, 2, 1), "silu")
                .setOutputs("second")
                .build());
    graph.init();
    backbone = directory.resolve("backbone.zip").toString();
    graph.save(new java.io.File(backbone), false);
  }

  @AfterEach
  void restoreDefault() {
    Nd4j.setDefaultDataTypes(DataType.FLOAT, DataType.FLOAT);
  }

  private static INDArray images(long seed, int n) {
    Random random = new Random(seed);
    double[] values = new double[n * C * SIDE * SIDE];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextDouble() * 2 - 1;
    }
    return Nd4j.createFromArray(values).reshape(n, C, SIDE, SIDE);
  }

  private static INDArray distances(PerceptualDistance distance, INDArray a, INDArray b) {
    INDArray out = Nd4j.create(DataType.DOUBLE, a.size(0), 1);
    distance.perExample(a, b, null, out);
    return out;
  }

  private PerceptualDistance[] distances() {
    return new PerceptualDistance[] {
      new PerceptualDistance(backbone, List.of("silu", "second"), null, 0, null, null),
      new PerceptualDistance(
          backbone, List.of("second"), null, 8, new double[] {0.1, -0.2}, new double[] {0.5, 0.7})
    };
  }

  @Test
  void equalImagesHaveNoDistanceAndOthersHave() {
    for (PerceptualDistance distance : distances()) {
      INDArray a = images(1, 3);
      assertThat(distances(distance, a, a).amaxNumber().doubleValue()).isZero();
      assertThat(distances(distance, a, images(2, 3)).minNumber().doubleValue())
          .isGreaterThan(1e-3);
    }
  }

  @Test
  void gradientsAgreeWithFiniteDifferences() {
    for (PerceptualDistance distance : distances()) {
      INDArray a = images(1, 2);
      INDArray b = images(2, 2);
      INDArray gradient = Nd4j.create(DataType.DOUBLE, a.shape());
      distance.gradient(a, b, gradient);
      double h = 1e-5;
      for (int i = 0; i < a.length(); i += 7) {
        INDArray more = a.dup();
        INDArray less = a.dup();
        more.putScalar(i, a.getDouble(i) + h);
        less.putScalar(i, a.getDouble(i) - h);
        double slope =
            (distances(distance, more, b).sumNumber().doubleValue()
                    - distances(distance, less, b).sumNumber().doubleValue())
                / (2 * h);
        assertThat(gradient.getDouble(i)).as("value %d", i).isCloseTo(slope, within(1e-7));
      }
    }
  }

  @Test
  void featuresWithoutALengthHaveAFiniteGradientInSinglePrecision() throws Exception {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(DataType.FLOAT)
                .updater(new NoOp())
                .graphBuilder()
                .addInputs("in")
                .addLayer("conv", new Conv2d(C, 4, 3), "in")
                .setOutputs("conv")
                .build());
    graph.init();
    graph.getParam("conv_b").assign(0);
    String single = directory.resolve("single.zip").toString();
    graph.save(new java.io.File(single), false);
    PerceptualDistance distance =
        new PerceptualDistance(single, List.of("conv"), null, 0, null, null);
    INDArray other = images(2, 1).castTo(DataType.FLOAT);
    // 0, and as small that the squares of the features are 0.
    for (double value : new double[] {0, 1e-26}) {
      INDArray image = Nd4j.valueArrayOf(new long[] {1, C, SIDE, SIDE}, value, DataType.FLOAT);
      INDArray gradient = Nd4j.create(DataType.FLOAT, image.shape());
      distance.gradient(image, other, gradient);
      double largest = gradient.amaxNumber().doubleValue();
      assertThat(largest).as("of images of %s", value).isFinite().isBetween(1e6, 1e12);
    }
  }

  @Test
  void itsGradientReachesTheNetworkThatIsTrained() {
    PerceptualDistance distance = distances()[0];
    ComputationGraph network =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(2)
                .dataType(DataType.DOUBLE)
                .updater(new Adam(1e-2))
                .graphBuilder()
                .addInputs("in")
                .addLayer("conv", new Conv2d(C, C, 3), "in")
                .addLayer("out", new ImageLossLayer(distance), "conv")
                .setOutputs("out")
                .build());
    network.init();
    MultiDataSet batch = new MultiDataSet(images(1, 4), images(2, 4));
    network.fit(batch);
    double before = network.score();
    for (int i = 0; i < 30; i++) {
      network.fit(batch);
    }
    assertThat(network.score()).isLessThan(0.8 * before);
  }

  @Test
  void mistakesNameTheFile() throws Exception {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new PerceptualDistance(backbone, List.of("third"), null, 0, null, null)
                    .check(C, SIDE, SIDE))
        .withMessageContainingAll("backbone.zip", "no layer 'third'", "second");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new PerceptualDistance(
                        directory + "/none.zip", List.of("first"), null, 0, null, null)
                    .check(C, SIDE, SIDE))
        .withMessageContaining("none.zip");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new PerceptualDistance(
                        backbone, List.of("first"), null, 0, new double[] {0.5}, null)
                    .check(C, SIDE, SIDE))
        .withMessageContaining("mean has 1 values for 2 channels");
    Path text = directory.resolve("text.zip");
    Files.writeString(text, "no zip");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new PerceptualDistance(text.toString(), List.of("first"), null, 0, null, null)
                    .check(C, SIDE, SIDE))
        .withMessageContaining("text.zip");
  }
}
