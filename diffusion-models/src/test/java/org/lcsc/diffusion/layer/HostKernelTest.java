package org.lcsc.diffusion.layer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * The layers' float32 passes on Java arrays against the chains of libnd4j operations that serve
 * every other type and backend, run in float64: equal to float32's rounding.
 */
class HostKernelTest {

  private static final double TOLERANCE = 1e-5;

  /**
   * Sides whose images fill less than a block, several blocks, as many as several threads share,
   * and blocks that do not end even.
   */
  @ParameterizedTest
  @CsvSource({
    "40, 16, 16, true",
    "3, 8, 2, true",
    "5, 12, 6, true",
    "2, 20, 20, false",
    "1, 4, 26, true"
  })
  void equalThePlainOperations(int batch, int channels, int side, boolean silu) {
    ComputationGraph fast = network(channels, silu, DataType.FLOAT);
    ComputationGraph plain = network(channels, silu, DataType.DOUBLE);
    SplittableRandom random = new SplittableRandom(batch + channels + side);
    INDArray parameters = normal(random, 0.5, fast.numParams()).castTo(DataType.FLOAT);
    INDArray image = normal(random, 3, batch, 2, side, side).castTo(DataType.FLOAT);
    INDArray time = normal(random, 300, batch, 1).castTo(DataType.FLOAT);
    INDArray target = normal(random, 1, batch, 1, 2L * side, 2L * side).castTo(DataType.FLOAT);
    List<INDArray> results = new ArrayList<>();
    for (ComputationGraph network : List.of(fast, plain)) {
      DataType type = network == fast ? DataType.FLOAT : DataType.DOUBLE;
      network.setParams(parameters.castTo(type));
      INDArray[] inputs = {image.castTo(type), time.castTo(type)};
      results.add(network.outputSingle(inputs).castTo(DataType.DOUBLE));
      network.setInputs(inputs);
      network.setLabels(target.castTo(type));
      network.computeGradientAndScore();
      results.add(
          network.gradient().gradient().reshape(network.numParams()).castTo(DataType.DOUBLE));
    }
    assertClose("output", results.get(0), results.get(2));
    assertClose("gradient", results.get(1), results.get(3));
  }

  private static void assertClose(String what, INDArray fast, INDArray plain) {
    double scale = plain.norm2Number().doubleValue();
    double difference = fast.sub(plain).norm2Number().doubleValue();
    assertThat(difference / scale).as(what + ", relative difference").isLessThan(TOLERANCE);
    assertThat(scale).as(what).isPositive();
  }

  /** Every layer with a pass of its own. */
  private static ComputationGraph network(int channels, boolean silu, DataType type) {
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .seed(5)
            .dataType(type)
            .updater(new NoOp())
            .graphBuilder()
            .addInputs("image", "time");
    graph.addLayer("sinusoid", new TimeEmbedding(8, TimeEmbedding.Form.SIN_COS), "time");
    graph.addLayer("linear", new Linear(8, channels), "sinusoid");
    graph.addLayer("silu", new Silu(), "linear");
    graph.addLayer("in", new Conv2d(2, channels, 3), "image");
    graph.addVertex("timed", new AddEmbedding(), "in", "silu");
    graph.addLayer("norm", new GroupNorm(channels, channels / 4, 1e-5, silu), "timed");
    graph.addLayer("attention", new SelfAttention2d(channels, silu ? 2 : 1, 1), "norm");
    graph.addVertex("sum", new ResidualSum(), "timed", "attention");
    graph.addLayer("middle", new Conv2d(channels, 3, 3), "sum");
    graph.addVertex("concat", new ConcatChannels(), "timed", "middle");
    graph.addLayer("up", new UpsampleNearest(), "concat");
    graph.addLayer("out", new Conv2d(channels + 3, 1, 3), "up");
    graph.addLayer("loss", new ImageLossLayer(new SquaredError()), "out");
    ComputationGraph network = new ComputationGraph(graph.setOutputs("loss").build());
    network.init();
    return network;
  }

  private static INDArray normal(SplittableRandom random, double deviation, long... shape) {
    double[] values = new double[Math.toIntExact(org.nd4j.common.util.ArrayUtil.prodLong(shape))];
    for (int i = 0; i < values.length; i++) {
      values[i] = deviation * random.nextGaussian();
    }
    return Nd4j.createFromArray(values).reshape('c', shape);
  }
}
