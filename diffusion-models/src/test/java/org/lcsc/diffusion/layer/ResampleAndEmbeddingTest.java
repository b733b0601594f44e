package org.lcsc.diffusion.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lcsc.diffusion.layer.FirResample.Direction;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Values of the layers without parameters, computed by hand. */
class ResampleAndEmbeddingTest {

  private static final double[] AVERAGE = {1, 1};
  private static final double[] SMOOTH = {1, 3, 3, 1};

  private static double[] run(ImageLayer layer, INDArray x) {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("x")
                .addLayer("layer", layer, "x")
                .addLayer("loss", new ImageLossLayer(new SquaredError()), "layer")
                .setOutputs("loss")
                .build());
    graph.init();
    return graph.outputSingle(x).dup('c').data().asDouble();
  }

  /** One row of pixels, two channels; rows are repeated so that the columns matter alone. */
  private static INDArray image(int height, double... row) {
    double[] values = new double[height * row.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = row[i % row.length];
    }
    return Nd4j.createFromArray(values).reshape(1, 1, height, row.length);
  }

  @Test
  void averagesAndRepeats() {
    assertThat(run(new FirResample(AVERAGE, Direction.DOWN), image(2, 1, 2, 3, 6)))
        .containsExactly(1.5, 4.5);
    assertThat(run(new FirResample(AVERAGE, Direction.UP), image(1, 1, 2)))
        .containsExactly(1, 1, 2, 2, 1, 1, 2, 2);
  }

  @Test
  void theSmoothFilterWeighsFourNeighbours() {
    // Columns: (3*1 + 3*2 + 1*3) / 8 and (1*2 + 3*3 + 3*6) / 8; rows: 7/8 of it at the only pair.
    assertThat(run(new FirResample(SMOOTH, Direction.DOWN), image(2, 1, 2, 3, 6)))
        .containsExactly(new double[] {1.5 * 0.75, 3.625 * 0.75}, within(1e-12));
    // Columns: (3*1, 3*1 + 2, 1 + 3*2, 3*2) / 4; rows: 3/4 twice.
    assertThat(run(new FirResample(SMOOTH, Direction.UP), image(1, 1, 2)))
        .containsExactly(
            new double[] {0.5625, 0.9375, 1.3125, 1.125, 0.5625, 0.9375, 1.3125, 1.125},
            within(1e-12));
  }

  @Test
  void aRingReplacesTheZerosOutside() {
    assertThat(run(FirResample.downWithRing(SMOOTH), image(4, 1, 1, 2, 3)))
        .containsExactly(new double[] {(1 + 3 + 6 + 3) / 8.0}, within(1e-12));
    assertThat(FirResample.ringOf(SMOOTH)).isOne();
    assertThat(FirResample.ringOf(AVERAGE)).isZero();
  }

  @Test
  void sidesThatCannotBeHalvedAreRefused() {
    FirResample down = new FirResample(SMOOTH, Direction.DOWN);
    assertThat(down.getOutputType(0, InputType.convolutional(8, 4, 3)))
        .isEqualTo(InputType.convolutional(4, 2, 3));
    assertThatThrownBy(() -> down.getOutputType(0, InputType.convolutional(7, 4, 3)))
        .hasMessageContaining("expected an even side, got 7");
    assertThatThrownBy(() -> new FirResample(new double[] {1, 2, 1}, Direction.UP))
        .hasMessageContaining("expected an even number of finite values")
        .hasMessageContaining("[1.0, 2.0, 1.0]");
    assertThatThrownBy(() -> new FirResample(new double[] {1, -1}, Direction.UP))
        .hasMessageContaining("do not sum to 0");
  }

  @Test
  void zerosSurroundAPaddedImage() {
    assertThat(run(new ZeroPad(1), image(1, 5, 6)))
        .containsExactly(0, 0, 0, 0, 0, 5, 6, 0, 0, 0, 0, 0);
    assertThatThrownBy(() -> new ZeroPad(0)).hasMessage("ring: expected at least 1, got 0");
  }

  @Test
  void fourierFeaturesAreSinesThenCosines() {
    INDArray t = Nd4j.createFromArray(new double[] {0.25, -1}).reshape(2, 1);
    double[] y = run(new FourierEmbedding(new double[] {1, 0.5}), t);
    double half = Math.sqrt(0.5);
    assertThat(y).containsExactly(new double[] {1, half, 0, half, 0, 0, 1, -1}, within(1e-12));
  }

  @Test
  void frequenciesAreNormalAndFollowFromTheSeed() {
    double[] frequencies = Initialisation.normal(20_000, 16, 3);
    double sum = 0;
    double squares = 0;
    double fourth = 0;
    for (double f : frequencies) {
      sum += f;
      squares += f * f;
      fourth += f * f * f * f;
    }
    double variance = squares / frequencies.length;
    // Five standard errors of each moment.
    assertThat(sum / frequencies.length).isCloseTo(0, within(0.57));
    assertThat(variance).isCloseTo(256, within(12.8));
    assertThat(fourth / frequencies.length / (variance * variance)).isCloseTo(3, within(0.18));
    assertThat(new FourierEmbedding(64, 16, 3)).isEqualTo(new FourierEmbedding(64, 16, 3));
    assertThat(new FourierEmbedding(64, 16, 3)).isNotEqualTo(new FourierEmbedding(64, 16, 4));
    assertThatThrownBy(() -> new FourierEmbedding(7, 16, 3))
        .hasMessage("size: expected an even number above 0, got 7");
    assertThatThrownBy(() -> new FourierEmbedding(8, 0, 3))
        .hasMessage("scale: expected a finite number above 0, got 0.0");
  }
}
