package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lcsc.diffusion.layer.Conv2d;
import org.lcsc.export.TensorExport;
import org.lcsc.tensor.Tensor;
import org.lcsc.tensor.TensorType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Teachers and consistency models from the command line, small. */
class ConsistencyCommandsTest extends CommandLineTest {

  private static final String TEACHER =
      """
      dataset: { name: digits }
      model:
        kind: edm
        unet: { channels: 4, multipliers: [1, 2], blocks: 1 }
      training: { iterations: 20, batchSize: 16, learningRate: 2.0e-3, seed: 3 }
      ema: { rates: [0.9] }
      output: %s
      """;

  private static final String STUDENT =
      """
      dataset: { name: digits }
      model:
        kind: consistency-distillation
        unet: { channels: 4, multipliers: [1, 2], blocks: 1 }
        teacher: %s
        teacherConfig: %s
      training: { iterations: 12, batchSize: 16, learningRate: 1.0e-3, seed: 3 }
      sampler: { kind: consistency, batchSize: 40 }
      ema: { rates: [0.8] }
      lcsc:
        window: 12
        interval: 2
        searchAt: [12]
        search: { evaluations: 8, samples: 80, seed: 7 }
        validation: { samples: 80, seed: 8 }
        report: { samples: 80, seed: 9 }
      output: %s
      """;

  private Path teacher;
  private Path student;

  @BeforeEach
  void writeConfigurations() throws IOException {
    teacher = directory.resolve("teacher.yaml");
    student = directory.resolve("student.yaml");
    Files.writeString(teacher, TEACHER.formatted(directory.resolve("edm")));
    Files.writeString(
        student,
        STUDENT.formatted(directory.resolve("edm/ema/0.9.zip"), teacher, directory.resolve("cd")));
  }

  @Test
  void aMissingTeacherIsTrainedThenDistilledAndTheModelIsAConsistencyFunction() throws Exception {
    succeeds("train", student);
    assertThat(out.toString()).contains("teacher: ", "Iteration 12", "LCSC");
    Path best = directory.resolve("cd/lcsc/best.zip");
    ComputationGraph model = ComputationGraph.load(best.toFile(), false);
    INDArray x = Nd4j.rand(2, 1, 8, 8);
    INDArray same = model.outputSingle(x, Nd4j.createFromArray(0.002f, 0.002f).reshape(2, 1));
    assertThat(same.sub(x).amaxNumber().doubleValue()).isLessThan(1e-5);
    assertThat(Files.readString(directory.resolve("cd/lcsc/12/recipe.json")))
        .contains("\"teacher\"");

    // An average of a teacher whose training has not ended is no teacher.
    Path results = directory.resolve("edm/results.json");
    byte[] ended = Files.readAllBytes(results);
    Files.delete(results);
    for (String command : List.of("check", "train")) {
      assertThat(lcsc(command, student, "--set", "output=" + directory + "/other")).isEqualTo(2);
      assertThat(err.toString())
          .contains("model.teacher: is of a training that has not ended, needed: lcsc train --res");
    }
    assertThat(directory.resolve("other")).doesNotExist();
    Files.write(results, ended);

    // The teacher is there now and is not trained again.
    succeeds("train", student, "--overwrite");
    assertThat(out.toString()).doesNotContain("teacher: ");

    succeeds("evaluate", best, "--samples", "100", "--sigmas", "1.1,0.3");
    succeeds("sample", best, "--count", "4", "--out", directory + "/grid.png");
    assertThat(lcsc("find-sigma", best, "--sigmas", "0.8")).isEqualTo(2);
    assertThat(err.toString()).contains("--sigmas: has no effect ([0.8])");
    succeeds("find-sigma", best, "--levels", "5", "--samples", "60");
    assertThat(out.toString()).contains("sigma", "<- best");
  }

  @Test
  void aStudentStartsFromItsTeacherAndAFineTuningFromItsModel() throws Exception {
    succeeds("train", teacher);
    String still = "training.learningRate=1.0e-30";
    succeeds("train", student, "--set", still);
    INDArray taught = parameters(directory.resolve("edm/ema/0.9.zip"));
    assertThat(
            parameters(directory.resolve("cd/ema/0.8.zip")).sub(taught).amaxNumber().doubleValue())
        .isLessThan(1e-6);

    Path other = directory.resolve("tuned");
    succeeds(
        "train",
        teacher,
        "--set",
        "training.from=" + directory.resolve("edm/ema/0.9.zip"),
        "--set",
        "output=" + other,
        "--set",
        still);
    assertThat(parameters(other.resolve("ema/0.9.zip")).sub(taught).amaxNumber().doubleValue())
        .isLessThan(1e-6);
  }

  @Test
  void aTrainingFromAModelEntersTheCurriculumWhereThatOfTheModelEnded() throws Exception {
    Path scratch = directory.resolve("scratch.yaml");
    Files.writeString(
        scratch,
        TEACHER
            .replace("kind: edm", "kind: consistency-training")
            .formatted(directory.resolve("ct")));
    succeeds("train", scratch);
    String from = "training.from=" + directory.resolve("ct/ema/0.9.zip");
    String output = "output=" + directory.resolve("more");
    succeeds("train", scratch, "--set", from, "--set", output);
    assertThat(Files.readString(directory.resolve("ct/config.yaml"))).doesNotContain("startAt");
    assertThat(Files.readString(directory.resolve("more/config.yaml")))
        .contains("startAt: 20\n", "length: 20\n");
    succeeds("check", scratch, "--set", from, "--set", output);
    assertThat(out.toString()).contains("startAt: 20\n", "length: 20\n");

    Files.writeString(directory.resolve("ct/config.yaml"), "broken: [");
    for (String command : List.of("check", "train")) {
      assertThat(lcsc(command, scratch, "--set", from, "--set", output + "-" + command))
          .as(command)
          .isEqualTo(2);
      assertThat(err.toString()).contains("config.yaml: line ", ": not YAML");
    }
  }

  /** The kind of the teacher is left to its configuration; guidance is as with every model. */
  @Test
  void aFlowIsTunedInItsOwnParameterisation() throws Exception {
    String classes = "blocks: 1, classConditional: true }";
    String labels = "seed: 3, labelDropout: 0.2 }";
    Files.writeString(
        teacher,
        Files.readString(teacher)
            .replace("kind: edm", "kind: flow")
            .replace("blocks: 1 }", classes)
            .replace("seed: 3 }", labels));
    Files.writeString(
        student,
        Files.readString(student)
                .replace("kind: consistency-distillation", "kind: consistency-tuning")
                .replace("blocks: 1 }", classes)
                .replace("seed: 3 }", labels)
            + "guidance: { scale: 2, from: 0.2 }\n");
    String still = "training.learningRate=1.0e-30";
    succeeds("train", student, "--set", still);
    assertThat(directory.resolve("cd/config.yaml")).content().contains("teacherKind: flow");
    ComputationGraph flow =
        ComputationGraph.load(directory.resolve("edm/ema/0.9.zip").toFile(), false);
    Path tuned = directory.resolve("cd/ema/0.8.zip");
    ComputationGraph model = ComputationGraph.load(tuned.toFile(), false);
    INDArray x = Nd4j.rand(2, 1, 8, 8);
    INDArray label = Nd4j.zeros(2, 10);
    label.putScalar(0, 3, 1);
    INDArray velocity =
        flow.outputSingle(x.div(4), Nd4j.createFromArray(750f, 750f).reshape(2, 1), label);
    INDArray denoised = x.div(4).sub(velocity.mul(0.75));
    INDArray actual = model.outputSingle(x, Nd4j.createFromArray(3f, 3f).reshape(2, 1), label);
    assertThat(actual.sub(denoised).amaxNumber().doubleValue()).isLessThan(1e-5);
    succeeds("sample", tuned, "--count", "4", "--out", directory + "/grid.png");
    succeeds("evaluate", tuned, "--samples", "20");
    assertThat(out.toString()).contains("Consistency(1 steps, sigma 80.00), guidance 2.0");

    // What is there is no EDM model, and check says so before any training.
    Files.writeString(
        student,
        Files.readString(student).replaceFirst("output: .*", "output: " + directory + "/other"));
    Path absent = directory.resolve("edm/ema/0.8.zip");
    Path searched = directory.resolve("edm/lcsc/best.zip");
    for (String command : new String[] {"check", "train"}) {
      refusesSettings("0.9.zip: another architecture", command, "model.teacherKind=edm");
      refusesSettings(" does not make it", command, "model.teacher=" + absent);
      refusesSettings(" does not make it", command, "model.teacher=" + searched);
    }
  }

  @Test
  void aTeacherThatWouldNotFitIsRefusedBeforeItIsTrained() throws IOException {
    Path edm = directory.resolve("edm");
    for (String command : new String[] {"check", "train"}) {
      refusesSettings("is 4 and 8", command, "model.unet.channels=8");
      refusesSettings("model.sigmaData is not given and 0.5", command, "model.sigmaData=0.5");
      refusesSettings("model.networkTime is ", command, "model.networkTime=quarter-log");
      refusesSettings("output: is that of " + teacher + " too", command, "output=" + edm);
      refusesSettings(" does not make it", command, "model.teacher=" + edm.resolve("ema/bset.zip"));
      assertThat(edm).doesNotExist();
    }
  }

  private void refusesSettings(String message, String command, String... assignments) {
    List<Object> arguments = new ArrayList<>(List.of(command, student));
    for (String assignment : assignments) {
      arguments.addAll(List.of("--set", assignment));
    }
    assertThat(lcsc(arguments.toArray())).isEqualTo(2);
    assertThat(err.toString().lines().filter(l -> !l.contains("warning"))).hasSize(1);
    assertThat(err.toString()).contains(message);
  }

  @Test
  void searchesOfKeptCheckpointsDoWithoutTheTeacher() throws Exception {
    succeeds("train", student, "--keep-checkpoints");
    Path checkpoints = directory.resolve("cd/checkpoints");
    Files.delete(directory.resolve("edm/ema/0.9.zip"));
    Path config = directory.resolve("cd/config.yaml");
    String output = "output=" + directory.resolve("again");
    Path study = directory.resolve("study.yaml");
    Files.writeString(
        study,
        "{ base: %s, mode: search, checkpoints: %s, output: %s, axes: [ { key:"
                .formatted(config, checkpoints, directory.resolve("sweep"))
            + " lcsc.search.strategy, values: [gradient] } ] }");

    succeeds("search", config, "--checkpoints", checkpoints, "--set", output);
    assertThat(Files.readString(directory.resolve("again/lcsc/12/recipe.json")))
        .contains("not there: ");
    succeeds("sweep", study);
  }

  @Test
  void searchesInTheNamedFeatureSpaceAndReportsOthersToo() throws Exception {
    Object[] train = {
      "train",
      student,
      "--set",
      "features=[random-projection, pixels]",
      "--set",
      "lcsc.search.strategy=gradient",
      "--set",
      "lcsc.keep=[baselines]"
    };
    succeeds(train);
    assertThat(out.toString()).contains("FID (random projection) (fresh)", "FID (pixels) (fresh)");
    assertThat(directory.resolve("cd/report.html"))
        .content()
        .contains("<th scope=\"col\">FID (random projection)</th>", ">FID (pixels)</th>");
    Path last = directory.resolve("cd/lcsc/12/last.zip");
    Path uniform = directory.resolve("cd/lcsc/12/uniform.zip");
    succeeds("evaluate", last, uniform, "--samples", "20");
    assertThat(out.toString()).contains("FID (2nd space)");
    assertThat(Files.readString(directory.resolve("cd/lcsc/12/recipe.json")))
        .contains("random-projection", "pixels");
    assertThat(lcsc("train", student, "--set", "features=[inception]")).isEqualTo(2);
    assertThat(err.toString()).contains("features[0]: unknown feature space (inception), allowed:");
  }

  @Test
  void aTrainedNetworkServesAsBackboneOfThePerceptualDistance() throws Exception {
    succeeds("train", teacher);
    String backbone = "{ file: " + directory.resolve("features.zip") + ", layers: [%s], side: 12 }";
    Object[] train = {
      "train",
      student,
      "--set",
      "model.consistency={ distance: lpips, backbone: " + backbone.formatted("conv") + " }"
    };
    assertThat(lcsc(train)).isEqualTo(2);
    assertThat(err.toString()).contains("features.zip");
    assertThat(err.toString().lines().filter(l -> !l.contains("warning"))).hasSize(1);

    ComputationGraph features =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("conv", new Conv2d(1, 4, 3), "in")
                .setOutputs("conv")
                .build());
    features.init();
    features.save(directory.resolve("features.zip").toFile(), false);
    succeeds(train);
    assertThat(out.toString()).contains("LCSC");
  }

  private static INDArray parameters(Path model) throws IOException {
    return ComputationGraph.load(model.toFile(), false).params();
  }

  @Test
  void mistakesAreOneLineBeforeAnyTraining() throws Exception {
    assertThat(lcsc("train", student, "--set", "model.teacherConfig=null")).isEqualTo(2);
    assertThat(err.toString().lines().filter(l -> !l.contains("warning"))).hasSize(1);
    assertThat(err.toString()).contains("edm/ema/0.9.zip: no such file");
    assertThat(lcsc("train", student, "--set", "model.teacherConfig=" + student)).isEqualTo(2);
    assertThat(err.toString()).contains("trains no teacher", "allowed: a configuration");
    assertThat(directory.resolve("cd")).doesNotExist();
    Path own = Files.createDirectory(directory.resolve("cd")).resolve("mine.txt");
    Files.writeString(own, "");
    assertThat(lcsc("train", student)).isEqualTo(2);
    assertThat(err.toString()).contains("is not empty and holds no run");
    assertThat(directory.resolve("edm")).doesNotExist();
    Files.delete(own);

    succeeds("train", teacher);
    assertThat(lcsc("train", student, "--set", "model.unet.channels=8")).isEqualTo(2);
    assertThat(err.toString()).contains("another architecture");
    assertThat(lcsc("find-sigma", directory.resolve("edm/ema/0.9.zip"))).isEqualTo(2);
    assertThat(err.toString()).contains("is no consistency model");
    assertThat(lcsc("evaluate", directory.resolve("edm/ema/0.9.zip"), "--sigmas", "1.0"))
        .isEqualTo(2);
    assertThat(err.toString()).contains("--sigmas: only for consistency models");
  }

  /** With LPIPS's own layers and scaling; grey images are made colour. */
  @Test
  void theStateDictOfVgg16ServesAsBackboneOfThePerceptualDistance() throws Exception {
    Map<Tensor, INDArray> vgg = new LinkedHashMap<>();
    Map<Tensor, INDArray> heads = new LinkedHashMap<>();
    long channels = 3;
    for (int index : new int[] {0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28}) {
      tensor(vgg, "features." + index + ".weight", 2, channels, 3, 3);
      tensor(vgg, "features." + index + ".bias", 2);
      channels = 2;
    }
    for (int layer = 0; layer < 5; layer++) {
      tensor(heads, "lin" + layer + ".model.1.weight", 1, 2, 1, 1);
    }
    Path file = directory.resolve("vgg16.safetensors");
    Path weights = directory.resolve("lpips.safetensors");
    TensorExport.write(file, vgg, Map.of());
    TensorExport.write(weights, heads, Map.of());
    succeeds("train", teacher);
    String backbone = "model.consistency={ distance: lpips, backbone: { file: %s, side: 16%s } }";
    Object[] train = {"train", student, "--set", null};
    train[3] = backbone.formatted(file, ", weights: " + file);
    assertThat(lcsc(train)).isEqualTo(2);
    assertThat(err.toString())
        .contains(file + ": has no tensor lin0 or lin0.model.1.weight")
        .doesNotContain("cannot be read");
    train[0] = "check";
    assertThat(lcsc(train)).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("lcsc: model.consistency.backbone: " + file + ": has no tensor lin0");
    train[0] = "train";
    train[3] = backbone.formatted(file, ", weights: " + weights);
    succeeds(train);
    assertThat(out.toString()).contains("LCSC");
    train[3] = backbone.formatted(directory.resolve("vgg16.zip"), "");
    assertThat(lcsc(train)).isEqualTo(2);
    assertThat(err.toString()).contains("backbone.layers: missing, expected with a model file");
  }

  private static void tensor(Map<Tensor, INDArray> tensors, String name, long... shape) {
    List<Long> extents = Arrays.stream(shape).boxed().toList();
    long length = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    tensors.put(
        new Tensor(name, TensorType.FLOAT32, extents),
        Nd4j.linspace(DataType.FLOAT, 0.1, 0.01, length).reshape('c', shape));
  }
}
