package org.lcsc.cli.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lcsc.experiment.run.TrainingMetric;
import org.lcsc.listener.ScoredModel;
import org.lcsc.listener.ScoredModel.Kind;

class RunDataTest {

  @TempDir Path directory;

  @Test
  void readsAFinishedRun() throws IOException {
    RunData run = RunData.read(SampleRun.finished(directory.resolve("a")), "a");

    assertThat(run.finished()).isTrue();
    assertThat(run.metrics()).hasSize(20);
    assertThat(run.searches()).extracting(RunData.Search::iteration).containsExactly(400L, 1000L);
    assertThat(run.lastSearch().verdict().difference()).isEqualTo(-3.25);
    assertThat(run.searches().get(0).verdict()).isNull();
    assertThat(run.lastSearch().log()).hasSize(10);
    assertThat(run.grids()).extracting(RunData.Picture::name).containsExactly("compare-1000");
    assertThat(run.landscape()).isNull();
  }

  @Test
  void readsARunThatGoesOn() throws IOException {
    Path root = SampleRun.unfinished(directory.resolve("a"), 450);
    SampleRun.log(root, 500);
    // A row in the midst of being written.
    Files.writeString(
        root.resolve("metrics.csv"), Files.readString(root.resolve("metrics.csv")) + "500,0.0");
    RunData run = RunData.read(root, "a");

    assertThat(run.finished()).isFalse();
    assertThat(run.lastSearch()).isNull();
    assertThat(run.searches()).singleElement().matches(search -> !search.isFinished());
    assertThat(run.iteration()).isEqualTo(500);
    assertThat(run.metrics()).hasSize(9);
  }

  @Test
  void namesTheFileThatIsDamaged() throws IOException {
    Path root = SampleRun.finished(directory.resolve("a"));
    Files.writeString(root.resolve("results.json"), "{");
    assertThatThrownBy(() -> RunData.read(root, "a"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("results.json, line 1: no results of a run");

    Files.writeString(root.resolve("metrics.csv"), "iteration,loss\n50,x\n");
    Files.delete(root.resolve("results.json"));
    assertThatThrownBy(() -> RunData.read(root, "a"))
        .hasMessageContaining("metrics.csv: other columns (iteration, loss)");
  }

  @Test
  void ranksTheModelsOfASearchAsTheListenerDoes() throws IOException {
    RunData run = RunData.read(SampleRun.finished(directory.resolve("a")), "a");
    SearchScores scores = SearchScores.of(run.lastSearch().recipe());

    assertThat(scores.emaStar().label()).isEqualTo("ema-0.99");
    assertThat(scores.best()).isSameAs(scores.lcsc());
    assertThat(scores.headline(scores.lcsc())).isEqualTo(2);
    assertThat(scores.reported())
        .extracting(ScoredModel::label)
        .containsExactly("last", "ema-0.99", "uniform", "lcsc");
    assertThat(scores.models()).hasSize(5);
    assertThat(scores.find(Kind.LAST).isEma()).isFalse();
    assertThat(scores.find(Kind.WINDOW_EMA).parameter()).isEqualTo(0.9);
  }

  @Test
  void findsWhereTheLossTurnsAndNoTurnWhereThereIsNone() throws IOException {
    RunData run = RunData.read(SampleRun.unfinished(directory.resolve("a"), 1000), "a");
    assertThat(Phases.boundary(run.metrics())).isBetween(150, 250);

    assertThat(
            Phases.boundary(
                java.util.stream.IntStream.range(1, 20)
                    .mapToObj(i -> new TrainingMetric(i * 50, Math.exp(-i / 5.0), 0, i))
                    .toList()))
        .as("one steady decrease")
        .isEqualTo(-1);
    assertThat(
            Phases.boundary(
                java.util.stream.IntStream.range(1, 20)
                    .mapToObj(i -> new TrainingMetric(i * 50, i < 8 ? i : 8, 0, i))
                    .toList()))
        .as("a loss that grows")
        .isEqualTo(-1);
  }

  @Test
  void describesCoefficients() {
    CoefficientShape shape = CoefficientShape.of(new double[] {3, -2, 0.5, -0.5}, 1);
    assertThat(shape).isEqualTo(new CoefficientShape(4, 2, 1, 6, -2, 3));
    assertThat(CoefficientShape.of(new double[] {0.5, 0.5, 0.25, 0.75}, 2).magnitude())
        .as("two convex ranges")
        .isEqualTo(1);
    assertThat(Spread.of(new double[] {1, 3, Double.NaN}))
        .isEqualTo(new Spread(2, 2, Math.sqrt(2)));
    assertThat(Spread.of(new double[] {4})).isEqualTo(new Spread(1, 4, 0));
  }

  @Test
  void aSpreadShowsWhatTellsSmallScoresApart() {
    assertThat(Spread.of(9, 11).text()).isEqualTo("10.000 ± 1.414");
    assertThat(Spread.of(0.0021, 0.0023).text()).isEqualTo("0.002200 ± 0.000141");
    assertThat(Spread.of(0.0034).text()).isEqualTo("0.003400");
    assertThat(Spread.of(-2, 2.0002).text()).isEqualTo("0.000 ± 2.829");
    assertThat(Spread.of(Double.NaN).text()).isEqualTo("-");
  }

  @ParameterizedTest
  @CsvSource({
    "5, 2, 60 % less",
    "5, 6, 20 % more",
    "0, 1, –",
    "0, 0, –",
    "5, NaN, –",
    "NaN, 5, –",
    "Infinity, 5, –",
    "5, Infinity, –"
  })
  void noShareIsTakenOfWhatHasNone(double emaStar, double lcsc, String change) {
    SearchScores scores =
        new SearchScores(
            List.of(
                new ScoredModel(Kind.EMA, 0.9, emaStar, Map.of(), new double[0]),
                new ScoredModel(Kind.LCSC, 0, lcsc, Map.of(), new double[0])),
            List.of(),
            false);
    assertThat(scores.change()).isEqualTo(change);
  }
}
