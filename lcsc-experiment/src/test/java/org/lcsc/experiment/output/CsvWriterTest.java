package org.lcsc.experiment.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvWriterTest {

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = directory.resolve("metrics.csv");
  }

  @Test
  void quotesWhatNeedsIt() throws IOException {
    try (CsvWriter csv = CsvWriter.create(file, "iteration", "note")) {
      csv.row(1, "plain");
      csv.row(2, "a, \"b\"\nc");
      csv.row(3, null);
    }
    assertThat(file).hasContent("iteration,note\n1,plain\n2,\"a, \"\"b\"\"\nc\"\n3,\n");
    assertThat(CsvReader.rows(file))
        .containsExactly(
            List.of("iteration", "note"),
            List.of("1", "plain"),
            List.of("2", "a, \"b\"\nc"),
            List.of("3", ""));
  }

  @Test
  void hasEveryRowOnFileBeforeItIsClosed() throws IOException {
    try (CsvWriter csv = CsvWriter.create(file, "iteration")) {
      csv.row(1);
      assertThat(file).hasContent("iteration\n1\n");
    }
  }

  @Test
  void goesOnAfterTheIterationOfTheState() throws IOException {
    try (CsvWriter csv = CsvWriter.create(file, "iteration", "loss")) {
      for (int i = 10; i <= 50; i += 10) {
        csv.row(i, 1.0 / i);
      }
    }
    try (CsvWriter csv = CsvWriter.resume(file, 30, "iteration", "loss")) {
      csv.row(40, "new");
    }
    assertThat(CsvReader.rows(file).stream().map(row -> row.get(0)))
        .containsExactly("iteration", "10", "20", "30", "40");
    assertThat(Files.readString(file)).endsWith("40,new\n");
  }

  @Test
  void dropsARowThatWasCutOff() throws IOException {
    CsvWriter.create(file, "iteration", "note").close();
    Files.writeString(file, "1,a\n2,\"half", StandardOpenOption.APPEND);

    CsvWriter.resume(file, 100, "iteration", "note").close();
    assertThat(file).hasContent("iteration,note\n1,a\n");
  }

  @Test
  void startsAFileThatIsMissing() throws IOException {
    CsvWriter.resume(file, 5, "iteration").close();
    assertThat(file).hasContent("iteration\n");
  }

  @Test
  void refusesAnotherFilesColumns() throws IOException {
    CsvWriter.create(file, "iteration", "loss").close();

    assertThatThrownBy(() -> CsvWriter.resume(file, 5, "iteration", "fid"))
        .isInstanceOf(IOException.class)
        .hasMessage(file + ": other columns (iteration, loss), expected iteration, fid");
    assertThat(file).hasContent("iteration,loss\n");
  }

  @Test
  void refusesADamagedFile() throws IOException {
    Files.writeString(file, "iteration,loss\n1,2\n3\n");
    assertThatThrownBy(() -> CsvWriter.resume(file, 5, "iteration", "loss"))
        .hasMessage(file + ": row 3 has 1 cells, expected 2");

    Files.writeString(file, "iteration,loss\nx,2\n");
    assertThatThrownBy(() -> CsvWriter.resume(file, 5, "iteration", "loss"))
        .hasMessage(file + ": row starts with x, expected an iteration");
  }

  @Test
  void refusesARowOfAnotherLength() throws IOException {
    try (CsvWriter csv = CsvWriter.create(file, "a", "b")) {
      assertThatThrownBy(() -> csv.row(1)).hasMessage(file + ": row of 1 cells, must have 2");
    }
  }
}
