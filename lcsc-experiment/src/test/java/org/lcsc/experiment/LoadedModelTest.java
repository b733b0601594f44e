package org.lcsc.experiment;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.export.ModelExporter;

class LoadedModelTest {

  private static final String CONFIG =
      """
      dataset: { name: digits }
      model:
        kind: diffusion
        unet: { channels: 4, multipliers: [1], blocks: 1, attention: [], classConditional: %s }
      training: { iterations: 20, batchSize: 16, learningRate: 2.0e-3, seed: 1 }
      output: run
      """;

  @TempDir Path directory;

  private ComputationGraph network(boolean classes) throws Exception {
    Path file = directory.resolve("config.yaml");
    Files.writeString(file, CONFIG.formatted(classes));
    return Experiment.loadFor(file, RunConfig.read(file)).newNetwork();
  }

  @Test
  void theFirstParameterThatDiffersIsNamed() throws Exception {
    ComputationGraph classes = network(true);
    ComputationGraph none = network(false);
    Path file = directory.resolve("model.zip");
    ModelExporter.write(file, classes, classes.params(), 20);
    assertThatThrownBy(() -> LoadedModel.load(file, none))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(file + ": another architecture than the configuration's, /")
        .hasMessageMatching(
            ".*, parameter \\S+ is \\[\\d+, \\d+] and absent \\(file and configuration\\)")
        .hasMessageNotContaining("\n");

    ModelExporter.write(file, none, none.params(), 20);
    assertThatThrownBy(() -> LoadedModel.load(file, classes))
        .hasMessageMatching(
            ".*, parameter \\S+ is absent and \\[\\d+, \\d+] \\(file and configuration\\)");
  }
}
