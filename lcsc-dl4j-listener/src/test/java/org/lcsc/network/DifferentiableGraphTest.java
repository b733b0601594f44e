package org.lcsc.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lcsc.image.ImageShape;
import org.lcsc.objective.SeededNoise;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class DifferentiableGraphTest {

  private static final double STEP = 1e-5;

  private static GraphBuilder builder() {
    return new NeuralNetConfiguration.Builder()
        .seed(5)
        .dataType(DataType.DOUBLE)
        .graphBuilder()
        .addInputs("x", "t");
  }

  private static DenseLayer dense(int in, int out) {
    return new DenseLayer.Builder().nIn(in).nOut(out).activation(Activation.TANH).build();
  }

  /** An input read by two layers, dropout in the middle, and a loss at the end. */
  private static ComputationGraph graph() {
    DenseLayer dropped = dense(3, 4);
    dropped.setIDropout(new org.deeplearning4j.nn.conf.dropout.Dropout(0.5));
    ComputationGraph graph =
        new ComputationGraph(
            builder()
                .addLayer("a", dense(3, 4), "x")
                .addLayer("b", dropped, "x")
                .addLayer("c", dense(2, 4), "t")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "b", "c")
                .addLayer("d", dense(4, 2), "sum")
                .addLayer(
                    "loss",
                    new LossLayer.Builder(LossFunction.MSE).activation(Activation.IDENTITY).build(),
                    "d")
                .setOutputs("loss")
                .build());
    graph.init();
    return graph;
  }

  private static INDArray randn(long seed, long... shape) {
    long[] one = java.util.Arrays.copyOfRange(shape, 1, shape.length);
    return new SeededNoise(seed).gaussian(0, 0, (int) shape[0], one).castTo(DataType.DOUBLE);
  }

  private static double loss(ComputationGraph graph, INDArray epsilon, INDArray... inputs) {
    return graph.outputSingle(inputs).mul(epsilon).sumNumber().doubleValue();
  }

  private static void compare(
      ComputationGraph graph, INDArray changed, INDArray gradient, INDArray e, INDArray... inputs) {
    for (long i = 0; i < changed.length(); i++) {
      double kept = changed.getDouble(i);
      changed.putScalar(i, kept + STEP);
      double above = loss(graph, e, inputs);
      changed.putScalar(i, kept - STEP);
      double below = loss(graph, e, inputs);
      changed.putScalar(i, kept);
      assertThat(gradient.getDouble(i))
          .as("element %d", i)
          .isCloseTo((above - below) / (2 * STEP), within(1e-8));
    }
  }

  @Test
  void gradientsOfParametersAndInputAreExactAndWithoutDropout() {
    ComputationGraph graph = graph();
    DifferentiableGraph gradients = DifferentiableGraph.sharing(graph, graph.params(), "x");
    for (int n : new int[] {3, 6, 2}) {
      INDArray x = randn(1, n, 3);
      INDArray t = randn(2, n, 2);
      INDArray epsilon = randn(3, n, 2);
      INDArray toInput = gradients.backpropagate(epsilon.dup(), x, t).dup();
      compare(graph, x, toInput, epsilon, x, t);
      INDArray parameters = graph.params();
      compare(graph, parameters, gradients.parameterGradient().dup(), epsilon, x, t);
    }
  }

  @Test
  void gradientsPassFrozenLayers() {
    ComputationGraph graph =
        new ComputationGraph(
            builder()
                .addLayer("a", new FrozenLayer(dense(3, 4)), "x")
                .addLayer("b", dense(3, 4), "x")
                .addLayer("c", new FrozenLayerWithBackprop(dense(2, 4)), "t")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "b", "c")
                .addLayer(
                    "loss",
                    new LossLayer.Builder(LossFunction.MSE).activation(Activation.IDENTITY).build(),
                    "sum")
                .setOutputs("loss")
                .build());
    graph.init();
    for (String input : new String[] {"x", "t"}) {
      DifferentiableGraph gradients = DifferentiableGraph.sharing(graph, graph.params(), input);
      INDArray x = randn(1, 3, 3);
      INDArray t = randn(2, 3, 2);
      INDArray epsilon = randn(3, 3, 4);
      INDArray toInput = gradients.backpropagate(epsilon.dup(), x, t).dup();
      compare(graph, input.equals("x") ? x : t, toInput, epsilon, x, t);
    }
  }

  @Test
  void sharesTheParameters() {
    ComputationGraph graph = graph();
    INDArray parameters = graph.params().dup();
    DifferentiableGraph gradients = DifferentiableGraph.sharing(graph, parameters, "x");
    INDArray epsilon = randn(3, 2, 2);
    INDArray x = randn(1, 2, 3);
    INDArray t = randn(2, 2, 2);
    INDArray before = gradients.backpropagate(epsilon.dup(), x, t).dup();
    parameters.muli(0.5);
    graph.setParams(parameters);
    INDArray after = gradients.backpropagate(epsilon.dup(), x, t).dup();
    assertThat(after).isNotEqualTo(before);
    compare(graph, x, after, epsilon, x, t);
  }

  @Test
  void refusesWhatItCannotDifferentiate() {
    ComputationGraph graph = graph();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DifferentiableGraph.sharing(graph, graph.params(), "y"))
        .withMessage("the graph has no input 'y'; it has [x, t]");
    ComputationGraph classifier =
        new ComputationGraph(
            builder()
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "x", "t")
                .addLayer(
                    "out",
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(3)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build(),
                    "sum")
                .setOutputs("out")
                .build());
    classifier.init();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DifferentiableGraph.sharing(classifier, classifier.params(), "x"))
        .withMessageContaining("'out' (OutputLayer) has no gradient from outside");
    ComputationGraph normalised =
        new ComputationGraph(
            builder()
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "x", "t")
                .addLayer("bn", new BatchNormalization.Builder().nIn(3).nOut(3).build(), "sum")
                .setOutputs("bn")
                .build());
    normalised.init();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DifferentiableGraph.sharing(normalised, normalised.params(), "x"))
        .withMessageContaining("'bn' is a BatchNormalization");
  }

  /** Features [N, D, h, w] are averaged over positions; several inner batches. */
  @Test
  void featuresOfAGraphCarryGradientsToTheImages() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("image")
                .addLayer(
                    "conv",
                    new org.deeplearning4j.nn.conf.layers.ConvolutionLayer.Builder(3, 3)
                        .nIn(1)
                        .nOut(4)
                        .activation(Activation.TANH)
                        .build(),
                    "image")
                .addLayer(
                    "more",
                    new org.deeplearning4j.nn.conf.layers.ConvolutionLayer.Builder(2, 2)
                        .nIn(4)
                        .nOut(2)
                        .activation(Activation.TANH)
                        .build(),
                    "conv")
                .setOutputs("more")
                .build());
    graph.init();
    GraphFeatureExtractor extractor =
        new GraphFeatureExtractor(graph, "conv", "tiny", new ImageShape(1, 5, 5), 2);
    INDArray images = randn(4, 5, 1, 5, 5);
    INDArray epsilon = randn(6, 5, 4).castTo(DataType.FLOAT);
    INDArray gradient = extractor.backpropagate(images, epsilon);
    assertThat(gradient.shape()).containsExactly(5, 1, 5, 5);
    double step = 1e-2;
    for (long i = 0; i < images.length(); i += 3) {
      double kept = images.getDouble(i);
      images.putScalar(i, kept + step);
      double above = extractor.extract(images).mul(epsilon).sumNumber().doubleValue();
      images.putScalar(i, kept - step);
      double below = extractor.extract(images).mul(epsilon).sumNumber().doubleValue();
      images.putScalar(i, kept);
      assertThat(gradient.getDouble(i))
          .as("pixel %d", i)
          .isCloseTo((above - below) / (2 * step), within(2e-4));
    }
    assertThat(Nd4j.getMemoryManager().getCurrentWorkspace()).isNull();
  }
}
