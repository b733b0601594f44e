package org.lcsc.cli.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.cli.report.chart.Chart;
import org.lcsc.cli.report.chart.Panel;
import org.lcsc.export.Recipe;
import org.xml.sax.InputSource;

class ReportPageTest {

  @TempDir Path directory;

  private RunData finished(String name) throws IOException {
    return RunData.read(SampleRun.finished(directory.resolve(name)), name);
  }

  private static Set<String> ids(String html) {
    Set<String> ids = new HashSet<>();
    Matcher matcher = Pattern.compile(" id=\"([^\"]*)\"").matcher(html);
    while (matcher.find()) {
      assertThat(ids.add(matcher.group(1))).as("id %s is unique", matcher.group(1)).isTrue();
    }
    return ids;
  }

  @Test
  void tellsWhatWasTrainedAndGained() throws IOException {
    String html = ReportPage.html(List.of(finished("a")), 0);

    assertThat(html)
        .contains(
            "LCSC lowers the FID of a diffusion model of digits from 5.00, the best EMA’s, to 2.00"
                + " after 1,000 iterations: 60 % less.")
        .contains("−3.25 ± 0.13 (standard error over 4 fresh noise sets)")
        .contains("LCSC at iteration 400 (4.00) is already better than EMA* at 1,000 (5.00)")
        // 40 s of training until iteration 400, and 8 s of its search; 100 s of training in all.
        .contains("2.5 times fewer iterations, 0:48 with its search against 1:40 of training")
        .contains("15 of 30 coefficients are negative")
        .contains("refused, best first: evaluation 7: recall 0.834, below the 0.886 of EMA*.")
        .contains("9 averages over the window were compared on a part of the validation samples")
        .contains("FID (2nd space)", "ema-0.99 (EMA*)", "LCSC ✓", "All 5 models")
        .contains(
            "learningRate: 0.001", "/a/config.yaml --set output=runs/again", "Linux &lt;amd64&gt;")
        .contains("data:image/png;base64,")
        .doesNotContain("http-equiv");
  }

  @Test
  void needsNoNetworkAndNoScript() throws IOException {
    String html = ReportPage.html(List.of(finished("a"), finished("b")), 0);
    assertThat(html.replace("http://www.w3.org/2000/svg", ""))
        .doesNotContain("http:", "https:", "<script", "url(", "@import");
    assertThat(Pattern.compile("(src|href)=\"(?!data:)").matcher(html).find()).isFalse();
  }

  @Test
  void isWellFormedWithIdsThatAreUnique() throws Exception {
    String html = ReportPage.html(List.of(finished("a"), finished("b")), 0);
    String xml =
        html.replace("<!DOCTYPE html>\n", "").replaceAll("<(meta|link|img)([^>]*)>", "<$1$2/>");
    DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)));
    Set<String> ids = ids(html);
    Matcher matcher = Pattern.compile("aria-labelledby=\"([^\"]*)\"").matcher(html);
    int charts = 0;
    while (matcher.find()) {
      charts++;
      assertThat(ids).contains(matcher.group(1).split(" "));
    }
    // Three of both runs, six of each; in two widths.
    assertThat(charts).isEqualTo(2 * (3 + 2 * 6));
    assertThat(html.split("<summary>The numbers").length - 1).isEqualTo(3 + 2 * 5);
  }

  @Test
  void comparesSeveralRuns() throws IOException {
    String html = ReportPage.html(List.of(finished("one"), finished("two")), 0);
    assertThat(html)
        .contains("LCSC is better than the best EMA in 2 of 2 runs: FID 2.00 ± 0.00 against 5.00")
        .contains("one and two 1.")
        .contains("EMA* ± 1 sd", "LCSC ± 1 sd");
    assertThat(html.split("<h1").length - 1).isEqualTo(1);
  }

  @Test
  void onlyRepetitionsAreAveraged() throws IOException {
    String repeated =
        ReportPage.html(List.of(finished("one"), changed("two", "seed: 5", "seed: 6")), 0);
    assertThat(repeated).contains("LCSC ± 1 sd", "2.00 ± 0.00");
    String other =
        ReportPage.html(
            List.of(finished("one"), changed("two", "batchSize: 8", "batchSize: 4")), 0);
    assertThat(other)
        .contains("better than the best EMA in 2 of 2 runs, of different configurations.")
        .contains("LCSC, one", "LCSC, two")
        .doesNotContain("± 1 sd", "2.00 ± 0.00");
  }

  /** A run of another configuration. */
  private RunData changed(String name, String before, String after) throws IOException {
    Path root = SampleRun.finished(directory.resolve(name));
    Path config = root.resolve("config.yaml");
    Files.writeString(
        config,
        Files.readString(config).replace(before, after).replace("runs/sample", "runs/" + name));
    return RunData.read(root, name);
  }

  @Test
  void namesAFolderByItsDirectory() throws IOException {
    Path root = SampleRun.finished(directory.resolve("a"));
    Path config = root.resolve("config.yaml");
    Files.writeString(
        config,
        Files.readString(config)
            .replaceFirst(
                "dataset: .*", "dataset: { name: folder, path: photos/cats/., side: 8 }"));
    assertThat(ReportPage.html(List.of(RunData.read(root, "a")), 0))
        .contains("of a diffusion model of cats at 8×8 from", "<dd>cats, 1,501 images")
        .doesNotContain("model of folder");
  }

  @Test
  void takesNoMeanOverDifferentScores() throws IOException {
    Path other = SampleRun.finished(directory.resolve("b"));
    for (int iteration : List.of(400, 1000)) {
      Path file = other.resolve("lcsc/" + iteration + "/recipe.json");
      Recipe recipe = Recipe.read(file);
      Files.delete(file);
      new Recipe(
              recipe.model(),
              recipe.iteration(),
              recipe.checkpoints(),
              recipe.coefficients(),
              recipe.groups(),
              recipe.ranges(),
              recipe.search(),
              recipe.validationScore(),
              pixels(recipe.reportScores()),
              recipe.baselines().stream()
                  .map(
                      score ->
                          new Recipe.Score(
                              score.model(),
                              score.kind(),
                              score.parameter(),
                              score.validationScore(),
                              pixels(score.reportScores())))
                  .toList(),
              recipe.parameters(),
              recipe.sha256(),
              recipe.versions(),
              recipe.provenance())
          .write(file);
    }
    String html = ReportPage.html(List.of(finished("a"), RunData.read(other, "b")), 0);
    assertThat(html)
        .contains("2 of 2 runs, by different scores: FID, FID (pixels).")
        .contains("<td>FID (pixels)</td>")
        .contains("LCSC lowers the FID (pixels) of");
    assertThat(html.substring(0, html.indexOf("</h1>"))).doesNotContain("±");
    assertThat(html).doesNotContain("± 1 sd");
    assertThat(new Comparison(List.of(finished("a"), RunData.read(other, "b"))).charts().get(0))
        .extracting(Chart::panels, InstanceOfAssertFactories.list(Panel.class))
        .extracting(panel -> panel.y().label())
        .as("one for each score")
        .containsExactly("loss", "FID", "FID (pixels)");
  }

  private static Map<String, Double> pixels(Map<String, Double> scores) {
    return scores.isEmpty() ? scores : Map.of("FID (pixels)", scores.get("FID"));
  }

  @Test
  void isTheSameForTheSameRun() throws IOException {
    RunData run = finished("a");
    assertThat(ReportPage.html(List.of(run), 0))
        .isEqualTo(ReportPage.html(List.of(finished("a")), 0));
  }

  @Test
  void refreshesWhileARunGoesOn() throws IOException {
    Path root = SampleRun.unfinished(directory.resolve("a"), 450);
    String before = ReportPage.html(List.of(RunData.read(root, "a")), 20);
    assertThat(before)
        .contains("<meta http-equiv=\"refresh\" content=\"20\">")
        .contains("A diffusion model of digits, at iteration 450 of 1,000; the first search is at")
        .contains("at iteration 450 of 1,000</span>");

    SampleRun.search(root, 400, 9, 8);
    SampleRun.log(root, 500);
    String html = ReportPage.html(List.of(RunData.read(root, "a")), 20);
    assertThat(html)
        .contains("LCSC does not improve a diffusion model of digits after 400 iterations")
        .contains("The search at iteration 500, which continues.");
  }

  @Test
  void showsTheLandscapeWhereThereIsOne() throws IOException {
    Path root = SampleRun.finished(directory.resolve("a"));
    Files.copy(root.resolve("samples/compare-1000.png"), root.resolve("landscape.png"));
    Files.copy(root.resolve("samples/compare-1000.png"), root.resolve("samples/pairs-1000.png"));
    Files.writeString(root.resolve("landscape.csv"), "x,y,fid\n0,1,<2\n");
    assertThat(ReportPage.html(List.of(RunData.read(root, "a")), 0))
        .contains(
            ">Landscape<", "<pre>x,y,fid\n0,1,&lt;2\n</pre>", "Figures 3 and 6", "Figures 9 to 14");
  }

  @Test
  void foldsEarlierSearches() throws IOException {
    Path root = SampleRun.finished(directory.resolve("a"));
    assertThat(ReportPage.html(List.of(RunData.read(root, "a")), 0))
        .doesNotContain("Earlier searches");
    SampleRun.search(root, 200, 6, 9);
    String html = ReportPage.html(List.of(RunData.read(root, "a")), 0);
    assertThat(html).contains("Earlier searches", "Earlier coefficients");
    assertThat(html.split("<details").length).isEqualTo(html.split("</details>").length);
  }

  @Test
  void asksForARun() {
    assertThatThrownBy(() -> ReportPage.html(List.of(), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least one run");
  }

  @Test
  void writesEveryPlotAsSvgAndPng() throws IOException {
    Path plots = directory.resolve("plots");
    List<Path> files = PlotFiles.write(List.of(finished("a")), plots);
    assertThat(files)
        .extracting(file -> file.getFileName().toString())
        .containsExactly(
            "training.svg",
            "training.png",
            "search-400.svg",
            "search-400.png",
            "coefficients-400.svg",
            "coefficients-400.png",
            "search-1000.svg",
            "search-1000.png",
            "coefficients-1000.svg",
            "coefficients-1000.png",
            "stages.svg",
            "stages.png");
    assertThat(files).allMatch(Files::exists);
    assertThat(PlotFiles.write(List.of(finished("a"), finished("b")), plots))
        .extracting(file -> file.getFileName().toString())
        .contains("runs-coefficients.svg", "b-training.png");
  }

  @Test
  void runsOfAlikeNamesKeepTheirOwnPlots() throws IOException {
    List<RunData> runs = new ArrayList<>();
    for (String name : List.of("a b", "a-b", "A_b", "a_b", "a b-2", "runs")) {
      Path root = SampleRun.unfinished(directory.resolve("r" + runs.size()), 450);
      runs.add(RunData.read(root, name));
    }
    assertThat(PlotFiles.write(runs, directory.resolve("plots")))
        .extracting(file -> file.getFileName().toString())
        .filteredOn(name -> name.endsWith(".svg"))
        .containsExactly(
            "runs-training.svg",
            "a-b-training.svg",
            "a-b-2-training.svg",
            "A_b-training.svg",
            "a_b-2-training.svg",
            "a-b-2-2-training.svg",
            "runs-2-training.svg");
  }
}
