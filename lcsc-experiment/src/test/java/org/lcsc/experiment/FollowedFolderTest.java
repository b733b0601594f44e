package org.lcsc.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.checkpoint.CheckpointFile;
import org.lcsc.experiment.config.FollowConfig;
import org.lcsc.tensor.NpzFormat;
import org.lcsc.tensor.SafetensorsFile;
import org.lcsc.tensor.Tensor;
import org.lcsc.tensor.TensorFolder;
import org.lcsc.tensor.TensorType;

class FollowedFolderTest {

  @TempDir Path directory;

  private static Tensor tensor(String name) {
    return new Tensor(name, TensorType.FLOAT32, List.of(2L));
  }

  private Path save(String name, String tensor) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    SafetensorsFile.write(
        file,
        List.of(tensor(tensor)),
        Map.of(),
        (of, from, target) -> target.position(target.limit()));
    return file;
  }

  @Test
  void whatDoesNotFitIsLeftOut() throws IOException {
    save("step-10.safetensors", "weight");
    save("notes.safetensors", "weight");
    FollowedFolder followed =
        new FollowedFolder(directory, new FollowConfig(null, null, 5.0, 0.1), () -> false);
    CheckpointFile first = followed.next().orElseThrow();
    assertThat(first.iteration()).isEqualTo(10);
    followed.restart(TensorFolder.of(directory, List.of(first), List.of()));

    save("step-10-again.safetensors", "weight");
    NpzFormat.write(
        directory.resolve("step-20.npz"),
        List.of(tensor("weight")),
        (of, from, target) -> target.position(target.limit()));
    save("step-30.safetensors", "other");
    Path shard = save("checkpoint-40/model-00001-of-00001.safetensors", "weight");
    save("step-50.safetensors", "weight");
    assertThat(followed.hasLater(iteration -> iteration == 20 || iteration == 30)).isFalse();
    assertThat(followed.hasLater(iteration -> iteration == 40)).as("no index yet").isFalse();
    Files.writeString(
        directory.resolve("checkpoint-40/model.safetensors.index.json"),
        "{\"weight_map\": {\"weight\": \"%s\"}}".formatted(shard.getFileName()));
    List<Long> iterations = new ArrayList<>();
    for (Optional<CheckpointFile> next = followed.next();
        next.isPresent();
        next = followed.next()) {
      iterations.add(next.get().iteration());
    }
    assertThat(iterations).containsExactly(10L, 40L, 50L);
  }

  @Test
  void onlyADeletedCheckpointIsPassedOver() throws IOException {
    Path file = save("step-10.safetensors", "weight");
    CheckpointFile checkpoint = new CheckpointFile(file, 10);
    IOException fault = new IOException("damaged");
    assertThatThrownBy(() -> FollowingSearch.passOver(checkpoint, fault)).isSameAs(fault);
    Files.delete(file);
    FollowingSearch.passOver(checkpoint, fault);
  }
}
