package org.lcsc.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
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
import org.lcsc.config.Parts;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.diffusion.sampler.DdpmSampler;
import org.lcsc.diffusion.sampler.SampledModel;
import org.lcsc.diffusion.sampler.UNetSamples;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNetConfig;
import org.lcsc.diffusion.unet.UNets;
import org.lcsc.listener.Baselines;
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

  /** The training that the others are held against, under ordinary listeners. */
  private static ComputationGraph reference;

  private static double[] scores;

  @TempDir private Path directory;

  @BeforeAll
  static void train() throws IOException {
    digits = FirstDigits.of(256);
    reference = network();
    CollectScoresIterationListener collected = new CollectScoresIterationListener();
    reference.setListeners(new ScoreIterationListener(20), collected);
    reference.fit(batches(0, ITERATIONS));
    scores = Arrays.copyOf(collected.getScoreVsIter().getEffectiveScores(), ITERATIONS);
  }

  /** With dropout, clipping and a schedule: everything that has a state or draws numbers. */
  private static ComputationGraph network() {
    UNetConfig config =
        Parts.with(new UNetConfig(8, List.of(1, 2), 1, List.of()), Map.of("dropout", 0.1));
    Adam adam =
        Adam.builder()
            .learningRateSchedule(
                new LearningRate(4e-3, 1e-3, 5, ITERATIONS, LearningRate.Decay.COSINE))
            .build();
    return UNets.network(
        config, new NetworkBody.Images(1, 8), new GlobalNormClip(adam, 1), 7, DataType.FLOAT);
  }

  private static DiffusionBatches batches(int from, int to) {
    return new DiffusionBatches(
        BatchSettings.of(digits).withBatchSize(16).withIterations(from, to).withSeed(5),
        SCHEDULE,
        Prediction.EPSILON);
  }

  private static void assertSameAsReference(ComputationGraph network) {
    assertThat(network.params()).isEqualTo(reference.params());
    assertThat(network.getUpdater().getStateViewArray())
        .isEqualTo(reference.getUpdater().getStateViewArray());
    assertThat(network.getIterationCount()).isEqualTo(ITERATIONS);
  }

  private static double meanScore(int from, int to) {
    return Arrays.stream(scores, from, to).average().orElseThrow();
  }

  @Test
  void theLossFallsWithWorkspacesOn() {
    assertThat(reference.getConfiguration().getTrainingWorkspaceMode())
        .isEqualTo(WorkspaceMode.ENABLED);
    // The network starts at zero, so that the loss starts at the variance of the noise.
    assertThat(meanScore(0, 2)).isBetween(0.9, 1.1);
    assertThat(meanScore(ITERATIONS - 10, ITERATIONS)).isLessThan(0.6 * meanScore(0, 2));
  }

  @Test
  void aTrainingRepeatsItselfAndGoesOnFromAFileToTheBit() throws IOException {
    Nd4j.getRandom().nextGaussian();
    ComputationGraph repeated = network();
    repeated.fit(batches(0, 35));
    File file = directory.resolve("stopped.zip").toFile();
    repeated.save(file, true);
    repeated.fit(batches(35, ITERATIONS));
    assertSameAsReference(repeated);

    ComputationGraph resumed = ComputationGraph.load(file, true);
    resumed.fit(batches(resumed.getIterationCount(), ITERATIONS));
    assertSameAsReference(resumed);
  }

  @Test
  void theListenerLeavesTheTrainingAsItIsToTheBit() {
    ComputationGraph watched = network();
    UNetSamples samples =
        new UNetSamples(
            watched,
            new DdpmSampler.Settings(2).of(new SampledModel.Chain(SCHEDULE, Prediction.EPSILON)),
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
              .baselines(new Baselines(new double[] {0.5}, 0))
              .evaluations(12)
              .searchEvery(30)
              .build();
      watched.setListeners(new CollectScoresIterationListener(), listener);
      watched.fit(batches(0, ITERATIONS));
      assertThat(listener.results()).hasSize(2);
      assertThat(listener.results().get(1).nonFinite()).isZero();
      assertThat(listener.results().get(1).checkpoints()).containsExactly(44, 48, 52, 56, 60);
    }
    assertSameAsReference(watched);
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
