package org.lcsc.diffusion.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.diffusion.engine.SamplingEngine;
import org.lcsc.diffusion.features.FeatureNetwork;
import org.lcsc.diffusion.features.FeatureNetworkConfig;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNetConfig;
import org.lcsc.diffusion.unet.UNetConfig.TimeConditioning;
import org.lcsc.diffusion.unet.UNets;
import org.lcsc.image.ImageShape;
import org.lcsc.metrics.FeatureStatistics;
import org.lcsc.metrics.FrechetDistance;
import org.lcsc.metrics.objective.FeatureObjective;
import org.lcsc.metrics.objective.FidObjective;
import org.lcsc.network.GraphFeatureExtractor;
import org.lcsc.objective.DifferentiableSampleGenerator.Recording;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.NoiseSource;
import org.lcsc.objective.SeededNoise;
import org.lcsc.objective.TimeRanges;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** From images, and from FID, back to the parameters of a U-Net and to coefficients. */
class UNetSamplesGradientTest {

  private static final ImageShape SHAPE = new ImageShape(1, 8, 8);
  private static final NoiseSource NOISE = new SeededNoise(21);

  private static ComputationGraph network(int classes, DataType type, long seed) {
    UNetConfig config =
        UNets.ddpm(8, List.of(1, 2), List.of(4), 0.3, TimeConditioning.SCALE_SHIFT, classes > 0);
    return UNets.network(config, new NetworkBody.Images(1, 8, classes), new Adam(1e-3), seed, type);
  }

  private static UNetSamples samples(ComputationGraph network, String kind, int classes) {
    Sampler sampler = Samplers.of(kind, 4, NoiseSchedule.linear(1000), Prediction.EPSILON);
    return new UNetSamples(network, sampler, SHAPE, classes);
  }

  @ParameterizedTest
  @CsvSource({"ddim, 0", "ddim, 3", "dpm-solver++, 0", "heun, 0", "flow, 0"})
  void gradientOfImagesMatchesCentralDifferencesInDouble(String kind, int classes) {
    ComputationGraph network = network(classes, DataType.DOUBLE, 3);
    gradientMatchesCentralDifferences(samples(network, kind, classes), network.params().dup());
  }

  /** With one model, and with one for each of two ranges; part of the levels is guided. */
  @ParameterizedTest
  @CsvSource({"ddim, 1", "dpm-solver++, 2", "heun, 1", "flow, 1"})
  void gradientOfGuidedImagesMatchesCentralDifferencesInDouble(String kind, int count) {
    ComputationGraph network = network(3, DataType.DOUBLE, 3);
    Sampler sampler = Samplers.of(kind, 4, NoiseSchedule.linear(1000), Prediction.EPSILON);
    TimeRanges ranges = TimeRanges.equalShares(count, sampler.noiseLevels());
    Guidance guidance = new Guidance(2.5, 0.3, 4.0);
    UNetSamples samples =
        new UNetSamples(network, sampler, SHAPE, 3, ranges, guidance, new SamplingEngine.Dl4j());
    INDArray[] parts = new INDArray[count];
    Arrays.setAll(parts, seed -> network(3, DataType.DOUBLE, seed + 3).params().dup());
    gradientMatchesCentralDifferences(samples, Nd4j.concat(parts[0].rank() - 1, parts));
  }

  private static void gradientMatchesCentralDifferences(UNetSamples samples, INDArray flat) {
    INDArray parameters = flat.reshape(flat.length());
    INDArray epsilon = new SeededNoise(5).gaussian(0, 0, 2, 1, 8, 8).castTo(DataType.DOUBLE);
    INDArray gradient = gradient(samples, parameters, epsilon);
    for (int direction = 0; direction < 3; direction++) {
      INDArray v =
          new SeededNoise(8)
              .gaussian(direction, 0, 1, parameters.length())
              .castTo(DataType.DOUBLE)
              .reshape(parameters.length());
      double expected = slope(samples, parameters, v, epsilon);
      assertThat(Nd4j.getBlasWrapper().dot(gradient, v))
          .as("direction %d", direction)
          .isCloseTo(expected, within(1e-5 * Math.abs(expected)));
    }
  }

  /** Of the sum of two images, weighted by {@code epsilon}. */
  static INDArray gradient(UNetSamples samples, INDArray parameters, INDArray epsilon) {
    samples.setParameters(parameters);
    INDArray gradient = Nd4j.zeros(DataType.DOUBLE, parameters.length());
    try (Recording recording = samples.record(NOISE, 4, 2)) {
      assertThat(recording.images()).isEqualTo(samples.sample(NOISE, 4, 2));
      recording.backpropagate(epsilon, gradient);
    }
    return gradient;
  }

  /** The central difference of the same sum along a direction. */
  static double slope(UNetSamples samples, INDArray parameters, INDArray v, INDArray epsilon) {
    double step = 1e-5;
    samples.setParameters(parameters.add(v.mul(step)));
    double above = samples.sample(NOISE, 4, 2).mul(epsilon).sumNumber().doubleValue();
    samples.setParameters(parameters.sub(v.mul(step)));
    double below = samples.sample(NOISE, 4, 2).mul(epsilon).sumNumber().doubleValue();
    return (above - below) / (2 * step);
  }

  private static GraphFeatureExtractor features() {
    ComputationGraph network =
        new ComputationGraph(
            FeatureNetwork.configuration(
                new FeatureNetworkConfig(1, 8, 3, 8, 6, FeatureNetworkConfig.Architecture.FINE),
                new Adam(1e-3),
                9));
    network.init();
    return new GraphFeatureExtractor(
        network, FeatureNetwork.FEATURES, "test", new org.lcsc.image.ImageShape(1, 8, 8), 16);
  }

  /** FID's gradient with respect to coefficients, for fewer samples than one batch and for more. */
  @Test
  void gradientOfFidWithRespectToCoefficients() {
    GraphFeatureExtractor extractor = features();
    FeatureStatistics real = new FeatureStatistics(extractor.dimension());
    real.add(extractor.extract(new SeededNoise(1).gaussian(0, 0, 200, 1, 8, 8).muli(0.5)));
    FrechetDistance.Reference reference = FrechetDistance.against(real.moments());
    ComputationGraph network = network(0, DataType.FLOAT, 3);
    SortedMap<Long, INDArray> checkpoints = new TreeMap<>();
    for (long k = 1; k <= 4; k++) {
      checkpoints.put(k, network(0, DataType.FLOAT, k).params().dup());
    }
    try (CheckpointWindow window = CheckpointWindow.ofCheckpoints(checkpoints)) {
      FeatureObjective objective =
          new FeatureObjective(
              samples(network, "dpm-solver++", 0), NOISE, 40, 40, 16, extractor, reference);
      double[] alpha = {0.7, -0.2, 0.4, 0.1};
      INDArray gradient = Nd4j.create(DataType.FLOAT, window.parameters());
      Evaluation evaluation = objective.gradient(window.merge(alpha), 0, gradient);
      assertThat(evaluation.score())
          .isEqualTo(objective.evaluate(window.merge(alpha)).score())
          .isEqualTo(
              new FidObjective(
                      samples(network, "dpm-solver++", 0), NOISE, 40, 16, extractor, reference)
                  .evaluate(window.merge(alpha))
                  .score());
      assertThat(objective.gradientCost()).isEqualTo(4);
      double[] slopes = window.dot(gradient);
      double step = 1e-2;
      for (int k = 0; k < alpha.length; k++) {
        double[] moved = alpha.clone();
        moved[k] += step;
        double above = objective.evaluate(window.merge(moved)).score();
        moved[k] -= 2 * step;
        double below = objective.evaluate(window.merge(moved)).score();
        double expected = (above - below) / (2 * step);
        assertThat(slopes[k])
            .as("coefficient %d", k)
            .isCloseTo(expected, within(0.02 * Math.abs(expected) + 1e-3 * evaluation.score()));
      }
      INDArray other = Nd4j.create(DataType.FLOAT, window.parameters());
      double redrawn = objective.gradient(window.merge(alpha), 1, other).score();
      assertThat(redrawn).as("other noise").isNotEqualTo(evaluation.score());
      assertThat(objective.gradient(window.merge(alpha), 0, other).score())
          .isEqualTo(evaluation.score());
      assertThat(other).as("bit for bit").isEqualTo(gradient);
    }
  }

  /** The score of all samples, with the gradient through the first batch of them, scaled. */
  @Test
  void gradientThroughAPartOfTheSamples() {
    GraphFeatureExtractor extractor = features();
    FeatureStatistics real = new FeatureStatistics(extractor.dimension());
    real.add(extractor.extract(new SeededNoise(1).gaussian(0, 0, 200, 1, 8, 8).muli(0.5)));
    FrechetDistance.Reference reference = FrechetDistance.against(real.moments());
    ComputationGraph network = network(0, DataType.FLOAT, 3);
    INDArray theta = network.params().dup();
    FeatureObjective[] objectives = new FeatureObjective[2];
    for (int i = 0; i < 2; i++) {
      objectives[i] =
          new FeatureObjective(
              samples(network, "dpm-solver++", 0),
              NOISE,
              40,
              i == 0 ? 40 : 10,
              16,
              extractor,
              reference);
    }
    INDArray part = Nd4j.create(DataType.FLOAT, theta.length());
    double score = objectives[1].gradient(theta, 0, part).score();

    INDArray expected = Nd4j.create(DataType.FLOAT, theta.length());
    try (FeatureObjective.Shard shard = objectives[0].shard(theta, 0, 0, 40)) {
      float[] slopes = new float[shard.features().length];
      assertThat(score).isEqualTo(objectives[0].score(shard.features(), slopes));
      for (int i = 0; i < slopes.length; i++) {
        // Whole batches: 16 samples and not 10.
        slopes[i] = i < 16 * extractor.dimension() ? slopes[i] * 40 / 16 : 0;
      }
      shard.backpropagate(slopes, expected);
    }
    double difference = part.sub(expected).norm2Number().doubleValue();
    assertThat(difference).isLessThan(1e-5 * expected.norm2Number().doubleValue());
    assertThat(objectives[1].gradientCost()).isEqualTo(1 + 3 * 16 / 40.0);

    FeatureObjective half = objectives[1].onShare(0.5);
    assertThat(half.samples()).isEqualTo(20);
    assertThat(half.gradientCost()).isCloseTo(3.4, within(1e-9));
    double halfScore = half.gradient(theta, 0, part).score();
    try (FeatureObjective.Shard first = objectives[0].shard(theta, 0, 0, 20)) {
      float[] slopes = new float[first.features().length];
      assertThat(halfScore).isEqualTo(half.score(first.features(), slopes)).isNotEqualTo(score);
    }
    assertThat(objectives[1].onShare(1)).isSameAs(objectives[1]);
  }
}
