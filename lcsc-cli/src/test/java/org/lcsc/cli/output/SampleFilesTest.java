package org.lcsc.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

class SampleFilesTest {

  @TempDir Path directory;

  @Test
  void modelsOfAlikeNamesHaveAFolderEach() throws IOException {
    Path folder = directory.resolve("images");
    List<SampleGrid.Captioned> models =
        List.of("a/x.zip", "a-x.zip").stream()
            .map(name -> new SampleGrid.Captioned(name, Nd4j.zeros(DataType.FLOAT, 1, 1, 2, 2)))
            .toList();
    SampleFiles.writeFolder(folder, models);
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("a-x.zip", "a-x.zip-2");
  }

  @Test
  void whatAKilledProcessOfTheSameNumberLeftIsNotAmongTheImages() throws IOException {
    Path left = directory.resolve(".images." + ProcessHandle.current().pid() + ".tmp");
    Files.createDirectory(left);
    Files.writeString(left.resolve("000001.png"), "of another model");
    Path folder = directory.resolve("images");
    SampleFiles.writeFolder(
        folder, List.of(new SampleGrid.Captioned("", Nd4j.zeros(DataType.FLOAT, 1, 1, 2, 2))));
    assertThat(folder.toFile().list()).containsExactly("000000.png");
    assertThat(directory.toFile().list()).containsExactly("images");
  }
}
