package org.lcsc.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.listeners.ScoreIterationListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.network.Branches;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

class ModelExporterTest {

  @TempDir private Path directory;

  @Test
  void fileRestoresToTheSameOutputsAndLeavesTheModelAlone() throws Exception {
    ComputationGraph graph = Branches.graph(new Sgd(), DataType.FLOAT);
    ScoreIterationListener listener = new ScoreIterationListener();
    graph.setListeners(listener);
    INDArray before = graph.params().dup();
    INDArray parameters = before.mul(0.5).addi(0.1);
    long random = Nd4j.getRandom().rootState();
    Path file = directory.resolve("deep/model.zip");
    ModelExporter.write(file, graph, parameters, 1234);
    assertThat(Nd4j.getRandom().rootState()).isEqualTo(random);
    assertThat(graph.params()).isEqualTo(before);
    assertThat(graph.getIterationCount()).isZero();
    assertThat(List.copyOf(graph.getListeners())).isEqualTo(List.of(listener));

    ComputationGraph restored = ComputationGraph.load(file.toFile(), true);
    assertThat(restored.getIterationCount()).isEqualTo(1234);
    INDArray input = Nd4j.createFromArray(new float[][] {{1, -2, 3}, {0.5f, 0, 1}});
    graph.setParams(parameters);
    assertThat(restored.outputSingle(input)).isEqualTo(graph.outputSingle(input));
  }

  @Test
  void parametersTakeTheModelsDataType() throws Exception {
    ComputationGraph graph = Branches.graph(new Sgd(), DataType.DOUBLE);
    Path file = directory.resolve("model.zip");
    ModelExporter.write(file, graph, graph.params().castTo(DataType.FLOAT), 1);
    INDArray restored = ComputationGraph.load(file.toFile(), false).params();
    assertThat(restored.dataType()).isEqualTo(DataType.DOUBLE);
    assertThat(restored.equalsWithEps(graph.params(), 1e-6)).isTrue();
  }

  @Test
  void refusesAnotherNumberOfParameters() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                ModelExporter.write(
                    directory.resolve("x"),
                    Branches.graph(new Sgd(), DataType.FLOAT),
                    Nd4j.zeros(3),
                    1))
        .withMessage("the model has 38 parameters, got 3");
  }
}
