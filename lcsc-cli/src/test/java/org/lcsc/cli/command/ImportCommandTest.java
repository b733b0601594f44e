package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.diffusion.model.FlowModel;
import org.lcsc.diffusion.released.ConsistencyModels;
import org.lcsc.diffusion.released.Diffusers;
import org.lcsc.diffusion.released.Edm;
import org.lcsc.diffusion.released.GuidedDiffusion;
import org.lcsc.diffusion.released.ReleasedFile;
import org.lcsc.diffusion.unet.AdmConfig;
import org.lcsc.diffusion.unet.NcsnppConfig;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.diffusion.unet.UNetConfig;
import org.lcsc.diffusion.unet.UNetShape;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.export.RecipeFiles;
import org.lcsc.model.ModelFile;
import org.lcsc.tensor.SafetensorsFormat;
import org.lcsc.tensor.Tensor;
import org.lcsc.tensor.TensorFile;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.NoOp;

/** Released weights on the command line: in, trained from, and out again. */
class ImportCommandTest extends CommandLineTest {

  private static final List<Double> FREQUENCIES =
      List.of(0.5, -1.5, 3.0, 20.0, 1.25, -7.0, 2.0, 11.0);

  private static final NcsnppConfig NCSNPP =
      new NcsnppConfig(8, List.of(1, 2), 1, List.of(4), 1, 0, false, FREQUENCIES);

  private static final UNetConfig DDPM =
      new UNetConfig(
          8,
          List.of(1, 2),
          1,
          List.of(4),
          1,
          0,
          UNetConfig.TimeConditioning.ADD,
          false,
          true,
          4,
          4,
          UNetConfig.Conventions.IDDPM);

  private static final String CONFIG =
      """
      dataset: { name: digits }
      model: { kind: edm, unet: { architecture: ncsnpp, channels: %d, multipliers: [1, 2], blocks: 1,
        attention: [4] }, sigmaData: 0.5 }
      training: { iterations: 1, batchSize: 4, learningRate: 1.0e-9, from: %s }
      ema: { rates: [0.5] }
      output: %s
      """;

  private Path released;
  private ComputationGraph network;

  @BeforeEach
  void writeReleasedWeights() throws IOException {
    released = directory.resolve("released.safetensors");
    network = network(NCSNPP);
    ReleasedFile.write(released, new Edm(), NCSNPP, network, 8, Map.of());
  }

  private static ComputationGraph network(NetworkBody body) {
    ComputationGraph network =
        new ComputationGraph(
            UNet.configuration(
                body,
                new NetworkBody.Images(1, 8),
                new SquaredError(),
                new NoOp(),
                5,
                DataType.FLOAT));
    network.init();
    return network;
  }

  /** What is no mistake, such as a training without a search, is said before. */
  @Override
  void refuses(String message, Object... arguments) {
    assertThat(lcsc(arguments)).isEqualTo(2);
    assertThat(err.toString().lines().filter(line -> !line.contains(": warning: ")))
        .singleElement()
        .asString()
        .contains(message);
  }

  private static Map<String, List<Float>> values(Path file) throws IOException {
    Map<String, List<Float>> values = new LinkedHashMap<>();
    try (TensorFile tensors = new SafetensorsFormat().open(file)) {
      for (Tensor tensor : tensors.tensors()) {
        float[] array = tensors.floats(tensor);
        List<Float> floats = new ArrayList<>();
        for (float value : array) {
          floats.add(value);
        }
        values.put(tensor.name(), floats);
      }
    }
    return values;
  }

  @Test
  void refusesWeightsThatAreNotFinite() throws IOException {
    network.params().putScalar(network.numParams() - 1, Double.NaN);
    ReleasedFile.write(released, new Edm(), NCSNPP, network, 8, Map.of());
    Path file = directory.resolve("model.zip");
    refuses(" holds NaN, allowed: finite numbers", "import", released, "--out", file);
    assertThat(file).doesNotExist();
  }

  @Test
  void checkpointsOfATrainingAreReadAtOnce() throws IOException {
    Path training = directory.resolve("training");
    for (int step : new int[] {100, 200}) {
      network.params().muli(0.5);
      Path unet = Files.createDirectories(training.resolve("checkpoint-" + step + "/unet"));
      Path weights = unet.resolve("diffusion_pytorch_model.safetensors");
      ReleasedFile.write(weights, new Edm(), NCSNPP, network, 8, Map.of());
    }
    Path models = directory.resolve("models");
    succeeds("import", training, "--out", models);
    assertThat(out.toString()).startsWith("# written: 2 checkpoints in " + models);
    Path alone = directory.resolve("alone.zip");
    for (int step : new int[] {100, 200}) {
      Path unet = training.resolve("checkpoint-" + step + "/unet");
      Path weights = unet.resolve("diffusion_pytorch_model.safetensors");
      succeeds("import", weights, "--out", alone, "--force");
      assertThat(ModelFile.parameters(models.resolve("iteration-" + step + ".zip")))
          .isEqualTo(ModelFile.parameters(alone));
    }
    refuses("--out: exists already", "import", training, "--out", models);

    network.params().putScalar(network.numParams() - 1, Double.NaN);
    Path last = Files.createDirectories(training.resolve("checkpoint-300/unet"));
    Path damaged = last.resolve("diffusion_pytorch_model.safetensors");
    ReleasedFile.write(damaged, new Edm(), NCSNPP, network, 8, Map.of());
    Path none = directory.resolve("none");
    refuses(" holds NaN, allowed: finite numbers", "import", training, "--out", none);
    assertThat(none).doesNotExist();
    Path other = directory.resolve("other");
    refuses("--force: has no effect with a folder", "import", training, "--out", other, "--force");
  }

  @Test
  void modelFilesOfAnotherNetworkAreRefusedBeforeARun() throws IOException {
    Path file = directory.resolve("model.zip");
    succeeds("import", released, "--out", file);
    Path run = directory.resolve("run");
    Path config = directory.resolve("c.yaml");
    Files.writeString(config, CONFIG.formatted(8, file, run));
    succeeds("check", config);
    Files.writeString(config, CONFIG.formatted(16, file, run));
    refuses(file + ": another architecture than the configuration's, ", "check", config);
  }

  @Test
  void importsTheWeightsAndTellsTheConfiguration() throws IOException {
    Path file = directory.resolve("model.zip");
    succeeds("import", released, "--out", file);
    assertThat(out.toString())
        .contains("images of 1 channels and 8 pixels a side, no classes")
        .contains("architecture: ncsnpp")
        .contains("frequencies: [0.5, -1.5, 3.0, 20.0, 1.25, -7.0, 2.0, 11.0]")
        .contains("sigmaData: 0.5");
    ComputationGraph imported = ModelFile.graph(file);
    network
        .paramTable()
        .forEach((name, array) -> assertThat(imported.getParam(name)).as(name).isEqualTo(array));
    refuses("exists already, allowed: --force", "import", released, "--out", file);
    Path recipe = Files.writeString(RecipeFiles.recipe(file), "{}");
    refuses(recipe + ": is of another model", "import", released, "--out", file, "--force");
    Files.delete(recipe);
    refuses(
        "--as: unknown value (emd) (did you mean edm?)",
        "import",
        released,
        "--as",
        "emd",
        "--out",
        directory.resolve("other.zip"));
  }

  /** By the file itself and by the model that was imported from it. */
  @Test
  void trainsFromThemWithTheirFrequenciesAndExportsThem() throws IOException {
    Path zip = directory.resolve("model.zip");
    succeeds("import", released, "--out", zip);
    for (Path from : new Path[] {released, zip}) {
      Path run = directory.resolve("run-" + from.getFileName());
      Path config = Files.writeString(directory.resolve("c.yaml"), CONFIG.formatted(8, from, run));
      succeeds("check", config);
      succeeds("train", config);
      assertThat(run.resolve("config.yaml"))
          .content()
          .contains("frequencies: [0.5, -1.5, 3.0, 20.0, 1.25, -7.0, 2.0, 11.0]");
      Path exported = directory.resolve(from.getFileName() + ".safetensors");
      succeeds("export", run, "--ema", 0.5, "--as", "edm", "--out", exported);
      Map<String, List<Float>> expected = values(released);
      Map<String, List<Float>> found = values(exported);
      assertThat(found.keySet()).isEqualTo(expected.keySet());
      List<Float> trained = found.get("model.map_layer1.weight");
      List<Float> start = expected.get("model.map_layer1.weight");
      for (int i = 0; i < start.size(); i++) {
        assertThat(trained.get(i)).isCloseTo(start.get(i), within(1e-6f));
      }
    }
  }

  /** A released file as the start of a training that searches, and as a teacher. */
  @Test
  void aTrainingThatSearchesMayBeginWithAReleasedFile() throws IOException {
    String search =
        """
        sampler: { kind: heun, steps: 2 }
        lcsc:
          window: 4
          interval: 1
          searchAt: [4]
          search: { strategy: evolution, evaluations: 3, samples: 20 }
          validation: { samples: 20 }
          report: { samples: 20 }
        """;
    Path run = directory.resolve("run");
    String begun = CONFIG.formatted(8, released, run) + search;
    Path config =
        Files.writeString(
            directory.resolve("c.yaml"), begun.replace("iterations: 1,", "iterations: 4,"));
    succeeds("check", config);
    succeeds("train", config);
    succeeds("evaluate", run.resolve("lcsc/best.zip"), "--samples", 20);
    String distilled =
        begun
            .replace("kind: edm,", "kind: consistency-distillation, teacher: " + released + ",")
            .replace(", from: " + released, "")
            .replace("iterations: 1,", "iterations: 4,")
            .replace("sampler: { kind: heun, steps: 2 }", "sampler: { kind: consistency }")
            .replace(run.toString(), run + "-distilled");
    Files.writeString(config, distilled);
    succeeds("check", config);
    succeeds("train", config);
  }

  /** Such weights were trained on inputs that are scaled by the deviation of their images. */
  @Test
  void refusesAnotherDeviationOfTheImagesThanTheWeightsAreFor() throws IOException {
    Path config = directory.resolve("c.yaml");
    Path run = directory.resolve("run");
    String yaml = CONFIG.formatted(8, released, run);
    String message =
        released
            + ": its network takes images of standard deviation 0.5 for granted, needed:"
            + " model.sigmaData: 0.5";
    for (String other : new String[] {"", ", sigmaData: 0.6"}) {
      Files.writeString(config, yaml.replace(", sigmaData: 0.5", other));
      refuses("training.from: " + message, "check", config);
      refuses("training.from: " + message, "train", config);
    }
    Files.writeString(
        config,
        yaml.replace("kind: edm,", "kind: consistency-distillation, teacher: " + released + ",")
            .replace(", from: " + released, "")
            .replace(", sigmaData: 0.5", ""));
    refuses("model.teacher: " + message, "check", config);
    assertThat(run).doesNotExist();
    ReleasedFile.write(released, new Edm(), NCSNPP, network, 8, Map.of("sigma_data", "0.6"));
    Files.writeString(config, yaml.replace("sigmaData: 0.5", "sigmaData: 0.6"));
    succeeds("check", config);
    // Of the images, which are not known yet.
    Files.writeString(config, yaml.replace(", sigmaData: 0.5", ""));
    succeeds("check", config);
    Files.writeString(config, yaml.replace("sigmaData: 0.5", "sigmaData: 0.6"));
    Path zip = directory.resolve("model.zip");
    succeeds("import", released, "--out", zip);
    assertThat(out.toString()).contains("sigmaData: 0.6");
    Files.writeString(
        config,
        "dataset: { name: digits }\n"
            + out
            + "training: { iterations: 1, batchSize: 4, learningRate: 1.0e-3 }\noutput: "
            + run);
    Path exported = directory.resolve("exported.safetensors");
    succeeds("export", zip, "--config", config, "--as", "edm", "--out", exported);
    assertThat(out.toString()).contains(", sigma_data 0.6");
    succeeds("import", exported, "--out", zip, "--force");
    assertThat(out.toString()).contains("sigmaData: 0.6");
    ReleasedFile.write(released, new Edm(), NCSNPP, network, 8, Map.of("sigma_data", "-1"));
    refuses(
        released + ": its sigma_data is -1, allowed: a number above 0",
        "import",
        released,
        "--out",
        zip,
        "--force");
  }

  @Test
  void checkRefusesTheWeightsOfAnotherNetwork() throws IOException {
    Path config =
        Files.writeString(
            directory.resolve("c.yaml"), CONFIG.formatted(16, released, directory.resolve("run")));
    String message =
        released
            + ": not the weights of ncsnpp U-Net, 16 channels × [1, 2] as edm names them:"
            + " map_layer0.weight is F32 [32, 16] and not [64, 32],";
    refuses(message, "check", config);
    refuses(message, "train", config);
    assertThat(directory.resolve("run")).doesNotExist();
  }

  /** What diffusers needs beside the weights, and what it cannot say. */
  @Test
  void exportsAModelFileForDiffusers() throws IOException {
    Path weights = diffusersModel(directory);
    Path zip = directory.resolve("model.zip");
    succeeds("import", weights, "--out", zip);
    Path config =
        Files.writeString(
            directory.resolve("c.yaml"),
            "dataset: { name: digits }\n"
                + out
                + "training: { iterations: 1, batchSize: 4, learningRate: 1.0e-3 }\n"
                + "output: "
                + directory.resolve("run"));
    Path exported = directory.resolve("out/diffusion_pytorch_model.safetensors");
    succeeds("export", zip, "--config", config, "--as", "diffusers", "--out", exported);
    assertThat(values(exported)).isEqualTo(values(weights));
    assertThat(exported.resolveSibling("config.json"))
        .hasSameTextualContentAs(directory.resolve("config.json"));
    succeeds("import", exported, "--out", directory.resolve("again.zip"));
    assertThat(out.toString())
        .contains("no classes\n", "kind: linear", "steps: 1000", "prediction: epsilon");
    refuses(
        zip + ": another architecture than the configuration's, ",
        "export",
        zip,
        "--config",
        Files.writeString(
            directory.resolve("other.yaml"),
            CONFIG.formatted(8, released, directory.resolve("run"))),
        "--as",
        "diffusers",
        "--out",
        directory.resolve("other/w.safetensors"));
    assertThat(directory.resolve("other/w.safetensors")).doesNotExist();
  }

  /** A model of diffusers; the path of its weights, beside which config.json stands. */
  private static Path diffusersModel(Path folder) throws IOException {
    ComputationGraph ours = network(DDPM);
    Files.createDirectories(folder);
    Path weights = folder.resolve("diffusion_pytorch_model.safetensors");
    ReleasedFile.write(weights, new Diffusers(), DDPM, ours, 8, Map.of());
    Files.writeString(
        folder.resolve("config.json"),
        new Diffusers().beside(DDPM, ours, 8, null).get("config.json"));
    return weights;
  }

  /** Pipelines have the scheduler in a folder of its own. */
  @Test
  void theSchedulerOfDiffusersTellsTheChain() throws IOException {
    Path weights = diffusersModel(directory.resolve("unet"));
    Path scheduler = directory.resolve("scheduler/scheduler_config.json");
    Files.createDirectories(scheduler.getParent());
    Path zip = directory.resolve("model.zip");
    String[][] chains = {
      {"'beta_schedule': 'squaredcos_cap_v2'", "cosine", "epsilon"},
      {"'beta_schedule': 'scaled_linear', 'prediction_type': 'sample'", "quadratic", "x0"},
      {"'beta_schedule': 'sigmoid', 'beta_end': 0.02", "sigmoid", "epsilon"},
      {"'beta_schedule': 'linear', 'prediction_type': 'v_prediction'", "linear", "v"},
    };
    for (String[] chain : chains) {
      Files.writeString(scheduler, "{" + chain[0].replace('\'', '"') + "}");
      succeeds("import", weights, "--out", zip, "--force");
      assertThat(out.toString())
          .contains("kind: " + chain[1], "prediction: " + chain[2])
          .doesNotContain("assumed");
    }
    String[][] refused = {
      {
        "'beta_start': 0.00085, 'beta_end': 0.012, 'beta_schedule': 'scaled_linear'",
        "beta_schedule, beta_start and beta_end: not of a network here (scaled_linear from 8.5E-4"
      },
      {"'beta_schedule': 'laplace'", "beta_schedule: not of a network here (laplace), allowed: "},
      {
        "'_class_name': 'FlowMatchEulerDiscreteScheduler', 'num_train_timesteps': 1000",
        "beta_schedule: not of a network here (none: FlowMatchEulerDiscreteScheduler), allowed: "
      },
      {
        "'beta_schedule': 'linear', 'num_train_timesteps': 4000",
        "num_train_timesteps: not of a network here (4000), "
      },
      {
        "'beta_schedule': 'linear', 'prediction_type': 'flow'",
        "prediction_type: not of a network here (flow), allowed: "
      },
      {
        "'beta_schedule': 'linear', 'rescale_betas_zero_snr': true",
        "rescale_betas_zero_snr: not of a network here (true), "
      },
    };
    for (String[] chain : refused) {
      Files.writeString(scheduler, "{" + chain[0].replace('\'', '"') + "}");
      refuses(scheduler + ": " + chain[1], "import", weights, "--out", zip, "--force");
    }
    // A flow is of no chain.
    succeeds("import", weights, "--model", "flow", "--out", zip, "--force");
    Files.writeString(scheduler, "{\"beta_schedule\": \"linear\"}");
    Path config =
        Files.writeString(
            directory.resolve("c.yaml"),
            """
            dataset: { name: digits }
            model: { kind: diffusion, noiseSchedule: cosine, unet: { channels: 8,
              multipliers: [1, 2], blocks: 1, attention: [4], groups: 4, headChannels: 4,
              conventions: iddpm } }
            training: { iterations: 1, batchSize: 4, learningRate: 1.0e-9, from: %s }
            output: %s
            """
                .formatted(weights, directory.resolve("run")));
    String message =
        "its network was trained on another chain than the configuration's (model.prediction:"
            + " epsilon, model.steps: 1000, model.noiseSchedule: cosine), needed:"
            + " model.prediction: epsilon, model.steps: 1000, model.noiseSchedule: linear";
    refuses(message, "check", config);
    refuses(message, "train", config);
  }

  /** A model that is tuned from a flow has no deviation of the images to be told. */
  @Test
  void exportsAModelThatWasTunedFromAFlow() throws IOException {
    Path config = directory.resolve("c.yaml");
    Path run = directory.resolve("run");
    Path zip = directory.resolve("model.zip");
    ComputationGraph ours =
        new ComputationGraph(
            UNet.configuration(
                DDPM,
                new NetworkBody.Images(1, 8),
                FlowModel.denoiser(DDPM),
                new SquaredError(),
                new NoOp(),
                5,
                DataType.FLOAT));
    ours.init();
    ours.save(zip.toFile(), false);
    Files.writeString(
        config,
        """
        dataset: { name: digits }
        model: { kind: consistency-tuning, teacherKind: flow, teacher: %s, unet: { channels: 8,
          multipliers: [1, 2], blocks: 1, attention: [4], groups: 4, headChannels: 4,
          conventions: iddpm } }
        training: { iterations: 1, batchSize: 4, learningRate: 1.0e-9 }
        output: %s
        """
            .formatted(zip, run));
    Path exported = directory.resolve("out/diffusion_pytorch_model.safetensors");
    Files.createDirectories(exported.getParent());
    Path scheduler = Files.createFile(exported.resolveSibling("scheduler_config.json"));
    succeeds("export", zip, "--config", config, "--as", "diffusers", "--out", exported, "--force");
    assertThat(exported).exists();
    assertThat(scheduler).as("of another model").doesNotExist();
  }

  /** Only the files of a folder tell its classes: check then leaves a network of classes alone. */
  @Test
  void aFolderOfClassesMayBeTrainedFromAModelFileAndExported() throws IOException {
    for (String name : new String[] {"images/cat/1.png", "images/dog/1.png"}) {
      Path image = directory.resolve(name);
      Files.createDirectories(image.getParent());
      ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY), "png", image.toFile());
    }
    Path config = directory.resolve("c.yaml");
    Path first = directory.resolve("first");
    String yaml =
        """
        dataset: { name: folder, path: %s, side: 8, channels: 1 }
        model: { kind: flow, unet: { channels: 8, multipliers: [1, 2], blocks: 1, groups: 4,
          classConditional: true } }
        training: { iterations: 1, batchSize: 2, learningRate: 1.0e-9 }
        ema: { rates: [0.5] }
        output: %s
        """
            .formatted(directory.resolve("images"), first);
    Files.writeString(config, yaml);
    succeeds("train", config);
    Path exported = directory.resolve("out/diffusion_pytorch_model.safetensors");
    succeeds("export", first, "--ema", 0.5, "--as", "diffusers", "--out", exported);
    for (Path from : new Path[] {RunDirectory.ema(first, 0.5), exported}) {
      Path run = directory.resolve("from-" + from.getFileName());
      Files.writeString(
          config,
          yaml.replace("1.0e-9 }", "1.0e-9, from: " + from + " }")
              .replace("output: " + first, "output: " + run));
      succeeds("check", config);
      succeeds("train", config);
    }
  }

  /** Shapes are the same with other heads and with another sinusoid: config.json tells them. */
  @Test
  void refusesAnotherNetworkThanConfigJsonTells() throws IOException {
    Path weights = diffusersModel(directory);
    Path config = directory.resolve("c.yaml");
    String yaml =
        """
        dataset: { name: digits }
        model: { kind: diffusion, unet: { channels: 8, multipliers: [1, 2], blocks: 1, attention: [4],
          groups: 4, dropout: 0.1, zeroInit: false%s } }
        training: { iterations: 1, batchSize: 4, learningRate: 1.0e-9, from: %s }
        output: %s
        """;
    Path run = directory.resolve("run");
    Files.writeString(
        config, yaml.formatted(", headChannels: 4, conventions: iddpm", weights, run));
    succeeds("check", config);
    for (String other :
        new String[] {", conventions: iddpm", ", headChannels: 4, conventions: ddpm"}) {
      Files.writeString(config, yaml.formatted(other, weights, run));
      String message =
          "training.from: " + weights + ": is of another network than the configuration's, ";
      refuses(message, "check", config);
      refuses(message, "train", config);
    }
    assertThat(run).doesNotExist();
  }

  /** The heads of its attention are a matter of the code base, which the names do not tell. */
  @Test
  void namesTheImportThatAFileOfSeveralCodeBasesNeeds() throws IOException {
    UNetShape body =
        new UNetConfig(
            32,
            List.of(1, 2),
            1,
            List.of(4),
            1,
            0,
            UNetConfig.TimeConditioning.SCALE_SHIFT,
            false,
            true,
            16,
            32,
            UNetConfig.Conventions.IDDPM);
    Path weights = directory.resolve("guided.safetensors");
    ReleasedFile.write(weights, new GuidedDiffusion(), body, network(body), 8, Map.of());
    Path zip = directory.resolve("guided.zip");
    String[] needed = {"--as", "openai", "--side", "8", "--head-channels", "16"};
    Path config = directory.resolve("c.yaml");
    String yaml =
        """
        dataset: { name: digits }
        model: { kind: diffusion, unet: { channels: 32, multipliers: [1, 2], blocks: 1, attention: [4],
          timeEmbedding: scale-shift, headChannels: 16, groups: 32, conventions: iddpm } }
        training: { iterations: 1, batchSize: 4, learningRate: 1.0e-9, from: %s }
        output: %s
        """;
    Files.writeString(config, yaml.formatted(weights, directory.resolve("run")));
    String message =
        "training.from: "
            + weights
            + ": its tensors are named alike by several code bases, which order attention heads"
            + " otherwise; needed: lcsc import "
            + weights
            + " "
            + String.join(" ", needed)
            + " --model diffusion --out MODEL.zip (--as consistency if it is from there), and"
            + " MODEL.zip here";
    refuses(message, "check", config);
    refuses(message, "train", config);
    succeeds(
        "import",
        weights,
        "--as",
        "openai",
        "--side",
        8,
        "--head-channels",
        16,
        "--model",
        "diffusion",
        "--out",
        zip);
    assertThat(out.toString())
        .contains(
            "no classes; assumed, as the file does not tell it: that the network predicts epsilon"
                + " (model.prediction) along a chain of 1000 steps (model.steps) with the schedule"
                + " linear (model.noiseSchedule); that it was trained without"
                + " use_new_attention_order (else --new-attention-order)");
    Files.writeString(config, yaml.formatted(zip, directory.resolve("run")));
    succeeds("check", config);
  }

  /** With its other order guided diffusion's attention is that of consistency models. */
  @Test
  void theOrderOfAttentionIsTold() throws IOException {
    AdmConfig body = new AdmConfig(32, List.of(1, 2), 1, List.of(4), 16, 0, false, 32);
    ComputationGraph ours = network(body);
    Path weights = directory.resolve("guided.safetensors");
    ReleasedFile.write(weights, new ConsistencyModels(), body, ours, 8, Map.of());
    Path zip = directory.resolve("model.zip");
    for (boolean other : new boolean[] {false, true}) {
      List<Object> arguments =
          new ArrayList<>(
              List.of("import", weights, "--as", "openai", "--side", 8, "--head-channels", 16));
      arguments.addAll(List.of("--out", zip, "--force"));
      if (other) {
        arguments.add("--new-attention-order");
      }
      succeeds(arguments.toArray());
      assertThat(ModelFile.graph(zip).params().equals(ours.params())).isEqualTo(other);
    }
    refuses(
        "newAttentionOrder: has no effect with as: consistency (true)",
        "import",
        weights,
        "--as",
        "consistency",
        "--side",
        8,
        "--new-attention-order",
        "--out",
        zip,
        "--force");
  }

  /** An import makes no model that needs a teacher, so that one of its kind is advised. */
  @Test
  void theImportThatIsNeededCanBeMade() throws IOException {
    AdmConfig body = new AdmConfig(32, List.of(1, 2), 1, List.of(4), 16, 0, false, 32);
    Path weights = directory.resolve("consistency.safetensors");
    ReleasedFile.write(weights, new ConsistencyModels(), body, network(body), 8, Map.of());
    Path zip = directory.resolve("model.zip");
    Path config = directory.resolve("c.yaml");
    String yaml =
        """
        dataset: { name: digits }
        model: { kind: %s, sigmaData: 0.5, teacher: %s, unet: { architecture: adm, channels: 32,
          multipliers: [1, 2], blocks: 1, attention: [4], headChannels: 16, groups: 32 } }
        training: { iterations: 1, batchSize: 4, learningRate: 1.0e-9, from: %s }
        output: %s
        """;
    String[][] advice = {
      {"consistency-distillation", "consistency-training"}, {"consistency-tuning", "edm"}
    };
    for (String[] kinds : advice) {
      Path teacher = directory.resolve("later.zip");
      Path run = directory.resolve("run");
      Files.writeString(config, yaml.formatted(kinds[0], teacher, weights, run));
      refuses(" --model " + kinds[1] + " --out MODEL.zip (", "check", config);
      succeeds(
          "import",
          weights,
          "--as",
          "consistency",
          "--side",
          8,
          "--head-channels",
          16,
          "--model",
          kinds[1],
          "--out",
          zip,
          "--force");
      Files.writeString(config, yaml.formatted(kinds[0], teacher, zip, run));
      succeeds("check", config);
    }
  }

  @Test
  void refusesAModelThatGivesTheNetworkSomethingElse() throws IOException {
    Path file = directory.resolve("model.zip");
    String weights = "weights that edm names are of a network of noise levels (quarter-log), ";
    for (String kind : new String[] {"flow", "diffusion"}) {
      refuses(
          "--model: "
              + weights
              + "a model of kind "
              + kind
              + " gives it time steps, allowed: model.kind consistency-distillation or ",
          "import",
          released,
          "--model",
          kind,
          "--out",
          file);
    }
    assertThat(file).doesNotExist();
    Path config = directory.resolve("c.yaml");
    Path run = directory.resolve("run");
    String edm = CONFIG.formatted(8, released, run);
    Files.writeString(config, edm.replace("sigmaData: 0.5", "networkTime: thousandfold"));
    refuses(
        "training.from: "
            + released
            + ": "
            + weights
            + "a model of kind edm gives it noise levels (thousandfold), allowed: model.kind ",
        "check",
        config);
    Files.writeString(config, edm.replace("edm", "flow").replace(", sigmaData: 0.5", ""));
    refuses("training.from: " + released + ": " + weights, "check", config);
    succeeds("import", released, "--model", "edm", "--out", file);
    assertThat(out.toString())
        .contains(
            "does not tell it: that it was trained within an EDMPrecond, and not a VPPrecond");
    Files.writeString(
        config,
        CONFIG.formatted(8, file, run).replace("sigmaData: 0.5", "networkTime: thousandfold"));
    refuses(
        file + ": another architecture than the configuration's, ",
        "export",
        file,
        "--config",
        config,
        "--as",
        "edm",
        "--out",
        directory.resolve("out.safetensors"));
    Path damaged = Files.writeString(directory.resolve("damaged.safetensors"), "text");
    Files.writeString(config, CONFIG.formatted(8, damaged, run));
    refuses("training.from: " + damaged + ": ", "check", config);
  }
}
