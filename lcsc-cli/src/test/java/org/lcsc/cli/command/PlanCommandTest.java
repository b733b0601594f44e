package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lcsc.experiment.BareNetwork;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.config.RunConfig;

/** The plan of a tiny configuration, measured and given. */
class PlanCommandTest extends CommandLineTest {

  private static final String CONFIG =
      """
      dataset: { name: digits }
      model:
        kind: %s
        unet: { channels: 4, multipliers: [1], blocks: 1 }
      training: { iterations: 100, batchSize: 8, learningRate: 1e-3 }
      sampler: { kind: %s, batchSize: 16 }
      lcsc:
        window: 40
        interval: 4
        searchAt: [40, 100]
        search: { strategy: evolution, evaluations: 50, samples: 32 }
        report: { samples: 64 }
      output: runs/none
      """;

  private static final String[] GIVEN = {
    "--merge-seconds",
    "1",
    "--sample-seconds",
    "6",
    "--feature-seconds",
    "2",
    "--statistics-seconds",
    "1",
    "--iteration-seconds",
    "36"
  };

  private Path config;

  @BeforeEach
  void write() throws IOException {
    config = directory.resolve("config.yaml");
    Files.writeString(config, CONFIG.formatted("diffusion", "ddim"));
  }

  private String[] plan(String... more) {
    String[] all = new String[2 + GIVEN.length + more.length];
    all[0] = "plan";
    all[1] = config.toString();
    System.arraycopy(GIVEN, 0, all, 2, GIVEN.length);
    System.arraycopy(more, 0, all, 2 + GIVEN.length, more.length);
    return all;
  }

  @Test
  void whatIsGivenIsNotMeasured() {
    succeeds((Object[]) plan("--reached-at", "50,50@4", "--executors", "2,5"));
    // 50 evaluations of 10 s; 100 iterations of 36 s.
    assertThat(out.toString())
        .contains("K = 10 checkpoints")
        .containsPattern("search +0\\.139 +50 evaluations")
        .containsPattern("training +1\\.000 +100 iterations of 8")
        .containsPattern("50 +8 +0\\.500 +0\\.139 +1\\.57x")
        .containsPattern("50 +4 +0\\.250 +0\\.139 +2\\.57x")
        .contains("16 candidates at a time, 30 s to start")
        .contains("it pays from 2 executors on");
  }

  @Test
  void programsReadTheSameAsJson() throws IOException {
    succeeds((Object[]) plan("--json", "--reached-at", "50", "--executors", "2"));
    JsonNode json = new ObjectMapper().readTree(out.toString());
    assertThat(json.path("checkpoints").asInt()).isEqualTo(10);
    assertThat(json.path("searchHours").asDouble()).isEqualTo(500 / 3600.0);
    assertThat(json.path("trainingHours").asDouble()).isEqualTo(1);
    assertThat(json.path("speedUps").get(0).path("speedUp").asDouble())
        .isEqualTo(1 / (0.5 + 500 / 3600.0));
    assertThat(json.path("paysFrom").asInt()).isEqualTo(2);
    assertThat(json.path("windowBytes").path("float16").asLong())
        .isEqualTo(10 * 2 * json.path("parameters").asLong());
  }

  @Test
  void whatOverlapsCountsOnce() {
    succeeds((Object[]) plan("--overlapped"));
    assertThat(out.toString()).containsPattern("the longer of both +8\\.000");
  }

  @Test
  void theWindowIsOfTheNetworksOwnSize() throws IOException {
    succeeds((Object[]) plan());
    RunConfig read = RunConfig.read(config);
    long parameters = Experiment.load(read).newNetwork().numParams();
    assertThat(BareNetwork.parameters(read)).isEqualTo(OptionalLong.of(parameters));
    assertThat(out.toString())
        .contains(String.format(java.util.Locale.ROOT, "%,d parameters", parameters))
        .containsPattern(
            String.format(
                java.util.Locale.ROOT,
                "memory +float32 +%.2f MB +- +yes",
                10 * 4 * parameters / 1e6))
        .containsPattern(
            String.format(
                java.util.Locale.ROOT, "mapped +float16 +- +%.2f MB", 10 * 2 * parameters / 1e6));
  }

  @Test
  void whatIsMissingIsMeasured() {
    succeeds("plan", config, "--merge-seconds", "123");
    assertThat(out.toString()).containsPattern("merging +123\\.000");
    for (String stage : new String[] {"sampling", "features", "statistics"}) {
      assertThat(value(stage + " +([0-9.]+)")).as(stage).isGreaterThan(0).isLessThan(60);
    }
    assertThat(value("training +([0-9.]+)")).isGreaterThanOrEqualTo(0).isLessThan(1);
  }

  @Test
  void aDistillationIsMeasuredWithoutItsTeacher() throws IOException {
    Files.writeString(
        config,
        CONFIG
            .formatted("consistency-distillation", "consistency")
            .replace("  unet:", "  teacher: not/there.zip\n  unet:"));
    succeeds("plan", config);
    assertThat(value("sampling +([0-9.]+)")).isGreaterThan(0);
  }

  @Test
  void aSearchByGradientsSpreadsNoCandidates() {
    succeeds((Object[]) plan("--set", "lcsc.search.strategy=gradient"));
    assertThat(out.toString())
        .contains(
            "spreading over machines: strategy gradient scores one candidate after the other;");
  }

  @Test
  void figuresComeFromAFileAndOptionsGoBefore() throws IOException {
    Path figures = directory.resolve("figures.yaml");
    Files.writeString(
        figures,
        """
        source: somewhere
        evaluation: { mergeSeconds: 1, sampleSeconds: 2, featureSeconds: 3, statisticsSeconds: 4 }
        training: { hours: 7, iterations: 200, batchSize: 16 }
        """);
    succeeds("plan", config, "--figures", figures, "--sample-seconds", "8");
    assertThat(out.toString())
        .contains("somewhere")
        .containsPattern("sampling +8\\.000")
        .containsPattern("training +7\\.000 +200 iterations of 16");
    // 200 iterations of twice the configuration's images: 72 s each where its own take 36 s.
    succeeds((Object[]) plan("--figures", figures.toString()));
    assertThat(out.toString()).containsPattern("training +4\\.000 +200 iterations of 16");
    Files.writeString(
        figures, "training: { iterationSeconds: 36, iterations: 200, batchSize: 16 }");
    succeeds("plan", config, "--figures", figures, "--merge-seconds", "1");
    assertThat(out.toString())
        .as("the file's own are of its own batch")
        .containsPattern("training +2\\.000 +200 iterations of 16");
  }

  @Test
  void aMistakeIsOneLine() throws IOException {
    refuses("--reached-at: not an iteration (soon)", (Object[]) plan("--reached-at", "soon"));
    refuses("executors[0]: too small (1)", (Object[]) plan("--executors", "1"));
    refuses("mergeSeconds: negative", "plan", config, "--merge-seconds", "-1");
    Path figures = directory.resolve("figures.yaml");
    Files.writeString(figures, "training: { hours: 1, iterationSeconds: 2 }");
    refuses("training.iterationSeconds: given beside hours", "plan", config, "--figures", figures);
    Files.writeString(config, Files.readString(config).replaceAll("(?s)lcsc:.*output", "output"));
    refuses("lcsc: missing, a plan needs its settings", "plan", config);
  }

  private double value(String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(out.toString());
    assertThat(matcher.find()).as(pattern + " in " + out).isTrue();
    return Double.parseDouble(matcher.group(1));
  }
}
