package org.lcsc.diffusion.layer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import org.deeplearning4j.gradientcheck.GradientCheckUtil;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.rng.Random;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/** Every layer: gradients against finite differences, JSON and file round trips, workspaces on. */
class LayerGradientTest {

  @BeforeEach
  void gradientChecksWantDoubleByDefault() {
    Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE);
  }

  @AfterEach
  void restoreDefault() {
    Nd4j.setDefaultDataTypes(DataType.FLOAT, DataType.FLOAT);
  }

  private static final int N = 3;
  private static final int C = 4;
  private static final int SIDE = 4;

  @TempDir Path directory;

  @Test
  void convolution() throws Exception {
    checkLayer(new Conv2d(C, 6, 3), 6, SIDE);
    checkLayer(new Conv2d(C, 5, 1), 5, SIDE);
  }

  @Test
  void stridedConvolution() throws Exception {
    checkLayer(new Conv2d(C, 6, 3, 2, 1), 6, SIDE / 2);
  }

  @Test
  void groupNorm() throws Exception {
    checkLayer(new GroupNorm(C, 2, 1e-5, false), C, SIDE);
    checkLayer(new GroupNorm(C, 1, 1e-5, true), C, SIDE);
    checkLayer(new GroupNorm(C, 4, 1e-5, true), C, SIDE);
  }

  @Test
  void silu() throws Exception {
    checkLayer(new Silu(), C, SIDE);
  }

  @Test
  void upsampling() throws Exception {
    checkLayer(new UpsampleNearest(), C, 2 * SIDE);
  }

  @Test
  void filteredResampling() throws Exception {
    double[] smooth = {1, 3, 3, 1};
    checkLayer(new FirResample(smooth, FirResample.Direction.DOWN), C, SIDE / 2);
    checkLayer(new FirResample(smooth, FirResample.Direction.UP), C, 2 * SIDE);
    checkLayer(FirResample.downWithRing(smooth), C, SIDE / 2 - 1);
    checkLayer(new FirResample(new double[] {1, 1}, FirResample.Direction.DOWN), C, SIDE / 2);
  }

  @Test
  void padding() throws Exception {
    checkLayer(new ZeroPad(1), C, SIDE + 2);
  }

  @Test
  void fourierEmbedding() throws Exception {
    GraphBuilder graph = builder().addInputs("x", "t");
    graph.addLayer("before", new Conv2d(C, C, 3, 1, 1, Initialisation.XAVIER), "x");
    graph.addLayer("fourier", new FourierEmbedding(8, 2, 11), "t");
    graph.addLayer("linear", new Linear(8, C, true, Initialisation.NORMAL), "fourier");
    graph.addVertex("vertex", new AddEmbedding(), "before", "linear");
    INDArray t = Nd4j.createFromArray(new double[] {0, 0.3, -1.6}).reshape(N, 1);
    check(
        graph,
        "vertex",
        new INDArray[] {randn(1, N, C, SIDE, SIDE), t},
        randn(2, N, C, SIDE, SIDE));
  }

  @Test
  void selfAttention() throws Exception {
    checkLayer(new SelfAttention2d(C, 1, 1), C, SIDE);
    checkLayer(new SelfAttention2d(C, 2, 1), C, SIDE);
    checkLayer(new SelfAttention2d(C, 2, 0.5, 1, Initialisation.XAVIER), C, SIDE);
  }

  @Test
  void additiveEmbedding() throws Exception {
    checkVertex(new AddEmbedding(), C);
  }

  @Test
  void scaleAndShift() throws Exception {
    checkVertex(new ScaleShift(), 2 * C);
  }

  @Test
  void preconditioning() throws Exception {
    check(Preconditioning.consistency(0.4, Preconditioning.NetworkTime.THOUSANDFOLD));
    check(new Preconditioning.Flow(1000));
  }

  private void check(Preconditioning preconditioning) throws Exception {
    for (NoiseScaling.Factor factor : NoiseScaling.Factor.values()) {
      GraphBuilder graph = builder().addInputs("x", "sigma");
      graph.addLayer("before", new Conv2d(C, C, 3), "x");
      graph.addVertex("scaled", new NoiseScaling(preconditioning, factor), "before", "sigma");
      graph.addLayer("time", new NoiseTime(preconditioning), "sigma");
      graph.addLayer("sinusoid", new TimeEmbedding(8, TimeEmbedding.Form.SIN_COS), "time");
      graph.addLayer("linear", new Linear(8, C), "sinusoid");
      graph.addVertex("sum", new AddEmbedding(), "scaled", "linear");
      INDArray sigma = Nd4j.createFromArray(new double[] {0.002, 0.7, 60}).reshape(N, 1);
      check(
          graph,
          "sum",
          new INDArray[] {randn(1, N, C, SIDE, SIDE), sigma},
          randn(2, N, C, SIDE, SIDE));
    }
  }

  @Test
  void losses() throws Exception {
    for (ImageLoss loss :
        new ImageLoss[] {
          new SquaredError(true),
          new SquaredError(false),
          new AbsoluteError(true),
          new AbsoluteError(false),
          new PseudoHuber(0.7)
        }) {
      GraphBuilder graph = builder().addInputs("x");
      graph.addLayer("conv", new Conv2d(C, C, 3), "x");
      check(
          graph,
          "conv",
          loss,
          new INDArray[] {randn(1, N, C, SIDE, SIDE)},
          randn(2, N, C, SIDE, SIDE));
    }
  }

  @Test
  void residualSumAndConcatenation() throws Exception {
    GraphBuilder graph = builder().addInputs("x");
    graph.addLayer("before", new Conv2d(C, C, 3), "x");
    graph.addLayer("other", new Conv2d(C, 2, 1), "before");
    graph.addVertex("concat", new ConcatChannels(), "before", "other");
    graph.addLayer("same", new Conv2d(C + 2, C, 1), "concat");
    graph.addVertex("sum", new ResidualSum(Math.sqrt(0.5)), "before", "same");
    check(graph, "sum", new INDArray[] {randn(1, N, C, SIDE, SIDE)}, randn(2, N, C, SIDE, SIDE));
  }

  /** A convolution on both sides, so that the gradient to the input is checked as well. */
  private void checkLayer(Layer layer, int channels, int side) throws Exception {
    GraphBuilder graph = builder().addInputs("x");
    graph.addLayer("before", new Conv2d(C, C, 3), "x");
    graph.addLayer("layer", layer, "before");
    graph.addLayer("after", new Conv2d(channels, 2, 1), "layer");
    check(graph, "after", new INDArray[] {randn(1, N, C, SIDE, SIDE)}, randn(2, N, 2, side, side));
  }

  private void checkVertex(GraphVertex vertex, int embedding) throws Exception {
    GraphBuilder graph = builder().addInputs("x", "t");
    graph.addLayer("before", new Conv2d(C, C, 3), "x");
    graph.addLayer("sinusoid", new TimeEmbedding(8, TimeEmbedding.Form.COS_SIN), "t");
    graph.addLayer("linear", new Linear(8, embedding), "sinusoid");
    graph.addVertex("vertex", vertex, "before", "linear");
    INDArray t = Nd4j.createFromArray(new double[] {0, 3.5, 900}).reshape(N, 1);
    check(
        graph,
        "vertex",
        new INDArray[] {randn(1, N, C, SIDE, SIDE), t},
        randn(2, N, C, SIDE, SIDE));
  }

  private static GraphBuilder builder() {
    return new NeuralNetConfiguration.Builder()
        .seed(5)
        .dataType(DataType.DOUBLE)
        .updater(new NoOp())
        .graphBuilder();
  }

  private static INDArray randn(long seed, long... shape) {
    try (Random random = Nd4j.getRandomFactory().getNewRandomInstance(seed)) {
      INDArray values = Nd4j.createUninitialized(DataType.DOUBLE, shape);
      Nd4j.getExecutioner()
          .exec(
              new org.nd4j.linalg.api.ops.random.impl.GaussianDistribution(values, 0.0, 1.0),
              random);
      return values;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void check(GraphBuilder graph, String last, INDArray[] inputs, INDArray target)
      throws Exception {
    check(graph, last, new SquaredError(), inputs, target);
  }

  private void check(
      GraphBuilder graph, String last, ImageLoss loss, INDArray[] inputs, INDArray target)
      throws Exception {
    graph.addLayer("loss", new ImageLossLayer(loss), last);
    ComputationGraphConfiguration conf = graph.setOutputs("loss").build();
    ComputationGraph network = new ComputationGraph(conf);
    network.init();

    assertThat(ComputationGraphConfiguration.fromJson(conf.toJson()))
        .as("JSON round trip")
        .isEqualTo(conf);
    INDArray weights = Nd4j.createFromArray(new double[] {1, 0.5, 2}).reshape(N, 1);
    assertThat(
            GradientCheckUtil.checkGradients(
                new GradientCheckUtil.GraphConfig()
                    .net(network)
                    .inputs(inputs)
                    .labels(new INDArray[] {target})
                    .labelMask(new INDArray[] {weights})
                    .epsilon(1e-6)
                    .maxRelError(1e-5)
                    .minAbsoluteError(1e-9)))
        .as("gradients of " + conf.getVertices().keySet())
        .isTrue();

    File file = directory.resolve("network.zip").toFile();
    network.save(file, false);
    INDArray before = network.outputSingle(inputs);
    INDArray after = ComputationGraph.load(file, false).outputSingle(inputs);
    assertThat(after).as("restored network").isEqualTo(before);
  }
}
