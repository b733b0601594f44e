package org.lcsc.consistency;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lcsc.averaging.ExponentialMovingAverage;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.diffusion.layer.AddEmbedding;
import org.lcsc.diffusion.layer.Conv2d;
import org.lcsc.diffusion.layer.ImageLoss;
import org.lcsc.diffusion.layer.ImageLossLayer;
import org.lcsc.diffusion.layer.Linear;
import org.lcsc.diffusion.layer.NoiseScaling;
import org.lcsc.diffusion.layer.NoiseScaling.Factor;
import org.lcsc.diffusion.layer.NoiseTime;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.layer.PseudoHuber;
import org.lcsc.diffusion.layer.ResidualSum;
import org.lcsc.diffusion.layer.Silu;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.diffusion.layer.TimeEmbedding;
import org.lcsc.diffusion.sampler.HeunSampler;
import org.lcsc.diffusion.sampler.Sampler;
import org.lcsc.diffusion.sampler.UNetSamples;
import org.lcsc.diffusion.schedule.KarrasSigmas;
import org.lcsc.diffusion.training.BatchSettings;
import org.lcsc.diffusion.training.EdmBatches;
import org.lcsc.diffusion.training.LearningRate;
import org.lcsc.diffusion.training.RAdam;
import org.lcsc.diffusion.training.TrainingBatches;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.image.ImageShape;
import org.lcsc.objective.SeededNoise;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Four equal spots on a circle, as images of two channels and one pixel: a teacher, a distilled and
 * a trained consistency model, judged by how far their samples lie from a spot and how evenly they
 * fall on all four.
 */
class ToyDistributionTest {

  private static final int SPOTS = 4;
  private static final double RADIUS = 0.75;
  private static final double SPREAD = 0.03;
  private static final int SAMPLES = 1000;
  private static final int WIDTH = 64;
  private static final ImageShape SHAPE = new ImageShape(2, 1, 1);
  private static final Preconditioning.NetworkTime TIME = Preconditioning.NetworkTime.THOUSANDFOLD;

  /** Mean distance of samples from their spot, and share of the least visited spot times four. */
  private record Fit(double distance, double evenness) {}

  private static ImageDataSet spots() {
    SplittableRandom random = new SplittableRandom(6);
    byte[] pixels = new byte[2 * 4096];
    for (int i = 0; i < pixels.length; i += 2) {
      double angle = 2 * Math.PI * random.nextInt(SPOTS) / SPOTS;
      pixels[i] = pixel(RADIUS * Math.cos(angle) + SPREAD * random.nextGaussian());
      pixels[i + 1] = pixel(RADIUS * Math.sin(angle) + SPREAD * random.nextGaussian());
    }
    return ImageDataSet.of("spots", SHAPE, pixels, 0, null);
  }

  private static byte pixel(double value) {
    return (byte) Math.round((value + 1) * 127.5);
  }

  /** A residual perceptron: 1x1 convolutions on one pixel. */
  private static ComputationGraph network(
      Preconditioning preconditioning, ImageLoss loss, int iterations) {
    LearningRate rate = new LearningRate(5e-3, 1e-4, 0, iterations, LearningRate.Decay.COSINE);
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .seed(3)
            .updater(new RAdam(rate))
            .graphBuilder()
            .addInputs(UNet.IMAGE, UNet.TIME);
    graph.addVertex("scaled", new NoiseScaling(preconditioning, Factor.IN), UNet.IMAGE, UNet.TIME);
    graph.addLayer("noise", new NoiseTime(preconditioning), UNet.TIME);
    graph.addLayer("sinusoid", new TimeEmbedding(32, TimeEmbedding.Form.SIN_COS), "noise");
    graph.addLayer("embedded", new Linear(32, WIDTH), "sinusoid");
    graph.addLayer("silu", new Silu(), "embedded");
    graph.addLayer("in", new Conv2d(2, WIDTH, 1), "scaled");
    String h = "in";
    for (int block = 0; block < 2; block++) {
      graph.addLayer("time" + block, new Linear(WIDTH, WIDTH), "silu");
      graph.addVertex("timed" + block, new AddEmbedding(), h, "time" + block);
      graph.addLayer("silu" + block, new Silu(), "timed" + block);
      graph.addLayer("conv" + block, new Conv2d(WIDTH, WIDTH, 1), "silu" + block);
      graph.addVertex("block" + block, new ResidualSum(), h, "conv" + block);
      h = "block" + block;
    }
    graph.addLayer("last", new Silu(), h);
    graph.addLayer("out", new Conv2d(WIDTH, 2, 1), "last");
    graph.addVertex("skip", new NoiseScaling(preconditioning, Factor.SKIP), UNet.IMAGE, UNet.TIME);
    graph.addVertex("share", new NoiseScaling(preconditioning, Factor.OUT), "out", UNet.TIME);
    graph.addVertex("denoised", new ResidualSum(), "skip", "share");
    graph.addLayer(UNet.OUTPUT, new ImageLossLayer(loss), "denoised");
    ComputationGraph network = new ComputationGraph(graph.setOutputs(UNet.OUTPUT).build());
    network.init();
    return network;
  }

  private static BatchSettings settings(int iterations) {
    return BatchSettings.of(spots()).withBatchSize(128).withIterations(0, iterations).withSeed(2);
  }

  private static Fit fit(ComputationGraph network, INDArray parameters, Sampler sampler) {
    UNetSamples samples = new UNetSamples(network, sampler, new ImageShape(2, 1, 1), 0);
    samples.setParameters(parameters);
    INDArray points = samples.sample(new SeededNoise(9), 0, SAMPLES).reshape(SAMPLES, 2);
    double distance = 0;
    int[] visits = new int[SPOTS];
    for (int i = 0; i < SAMPLES; i++) {
      double x = points.getDouble(i, 0);
      double y = points.getDouble(i, 1);
      double turns = Math.atan2(y, x) / (2 * Math.PI) * SPOTS;
      int spot = Math.floorMod((int) Math.round(turns), SPOTS);
      visits[spot]++;
      double angle = 2 * Math.PI * spot / SPOTS;
      distance += Math.hypot(x - RADIUS * Math.cos(angle), y - RADIUS * Math.sin(angle)) / SAMPLES;
    }
    int least = java.util.Arrays.stream(visits).min().orElseThrow();
    return new Fit(distance, (double) least * SPOTS / SAMPLES);
  }

  @Test
  void oneStepReachesTheSpotsAfterDistillationAndAfterTraining() {
    double sigmaData = RADIUS / Math.sqrt(2);
    int teaching = 1000;
    ComputationGraph teacher =
        network(Preconditioning.edm(sigmaData, TIME), new SquaredError(), teaching);
    train(
        teacher,
        new EdmBatches(
            settings(teaching), Preconditioning.edm(sigmaData, TIME), EdmBatches.LogNormal.EDM));
    Fit heun =
        fit(
            teacher,
            teacher.params(),
            new HeunSampler(KarrasSigmas.edm(18), HeunSampler.Churn.NONE));

    int iterations = 1000;
    Preconditioning consistency = Preconditioning.consistency(sigmaData, TIME);
    ComputationGraph distilled = network(consistency, new SquaredError(), iterations);
    distilled.setParams(teacher.params());
    INDArray ema =
        train(
            distilled,
            ConsistencyBatches.distillation(
                settings(iterations),
                new ConsistencyDistillation(18, 0, iterations),
                distilled,
                teacher));
    Fit cd = fit(distilled, ema, ConsistencySampler.multistep());

    ComputationGraph trained =
        network(
            consistency,
            new PseudoHuber(ImprovedConsistencyTraining.pseudoHuberConstant(SHAPE.length())),
            iterations);
    ema =
        train(
            trained,
            ConsistencyBatches.training(
                settings(iterations),
                new ImprovedConsistencyTraining(10, 80, -1.1, 2, iterations),
                trained));
    Fit ct = fit(trained, ema, ConsistencySampler.multistep());
    // Spread evenly over the circle, samples would lie 0.29 from their spots; collapsed, 0.75.
    assertThat(heun.distance()).as("teacher").isLessThan(0.08);
    assertThat(cd.distance()).as("distilled").isLessThan(0.25);
    assertThat(ct.distance()).as("trained").isLessThan(0.25);
    for (Fit fit : new Fit[] {heun, cd, ct}) {
      assertThat(fit.evenness()).isGreaterThan(0.6);
    }
  }

  private static INDArray train(ComputationGraph network, TrainingBatches batches) {
    ExponentialMovingAverage ema = new ExponentialMovingAverage(0.98, network.params());
    while (batches.hasNext()) {
      network.fit(batches.next());
      ema.update(network.params());
    }
    return ema.parameters();
  }
}
