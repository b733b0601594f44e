package org.lcsc.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lcsc.config.InvalidValueException;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.diffusion.model.FlowModel;
import org.lcsc.diffusion.sampler.FlowSampler;
import org.lcsc.diffusion.sampler.StepNoise;
import org.lcsc.diffusion.training.FlowBatches.Coupling;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNetConfig;
import org.lcsc.diffusion.unet.UNetConfig.TimeConditioning;
import org.lcsc.diffusion.unet.UNets;
import org.lcsc.image.ImageShape;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

class FlowBatchesTest {

  private static final ImageShape SHAPE = new ImageShape(1, 4, 4);
  private static final int IMAGES = 40;

  private static BatchSettings settings(int size, int classes) {
    byte[] pixels = new byte[IMAGES * SHAPE.length()];
    new Random(1).nextBytes(pixels);
    int[] labels = IntStream.range(0, IMAGES).map(i -> classes == 0 ? 0 : i % classes).toArray();
    ImageDataSet images =
        ImageDataSet.of("random", SHAPE, pixels, classes, classes == 0 ? null : labels);
    return BatchSettings.of(images).withBatchSize(size).withLabels(classes > 0);
  }

  private static FlowBatches batches(int size, FlowTimes times) {
    return new FlowBatches(settings(size, 0), times, Coupling.INDEPENDENT, 1000, null);
  }

  private static FlowBatches coupled(int size, int classes, Coupling coupling) {
    return new FlowBatches(settings(size, classes), new FlowTimes.Uniform(), coupling, 1000, null);
  }

  private static INDArray column(MultiDataSet batch) {
    return batch.getFeatures(1).div(1000).reshape(batch.getFeatures(1).length(), 1);
  }

  private static INDArray rows(INDArray images) {
    return images.reshape(images.size(0), SHAPE.length());
  }

  /** The images {@code x_t - t v} of a batch. */
  private static INDArray clean(MultiDataSet batch) {
    INDArray v = rows(batch.getLabels(0));
    return rows(batch.getFeatures(0)).sub(v.mulColumnVector(column(batch)));
  }

  /** The noise {@code x_t + (1 - t) v} of a batch. */
  private static INDArray noise(MultiDataSet batch) {
    INDArray v = rows(batch.getLabels(0));
    return rows(batch.getFeatures(0)).add(v.mulColumnVector(column(batch).rsub(1)));
  }

  @Test
  void pointsLieOnThePathBetweenTheDataAndGaussianNoise() {
    MultiDataSet batch = batches(IMAGES, new FlowTimes.Uniform()).batch(0);
    INDArray all = rows(settings(1, 0).images().batch(IntStream.range(0, IMAGES).toArray()));
    INDArray clean = clean(batch);
    for (int i = 0; i < IMAGES; i++) {
      double nearest = Double.POSITIVE_INFINITY;
      for (int j = 0; j < IMAGES; j++) {
        double apart = clean.getRow(i).distance2(all.getRow(j));
        nearest = Math.min(nearest, apart);
      }
      assertThat(nearest).as("image %d", i).isLessThan(1e-5);
    }
    INDArray noise = noise(batches(2000, new FlowTimes.Uniform()).batch(0));
    assertThat(noise.meanNumber().doubleValue()).isCloseTo(0, within(0.02));
    assertThat(noise.stdNumber().doubleValue()).isCloseTo(1, within(0.02));
  }

  /**
   * The best linear prediction of the velocity from x_t is that of Gaussian data of the same mean
   * and variance: {@code v = -m + (t - (1 - t) s^2) / ((1 - t)^2 s^2 + t^2) (x_t - (1 - t) m)}.
   */
  @Test
  void theVelocityIsThatOfGaussianDataToSecondOrder() {
    double[] error = new double[2];
    double[] scale = new double[2];
    int count = 0;
    INDArray pixels = rows(settings(1, 0).images().batch(IntStream.range(0, IMAGES).toArray()));
    double m = pixels.meanNumber().doubleValue();
    double variance = pixels.sub(m).norm2Number().doubleValue();
    variance *= variance / pixels.length();
    for (int n = 0; n < 4; n++) {
      MultiDataSet batch = batches(2000, new FlowTimes.Uniform()).batch(n);
      double[] t = column(batch).toDoubleVector();
      double[][] x = rows(batch.getFeatures(0)).toDoubleMatrix();
      double[][] v = rows(batch.getLabels(0)).toDoubleMatrix();
      for (int i = 0; i < t.length; i++) {
        double keep = 1 - t[i];
        double slope = (t[i] - keep * variance) / (keep * keep * variance + t[i] * t[i]);
        for (int k = 0; k < x[i].length; k++) {
          double centred = x[i][k] - keep * m;
          double residual = v[i][k] + m - slope * centred;
          // Orthogonal to 1 and to x_t, for early times and for late ones.
          error[t[i] < 0.5 ? 0 : 1] += residual * centred;
          scale[t[i] < 0.5 ? 0 : 1] += Math.abs(slope) * centred * centred;
          count++;
        }
      }
    }
    assertThat(count).isEqualTo(4 * 2000 * 16);
    assertThat(error[0] / scale[0]).isCloseTo(0, within(0.03));
    assertThat(error[1] / scale[1]).isCloseTo(0, within(0.03));
  }

  @Test
  void timesAreUniformOrLogitNormal() {
    double[] uniform = column(batches(4000, new FlowTimes.Uniform()).batch(1)).toDoubleVector();
    assertThat(Arrays.stream(uniform)).allMatch(t -> t > 0 && t < 1);
    assertThat(Arrays.stream(uniform).average().orElseThrow()).isCloseTo(0.5, within(0.02));
    assertThat(Arrays.stream(uniform).map(t -> t * t).average().orElseThrow())
        .isCloseTo(1 / 3.0, within(0.02));
    double[] logits =
        Arrays.stream(
                column(batches(4000, new FlowTimes.LogitNormal(-0.5, 1.5)).batch(1))
                    .toDoubleVector())
            .map(t -> Math.log(t / (1 - t)))
            .toArray();
    double mean = Arrays.stream(logits).average().orElseThrow();
    double square = Arrays.stream(logits).map(z -> z * z).average().orElseThrow();
    assertThat(mean).isCloseTo(-0.5, within(0.08));
    assertThat(Math.sqrt(square - mean * mean)).isCloseTo(1.5, within(0.08));
  }

  @Test
  void optimalTransportDealsOutTheSameNoise() {
    MultiDataSet any = coupled(32, 0, Coupling.INDEPENDENT).batch(2);
    MultiDataSet best = coupled(32, 0, Coupling.OPTIMAL_TRANSPORT).batch(2);
    assertThat(clean(best).equalsWithEps(clean(any), 1e-5)).isTrue();
    assertThat(column(best)).isEqualTo(column(any));
    double[] sorted = noise(any).ravel().toDoubleVector();
    double[] dealt = noise(best).ravel().toDoubleVector();
    Arrays.sort(sorted);
    Arrays.sort(dealt);
    assertThat(dealt).containsExactly(sorted, within(1e-5));
    double anyLength = any.getLabels(0).norm2Number().doubleValue();
    assertThat(best.getLabels(0).norm2Number().doubleValue()).isLessThan(0.95 * anyLength);
  }

  @Test
  void optimalTransportLeavesEveryClassItsNoise() {
    MultiDataSet any = coupled(30, 3, Coupling.INDEPENDENT).batch(0);
    MultiDataSet best = coupled(30, 3, Coupling.OPTIMAL_TRANSPORT).batch(0);
    INDArray labels = best.getFeatures(2);
    assertThat(labels).isEqualTo(any.getFeatures(2));
    // The sums over each class are those of its noise in any order.
    INDArray expected = labels.transpose().mmul(noise(any));
    assertThat(labels.transpose().mmul(noise(best)).equalsWithEps(expected, 1e-4)).isTrue();
    assertThat(noise(best).equalsWithEps(noise(any), 1e-4)).isFalse();
  }

  /** Paths from the noise to what the teacher's sampler makes of it, by the model's settings. */
  @Test
  void reflowPairsNoiseWithTheTeachersSamples() {
    UNetConfig unet = UNets.ddpm(4, List.of(1, 2), List.of(), 0, TimeConditioning.ADD, true);
    ComputationGraph teacher =
        UNets.network(unet, new NetworkBody.Images(1, 4, 3), new Adam(1e-3), 7, DataType.FLOAT);
    FlowModel model =
        new FlowModel(unet, new FlowTimes.Uniform(), Coupling.INDEPENDENT, "teacher.zip", null, 3);
    MultiDataSet batch = model.batches(settings(6, 3), teacher, teacher).batch(1);
    INDArray noise = noise(batch).reshape(6, 1, 4, 4);
    INDArray expected =
        new FlowSampler(FlowSampler.Method.HEUN, 3, 1, 1000)
            .sample(
                (x, time) ->
                    teacher.outputSingle(
                        x,
                        Nd4j.valueArrayOf(new long[] {6, 1}, time, DataType.FLOAT),
                        batch.getFeatures(2)),
                noise,
                StepNoise.NONE);
    assertThat(clean(batch).distance2(rows(expected)))
        .isLessThan(1e-3 * expected.norm2Number().doubleValue());
    assertThat(rows(expected).distance2(rows(noise))).isGreaterThan(0.1);
  }

  @Test
  void aBatchIsAFunctionOfItsIteration() {
    FlowBatches batches = coupled(8, 0, Coupling.OPTIMAL_TRANSPORT);
    assertThat(batches.batch(7)).isEqualTo(coupled(8, 0, Coupling.OPTIMAL_TRANSPORT).batch(7));
    assertThat(batches.batch(7)).isNotEqualTo(batches.batch(8));
  }

  @Test
  void refusesWhatIsNoDistribution() {
    assertThatThrownBy(() -> new FlowTimes.LogitNormal(Double.NaN, 1))
        .isInstanceOf(InvalidValueException.class)
        .hasMessage("mean: not finite (NaN), allowed: any number");
    assertThatThrownBy(() -> new FlowTimes.LogitNormal(0, 0))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageStartingWith("deviation: not a positive number (0.0)");
  }
}
