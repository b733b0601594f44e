package org.lcsc.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.listeners.CollectScoresIterationListener;
import org.deeplearning4j.optimize.listeners.ScoreIterationListener;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.datasets.DataSetSpec;
import org.lcsc.datasets.DataSets;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.datasets.Split;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.diffusion.layer.TimeEmbedding;
import org.lcsc.diffusion.sampler.SamplerSpec;
import org.lcsc.diffusion.sampler.UNetSamples;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.diffusion.unet.UNetConfig;
import org.lcsc.listener.LcscListener;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.Objective;
import org.lcsc.objective.SeededNoise;
import org.lcsc.objective.StageSeconds;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** A whole training of a tiny network on the 8x8 digits, through plain {@code fit}. */
class DiffusionTrainingTest {

  private static final int ITERATIONS = 60;
  private static final NoiseSchedule SCHEDULE = NoiseSchedule.linear(1000);

  private static ImageDataSet digits;

  @TempDir private Path directory;

  @BeforeAll
  static void load() throws IOException {
    digits = DataSets.load(DataSetSpec.of("digits"), Split.TRAIN).subset(0, 256);
  }

  /** With dropout, clipping and a schedule: everything that has a state or draws numbers. */
  private static ComputationGraph network() {
    UNetConfig config =
        new UNetConfig(
            1,
            8,
            8,
            List.of(1, 2),
            1,
            List.of(4),
            1,
            UNetConfig.TimeConditioning.ADD,
            TimeEmbedding.Form.SIN_COS,
            1e-6,
            0.1,
            0,
            true);
    Adam adam =
        Adam.builder()
            .learningRateSchedule(
                new LearningRate(4e-3, 1e-3, 5, ITERATIONS, LearningRate.Decay.COSINE))
            .build();
    ComputationGraph network =
        new ComputationGraph(
            UNet.configuration(
                config, new SquaredError(), new GlobalNormClip(adam, 1), 7, DataType.FLOAT));
    network.init();
    return network;
  }

  private static DiffusionBatches batches(int from, int to) {
    return DiffusionBatches.builder(digits, SCHEDULE, Prediction.EPSILON)
        .batchSize(16)
        .iterations(from, to)
        .seed(5)
        .build();
  }

  private static void assertSameTo(ComputationGraph expected, ComputationGraph actual) {
    assertThat(actual.params()).isEqualTo(expected.params());
    assertThat(actual.getUpdater().getStateViewArray())
        .isEqualTo(expected.getUpdater().getStateViewArray());
    assertThat(actual.getIterationCount()).isEqualTo(expected.getIterationCount());
  }

  private static double mean(double[] scores, int from, int to) {
    return java.util.Arrays.stream(scores, from, to).average().orElseThrow();
  }

  @Test
  void theLossFallsUnderOrdinaryListenersWithWorkspacesOn() {
    ComputationGraph network = network();
    assertThat(network.getConfiguration().getTrainingWorkspaceMode())
        .isEqualTo(WorkspaceMode.ENABLED);
    CollectScoresIterationListener collected = new CollectScoresIterationListener();
    network.setListeners(new ScoreIterationListener(20), collected);
    network.fit(batches(0, ITERATIONS));

    double[] scores =
        java.util.Arrays.copyOf(collected.getScoreVsIter().getEffectiveScores(), ITERATIONS);
    // The network starts at zero, so that the loss starts at the variance of the noise.
    assertThat(mean(scores, 0, 2)).isBetween(0.9, 1.1);
    assertThat(mean(scores, ITERATIONS - 10, ITERATIONS)).isLessThan(0.6 * mean(scores, 0, 2));
    assertThat(network.getIterationCount()).isEqualTo(ITERATIONS);
  }

  @Test
  void aTrainingRepeatsItselfToTheBit() {
    ComputationGraph first = network();
    first.fit(batches(0, ITERATIONS));
    Nd4j.getRandom().nextGaussian();
    ComputationGraph second = network();
    second.fit(batches(0, ITERATIONS));
    assertSameTo(first, second);
  }

  @Test
  void aTrainingResumedFromAFileGoesOnToTheBit() throws IOException {
    ComputationGraph undisturbed = network();
    undisturbed.fit(batches(0, 40));
    ComputationGraph stopped = network();
    stopped.fit(batches(0, 25));
    File file = directory.resolve("stopped.zip").toFile();
    stopped.save(file, true);
    ComputationGraph resumed = ComputationGraph.load(file, true);
    resumed.fit(batches(resumed.getIterationCount(), 40));
    assertSameTo(undisturbed, resumed);
  }

  @Test
  void theListenerLeavesTheTrainingAsItIsToTheBit() {
    ComputationGraph alone = network();
    alone.fit(batches(0, ITERATIONS));

    ComputationGraph watched = network();
    UNetSamples samples =
        new UNetSamples(
            watched,
            SamplerSpec.of("ddpm", 3).build(SCHEDULE, Prediction.EPSILON),
            digits.shape(),
            0);
    try (CheckpointWindow window =
        CheckpointWindow.builder(watched.numParams()).window(20).interval(4).build()) {
      LcscListener listener =
          LcscListener.builder()
              .window(window)
              .emaRates(0.9, 0.99)
              .objective(new MeanSquare(samples, 1))
              .validation(new MeanSquare(samples, 2))
              .report(p -> Map.of("norm", p.norm2Number().doubleValue()))
              .evaluations(20)
              .searchEvery(30)
              .build();
      watched.setListeners(new CollectScoresIterationListener(), listener);
      watched.fit(batches(0, ITERATIONS));
      assertThat(listener.results()).hasSize(2);
      assertThat(listener.results().get(1).nonFinite()).isZero();
      assertThat(listener.results().get(1).checkpoints()).containsExactly(44, 48, 52, 56, 60);
    }
    assertSameTo(alone, watched);
  }

  /** Samples like a search on FID does, and scores their mean square. */
  private record MeanSquare(UNetSamples samples, long seed) implements Objective {

    @Override
    public String name() {
      return "mean-square";
    }

    @Override
    public Evaluation evaluate(INDArray parameters) {
      samples.setParameters(parameters);
      INDArray images = samples.sample(new SeededNoise(seed), 0, 4);
      return new Evaluation(images.mul(images).meanNumber().doubleValue(), StageSeconds.ZERO);
    }
  }
}
