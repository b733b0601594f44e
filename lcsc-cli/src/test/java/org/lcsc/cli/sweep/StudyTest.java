package org.lcsc.cli.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lcsc.config.ConfigException;
import org.lcsc.config.YamlConfig;
import org.lcsc.experiment.Overrides;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.export.Versions;

class StudyTest {

  private static final Path ROOT = Path.of("..");

  private static Study parse(String yaml) throws ConfigException {
    return YamlConfig.parse("study", yaml, Study.class);
  }

  private static Stream<Path> examples() throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve("examples"))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("sweep-"))
          .sorted()
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void everyCandidateOfTheExamplesIsAConfiguration(Path file) throws ConfigException {
    Study study = YamlConfig.read(file, Study.class);
    for (StudyAxis axis : study.axes()) {
      for (StudyAxis.Case value : values(axis)) {
        List<String> set = new java.util.ArrayList<>(study.set());
        // The other axes at their first values: some values only go together.
        study.axes().stream()
            .filter(other -> other != axis)
            .forEach(other -> set.addAll(values(other).get(0).set()));
        set.addAll(value.set());
        set.removeIf(s -> s.startsWith(StudyAxis.EMA_RATE));
        RunConfig config = Overrides.read(ROOT.resolve(study.base()), set);
        assertThat(config.lcsc()).as(file + " " + value.label()).isNotNull();
      }
    }
  }

  private static List<StudyAxis.Case> values(StudyAxis axis) {
    return axis.isRange() && axis.steps() == null
        ? List.of(axis.at(0.5), axis.at(0), axis.at(1))
        : axis.listed();
  }

  @Test
  void seedsAreRepetitionsUnlessToldOtherwise() throws ConfigException {
    String study =
        "{ base: b, mode: train, output: o, %s axes: [ { key: training.seed, values: [1, 2] }, {"
            + " key: lcsc.interval, values: [3] } ] }";
    assertThat(parse(study.formatted("")).over()).containsExactly("training.seed");
    assertThat(parse(study.formatted("over: [],")).over()).isEmpty();
    assertThatThrownBy(() -> parse(study.formatted("over: [training.sed],")))
        .hasMessageContaining("over: no axis (training.sed), allowed: training.seed");
  }

  @Test
  void marksAreThoseWithinTheBudgetOrItsHalves() throws ConfigException {
    String study =
        "{ base: b, mode: search, checkpoints: c, output: o, marks: %s, axes: [ { key: a, values:"
            + " [1] } ] }";
    assertThat(parse(study.formatted("[200, 50, 100]")).marksWithin(120)).containsExactly(50, 100);
    assertThat(parse(study.formatted("[]")).marksWithin(45)).containsExactly(11, 22, 45);
    assertThat(parse(study.formatted("[]")).marksWithin(4)).containsExactly(4);
    assertThat(parse(study.replace("marks: %s, ", "")).marksWithin(45)).isEmpty();
    assertThatThrownBy(() -> parse(study.formatted("[0]"))).hasMessageContaining("marks");
    assertThatThrownBy(
            () -> parse(study.formatted("[1]").replace("search, checkpoints: c", "train")))
        .hasMessageContaining("marks: has no effect");
  }

  @Test
  void aMistakeNamesTheKey() {
    String axes = "axes: [ { key: %s, values: [1] } ]";
    assertRefused(
        "{ base: b, mode: search, output: o, " + axes.formatted("a") + " }",
        "checkpoints: missing");
    assertRefused(
        "{ base: b, mode: train, checkpoints: c, output: o, " + axes.formatted("a") + " }",
        "checkpoints: has no effect with mode: train (c)");
    assertRefused(
        "{ base: b, mode: ema, checkpoints: c, output: o, " + axes.formatted("a") + " }",
        "axes: no ema.rate");
    assertRefused(
        "{ base: b, mode: train, output: o, " + axes.formatted("ema.rate") + " }",
        "ema.rate has no effect");
    assertRefused(
        "{ base: b, mode: train, output: o, generator: { kind: random }, "
            + axes.formatted("a")
            + " }",
        "generator.candidates: missing");
    assertRefused(
        "{ base: b, mode: train, output: o, axes: [ { key: a, from: 1, to: 2 } ] }",
        "steps: missing (a)");
  }

  @Test
  void thePivotHasMeanAndSpreadOverTheSeeds() throws ConfigException {
    Study study =
        parse(
            "{ base: b, mode: train, output: o, axes: [ { key: a, values: [1, 2] }, { key: b,"
                + " values: [3] }, { key: training.seed, values: [5, 6] } ] }");
    List<CandidateResult> results =
        List.of(
            result(List.of("1", "3", "5"), 10),
            result(List.of("2", "3", "5"), 7),
            result(List.of("1", "3", "6"), 14),
            result(List.of("2", "3", "6"), Double.NaN));
    SweepTables tables = new SweepTables(study, results);
    assertThat(tables.pivot().toText().lines().skip(2))
        .satisfiesExactly(
            row ->
                assertThat(row.trim().split(" +"))
                    .containsExactly("1", "3", "2", "12.000", "2.828"),
            row -> assertThat(row.trim().split(" +")).containsExactly("2", "3", "1", "7.000", "-"));
    assertThat(tables.cross().toText()).contains("a \\ b").contains("12.000 \u00b1 2.828");
  }

  private static CandidateResult result(List<String> labels, double score) {
    return new CandidateResult(
        String.join("", labels), labels, score, 1, Map.of(), List.of(), null, Versions.current());
  }

  private static void assertRefused(String yaml, String message) {
    assertThatThrownBy(() -> parse(yaml))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }
}
