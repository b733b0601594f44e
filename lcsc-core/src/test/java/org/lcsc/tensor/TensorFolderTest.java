package org.lcsc.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.checkpoint.CheckpointFile;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.config.InvalidValueException;
import org.lcsc.io.NotFiniteException;
import org.lcsc.io.NpyArray;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.LoggerFactory;

/** Expected values are NumPy's, see make.py beside the files. */
class TensorFolderTest {

  private static final Path VECTORS = Path.of("src/test/resources/tensor");
  private static final double[] COEFFICIENTS = {0.7, -0.4, 0.7};

  @TempDir Path directory;

  private static Path format(String name) {
    return VECTORS.resolve(name);
  }

  /** Bits of every tensor by its last key: a torch file has the tensors below "model". */
  private static Map<String, byte[]> contents(Path file) throws IOException {
    try (TensorFile open = CheckpointFormat.of(file).orElseThrow().open(file)) {
      return contents(open);
    }
  }

  private static Map<String, byte[]> contents(TensorFile open) throws IOException {
    Map<String, byte[]> contents = new TreeMap<>();
    for (Tensor tensor : open.tensors()) {
      ByteBuffer bytes = ByteBuffer.allocate((int) tensor.bytes());
      open.stream(tensor, bytes::put);
      contents.put(tensor.name().replaceFirst("^model\\.", ""), bytes.array());
    }
    return contents;
  }

  private static long bits(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
    return value.length == 8 ? in.getLong() : value.length == 4 ? in.getInt() : in.getShort();
  }

  @ParameterizedTest
  @ValueSource(strings = {"safetensors", "npz", "torch"})
  void anAverageIsNumPysToOneUnitInTheLastPlace(String name) throws IOException {
    TensorFolder folder = TensorFolder.open(format(name), List.of());
    assertThat(folder.iterations()).containsExactly(100, 200, 300);
    Path out = directory.resolve("out" + folder.format().suffix());

    folder.average(COEFFICIENTS, out);

    Map<String, byte[]> made = contents(out);
    Map<String, byte[]> expected = contents(VECTORS.resolve("expected.safetensors"));
    Map<String, Integer> sizes =
        Map.of("half", 2, "brain", 2, "double", 8, "mask", 1, "norm.num_batches_tracked", 8);
    for (Map.Entry<String, byte[]> tensor : expected.entrySet()) {
      byte[] values = made.get(tensor.getKey());
      if (values == null) {
        assertThat(name + " " + tensor.getKey()).isEqualTo("npz brain");
        continue;
      }
      int size = sizes.getOrDefault(tensor.getKey(), 4);
      assertThat(values).as(tensor.getKey()).hasSameSizeAs(tensor.getValue());
      for (int at = 0; size > 1 && at < values.length; at += size) {
        long a = bits(Arrays.copyOfRange(values, at, at + size));
        long b = bits(Arrays.copyOfRange(tensor.getValue(), at, at + size));
        assertThat(Math.abs(a - b)).as(tensor.getKey()).isLessThanOrEqualTo(1);
      }
    }
    assertThat(made.get("mask")).containsExactly(1, 0, 1);
    assertThat(bits(made.get("norm.num_batches_tracked"))).isEqualTo(300);
  }

  @Test
  void metadataOfTheNewestSurvives() throws IOException {
    Path out = directory.resolve("out.safetensors");
    TensorFolder.open(format("safetensors"), List.of()).average(COEFFICIENTS, out);
    try (SafetensorsFile file = SafetensorsFile.open(out)) {
      assertThat(file.metadata()).containsExactly(Map.entry("step", "300"));
    }
  }

  @Test
  void textsOfAnNpzFileSurvive() throws IOException {
    byte[] text = "abc".repeat(500_000).getBytes(Charset.forName("UTF-32LE"));
    byte[] array = concat(NpyArray.header("<U3", new long[] {500_000}), text);
    for (String step : List.of("100", "200", "300")) {
      Path file = directory.resolve("step-" + step + ".npz");
      try (ZipFile from = new ZipFile(format("npz/step-000" + step + ".npz").toFile());
          ZipOutputStream to = new ZipOutputStream(Files.newOutputStream(file))) {
        put(to, "config.json", step.getBytes(StandardCharsets.UTF_8));
        for (ZipEntry entry : Collections.list(from.entries())) {
          put(to, entry.getName(), from.getInputStream(entry).readAllBytes());
        }
        put(to, "names.npy", array);
      }
    }
    Path out = directory.resolve("out.npz");
    TensorFolder.open(directory, List.of()).average(COEFFICIENTS, out);
    try (ZipFile zip = new ZipFile(out.toFile())) {
      assertThat(zip.getInputStream(zip.getEntry("config.json"))).hasContent("300");
      assertThat(zip.getInputStream(zip.getEntry("names.npy"))).hasBinaryContent(array);
    }
    assertThat(contents(out).keySet()).isEqualTo(contents(format("npz/step-000300.npz")).keySet());
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(content);
    zip.closeEntry();
  }

  private static byte[] concat(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
  }

  @ParameterizedTest
  @ValueSource(strings = {"safetensors", "npz", "torch"})
  void anInterruptedThreadReadsAndLeavesTheFileOpen(String name) throws IOException {
    Path newest = TensorFolder.open(format(name), List.of()).checkpoints().get(2).file();
    try (TensorFile file = CheckpointFormat.openAny(newest)) {
      Map<String, byte[]> expected = contents(file);
      Thread.currentThread().interrupt();
      try {
        assertThat(contents(file)).usingRecursiveComparison().isEqualTo(expected);
      } finally {
        assertThat(Thread.interrupted()).isTrue();
      }
      assertThat(contents(file)).usingRecursiveComparison().isEqualTo(expected);
    }
  }

  @Test
  void anInterruptedThreadFinishesItsSafetensorsFile() throws IOException {
    Path newest = format("safetensors/step-000300.safetensors");
    Path out = directory.resolve("out.safetensors");
    try (TensorFile file = CheckpointFormat.openAny(newest)) {
      Thread.currentThread().interrupt();
      try {
        file.rewrite(out, file);
      } finally {
        assertThat(Thread.interrupted()).isTrue();
      }
    }
    assertThat(contents(out)).usingRecursiveComparison().isEqualTo(contents(newest));
  }

  @Test
  void tiedTensorsOfATorchFileStayTied() throws IOException {
    Path out = directory.resolve("out.pt");
    TensorFolder.open(format("torch"), List.of()).average(COEFFICIENTS, out);
    Map<String, byte[]> made = contents(out);
    assertThat(made.get("head.weight")).isEqualTo(made.get("conv.weight"));
  }

  @Test
  void anEmptyTensorOfATorchFileHasAnyStrides() throws IOException {
    for (int step = 1; step <= 2; step++) {
      copy("empty.pt", "step-" + step + ".pt");
    }
    Path out = directory.resolve("out.pt");
    TensorFolder.open(directory, List.of()).average(new double[] {0.5, 0.5}, out);
    assertThat(contents(out)).usingRecursiveComparison().isEqualTo(contents(format("empty.pt")));
    assertThat(contents(out).get("empty")).isEmpty();
  }

  @Test
  void ofTiedTensorsTheCombinedOneWins() throws IOException {
    Path all = directory.resolve("all.pt");
    TensorFolder.open(format("torch"), List.of()).average(COEFFICIENTS, all);
    for (String excluded : List.of(".*conv\\.weight", ".*head\\.weight")) {
      Path out = directory.resolve("out.pt");
      TensorFolder.open(format("torch"), List.of(excluded)).average(COEFFICIENTS, out);
      assertThat(contents(out).get("head.weight")).isEqualTo(contents(all).get("head.weight"));
    }
  }

  @Test
  void groupsDoNotPartTiedTensors() throws IOException {
    TensorFolder folder = TensorFolder.open(format("torch"), List.of());
    long first = folder.layout().offsets().get("model.head.weight");
    long parameters = folder.layout().parameters();
    ParameterGroups groups =
        new ParameterGroups(
            List.of("x", "y"),
            List.of(
                new ParameterGroups.Segment(0, 0, first),
                new ParameterGroups.Segment(1, first, parameters)));
    assertThatThrownBy(() -> folder.average(groups, new double[6], directory.resolve("out.pt")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("model.conv.weight", "model.head.weight", "[x] and [y]");
  }

  @Test
  void excludedTensorsAreThoseOfTheNewest() throws IOException {
    Path out = directory.resolve("out.safetensors");
    TensorFolder folder = TensorFolder.open(format("safetensors"), List.of("norm\\..*", "double"));
    assertThat(folder.layout().parameters()).isEqualTo(54 + 3 + 7 + 5);
    folder.average(COEFFICIENTS, out);
    Map<String, byte[]> newest = contents(format("safetensors/step-000300.safetensors"));
    assertThat(contents(out).get("norm.running_mean")).isEqualTo(newest.get("norm.running_mean"));
    assertThat(contents(out).get("conv.bias")).isNotEqualTo(newest.get("conv.bias"));
    assertThatThrownBy(() -> TensorFolder.open(format("safetensors"), List.of("running_mean")))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("exclude[0]")
        .hasMessageContaining("running_mean");
  }

  @Test
  void whatIsNoParameterByItsNameIsWarnedOf() throws IOException {
    for (int step = 1; step <= 2; step++) {
      writeOne(
          "step-" + step + ".safetensors",
          tensor("weight", TensorType.FLOAT32, 3L),
          tensor("optimizer.state.0.exp_avg", TensorType.FLOAT32, 3L),
          tensor("norm.running_mean", TensorType.FLOAT32, 3L),
          tensor("norm.running_var", TensorType.FLOAT32, 3L));
    }
    String optimizer = ".*(optimizer|exp_avg|momentum_buffer).*";
    String running = ".*(running|moving)_(mean|var).*";
    assertThat(warnings(List.of()))
        .hasSize(2)
        .anySatisfy(
            w ->
                assertThat(w)
                    .contains("an optimizer's state", "(optimizer.state.0.exp_avg)", optimizer))
        .anySatisfy(w -> assertThat(w).contains("(norm.running_mean, norm.running_var)", running));
    assertThat(warnings(List.of(optimizer, running))).isEmpty();
  }

  private List<String> warnings(List<String> exclude) throws IOException {
    Logger logger = (Logger) LoggerFactory.getLogger(TensorLayout.class);
    ListAppender<ILoggingEvent> events = new ListAppender<>();
    events.start();
    logger.addAppender(events);
    try {
      TensorFolder.open(directory, exclude);
    } finally {
      logger.detachAppender(events);
    }
    return events.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"safetensors", "npz", "torch"})
  void aWindowMergesWhatItsFilesHold(String name) throws IOException {
    TensorFolder folder =
        TensorFolder.open(format(name), "npz".equals(name) ? List.of() : List.of(".*brain"));
    Path out = directory.resolve("newest" + folder.format().suffix());
    try (CheckpointWindow window = folder.load(builder -> builder);
        TensorModelWriter writer = folder.writer()) {
      assertThat(window.iterations()).containsExactly(100, 200, 300);
      INDArray newest = window.merge(new double[] {0, 0, 1});
      writer.write(out, newest, 300);
    }
    Map<String, byte[]> expected = contents(folder.checkpoints().get(2).file());
    Map<String, byte[]> made = contents(out);
    // The window is float32.
    made.remove("double");
    made.forEach(
        (tensor, values) -> assertThat(values).as(tensor).containsExactly(expected.get(tensor)));
  }

  private void copy(String from, String to) throws IOException {
    Files.createDirectories(directory.resolve(to).getParent());
    Files.copy(format(from), directory.resolve(to));
  }

  private void writeOne(String name, Tensor... tensors) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    SafetensorsFile.write(
        file,
        List.of(tensors),
        Map.of(),
        (tensor, from, target) -> target.position(target.limit()));
  }

  private static Tensor tensor(String name, TensorType type, Long... shape) {
    return new Tensor(name, type, List.of(shape));
  }

  private void assertRefused(String... parts) {
    assertThatThrownBy(() -> TensorFolder.open(directory, List.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(parts)
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
  }

  @Test
  void tensorsMustAgree() throws IOException {
    writeOne(
        "step-2.safetensors", tensor("a", TensorType.FLOAT32, 3L), tensor("b", TensorType.INT8));
    writeOne(
        "step-1.safetensors", tensor("a", TensorType.FLOAT32, 4L), tensor("b", TensorType.INT8));
    assertRefused("step-1.safetensors", "tensor a is F32 [4], in step-2.safetensors F32 [3]");
    writeOne(
        "step-1.safetensors", tensor("a", TensorType.FLOAT16, 3L), tensor("b", TensorType.INT8));
    assertRefused("tensor a is F16 [3], in step-2.safetensors F32 [3]");
    writeOne("step-1.safetensors", tensor("a", TensorType.FLOAT32, 3L));
    assertRefused("step-1.safetensors lacks tensor b of step-2.safetensors");
    writeOne(
        "step-1.safetensors",
        tensor("a", TensorType.FLOAT32, 3L),
        tensor("b", TensorType.INT8),
        tensor("c", TensorType.INT8));
    assertRefused("step-1.safetensors has tensor c that step-2.safetensors lacks");
  }

  @Test
  void aFolderHoldsOneFormatAndOneFileOfAnIteration() throws IOException {
    assertRefused("0 checkpoints", "at least 2 are needed", ".safetensors, .pt");
    copy("safetensors/step-000100.safetensors", "step-100.safetensors");
    copy("npz/step-000200.npz", "step-200.npz");
    assertRefused("several formats", "step-100.safetensors", "step-200.npz");
    copy("safetensors/step-000100.safetensors", "again-0100.safetensors");
    assertRefused("two checkpoints of iteration 100");
  }

  @ParameterizedTest
  @CsvSource({
    "step-000100.safetensors, 100",
    "model_2_000100.fp16.safetensors, 100",
    "checkpoint-100, 100",
    "epoch=4-step=100.ckpt, 100",
    "step=100-epoch=4-val_loss=0.47.ckpt, 100",
    "step=100-v1.ckpt, 100",
    "step100.v2.safetensors, 100",
    "iter_0000100_loss_3.pth, 100",
    "Iteration-100-of-500.pt, 100",
    "global_step100, 100",
    "epoch=4-100.ckpt, 100",
    "100-epoch=4.ckpt, 100",
    "v1-100.ckpt, 100",
    "epoch=4-val_loss=0.47.ckpt, 4",
    "epoch=4-val_acc=93.ckpt, 4",
    "samples=3000.ckpt, 3000",
    "epoch=12.ckpt, 12",
    "model.0001.2000.pt, 2000",
    "val_loss=0.47.ckpt, -1",
    "model-v2.ckpt, -1",
    "last.ckpt, -1",
    "ckpt-500k.pt, 500000",
    "model_2M_256x256.safetensors, 2000000",
    "step=1e5-lr=1e-4.ckpt, 100000",
    "'model-1,000-fp16.pt', 1000",
    "step-100-bf16.pt, 100",
    "bf16_lr1e-4_128x128.pt, -1",
    "ckpt100-seed42.pt, 100",
    "model_100_rank0.pt, 100",
    "epoch=4-seed=42.pt, 4",
    "seed42.pt, 42",
  })
  void theIterationIsTheNumberThatANameSaysItIs(String name, long iteration) {
    assertThat(TensorFolder.iteration(name).orElse(-1)).isEqualTo(iteration);
  }

  @Test
  void nothingToCombineIsRefused() throws IOException {
    writeOne("step-1.safetensors", tensor("a", TensorType.INT32, 3L));
    writeOne("step-2.safetensors", tensor("a", TensorType.INT32, 3L));
    assertRefused("step-2.safetensors has no floating-point tensor");
  }

  @Test
  void checkpointsMayBeDirectoriesAndShards() throws IOException {
    Tensor first = tensor("a", TensorType.FLOAT32, 2L);
    Tensor second = tensor("b", TensorType.FLOAT32, 3L);
    String index =
        """
        {"metadata": {"total_size": 20}, "weight_map": {
          "a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
        """;
    for (int step : new int[] {10, 20}) {
      String checkpoint = "checkpoint-" + step + "/";
      writeOne(checkpoint + "model-00001-of-00002.safetensors", first);
      writeOne(checkpoint + "model-00002-of-00002.safetensors", second);
      Files.writeString(directory.resolve(checkpoint + "model.safetensors.index.json"), index);
    }
    writeOne("notes.safetensors", first);
    TensorFolder folder = TensorFolder.open(directory, List.of());
    assertThat(folder.iterations()).containsExactly(10, 20);
    assertThat(folder.layout().parameters()).isEqualTo(5);
    Path out = directory.resolve("out.safetensors");
    folder.average(new double[] {0.5, 0.5}, out);
    assertThat(contents(out)).containsOnlyKeys("a", "b");

    Files.delete(directory.resolve("checkpoint-10/model-00002-of-00002.safetensors"));
    assertRefused(
        "checkpoint-10/model.safetensors.index.json",
        "shard model-00002-of-00002.safetensors is missing");
    writeOne("checkpoint-10/model-00002-of-00002.safetensors", tensor("c", TensorType.INT8));
    assertRefused("tensor b is not in model-00002-of-00002.safetensors");
    Files.writeString(
        directory.resolve("checkpoint-10/model.safetensors.index.json"),
        "{\"weight_map\": {\"a\": \"../../secret.safetensors\"}}");
    assertRefused("../../secret.safetensors", "is no file name");
    Files.writeString(
        directory.resolve("checkpoint-10/model.safetensors.index.json"),
        "{\"weight_map\": {\"a\": \"x\\n/../../secret.safetensors\"}}");
    assertRefused("secret.safetensors", "is no file name");
  }

  @Test
  void aModelThatItsTypeDoesNotHoldIsNotWritten() throws IOException {
    writeOne("step-1.safetensors", tensor("a", TensorType.FLOAT16, 2L));
    writeOne("step-2.safetensors", tensor("a", TensorType.FLOAT16, 2L));
    Path out = directory.resolve("out.safetensors");
    try (TensorModelWriter writer = TensorFolder.open(directory, List.of()).writer();
        INDArray large = Nd4j.createFromArray(1f, 70_000f)) {
      assertThatThrownBy(() -> writer.write(out, large, 2))
          .isInstanceOf(NotFiniteException.class)
          .hasMessageContaining("a is not finite in F16");
    }
  }

  @Test
  void filesOfHuggingFaceAreOfTorch() throws IOException {
    for (int step : new int[] {100, 200}) {
      String from = "torch/step-000" + step + ".pt";
      copy(from, "checkpoint-" + step + "/pytorch_model.bin");
      copy(from, "checkpoint-" + step + "/optimizer.bin");
    }
    copy("torch/step-000300.pt", "step-300.bin");
    TensorFolder folder = TensorFolder.open(directory, List.of());
    assertThat(folder.iterations()).containsExactly(100, 200, 300);
    Files.writeString(directory.resolve("step-300.bin"), "other");
    assertRefused("step-300.bin", "no zip file of torch.save");
  }

  /** As diffusers' trainings leave them. */
  @Test
  void theModelMayLieInADirectoryOfItsOwn() throws IOException {
    Tensor tensor = tensor("a", TensorType.FLOAT32, 2L);
    for (int step : new int[] {500, 1000}) {
      String checkpoint = "checkpoint-" + step + "/";
      writeOne(checkpoint + "unet/diffusion_pytorch_model.safetensors", tensor);
      writeOne(checkpoint + "unet_ema/diffusion_pytorch_model.safetensors", tensor);
      copy("torch/step-000100.pt", checkpoint + "optimizer.bin");
    }
    TensorFolder folder = TensorFolder.open(directory, List.of());
    assertThat(folder.checkpoints())
        .extracting(checkpoint -> directory.relativize(checkpoint.file()).toString())
        .containsExactly(
            "checkpoint-500/unet/diffusion_pytorch_model.safetensors",
            "checkpoint-1000/unet/diffusion_pytorch_model.safetensors");

    writeOne("checkpoint-1000/text_encoder/model.safetensors", tensor);
    List<String> leftOut = new ArrayList<>();
    assertThat(TensorFolder.named(directory, (entry, why) -> leftOut.add(why))).hasSize(1);
    assertThat(leftOut)
        .containsExactly(
            "which has several models (text_encoder/model.safetensors and"
                + " unet/diffusion_pytorch_model.safetensors), allowed: one, beside averages *_ema");
  }

  @Test
  void shardsAloneAreNoCheckpoint() throws IOException {
    Tensor tensor = tensor("a", TensorType.FLOAT32, 2L);
    writeOne("checkpoint-10/model.safetensors", tensor);
    writeOne("checkpoint-20/model.safetensors", tensor);
    writeOne("checkpoint-30/model-00001-of-00002.safetensors", tensor);
    assertThat(TensorFolder.open(directory, List.of()).iterations()).containsExactly(10, 20);
    List<CheckpointFile> named = TensorFolder.named(directory, (entry, why) -> {});
    assertThat(named).extracting(CheckpointFile::iteration).containsExactly(10L, 20L, 30L);
    assertThat(TensorFolder.isWhole(named.get(2))).as("its index is missing").isFalse();
  }

  @Test
  void aShardWithoutItsIndexIsRefused() throws IOException {
    writeOne("step-1-00001-of-00002.safetensors", tensor("a", TensorType.FLOAT32, 2L));
    assertRefused("step-1-00001-of-00002.safetensors", "their index", "is missing");
  }

  @Test
  void aFailedAverageLeavesNothing() throws IOException {
    copy("torch/step-000100.pt", "step-1.pt");
    copy("torch/step-000300.pt", "step-3.pt");
    TensorFolder folder = TensorFolder.open(directory, List.of());
    byte[] damaged = Files.readAllBytes(directory.resolve("step-1.pt"));
    // In the middle of the largest storage; the zip's own tables stay as they are.
    try (TensorFile file = folder.format().open(directory.resolve("step-1.pt"))) {
      ByteBuffer bytes = ByteBuffer.allocate(54 * 4);
      file.stream(file.tensors().get(0), bytes::put);
      int at = indexOf(damaged, bytes.array());
      damaged[at + 100] ^= 4;
    }
    Files.write(directory.resolve("step-1.pt"), damaged);
    Path out = directory.resolve("sub/out.pt");
    assertThatThrownBy(() -> folder.average(new double[] {0.5, 0.5}, out))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("step-1.pt", "checksum", "damaged");
    try (Stream<Path> left = Files.list(out.getParent())) {
      assertThat(left).isEmpty();
    }
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int at = 0; at <= bytes.length - part.length; at++) {
      if (java.util.Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
        return at;
      }
    }
    throw new AssertionError("not found");
  }

  /** A file of one value in every element of some tensors. */
  private Path derivatives(double value, Tensor... tensors) throws IOException {
    Path file = directory.resolve("gradient.safetensors");
    SafetensorsFile.write(
        file,
        List.of(tensors),
        Map.of(),
        (tensor, from, target) -> {
          int count = target.remaining() / tensor.type().bytes();
          double[] values = new double[count];
          Arrays.fill(values, value);
          tensor.type().put(values, count, target);
        });
    return file;
  }

  @Test
  void derivativesMayLackTensorsAndHaveAnotherType() throws IOException {
    Path checkpoints = Files.createDirectory(directory.resolve("checkpoints"));
    Tensor a = tensor("a", TensorType.FLOAT32, 2L);
    Tensor b = tensor("b", TensorType.FLOAT16, 3L);
    Tensor mask = tensor("mask", TensorType.FLOAT32, 2L);
    for (int step = 1; step <= 2; step++) {
      Files.move(derivatives(1, a, b, mask), checkpoints.resolve("step-" + step + ".safetensors"));
    }
    TensorFolder folder = TensorFolder.open(checkpoints, List.of("mask"));
    INDArray gradient = Nd4j.valueArrayOf(new long[] {5}, 9f);
    try (TensorModelWriter writer = folder.writer()) {
      writer.readGradient(
          derivatives(0.1, tensor("b", TensorType.FLOAT64, 3L), tensor("mask", TensorType.FLOAT32)),
          gradient);
      assertThat(gradient.toFloatVector()).containsExactly(0, 0, 0.1f, 0.1f, 0.1f);
      writer.readGradient(derivatives(-2, b, a), gradient);
      assertThat(gradient.toFloatVector()).containsExactly(-2, -2, -2, -2, -2);

      assertThatThrownBy(
              () -> writer.readGradient(derivatives(1, a, tensor("c", b.type())), gradient))
          .hasMessage("gradient.safetensors: has tensor c that step-2.safetensors lacks");
      assertThatThrownBy(() -> writer.readGradient(derivatives(1, mask), gradient))
          .hasMessageContaining("has no derivative by any tensor that is combined, of a, b");
      assertThatThrownBy(
              () -> writer.readGradient(derivatives(1, tensor("a", a.type(), 1L, 2L)), gradient))
          .hasMessageContaining("tensor a is F32 [1, 2], in step-2.safetensors F32 [2], allowed: ");
      assertThatThrownBy(() -> writer.readGradient(derivatives(Double.NaN, a), gradient))
          .hasMessage("gradient.safetensors: the derivative by a is not finite");
    }
  }

  /** PyTorch has one tensor for both: the derivative of one, given twice, is no sum. */
  @Test
  void theDerivativeByTiedTensorsCountsOnce() throws IOException {
    TensorFolder folder = TensorFolder.open(format("torch"), List.of());
    Map<String, Long> offsets = folder.layout().offsets();
    List<String> tied =
        offsets.keySet().stream().filter(name -> name.matches(".*(conv|head)\\.weight")).toList();
    assertThat(tied).hasSize(2);
    INDArray gradient = Nd4j.create(folder.layout().parameters());
    try (TensorModelWriter writer = folder.writer()) {
      // A checkpoint is a file of its tensors too.
      writer.readGradient(folder.checkpoints().get(0).file(), gradient);
      long other = offsets.get(tied.get(1));
      assertThat(gradient.getFloat(offsets.get(tied.get(0)))).isNotZero();
      assertThat(gradient.getFloat(other)).isZero();
    }
    // The first is not combined: what is written of it alone is the derivative by the second.
    TensorFolder without = TensorFolder.open(format("torch"), List.of(tied.get(0)));
    gradient = Nd4j.create(without.layout().parameters());
    try (TensorModelWriter writer = without.writer()) {
      writer.readGradient(without.checkpoints().get(0).file(), gradient);
      assertThat(gradient.getFloat(without.layout().offsets().get(tied.get(1)))).isNotZero();
    }
  }
}
