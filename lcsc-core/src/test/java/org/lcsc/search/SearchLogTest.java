package org.lcsc.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.objective.StageSeconds;

class SearchLogTest {

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = directory.resolve("run").resolve("search.csv");
  }

  @Test
  void readsBackToTheSameBits() throws IOException {
    List<SearchEvaluation> rows = rows(5);
    write(rows);
    assertThat(SearchLog.read(file))
        .usingRecursiveComparison()
        .withEqualsForType(Double::equals, Double.class)
        .isEqualTo(rows);
  }

  @Test
  void onlyRowsThatLowerTheBestScoreHoldCoefficientsAlsoAfterAResumption() throws IOException {
    List<SearchEvaluation> rows = rows(3);
    SearchEvaluation first = rows.get(2);
    SearchEvaluation worse = rows.get(0);
    write(List.of(first));
    try (SearchLog log = SearchLog.open(file, 3)) {
      log.evaluated(
          new SearchEvaluation(
              3,
              2,
              7,
              first.best(),
              1,
              0,
              worse.seconds(),
              worse.fingerprint(),
              worse.coefficients()));
    }
    List<SearchEvaluation> read = SearchLog.read(file);
    assertThat(read.get(0).coefficients()).isEqualTo(first.coefficients());
    assertThat(read.get(1).coefficients()).isEmpty();
    assertThat(read.get(1).fingerprint()).isEqualTo(worse.fingerprint());
  }

  @Test
  void aRowIsInTheFileBeforeTheLogIsClosed() throws IOException {
    try (SearchLog log = SearchLog.open(file, 0)) {
      log.evaluated(rows(1).get(0));
      assertThat(SearchLog.read(file)).hasSize(1);
    }
  }

  @Test
  void reopenedItDropsTheRowsPastTheStateAndATornOne() throws IOException {
    write(rows(5));
    Files.writeString(file, "5,0,1.2,", StandardOpenOption.APPEND);
    assertThat(SearchLog.read(file)).hasSize(5);
    List<SearchEvaluation> rows = rows(8);
    try (SearchLog log = SearchLog.open(file, 3)) {
      rows.subList(3, 8).forEach(log::evaluated);
    }
    assertThat(SearchLog.read(file))
        .usingRecursiveComparison()
        .withEqualsForType(Double::equals, Double.class)
        .isEqualTo(rows);
  }

  @Test
  void aSearchFromTheStartReplacesAnOldLog() throws IOException {
    write(rows(5));
    write(rows(2));
    assertThat(SearchLog.read(file)).hasSize(2);
  }

  @Test
  void writesOnAnInterruptedThread() throws IOException {
    Thread.currentThread().interrupt();
    try (SearchLog log = SearchLog.open(file, 0)) {
      log.evaluated(rows(1).get(0));
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(SearchLog.read(file)).hasSize(1);
  }

  @Test
  void namesFileAndLineOfABadRow() throws IOException {
    write(rows(2));
    Files.writeString(file, "2,0,abc,1,3,0,0,0,0,0,ff,\n", StandardOpenOption.APPEND);
    assertThatIOException()
        .isThrownBy(() -> SearchLog.read(file))
        .withMessageContaining("search.csv, line 4: a number was expected");
    Files.writeString(file, "hello\n");
    assertThatIOException()
        .isThrownBy(() -> SearchLog.read(file))
        .withMessageContaining("is no search log");
  }

  @Test
  void aByteThatIsNoTextNamesTheFile() throws IOException {
    write(rows(2));
    Files.write(file, new byte[] {(byte) 0xff}, StandardOpenOption.APPEND);
    assertThatIOException()
        .isThrownBy(() -> SearchLog.read(file))
        .withMessage(file + ": is not UTF-8 text");
  }

  private void write(List<SearchEvaluation> rows) throws IOException {
    try (SearchLog log = SearchLog.open(file, 0)) {
      rows.forEach(log::evaluated);
    }
  }

  private static List<SearchEvaluation> rows(int count) {
    double[] scores = {1 / 3.0, Double.NaN, Double.POSITIVE_INFINITY, -1e-300, 5};
    List<SearchEvaluation> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double[] coefficients = {i / 7.0, -0.1, 1.1 - i / 7.0};
      rows.add(
          new SearchEvaluation(
              i,
              i / 2,
              scores[i % scores.length],
              -i / 9.0,
              0.25 * i,
              i / 3,
              new StageSeconds(0.1 * i, 1e-9, 3, 1 / 3.0),
              Coefficients.fingerprint(coefficients),
              coefficients));
    }
    return rows;
  }
}
