package org.lcsc.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.listeners.CheckpointListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.checkpoint.CheckpointDataType;
import org.lcsc.checkpoint.CheckpointFile;
import org.lcsc.checkpoint.CheckpointWindow;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions;

class CheckpointDirectoryTest {

  @TempDir Path directory;

  private static NeuralNetConfiguration.Builder settings() {
    return new NeuralNetConfiguration.Builder().seed(5).updater(new Adam(0.01));
  }

  private static DenseLayer dense(int width) {
    return new DenseLayer.Builder().nIn(3).nOut(width).activation(Activation.TANH).build();
  }

  private static OutputLayer output(int width) {
    return new OutputLayer.Builder(LossFunctions.LossFunction.MSE)
        .nIn(width)
        .nOut(1)
        .activation(Activation.IDENTITY)
        .build();
  }

  private static ComputationGraph graph(int width) {
    ComputationGraph graph =
        new ComputationGraph(
            settings()
                .graphBuilder()
                .addInputs("x")
                .addLayer("hidden", dense(width), "x")
                .addLayer("y", output(width), "hidden")
                .setOutputs("y")
                .build());
    graph.init(random(3L * width + width + width + 1, 1), false);
    return graph;
  }

  private static MultiLayerNetwork network() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(settings().list().layer(dense(4)).layer(output(4)).build());
    network.init(random(21, 1), false);
    return network;
  }

  private static INDArray random(long length, long seed) {
    Random random = new Random(seed);
    float[] values = new float[Math.toIntExact(length)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Nd4j.createFromArray(values);
  }

  private static DataSet batch(int index) {
    return new DataSet(random(24, 100 + index).reshape(8, 3), random(8, 200 + index).reshape(8, 1));
  }

  /** Trains one update at a time and returns the parameters after n updates, by n. */
  private static Map<Long, INDArray> train(Model model, int updates) {
    Map<Long, INDArray> parameters = new HashMap<>();
    for (int n = 1; n <= updates; n++) {
      if (model instanceof ComputationGraph graph) {
        graph.fit(batch(n));
      } else {
        ((MultiLayerNetwork) model).fit(batch(n));
      }
      parameters.put((long) n, model.params().dup());
    }
    return parameters;
  }

  private CheckpointListener everyThird() {
    return new CheckpointListener.Builder(directory.toFile())
        .saveEveryNIterations(3)
        .keepAll()
        .build();
  }

  private Map<Long, INDArray> trainedGraph() {
    ComputationGraph graph = graph(4);
    graph.setListeners(everyThird());
    return train(graph, 12);
  }

  private static void assertHolds(CheckpointWindow window, Map<Long, INDArray> parameters) {
    long[] iterations = window.iterations();
    for (int k = 0; k < iterations.length; k++) {
      assertThat(window.checkpoint(k).toFloatVector())
          .as("parameters after %d updates", iterations[k])
          .isEqualTo(parameters.get(iterations[k]).toFloatVector());
    }
  }

  @Test
  void readsTheCheckpointsOfAComputationGraphAtTheirTrueIterations() throws IOException {
    Map<Long, INDArray> parameters = trainedGraph();
    CheckpointDirectory checkpoints = CheckpointDirectory.open(directory);
    try (CheckpointWindow window = checkpoints.load()) {
      assertThat(window.iterations()).containsExactly(4, 7, 10);
      assertHolds(window, parameters);
    }
  }

  @Test
  void aListThatIsNoTextIsNamed() throws IOException {
    Path list = directory.resolve("checkpointInfo.txt");
    Files.write(list, new byte[] {'0', ',', (byte) 0xff});
    assertThatThrownBy(() -> CheckpointDirectory.open(directory))
        .isInstanceOf(IOException.class)
        .hasMessage(list + ": is not UTF-8 text");
  }

  @Test
  void readsTheCheckpointsOfAMultiLayerNetworkAtTheirTrueIterations() throws IOException {
    MultiLayerNetwork network = network();
    network.setListeners(everyThird());
    Map<Long, INDArray> parameters = train(network, 12);
    CheckpointDirectory checkpoints = CheckpointDirectory.open(directory);
    try (CheckpointWindow window = checkpoints.load()) {
      assertThat(window.iterations()).containsExactly(4, 7, 10);
      assertHolds(window, parameters);
    }
  }

  @Test
  void readsCheckpointsSavedAtTheEndsOfEpochs() throws IOException {
    Map<Long, INDArray> parameters = train(graph(4), 9);
    ComputationGraph graph = graph(4);
    graph.setListeners(
        new CheckpointListener.Builder(directory.toFile()).saveEveryEpoch().keepAll().build());
    for (int epoch = 0; epoch < 3; epoch++) {
      int first = 3 * epoch + 1;
      graph.fit(
          new ListDataSetIterator<>(List.of(batch(first), batch(first + 1), batch(first + 2)), 1));
    }
    try (CheckpointWindow window = CheckpointDirectory.openEpochs(directory).load()) {
      assertThat(window.iterations()).containsExactly(3, 6, 9);
      assertHolds(window, parameters);
    }
  }

  @Test
  void readsWhatItSaved() throws IOException {
    MultiLayerNetwork network = network();
    Map<Long, INDArray> parameters = new HashMap<>();
    for (long iteration : new long[] {9, 10, 200}) {
      network.fit(batch((int) iteration));
      parameters.put(iteration, network.params().dup());
      CheckpointDirectory.save(directory.resolve("own"), network, iteration);
    }
    Files.writeString(directory.resolve("own/notes.txt"), "not a checkpoint");
    CheckpointDirectory checkpoints = CheckpointDirectory.open(directory.resolve("own"));
    try (CheckpointWindow window = checkpoints.load()) {
      assertThat(window.iterations()).containsExactly(9, 10, 200);
      assertHolds(window, parameters);
    }
    try (CheckpointWindow window =
        checkpoints
            .newest(2)
            .load(
                builder ->
                    builder
                        .dataType(CheckpointDataType.FLOAT16)
                        .mapped(directory.resolve("window.bin")))) {
      assertThat(window.iterations()).containsExactly(10, 200);
      assertThat(window.dataType()).isEqualTo(CheckpointDataType.FLOAT16);
      assertThat(directory.resolve("window.bin")).exists();
    }
  }

  @Test
  void missingAndTruncatedFilesAreLeftOutWhileTwoRemain() throws IOException {
    Map<Long, INDArray> parameters = trainedGraph();
    truncate(directory.resolve("checkpoint_1_ComputationGraph.zip"));
    CheckpointDirectory checkpoints = CheckpointDirectory.open(directory);
    try (CheckpointWindow window = checkpoints.load()) {
      assertThat(window.iterations()).containsExactly(4, 10);
      assertHolds(window, parameters);
    }
    Files.delete(directory.resolve("checkpoint_0_ComputationGraph.zip"));
    assertThatThrownBy(() -> CheckpointDirectory.open(directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(directory + " has 1 usable checkpoint, at least 2 are needed")
        .hasMessageContaining("checkpoint_0_ComputationGraph.zip (no such file)")
        .hasMessageContaining("checkpoint_1_ComputationGraph.zip (");
    assertThatThrownBy(checkpoints::load)
        .as("deleted after it was opened")
        .isInstanceOf(IOException.class)
        .hasMessageContaining("checkpoint_0_ComputationGraph.zip (no such file)");
  }

  @Test
  void damagedParametersAreLeftOutWhenLoading() throws IOException {
    trainedGraph();
    Path file = directory.resolve("checkpoint_1_ComputationGraph.zip");
    rewrite(file, "coefficients.bin", new byte[] {0, 3, 'a', 'b', 'c', 0, 0});
    try (CheckpointWindow window = CheckpointDirectory.open(directory).load()) {
      assertThat(window.iterations()).containsExactly(4, 10);
    }
    rewrite(file, "coefficients.bin", null);
    assertThat(CheckpointDirectory.open(directory).checkpoints())
        .extracting(CheckpointFile::iteration)
        .containsExactly(4L, 10L);
  }

  @Test
  void aFlippedBitIsFoundByTheChecksum() throws IOException {
    ComputationGraph graph = graph(2000);
    for (int n = 1; n <= 3; n++) {
      CheckpointDirectory.save(directory, graph, n);
    }
    Path file = directory.resolve("iteration-2.zip");
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      // Far inside the parameters, which fill nearly the whole file.
      bytes.seek(bytes.length() / 2);
      int old = bytes.read();
      bytes.seek(bytes.length() / 2);
      bytes.write(old ^ 0x10);
    }
    try (CheckpointWindow window = CheckpointDirectory.open(directory).load()) {
      assertThat(window.iterations()).containsExactly(1, 3);
    }
  }

  @Test
  void anotherArchitectureIsNamedWithTheDifference() throws IOException {
    trainedGraph();
    Path wide = CheckpointDirectory.save(directory.resolve("wide"), graph(5), 1);
    Path odd = directory.resolve("checkpoint_1_ComputationGraph.zip");
    Files.copy(wide, odd, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> CheckpointDirectory.open(directory))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            odd + " has another architecture than checkpoint_2_ComputationGraph.zip")
        .hasMessageContaining("hidden")
        .hasMessageContaining("is 5 and 4");
  }

  @Test
  void anotherParameterCountUnderTheSameConfigurationIsNamed() throws IOException {
    trainedGraph();
    Path wide = CheckpointDirectory.save(directory.resolve("wide"), graph(5), 1);
    byte[] coefficients;
    try (ZipFile zip = new ZipFile(wide.toFile());
        InputStream in = zip.getInputStream(zip.getEntry("coefficients.bin"))) {
      coefficients = in.readAllBytes();
    }
    Path odd = directory.resolve("checkpoint_1_ComputationGraph.zip");
    rewrite(odd, "coefficients.bin", coefficients);
    assertThatThrownBy(() -> CheckpointDirectory.open(directory).load())
        .isInstanceOf(IOException.class)
        .hasMessage(odd + " has 26 parameters, the checkpoints before it have 21");
  }

  @Test
  void nonFiniteCheckpointsAreLeftOut() throws IOException {
    ComputationGraph graph = graph(4);
    for (int n = 1; n <= 3; n++) {
      graph.params().putScalar(0, n == 2 ? Double.NaN : n);
      CheckpointDirectory.save(directory, graph, n);
    }
    try (CheckpointWindow window = CheckpointDirectory.open(directory).load()) {
      assertThat(window.iterations()).containsExactly(1, 3);
    }
  }

  @Test
  void aDamagedLineOfTheListingIsLeftOut() throws IOException {
    trainedGraph();
    Path info = directory.resolve("checkpointInfo.txt");
    Files.writeString(info, Files.readString(info).strip() + "\n3,17000");
    assertThat(CheckpointDirectory.open(directory).checkpoints()).hasSize(3);
  }

  @Test
  void directoriesWithoutCheckpointsAreNamed() {
    assertThatThrownBy(() -> CheckpointDirectory.open(directory.resolve("none")))
        .isInstanceOf(IOException.class)
        .hasMessage("checkpoint directory " + directory.resolve("none") + " does not exist");
    assertThatThrownBy(() -> CheckpointDirectory.open(directory))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "checkpoint directory "
                + directory
                + " has 0 usable checkpoints, at least 2 are needed: expected checkpointInfo.txt"
                + " with its files, or files iteration-N.zip");
  }

  private static void truncate(Path file) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.setLength(bytes.length() / 2);
    }
  }

  /** Replaces an entry of a zip, or drops it where the content is null. */
  private static void rewrite(Path file, String name, byte[] content) throws IOException {
    Path copy = file.resolveSibling("copy.zip");
    try (ZipFile zip = new ZipFile(file.toFile());
        OutputStream stream = Files.newOutputStream(copy);
        ZipOutputStream out = new ZipOutputStream(stream)) {
      for (ZipEntry entry : zip.stream().toList()) {
        boolean replaced = entry.getName().equals(name);
        if (replaced && content == null) {
          continue;
        }
        out.putNextEntry(new ZipEntry(entry.getName()));
        out.write(replaced ? content : zip.getInputStream(entry).readAllBytes());
      }
    }
    Files.move(copy, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void aSpacedPartIsWhatAWindowOfThatIntervalWouldHold() throws IOException {
    ComputationGraph model = graph(4);
    for (int n = 12; n <= 60; n += 12) {
      CheckpointDirectory.save(directory, model, n);
    }
    CheckpointDirectory all = CheckpointDirectory.open(directory);
    assertThat(all.window(null, 60, 24).checkpoints())
        .extracting(CheckpointFile::iteration)
        .containsExactly(12L, 36L, 60L);
    assertThat(all.window(null, 36, 12).checkpoints())
        .extracting(CheckpointFile::iteration)
        .containsExactly(36L, 48L, 60L);
    assertThat(all.window(59L, 36, 12).checkpoints())
        .as("of a training that had 59 iterations")
        .extracting(CheckpointFile::iteration)
        .containsExactly(24L, 36L, 48L);
    assertThatThrownBy(() -> all.window(72L, 36, 12))
        .hasMessageContaining(
            "no checkpoint of iteration 72, the one before it is of iteration 60");
    assertThatThrownBy(() -> all.window(null, 24, 24))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has 1 checkpoints of window 24 and interval 24");
    assertThatThrownBy(() -> all.window(null, 12, 24)).hasMessageContaining("got 24 and window 12");
  }
}
