package org.lcsc.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.checkpoint.ParameterGroups.Segment;
import org.lcsc.model.ParameterGrouping.Parameter;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

class ParameterGroupingTest {

  /** Parameters: conv_in b 2 and W 18, hidden W 96 and b 3, out W 6 and b 2. */
  private final ComputationGraph graph = graph();

  private static ComputationGraph graph() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .activation(Activation.IDENTITY)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(6, 6, 1))
                .addLayer(
                    "conv_in", new ConvolutionLayer.Builder(3, 3).nIn(1).nOut(2).build(), "in")
                .addLayer("hidden", new DenseLayer.Builder().nOut(3).build(), "conv_in")
                .addLayer("out", new OutputLayer.Builder().nOut(2).build(), "hidden")
                .setOutputs("out")
                .build());
    graph.init();
    return graph;
  }

  @Test
  void parametersLieWhereTheirArraysAre() {
    List<Parameter> parameters = ParameterGrouping.parameters(graph);
    assertThat(parameters).extracting(Parameter::layer).contains("conv_in", "hidden", "out");
    long at = 0;
    for (Parameter parameter : parameters) {
      assertThat(parameter.from()).as(parameter.name()).isEqualTo(at);
      at = parameter.to();
      INDArray array = graph.paramTable().get(parameter.name());
      double before = array.sumNumber().doubleValue();
      INDArray part =
          graph.params().ravel().get(NDArrayIndex.interval(parameter.from(), parameter.to()));
      assertThat(part.sumNumber().doubleValue()).as(parameter.name()).isEqualTo(before);
      array.addi(1);
      assertThat(part.length()).isEqualTo(array.length());
    }
    assertThat(at).isEqualTo(graph.numParams());
  }

  @Test
  void theFirstPatternThatMatchesLayerOrParameterCounts() {
    ParameterGroups groups = ParameterGrouping.patterns(List.of("conv.*", ".*_b")).of(graph);
    assertThat(groups.names()).containsExactly("conv.*", "rest", ".*_b");
    for (int group = 0; group < 3; group++) {
      long parameters = 0;
      for (Segment segment : groups.segmentsOf(group)) {
        parameters += segment.to() - segment.from();
      }
      assertThat(parameters).isEqualTo(new long[] {20, 96 + 6, 3 + 2}[group]);
    }
    assertThat(groups.segmentsOf(0)).containsExactly(new Segment(0, 0, 20));
    assertThat(ParameterGrouping.NONE.of(graph))
        .isEqualTo(ParameterGroups.whole(graph.numParams()));
  }

  @Test
  void mistakesAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ParameterGrouping.patterns(List.of("out", "down.*")).of(graph))
        .withMessage(
            "pattern \"down.*\" matches no layer or parameter that an earlier one does not, layers:"
                + " conv_in, hidden, out");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ParameterGrouping.patterns(List.of("a(")))
        .withMessage("\"a(\" is no regular expression: Unclosed group");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ParameterGrouping.patterns(List.of()))
        .withMessage("grouping needs at least one pattern, got none");
  }
}
