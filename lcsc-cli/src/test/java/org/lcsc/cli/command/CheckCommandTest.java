package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can be known before an image is read is refused by {@code check} as by {@code train}. */
class CheckCommandTest extends CommandLineTest {

  private static final String CONFIG =
      """
      dataset: { name: folder, path: %s, channels: 1 }
      model: { kind: diffusion, unet: { channels: 8, multipliers: [1], blocks: 1, attention: [] } }
      training: { iterations: 4, batchSize: 4, learningRate: 1e-3, seed: 1 }
      lcsc:
        window: 4
        interval: 1
        searchAt: [4]
        search: { evaluations: 2, samples: 10 }
      output: %s
      """;

  private Path images;
  private Path config;

  @BeforeEach
  void writeTwoImages() throws IOException {
    images = Files.createDirectory(directory.resolve("cats"));
    for (int i = 0; i < 2; i++) {
      ImageIO.write(
          new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_GRAY),
          "png",
          images.resolve(i + ".png").toFile());
    }
    config =
        Files.writeString(
            directory.resolve("c.yaml"), CONFIG.formatted(images, directory.resolve("run")));
  }

  /** As the process itself meets it: its own stream swallows what goes wrong. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void standardOutputThatIsFullIsAFailure() throws Exception {
    Path log = directory.resolve("err");
    Process process =
        new ProcessBuilder(ChildProcess.command(List.of(), "check", "--help"))
            .redirectOutput(new File("/dev/full"))
            .redirectError(log.toFile())
            .start();
    assertThat(process.waitFor()).isEqualTo(1);
    assertThat(log)
        .content()
        .isEqualTo(
            "lcsc: standard output cannot be written, its disk is full or its reader has gone\n");
  }

  @Test
  void jsonIsTheSameAsYaml() throws IOException {
    for (String example : new String[] {"digits-ddpm", "fashion-cd", "python/search"}) {
      Path file = Path.of("../examples", example + ".yaml");
      succeeds("check", file);
      JsonNode yaml = new YAMLMapper().readTree(out.toString());
      succeeds("check", "--json", file);
      JsonNode json = new ObjectMapper().readTree(out.toString());
      assertThat(json.toString()).as(example).isEqualTo(yaml.toString());
    }
  }

  private void bothRefuse(String message, String... set) {
    Object[] check = new Object[2 + 2 * set.length];
    check[1] = config;
    for (int i = 0; i < set.length; i++) {
      check[2 + 2 * i] = "--set";
      check[3 + 2 * i] = set[i];
    }
    check[0] = "check";
    assertThat(lcsc(check)).as(err.toString()).isEqualTo(2);
    String line = err.toString();
    assertThat(line).hasLineCount(1).contains(message);
    check[0] = "train";
    assertThat(lcsc(check)).isEqualTo(2);
    assertThat(err.toString()).endsWith(line);
    assertThat(directory.resolve("run")).doesNotExist();
  }

  @Test
  void aSearchNeedsAFeatureSpace() {
    bothRefuse(
        config
            + ": features: missing, this library has no feature network for dataset folder,"
            + " allowed: [random-projection], [pixels], the .yaml of an ONNX file");
    bothRefuse("for dataset mnist at side 28", "dataset={ name: mnist }");
    bothRefuse("features[0]: unknown feature space (pixles)", "features=[pixles]");
    bothRefuse(
        "lcsc.search.strategy: gradient is not possible here",
        "features=[a.yaml]",
        "lcsc.search.strategy=gradient");
    succeeds("check", config, "--set", "features=[pixels]");
    succeeds("check", config, "--set", "dataset={ name: digits }");
  }

  @Test
  void classesNeedLabels() {
    bothRefuse(
        config + ": model.unet.classConditional: the images of folder have no labels",
        "features=[pixels]",
        "model.unet.classConditional=true");
  }

  @Test
  void aFolderHoldsTwoImagesAtLeast() throws IOException {
    String pixels = "features=[pixels]";
    Files.delete(images.resolve("0.png"));
    bothRefuse(images + ": holds 1 image; must hold at least 2", pixels);
    Files.delete(images.resolve("1.png"));
    bothRefuse(images + ": holds no image; must hold", pixels);
    Files.createDirectories(images.resolve("train/a"));
    Files.createDirectories(images.resolve("test"));
    bothRefuse(images.resolve("train/a") + ": holds no image", pixels);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mnist | holds no train-images-idx3-ubyte.gz",
        "idx | holds no train-images-idx3-ubyte.gz",
        "cifar10 | holds no CIFAR-10",
        "imagenet64 | is missing",
      })
  void theFilesOfADataSetAreThoseItNeeds(String name, String message) {
    String dataset = "dataset={ name: " + name + ", path: " + images + " }";
    bothRefuse(message, dataset, "features=[pixels]", "model.unet.multipliers=[1]");
  }

  @Test
  void aFolderIsADirectory() {
    bothRefuse(
        config + ": is no directory; must be a directory of images",
        "dataset.path=" + config,
        "features=[pixels]");
  }

  @Test
  void aSearchOfOnesOwnNetworkIsChecked() throws IOException {
    String search =
        """
        objective: %s
        lcsc: { window: 40, interval: 20, searchAt: [40], search: { evaluations: 9 } }
        output: runs/own
        """
            .formatted(OwnSearchCommandTest.Distance.class.getName());
    Path own = Files.writeString(directory.resolve("own.yaml"), search);
    succeeds("check", own);
    refuses("lcsc.interval: leaves one checkpoint", "check", own, "--set", "lcsc.interval=30");
    Map<String, String> refused =
        Map.of(
            "objective=com.example.Accuracy", "objective: no usable class (com.example.Accuracy",
            "lcsc.search.strategy=gradient", "lcsc.search.strategy: ",
            "lcsc.search.racing={}", "lcsc.search.racing: not possible with the objective distance",
            "lcsc.search.timeRanges=2", "lcsc.search.timeRanges: needs a sampler's noise levels",
            "lcsc.keep=[window]", "lcsc.keep: window has no effect",
            "lcsc.search.keepRecall=false", "lcsc.search.keepRecall: has no effect with",
            "lcsc.search.gradientSamples=5", "lcsc.search.gradientSamples: has no effect with",
            "follow.until=39", "follow.until: before the first search (39, the first is at 40)",
            "lcsc.objective=fid", "lcsc.objective: ");
    refused.forEach(
        (set, message) -> {
          assertThat(lcsc("check", own, "--set", set)).as(set).isEqualTo(2);
          assertThat(err.toString()).hasLineCount(1).contains(own.toString()).contains(message);
        });
  }

  @Test
  void anObjectiveIsOneOfSamplesAndItsSpacesAreThere() {
    String digits = "dataset={ name: digits }";
    bothRefuse(
        "lcsc.objective: scores model files (command), allowed in a training: a kind that",
        digits,
        "lcsc.objective={ kind: command, run: 'true {model}' }");
    bothRefuse(
        "lcsc.objective: scores model files (mixture)",
        digits,
        "lcsc.objective={ kind: mixture, parts: [{ objective: { kind: java, name: a.B } }] }");
    String absent = "lcsc.objective={ kind: mean-fid, spaces: [first, none.zip] }";
    succeeds("check", config, "--set", digits, "--set", absent);
    assertThat(err.toString())
        .contains("warning: lcsc.objective.spaces[1]: no such file (none.zip)");
    refuses("none.zip", "train", config, "--set", digits, "--set", absent);
    assertThat(directory.resolve("run")).doesNotExist();
    bothRefuse("ema.rates[0]: 1 in float32 (0.99999999)", digits, "ema.rates=[0.99999999]");
  }

  @Test
  void aModelToStartFromIsWhole() throws IOException {
    String digits = "dataset={ name: digits }";
    Path text = Files.writeString(directory.resolve("text.zip"), "text");
    bothRefuse(text + ": not a whole model file", digits, "training.from=" + text);
    bothRefuse(images + ": is not a file", digits, "training.from=" + images);
  }

  @Test
  void aStudyIsCheckedWithTheConfigurationsOfItsGrid() throws IOException {
    String text =
        """
        base: %s
        mode: search
        checkpoints: %s
        set: ["dataset={ name: digits }"]
        axes:
          - { key: training.seed, values: [1, 2] }
        output: runs/study
        """
            .formatted(config, directory.resolve("absent"));
    Path study = Files.writeString(directory.resolve("study.yaml"), text);
    succeeds("check", study);
    assertThat(err.toString()).hasLineCount(1).contains("warning: checkpoints: no such directory");
    for (String wrong : List.of("set: []", "score: LCSC FD", "score: evaluated recall")) {
      Files.writeString(study, text.replaceFirst("set: .*", wrong));
      String message =
          wrong.startsWith("set")
              ? "features: missing"
              : wrong.replace("score: ", "score: no such score (") + ")";
      refuses(message, "check", study);
    }
    Files.writeString(study, text.replace("[1, 2]", "[1, none]"));
    refuses("training.seed", "check", study);
  }

  @Test
  void whatIsNotThereYetIsAWarning() {
    succeeds(
        "check",
        config,
        "--set",
        "features=[no.yaml, pixels]",
        "--set",
        "training.from=no.zip",
        "--set",
        "dataset.path=nowhere");
    assertThat(err.toString().lines())
        .containsExactly(
            "lcsc: " + config + ": warning: features[0]: no such file (no.yaml)",
            "lcsc: " + config + ": warning: training.from: no such file (no.zip)",
            "lcsc: " + config + ": warning: dataset.path: no such file (nowhere)");
  }
}
