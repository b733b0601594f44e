package com.example.parts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lcsc.cli.Main;
import org.lcsc.config.YamlConfig;
import org.lcsc.datasets.DataSets;
import org.lcsc.diffusion.sampler.DpmSolver;
import org.lcsc.experiment.config.RunConfig;
import picocli.CommandLine;

/** Every part of this module works from YAML, with others of this module and without. */
class OutsidePartsTest {

  private static final String PLAIN =
      """
      dataset: digits
      model: { kind: diffusion, unet: { channels: 8, multipliers: [1], blocks: 1 } }
      training: { iterations: 8, batchSize: 4, learningRate: 1e-3 }
      sampler: { kind: dpm-solver++, order: 1, steps: 2 }
      features: [pixels]
      lcsc:
        window: 4
        interval: 1
        searchAt: [8]
        search: { strategy: evolution, evaluations: 4, samples: 8 }
        validation: { samples: 8 }
        report: { samples: 8 }
      output: OUTPUT
      """;

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path run;

  @BeforeEach
  void nameTheRun() {
    run = directory.resolve("run");
  }

  private void lcsc(Object... arguments) {
    CommandLine command =
        Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    String[] texts = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
    assertThat(command.execute(texts)).as("%s: %s", List.of(texts), err).isZero();
  }

  private Path write(String yaml) throws IOException {
    Path file = directory.resolve("run.yaml");
    return Files.writeString(file, yaml.replace("OUTPUT", run.toString()));
  }

  @Test
  void allPartsOfThisModuleMakeARun() throws IOException {
    Path file =
        write(
            PLAIN
                .replace("dataset: digits", "dataset: { name: stripes, images: 32 }")
                .replace("{ channels: 8, multipliers: [1], blocks: 1 }", "{ architecture: plain }")
                .replace(
                    "{ kind: dpm-solver++, order: 1, steps: 2 }", "{ kind: one-shot, from: 1 }")
                .replace("strategy: evolution", "strategy: { kind: wander, step: 0.2 }")
                .replace("features", "metrics: [kid, { kind: mean-shift, scale: 2 }]\nfeatures"));
    lcsc("check", file);
    lcsc("train", file);
    String recipe = Files.readString(run.resolve("lcsc/8/recipe.json"));
    assertThat(recipe)
        .contains("wander", "OneShot(999)", "stripes", "architecture: plain")
        .contains("\"evaluations\" : 4");
    lcsc("evaluate", run.resolve("lcsc/8/model.zip"), "--samples", 8, "--features", "pixels");
    assertThat(out.toString()).contains("mean shift", "KID").doesNotContain("recall");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "dataset: digits | dataset: stripes",
        "{ channels: 8, multipliers: [1], blocks: 1 } | plain",
        "{ kind: dpm-solver++, order: 1, steps: 2 } | one-shot",
        "evolution | wander",
        "features: [pixels] | features: [pixels]; metrics: [mean-shift]"
      })
  void eachPartGoesWithThoseOfTheLibrary(String theirs, String ours) throws IOException {
    String yaml = PLAIN.replace(theirs, ours.replace("; ", "\n"));
    assertThat(yaml).isNotEqualTo(PLAIN);
    Path file = write(yaml);
    lcsc("check", file);
    RunConfig config = RunConfig.read(file);
    assertThat(YamlConfig.parse("x.yaml", config.toYaml(), RunConfig.class)).isEqualTo(config);
  }

  @Test
  void withoutThemTheLibrarysOwnAreUsed() throws IOException {
    RunConfig config = RunConfig.read(write(PLAIN));
    assertThat(config.dataset()).isEqualTo(new DataSets.Digits());
    assertThat(config.sampler()).isInstanceOf(DpmSolver.PlusPlus.class);
    assertThat(config.evaluationMetrics()).contains(new MeanShift());
  }
}
