package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lcsc.export.ModelExporter;
import org.lcsc.export.Recipe;
import org.lcsc.metrics.onnx.OnnxEnvironment;
import org.lcsc.model.ModelFile;
import org.lcsc.tensor.SafetensorsFormat;
import org.lcsc.tensor.Tensor;
import org.lcsc.tensor.TensorFile;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Models taken out of a run. */
class ExportCommandTest extends FinishedRun {

  @Test
  void exportsTheBestModelWithItsRecipe() throws IOException {
    Path file = directory.resolve("models/best.zip");
    succeeds("export", run, "--out", file);
    assertThat(out.toString())
        .isEqualToNormalizingNewlines(
            "written: "
                + file
                + ", ema-0.99 of iteration 80, validation score 4.250, fresh FID 4.500\n");
    assertThat(Files.readAllBytes(file.resolveSibling("best.json")))
        .isEqualTo(Files.readAllBytes(run.resolve("lcsc/best.json")));
    ComputationGraph restored = ComputationGraph.load(file.toFile(), false);
    assertThat(restored.params()).isEqualTo(network.params().reshape(network.numParams()));
  }

  @Test
  void exportsTheModelOfAnIterationOrAnAverage() throws IOException {
    Path merged = directory.resolve("merged.zip");
    succeeds("export", run, "--iteration", 80, "--out", merged);
    assertThat(out.toString()).contains("lcsc of iteration 80");
    assertThat(Recipe.read(directory.resolve("merged.json")).model()).isEqualTo("lcsc");

    Path ema = directory.resolve("ema.zip");
    succeeds("export", run, "--ema", 0.99, "--out", ema);
    assertThat(out.toString()).contains(": " + ema + ", ema-0.99 of iteration 100");
    assertThat(ModelFile.parameters(ema)).isEqualTo(ModelFile.parameters(average));
    assertThat(ModelFile.configuration(ema)).isEqualTo(ModelFile.configuration(average));
    assertThat(directory.resolve("ema.json")).doesNotExist();
  }

  @Test
  void exportsNamedTensors() throws IOException {
    Path file = directory.resolve("best.safetensors");
    succeeds("export", run, "--format", "safetensors", "--out", file);
    assertThat(directory.resolve("best.json")).exists();
    long parameters = 0;
    try (TensorFile tensors = new SafetensorsFormat().open(file)) {
      assertThat(tensors.metadata()).containsEntry("iteration", "80");
      for (Tensor tensor : tensors.tensors()) {
        parameters += tensor.length();
        int dot = tensor.name().lastIndexOf('.');
        String key = tensor.name().substring(dot + 1).replace("weight", "W").replace("bias", "b");
        INDArray array = network.getParam(tensor.name().substring(0, dot) + "_" + key);
        assertThat(tensor.shape())
            .containsExactly(Arrays.stream(array.shape()).boxed().toArray(Long[]::new));
        ByteBuffer bytes = ByteBuffer.allocate((int) tensor.bytes());
        tensors.stream(tensor, bytes::put);
        float[] values = new float[(int) tensor.length()];
        bytes.flip().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        assertThat(values).as(tensor.name()).isEqualTo(array.dup('c').data().asFloat());
      }
    }
    assertThat(parameters).isEqualTo(network.numParams());
    refuses("--format: unknown value (pt)", "export", run, "--format", "pt", "--out", file);
    refuses("ends in .safetensors", "export", run, "--out", directory.resolve("m.npz"));
  }

  @Test
  void exportsTheNetworkForOnnxRuntimeWithAModelCard() throws Exception {
    Path file = directory.resolve("hub/digits.onnx");
    succeeds("export", run, "--out", file, "--license", "cc-by-4.0");
    assertThat(out.toString()).contains("written: " + file, "README.md, ema-0.99 of iteration 80");
    assertThat(file.resolveSibling("digits.json")).exists();
    assertOutputs(file, network);

    String card = Files.readString(file.resolveSibling("README.md"));
    assertThat(card)
        .startsWith("---\nlicense: cc-by-4.0\n")
        .contains("- { type: FID, name: FID, value: 4.5 }", "| this model | 4.500 |")
        .contains("iterations 40 to 80", "10 evaluations of fid")
        .contains("| input `time` | [N, 1] | 1000 t / T for step t of a chain");
    JsonNode front = new YAMLMapper().readTree(card.split("---\n")[1]);
    assertThat(front.at("/model-index/0/results/0/metrics/0/value").doubleValue()).isEqualTo(4.5);

    refuses("README.md: exists already", "export", run, "--out", file.resolveSibling("m.onnx"));
  }

  private static void assertOutputs(Path file, ComputationGraph network) throws Exception {
    OrtEnvironment environment = OnnxEnvironment.get();
    INDArray image = Nd4j.rand(DataType.FLOAT, 2, 1, 16, 16);
    INDArray time = Nd4j.createFromArray(3f, 800f).reshape(2, 1);
    float[] expected = network.outputSingle(image, time).dup('c').data().asFloat();
    float[] values = new float[expected.length];
    try (OrtSession session = environment.createSession(file.toString());
        OnnxTensor images = tensor(environment, image);
        OnnxTensor times = tensor(environment, time);
        OrtSession.Result result = session.run(Map.of("image", images, "time", times))) {
      ((OnnxTensor) result.get("output").orElseThrow()).getFloatBuffer().get(values);
    }
    assertThat(values).containsExactly(expected, within(1e-5f));
  }

  private static OnnxTensor tensor(OrtEnvironment environment, INDArray array) throws OrtException {
    FloatBuffer floats = FloatBuffer.wrap(array.dup('c').data().asFloat());
    return OnnxTensor.createTensor(environment, floats, array.shape());
  }

  @Test
  void exportsAModelFile() throws Exception {
    Path file = directory.resolve("average.onnx");
    succeeds("export", average, "--format", "onnx", "--out", file);
    ComputationGraph half = ComputationGraph.load(average.toFile(), false);
    assertOutputs(file, half);
    assertThat(directory.resolve("README.md")).content().contains("license: unknown");
    assertThat(directory.resolve("average.json")).doesNotExist();

    Path zip = directory.resolve("m.zip");
    Path tensors = directory.resolve("m.safetensors");
    refuses("--license: stands in the", "export", run, "--license", "mit", "--out", zip);
    refuses("--config: has no effect", "export", average, "--config", "c.yaml", "--out", tensors);
    refuses("would be a copy", "export", average, "--out", directory.resolve("m.zip"));
    Path recipe = run.resolve("lcsc/best.json");
    refuses(recipe + ": is no model file", "export", recipe, "--out", run.resolve("m.onnx"));
    refuses("--iteration and", "export", average, "--ema", 0.99, "--out", run.resolve("m.onnx"));
    ModelExporter.write(best, network, network.params().mul(2), 80);
    refuses("its parameters are not those of", "export", best, "--out", run.resolve("m.onnx"));
    Path text = Files.writeString(directory.resolve("text.zip"), "text");
    refuses("not a whole model file", "export", text, "--out", run.resolve("m.onnx"));
    assertThat(run.resolve("README.md")).doesNotExist();
  }

  @Test
  void replacesExistingFilesByForceOnly() throws IOException {
    Path file = Files.writeString(directory.resolve("m.zip"), "mine");
    Path recipe = directory.resolve("m.json");
    refuses(file + ": exists already, allowed: --force", "export", run, "--out", file);
    assertThat(file).hasContent("mine");
    succeeds("export", run, "--force", "--out", file);
    assertThat(recipe).exists();

    Files.delete(file);
    refuses(recipe + ": exists already", "export", run, "--ema", 0.99, "--out", file);
    succeeds("export", run, "--ema", 0.99, "--force", "--out", file);
    assertThat(recipe).as("the recipe of another model").doesNotExist();
  }

  @Test
  void refusesRunsWithoutTheModel() throws IOException {
    Path file = directory.resolve("m.zip");
    refuses("no such directory", "export", directory.resolve("none"), "--out", file);
    refuses(
        "no merged model of iteration 81, there are: 80",
        "export",
        run,
        "--iteration",
        81,
        "--out",
        file);
    refuses(
        "no average of rate 0.9, averages for --ema: 0.99",
        "export",
        run,
        "--ema",
        0.9,
        "--out",
        file);
    Files.delete(best);
    refuses(
        run + ": no search has ended, so there is no best model, averages for --ema: 0.99",
        "export",
        run,
        "--out",
        file);
    Path empty = Files.createDirectories(directory.resolve("empty"));
    Files.writeString(empty.resolve("config.yaml"), CONFIG);
    refuses(
        empty + ": no search has ended, so there is no best model, averages for --ema: none",
        "export",
        empty,
        "--out",
        file);
    assertThat(file).doesNotExist();
  }

  @Test
  void writesNothingWhenModelAndRecipeDoNotBelongTogether() throws IOException {
    Path file = directory.resolve("out/m.zip");
    Files.copy(average, best, StandardCopyOption.REPLACE_EXISTING);
    refuses(best + ": its parameters are not those of ", "export", run, "--out", file);

    Path old = Files.writeString(directory.resolve("old.zip"), "old");
    refuses("its parameters are not those of ", "export", run, "--force", "--out", old);
    assertThat(old).hasContent("old");
    assertThat(directory.resolve("old.json")).doesNotExist();

    byte[] whole = Files.readAllBytes(average);
    Files.write(average, Arrays.copyOf(whole, whole.length / 2));
    refuses(average + ": not a whole model file (", "export", run, "--ema", 0.99, "--out", file);

    Files.writeString(run.resolve("lcsc/80/recipe.json"), "{}");
    refuses("recipe.json", "export", run, "--iteration", 80, "--out", file);
    Files.delete(run.resolve("lcsc/80/recipe.json"));
    refuses("recipe.json: no such file", "export", run, "--iteration", 80, "--out", file);

    Files.createDirectories(file.getParent());
    assertThat(file.getParent()).isEmptyDirectory();
  }

  @Test
  void takesOneChoiceOfTheModelOnly() {
    int code =
        lcsc("export", run, "--iteration", 80, "--ema", 0.99, "--out", directory.resolve("m.zip"));
    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).contains("--iteration", "--ema", "mutually exclusive");
  }

  @Test
  void writesTheTwoCheckedPartsAlone() throws IOException {
    URI zip = URI.create("jar:" + best.toUri());
    try (FileSystem content = FileSystems.newFileSystem(zip, Map.of())) {
      Files.write(content.getPath("preprocessor.bin"), new byte[] {1, 2, 3});
      Files.writeString(content.getPath("other"), "foreign");
    }
    Path file = directory.resolve("checked.zip");
    succeeds("export", run, "--out", file);
    try (ZipFile written = new ZipFile(file.toFile())) {
      assertThat(written.stream().map(ZipEntry::getName))
          .containsExactlyInAnyOrder("configuration.json", "coefficients.bin");
    }
  }

  @Test
  void aModelThatIsNotThatOfTheRecipeBesideItIsRefusedEverywhere() throws IOException {
    org.lcsc.export.ModelExporter.write(best, network, network.params().mul(2), 80);
    for (String command : new String[] {"export", "sample", "evaluate"}) {
      Object[] arguments =
          command.equals("export")
              ? new Object[] {command, run, "--out", directory.resolve("m.zip")}
              : command.equals("sample")
                  ? new Object[] {command, best, "--out", directory.resolve("m.png")}
                  : new Object[] {command, best, "--samples", 4};
      refuses("its parameters are not those of", arguments);
    }
  }

  /** The recipe comes last: what had its place before it is taken away again. */
  @Test
  void leavesNoModelAndNoCardWhereTheRecipeCannotBeWritten() throws Exception {
    Path models = Files.createDirectory(directory.resolve("models"));
    Path recipe = Files.writeString(models.resolve("m.json"), "mine");
    try (Fault fault = Fault.readOnly(recipe)) {
      for (String name : new String[] {"m.onnx", "m.safetensors", "m.zip"}) {
        assertThat(lcsc("export", run, "--force", "--out", models.resolve(name))).isNotZero();
        assertThat(err.toString()).hasLineCount(1).contains("cannot write " + recipe);
        try (Stream<Path> files = Files.list(models)) {
          assertThat(files).containsExactly(recipe);
        }
      }
    }
    assertThat(recipe).hasContent("mine");
  }

  @Test
  void aDirectoryInTheWayOfTheCardIsSeenBefore() throws IOException {
    Path card = Files.createDirectories(directory.resolve("hub/README.md"));
    refuses(
        card + ": is a directory",
        "export",
        run,
        "--force",
        "--out",
        card.resolveSibling("m.onnx"));
    assertThat(directory.resolve("hub/m.onnx")).doesNotExist();
  }
}
