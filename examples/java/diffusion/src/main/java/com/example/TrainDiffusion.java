package com.example;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.datasets.DataSets;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.datasets.Split;
import org.lcsc.diffusion.features.FeatureNetworks;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.diffusion.sampler.DpmSolver;
import org.lcsc.diffusion.sampler.Sampler;
import org.lcsc.diffusion.sampler.UNetSamples;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.lcsc.diffusion.training.BatchSettings;
import org.lcsc.diffusion.training.DiffusionBatches;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.diffusion.unet.UNetConfig;
import org.lcsc.listener.LcscListener;
import org.lcsc.listener.ObjectiveFactory;
import org.lcsc.listener.StoppableIterator;
import org.lcsc.metrics.DifferentiableFeatureExtractor;
import org.lcsc.metrics.FeatureStatistics;
import org.lcsc.metrics.FrechetDistance;
import org.lcsc.metrics.objective.FeatureObjective;
import org.lcsc.objective.SeededNoise;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;

/**
 * Trains a small diffusion model on the embedded digits, and searches the combination of its
 * checkpoints with the best FID, as lcsc.yaml says.
 *
 * <pre>java -cp ... com.example.TrainDiffusion lcsc.yaml OUTPUT ITERATIONS</pre>
 *
 * <p>Runs on the calling thread.
 */
public final class TrainDiffusion {

  private TrainDiffusion() {}

  public static void main(String[] arguments) throws IOException {
    Path settings = Path.of(arguments[0]);
    Path output = Path.of(arguments[1]);
    ImageDataSet images = new DataSets.Digits().load(Split.TRAIN);
    NoiseSchedule schedule = NoiseSchedule.linear(1000);
    Sampler sampler = new DpmSolver(schedule, Prediction.EPSILON, DpmSolver.Options.plusPlus(2, 8));
    DiffusionBatches data =
        new DiffusionBatches(
            BatchSettings.of(images).withIterations(0, Integer.parseInt(arguments[2])),
            schedule,
            Prediction.EPSILON);
    ComputationGraph network =
        new ComputationGraph(
            UNet.configuration(
                new UNetConfig(16, List.of(1, 2), 1, List.of(4)),
                new NetworkBody.Images(1, 8),
                new SquaredError(),
                new Adam(1e-3),
                42,
                DataType.FLOAT));
    network.init();

    // The lines of README.md.
    var features = DifferentiableFeatureExtractor.require(FeatureNetworks.forDataSet("digits", images.shape()));
    Iterator<INDArray> real = List.of(images.batch(0, images.size())).iterator();
    var statistics = FrechetDistance.against(FeatureStatistics.of(features, real));
    ObjectiveFactory fid = (seed, samples) -> new FeatureObjective(
        new UNetSamples(network, sampler, images.shape(), 0),
        new SeededNoise(seed), samples, (samples + 3) / 4, 100, features, statistics);
    try (LcscListener listener = LcscListener.from(settings, fid).output(output).build()) {
      network.addListeners(listener);
      network.fit(StoppableIterator.of(data, listener.stopSignal()));
    }
    // To here.

    ComputationGraph best = ComputationGraph.load(output.resolve("lcsc/best.zip").toFile(), false);

    double before = fid.create(99, 300).evaluate(network.params()).score();
    double after = fid.create(99, 300).evaluate(best.params()).score();
    System.out.printf(
        Locale.ROOT, "FID of 300 new samples: last weights %.2f, LCSC %.2f%n", before, after);
  }
}
