package org.lcsc.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.config.YamlConfig;
import org.lcsc.datasets.DataSets;
import org.lcsc.datasets.Split;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.tensor.StateDict;

class ProvenanceTest {

  @TempDir Path directory;

  private String identity(String name, String content) throws IOException {
    return identity(name, content, "features.zip");
  }

  private String identity(String name, String content, String features) throws IOException {
    Files.writeString(directory.resolve(name), content);
    Path config =
        Files.writeString(
            directory.resolve("config.yaml"),
            """
            dataset: { name: digits }
            model: { kind: flow, unet: { channels: 8, multipliers: [1, 2], blocks: 1 } }
            training: { iterations: 1, batchSize: 2, learningRate: 1.0e-9, from: %1$s/start.zip }
            features: [%1$s/%2$s]
            output: %1$s/run
            """
                .formatted(directory, features));
    return new Provenance(
            YamlConfig.read(config, RunConfig.class), new DataSets.Digits().load(Split.TEST))
        .identity();
  }

  /** Two parts of a search by two networks would compare scores of two spaces. */
  @Test
  void aRunIsAnotherWithOtherFeaturesUnderTheSameName() throws IOException {
    String first = identity("features.zip", "one");
    assertThat(identity("features.zip", "other")).isNotEqualTo(first);
    assertThat(identity("features.zip", "one")).isEqualTo(first);
    assertThat(identity("start.zip", "read once, and of no matter after")).isEqualTo(first);
  }

  /** The file that a configuration names may itself name the weights. */
  @Test
  void aRunIsAnotherWithOtherWeightsOfItsFeatures() throws IOException {
    Files.writeString(
        directory.resolve("onnx.yaml"), "name: own\nmodel: net.onnx\nfeatures: pool\n");
    String location = "\n\blocation\u0012\bnet.data";
    String first = identity("net.onnx", location, "onnx.yaml");
    assertThat(identity("net.onnx", location + "...", "onnx.yaml")).isNotEqualTo(first);
    assertThat(identity("net.onnx", location, "onnx.yaml")).isEqualTo(first);
    assertThat(identity("net.data", "weights", "onnx.yaml")).isNotEqualTo(first);
  }

  @Test
  void shardsAreOfTheirIndex() throws IOException {
    String index = "net.safetensors.index.json";
    Files.writeString(directory.resolve("a.safetensors"), "one");
    String text = "{\"weight_map\": {\"x\": \"a.safetensors\"}}";
    Path file = Files.writeString(directory.resolve(index), text);
    assertThat(StateDict.files(file)).containsExactly(file, directory.resolve("a.safetensors"));
    Path alone = directory.resolve("a.safetensors");
    assertThat(StateDict.files(alone)).containsExactly(alone);
  }
}
