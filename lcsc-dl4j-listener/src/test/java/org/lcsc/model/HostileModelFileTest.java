package org.lcsc.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What a model file from a stranger may try. */
class HostileModelFileTest {

  private static final String LAYER = "org.deeplearning4j.nn.conf.layers.OutputLayer";

  @TempDir private Path directory;
  private ComputationGraph graph;
  private Path file;

  /** Set by what a stranger's object would do. */
  private static boolean ran;

  /** Does something as it is deserialised. */
  private static final class Payload implements Serializable {

    private static final long serialVersionUID = 1;

    private void readObject(ObjectInputStream in) {
      ran = true;
    }
  }

  @BeforeEach
  void writeModel() throws IOException {
    ran = false;
    graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                    "out",
                    new OutputLayer.Builder(LossFunction.MSE)
                        .nIn(3)
                        .nOut(2)
                        .activation(Activation.IDENTITY)
                        .build(),
                    "in")
                .setOutputs("out")
                .build());
    graph.init();
    file = directory.resolve("model.zip");
    ModelSerializer.writeModel(graph, file.toFile(), true);
  }

  private Map<String, byte[]> parts() throws IOException {
    Map<String, byte[]> parts = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry entry : zip.stream().toList()) {
        parts.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
      }
    }
    return parts;
  }

  private static void write(Path file, Map<String, byte[]> parts) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, byte[]> part : parts.entrySet()) {
        zip.putNextEntry(new ZipEntry(part.getKey()));
        zip.write(part.getValue());
      }
    }
  }

  private void replace(String part, byte[] content) throws IOException {
    Map<String, byte[]> parts = parts();
    parts.put(part, content);
    write(file, parts);
  }

  private void replaceInConfiguration(String text, String other) throws IOException {
    String json = ModelFile.configuration(file);
    assertThat(json).contains(text);
    replace("configuration.json", json.replace(text, other).getBytes(StandardCharsets.UTF_8));
  }

  /** Refused in one line by both ways of reading, from a file and from memory. */
  private void refuses(String reason) throws IOException {
    for (boolean memory : new boolean[] {false, true}) {
      byte[] content = Files.readAllBytes(file);
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> read(memory, content))
          .withMessageContaining(reason)
          .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
    }
  }

  private ComputationGraph read(boolean memory, byte[] content) throws IOException {
    return memory ? ModelFile.graph(content) : ModelFile.graph(file);
  }

  @Test
  void restoresAnHonestFile() throws IOException {
    for (DataType type :
        new DataType[] {DataType.FLOAT, DataType.DOUBLE, DataType.valueOf("HALF")}) {
      INDArray parameters = graph.params().castTo(type);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      Nd4j.write(parameters, new DataOutputStream(bytes));
      replace("coefficients.bin", bytes.toByteArray());
      assertThat(ModelFile.parameters(file).reshape(graph.numParams()))
          .isEqualTo(parameters.reshape(graph.numParams()));
    }
    writeModel();
    for (boolean memory : new boolean[] {false, true}) {
      ComputationGraph restored = read(memory, Files.readAllBytes(file));
      assertThat(restored.params()).isEqualTo(graph.params());
      assertThat(restored.getConfiguration()).isEqualTo(graph.getConfiguration());
    }
  }

  @Test
  void neverDeserialisesAJavaObject() throws IOException {
    ByteArrayOutputStream object = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(object)) {
      out.writeObject(new Payload());
    }
    Map<String, byte[]> parts = parts();
    for (String part : new String[] {"preprocessor.bin", "normalizer.bin", "objects/lcsc/a"}) {
      parts.put(part, object.toByteArray());
    }
    write(file, parts);
    read(false, null);
    read(true, Files.readAllBytes(file));
    assertThat(ran).as("by this library").isFalse();
    // That there is something to be kept from.
    assertThatThrownBy(() -> ModelSerializer.restoreComputationGraph(file.toFile(), false))
        .isInstanceOf(ClassCastException.class);
    assertThat(ran).as("by Deeplearning4j").isTrue();
  }

  @Test
  void refusesClassesOfOtherPackagesWithoutLoadingThem() throws IOException {
    String type = "\"@class\" : \"" + LAYER + "\"";
    String json = ModelFile.configuration(file);
    for (String name :
        new String[] {
          "javax.swing.JEditorPane",
          "com.example.Layer",
          "org.deeplearning4jx.Layer",
          "org.deeplearning4j.X<com.example.Layer>",
          "[Lcom.example.Layer;",
          "com\\u002eexample.Layer"
        }) {
      write(file, Map.of("configuration.json", json.getBytes(StandardCharsets.UTF_8)));
      replace("coefficients.bin", parameters(graph.params()));
      replaceInConfiguration(type, "\"@class\" : \"" + name + "\"");
      refuses("configuration.json names the class '");
      // Jackson takes the first of two, a tree would keep the last.
      write(file, Map.of("configuration.json", json.getBytes(StandardCharsets.UTF_8)));
      replace("coefficients.bin", parameters(graph.params()));
      replaceInConfiguration(type, "\"@class\" : \"" + name + "\", " + type);
      refuses("allowed are those of org.deeplearning4j, org.nd4j, org.lcsc");
    }
  }

  private static byte[] parameters(INDArray array) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Nd4j.write(array, new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  @Test
  void refusesClassNamesWhereJacksonFallsBackToThem() {
    // An array where an object is expected: its first element is the class.
    assertThatThrownBy(
            () -> ModelTypes.requireAllowed("{\"layer\": [\"java.util.zip.ZipFile\", {}]}"))
        .hasMessageContaining("names the class 'java.util.zip.ZipFile'");
    assertThatThrownBy(
            () -> ModelTypes.requireAllowed("{\"dist\": {\"type\": \"com.example.Gone\"}}"))
        .hasMessageContaining("names the class 'com.example.Gone'");
  }

  @Test
  void takesOrdinaryTexts() throws IOException {
    ModelTypes.requireAllowed(
        "{\"networkInputs\": [\"a.b.c\", \"block.1\"], \"type\": \"FLOAT\", \"name\": \"x.y\"}");
  }

  @Test
  void takesPackagesThatWereAllowed() throws IOException {
    String json = "{\"@class\": \"net.example.allowed.Layer\"}";
    assertThatThrownBy(() -> ModelTypes.requireAllowed(json)).isInstanceOf(IOException.class);
    ModelTypes.allow("net.example.allowed");
    ModelTypes.requireAllowed(json);
    assertThatThrownBy(() -> ModelTypes.allow("net.*"))
        .hasMessage("a package must be named like com.example.layers, got 'net.*'");
  }

  @Test
  void refusesConfigurationsThatAreNone() throws IOException {
    replace("configuration.json", "[".repeat(100_000).getBytes(StandardCharsets.UTF_8));
    refuses("nested too deeply");
    String plain = graph.getConfiguration().toJson();
    assertThatThrownBy(
            () -> ModelFile.difference(ModelFile.configuration(file), plain, java.util.Set.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nested too deeply");
    replace("configuration.json", "{}".getBytes(StandardCharsets.UTF_8));
    refuses("configuration.json");
    replace("configuration.json", "{\"a\": ".getBytes(StandardCharsets.UTF_8));
    refuses("configuration.json is damaged");
  }

  @Test
  void refusesShapesThatAreNotThoseOfTheData() throws IOException {
    byte[] honest = parameters(graph.params().reshape(1, graph.numParams()));
    // Header of the shape buffer: name, 8 bytes length, "LONG"; then rank and dimensions.
    int rank = 2 + "MIXED_DATA_TYPES".length() + 8 + 2 + "LONG".length();
    for (int dimension : new int[] {8, 16}) {
      for (byte high : new byte[] {0, 1, 0x7f, (byte) 0x80}) {
        byte[] untrue = honest.clone();
        untrue[rank + dimension] = high;
        untrue[rank + dimension + 6] = 1;
        replace("coefficients.bin", untrue);
        refuses("the array is damaged");
      }
    }
    byte[] deep = honest.clone();
    deep[rank + 7] = 31;
    replace("coefficients.bin", deep);
    refuses("the array is damaged: a shape of rank 31");
    replace("coefficients.bin", parameters(Nd4j.ones(2, 4)));
    refuses("its shape is not that of a vector");
    replace("coefficients.bin", parameters(Nd4j.createFromArray(1, 2, 3, 4, 5, 6, 7, 8)));
    refuses("expected floating-point numbers");
    replace("coefficients.bin", parameters(Nd4j.ones(1, 5)));
    refuses("it does not restore");
  }

  @Test
  void refusesPartsThatUnpackToFarMore() throws IOException {
    Path bomb = directory.resolve("bomb.zip");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(bomb))) {
      zip.putNextEntry(new ZipEntry("configuration.json"));
      byte[] spaces = " ".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < 300; i++) {
        zip.write(spaces);
      }
    }
    assertThat(Files.size(bomb)).isLessThan(1 << 20);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> ModelFile.configuration(bomb))
        .withMessageContaining("at most 100 times as many are read");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> ModelFile.graph(Files.readAllBytes(bomb)))
        .withMessageContaining("larger than 67108864 bytes");
  }

  /** The JDK decodes a comment when its member is asked for, and throws what is unchecked. */
  @Test
  void refusesCommentsThatAreNoText() throws IOException {
    Map<String, byte[]> parts = parts();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> part : parts.entrySet()) {
        ZipEntry entry = new ZipEntry(part.getKey());
        entry.setComment("\u00e9\u00e9\u00e9");
        zip.putNextEntry(entry);
        zip.write(part.getValue());
      }
    }
    String text = bytes.toString(StandardCharsets.ISO_8859_1);
    String damaged = text.replace("\u00c3\u00a9\u00c3\u00a9\u00c3\u00a9", "\u00ff".repeat(6));
    assertThat(damaged).isNotEqualTo(text);
    Files.write(file, damaged.getBytes(StandardCharsets.ISO_8859_1));
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> ModelFile.graph(file))
        .withMessage("a name or comment in it is not readable");
  }

  @Test
  void damagedFilesAreRefusedOrWhole() throws IOException {
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(20);
    for (int i = 0; i < 1000; i++) {
      byte[] damaged = whole.clone();
      int length = i % 4 == 0 ? random.nextInt(whole.length) : whole.length;
      for (int flips = i % 4; flips > 0; flips--) {
        // The zip's own headers, at the end, decide more than content does.
        int at = random.nextInt(random.nextBoolean() ? 200 : whole.length);
        damaged[whole.length - 1 - at] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(file, java.util.Arrays.copyOf(damaged, length));
      for (boolean memory : new boolean[] {false, true}) {
        String as = "case " + i + (memory ? ", memory" : ", file");
        try {
          byte[] content = Files.readAllBytes(file);
          assertThat(read(memory, content).params()).as(as).isEqualTo(graph.params());
        } catch (IOException e) {
          assertThat(String.valueOf(e.getMessage()).lines()).as(as).hasSize(1);
        }
      }
    }
  }
}
