package org.lcsc.diffusion.released;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lcsc.config.Parts;
import org.lcsc.diffusion.layer.Preconditioning.NetworkTime;
import org.lcsc.diffusion.unet.AdmConfig;
import org.lcsc.diffusion.unet.DdpmppConfig;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.export.TensorExport;
import org.lcsc.tensor.CheckpointFormat;
import org.lcsc.tensor.Tensor;
import org.lcsc.tensor.TensorType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Released networks against PyTorch, see {@code examples/python/released.py}. */
class ReleasedNetworksTest {

  private static final Path SMALL = Path.of("src/test/resources/released");

  @TempDir private Path directory;

  static Stream<Sample> small() throws IOException {
    return Sample.of(SMALL);
  }

  @ParameterizedTest
  @MethodSource("small")
  void givePyTorchsOutput(Sample sample) throws Exception {
    check(sample);
  }

  /** Of the released sizes: {@code -Dlcsc.released=DIR} of {@code released.py --full}. */
  @Test
  void givePyTorchsOutputAtFullSize() throws Exception {
    String full = System.getProperty("lcsc.released");
    assumeTrue(full != null, "no networks of full size here");
    for (Sample sample : Sample.of(Path.of(full)).toList()) {
      System.out.println(sample + ": relative difference " + check(sample));
    }
  }

  private double check(Sample sample) throws IOException {
    Path file = sample.write(directory, sample.tensors());
    try (ReleasedFile released = ReleasedFile.open(file)) {
      ReleasedNetwork found = sample.kind().network(released);
      ComputationGraph network = Sample.network(found);
      released.copyTo(sample.kind(), found.body(), network, sample.side());
      INDArray expected = sample.expected();
      INDArray output = sample.output(network, found.images().classes());
      double difference = output.sub(expected).norm2Number().doubleValue();
      double relative = difference / expected.norm2Number().doubleValue();
      assertThat(relative).as("%s, %s parameters", sample, network.numParams()).isLessThan(1e-5);
      return relative;
    }
  }

  @ParameterizedTest
  @MethodSource("small")
  void goOutUnderTheSameNamesToTheBit(Sample sample) throws Exception {
    Map<Tensor, INDArray> tensors = sample.tensors();
    Path file = sample.write(directory, tensors);
    Path out = directory.resolve("out.safetensors");
    try (ReleasedFile released = ReleasedFile.open(file)) {
      ReleasedNetwork found = sample.kind().network(released);
      ComputationGraph network = Sample.network(found);
      released.copyTo(sample.kind(), found.body(), network, sample.side());
      ReleasedFile.write(
          out, sample.kind(), found.body(), network, sample.side(), Map.of("format", "pt"));
      Map<String, String> beside = sample.kind().beside(found.body(), network, sample.side(), null);
      if (!beside.isEmpty()) {
        Files.writeString(directory.resolve("config.json"), beside.get("config.json"));
        try (ReleasedFile again = ReleasedFile.open(out)) {
          assertThat(sample.kind().network(again)).isEqualTo(found);
        }
      }
    }
    Map<String, INDArray> values = new LinkedHashMap<>();
    tensors.forEach((tensor, array) -> values.put(tensor.name() + tensor.shape(), array));
    // Not of the network that samples; of what predicts variances the half that does not.
    values.keySet().removeIf(name -> name.contains("map_augment"));
    try (var written = CheckpointFormat.of(out).orElseThrow().open(out)) {
      for (Tensor tensor : written.tensors()) {
        INDArray expected = values.remove(tensor.name() + tensor.shape());
        if (expected == null && tensor.name().startsWith("out.2.")) {
          String twice =
              values.keySet().stream()
                  .filter(name -> name.startsWith(tensor.name()))
                  .findFirst()
                  .orElseThrow();
          expected = values.remove(twice);
        }
        assertThat(expected).as(tensor.name()).isNotNull();
        float[] its = written.floats(tensor);
        float[] there = expected.dup('c').data().asFloat();
        assertThat(Arrays.equals(its, Arrays.copyOf(there, its.length))).as(tensor.name()).isTrue();
      }
    }
    assertThat(values).isEmpty();
  }

  private Sample sample(String name) throws IOException {
    return new Sample(SMALL.resolve(name + ".json"));
  }

  @Test
  void tellsWhatIsMissingExtraAndMisshapenInOneLine() throws Exception {
    Sample sample = sample("edm-ddpmpp");
    Map<Tensor, INDArray> tensors = new LinkedHashMap<>(sample.tensors());
    tensors.keySet().removeIf(tensor -> tensor.name().equals("model.map_layer1.bias"));
    tensors.put(
        new Tensor("model.other", TensorType.FLOAT32, List.of(2L)), Nd4j.createFromArray(1f, 2f));
    Tensor misshapen =
        tensors.keySet().stream()
            .filter(tensor -> tensor.name().equals("model.map_layer1.weight"))
            .findFirst()
            .orElseThrow();
    tensors.remove(misshapen);
    tensors.put(
        new Tensor(misshapen.name(), TensorType.FLOAT32, List.of(2L)),
        Nd4j.createFromArray(1f, 2f));
    try (ReleasedFile file = ReleasedFile.open(sample.write(directory, tensors))) {
      ReleasedNetwork found = sample.kind().network(file);
      ComputationGraph network = Sample.network(found);
      assertThatThrownBy(() -> file.copyTo(sample.kind(), found.body(), network, 8))
          .isInstanceOf(IOException.class)
          .hasMessage(
              file.path()
                  + ": not the weights of ddpmpp U-Net, 8 channels × [2, 2] as edm names them:"
                  + " lacks map_layer1.bias; has besides other; map_layer1.weight is F32 [2] and"
                  + " not [32, 32]");
    }
  }

  @Test
  void recognisesTheNames() throws Exception {
    for (String name : new String[] {"edm-adm", "diffusers-ddpm"}) {
      Sample sample = sample(name);
      try (ReleasedFile file = ReleasedFile.open(sample.write(directory, sample.tensors()))) {
        assertThat(file.kind()).isEqualTo(sample.kind());
      }
    }
    Sample either = sample("guided-diffusion");
    try (ReleasedFile file = ReleasedFile.open(either.write(directory, either.tensors()))) {
      assertThatThrownBy(file::kind)
          .hasMessageEndingWith("allowed: lcsc import with --as consistency or openai");
      assertThatThrownBy(() -> Parts.named(ReleasedNames.class, "as", "openai").network(file))
          .hasMessageEndingWith("does not tell the images' side, needed: --side");
    }
  }

  /** Names from before diffusers 0.15, as the file of google/ddpm-cifar10-32 has them. */
  @Test
  void readsOldNamesOfAttentions() throws Exception {
    Sample sample = sample("diffusers-ddpm");
    Map<Tensor, INDArray> old = new LinkedHashMap<>();
    sample
        .tensors()
        .forEach(
            (tensor, array) ->
                old.put(
                    new Tensor(
                        tensor
                            .name()
                            .replace("to_q", "query")
                            .replace("to_k", "key")
                            .replace("to_v", "value")
                            .replace("to_out.0", "proj_attn"),
                        tensor.type(),
                        tensor.shape()),
                    array));
    try (ReleasedFile file = ReleasedFile.open(sample.write(directory, old))) {
      ReleasedNetwork found = sample.kind().network(file);
      ComputationGraph network = Sample.network(found);
      file.copyTo(sample.kind(), found.body(), network, sample.side());
      assertThat(network.getParam("middle_attention_heads_queryb").getFloat(0))
          .isEqualTo(
              old.entrySet().stream()
                  .filter(e -> e.getKey().name().equals("mid_block.attentions.0.query.bias"))
                  .findFirst()
                  .orElseThrow()
                  .getValue()
                  .getFloat(0));
    }
  }

  /** ADM of NVlabs/edm has a head for every 64 channels, rounded down: one of 96, not three. */
  @Test
  void importsTheHeadsThatEdmHas() throws Exception {
    AdmConfig body = new AdmConfig(96, List.of(1), 1, List.of(8), 96, 0, false, null);
    ReleasedNetwork known =
        new ReleasedNetwork(body, new NetworkBody.Images(3, 8, 0), "edm", NetworkTime.QUARTER_LOG);
    Path path = directory.resolve("x.safetensors");
    ReleasedFile.write(path, new Edm(), body, Sample.network(known), 8, Map.of());
    try (ReleasedFile file = ReleasedFile.open(path)) {
      assertThat(new Edm().network(file)).isEqualTo(known);
    }
    ReleasedNetwork others =
        new ReleasedNetwork(
            new AdmConfig(96, List.of(1), 1, List.of(8), 32, 0, false, null),
            known.images(),
            known.model(),
            known.networkTime());
    ComputationGraph network = Sample.network(others);
    assertThatThrownBy(() -> new Edm().names(others.body(), network, 8))
        .hasMessage("edm attends to 96 channels by 1 heads, not by 3");
    ReleasedNetwork song =
        new ReleasedNetwork(
            new DdpmppConfig(8, List.of(2), 1, List.of(8), 2, 0, false),
            known.images(),
            known.model(),
            known.networkTime());
    ComputationGraph ofTwo = Sample.network(song);
    assertThatThrownBy(() -> new Edm().names(song.body(), ofTwo, 8))
        .hasMessage("edm attends to 16 channels by 1 heads, not by 2");
  }

  /** The shape of its last bias is [1], and [2] in the file. */
  @Test
  void ofAGreyNetworkWithVariancesTheMeansHalfIsRead() throws Exception {
    ReleasedNetwork grey =
        new ReleasedNetwork(
            new DdpmppConfig(8, List.of(2), 1, List.of(8), 1, 0, false),
            new NetworkBody.Images(1, 8, 0),
            "edm",
            NetworkTime.QUARTER_LOG);
    ComputationGraph network = Sample.network(grey);
    network.params().addi(0.5);
    Path path = directory.resolve("grey.safetensors");
    ReleasedFile.write(path, new Edm(), grey.body(), network, 8, Map.of());
    Map<Tensor, INDArray> tensors = new LinkedHashMap<>();
    String last =
        new Edm().names(grey.body(), network, 8).module().of(LayerName.of("conv_out")) + ".";
    try (var file = CheckpointFormat.of(path).orElseThrow().open(path)) {
      for (Tensor tensor : file.tensors()) {
        List<Long> shape = new ArrayList<>(tensor.shape());
        if (tensor.name().contains(last)) {
          shape.set(0, 2 * shape.get(0));
        }
        Tensor its = new Tensor(tensor.name(), tensor.type(), shape);
        float[] values = Arrays.copyOf(file.floats(tensor), (int) its.length());
        tensors.put(
            its,
            Nd4j.createFromArray(values)
                .reshape('c', shape.stream().mapToLong(Long::longValue).toArray()));
      }
    }
    Path twice = directory.resolve("twice.safetensors");
    TensorExport.write(twice, tensors, Map.of());
    ComputationGraph read = Sample.network(grey);
    try (ReleasedFile file = ReleasedFile.open(twice)) {
      assertThat(file.values(last + "bias")).hasSize(2);
      file.copyTo(new Edm(), grey.body(), read, 8);
    }
    assertThat(read.params()).isEqualTo(network.params());
  }

  @Test
  void refusesAFilterOfAnotherLength() throws Exception {
    Sample sample = sample("edm-ddpmpp");
    Map<Tensor, INDArray> tensors = new LinkedHashMap<>();
    sample
        .tensors()
        .forEach(
            (tensor, values) -> {
              if (tensor.name().endsWith(".resample_filter")) {
                tensors.put(
                    new Tensor(tensor.name(), tensor.type(), List.of(1L, 1L, 4L, 4L)),
                    Nd4j.ones(DataType.FLOAT, 1, 1, 4, 4));
              } else {
                tensors.put(tensor, values);
              }
            });
    try (ReleasedFile file = ReleasedFile.open(sample.write(directory, tensors))) {
      ReleasedNetwork found = sample.kind().network(file);
      ComputationGraph network = Sample.network(found);
      assertThatThrownBy(() -> file.copyTo(sample.kind(), found.body(), network, 8))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("resample_filter differs from that of the network");
    }
  }

  @Test
  void refusesANetworkThatTheCodeBaseDoesNotHave() throws Exception {
    Sample sample = sample("edm-adm");
    try (ReleasedFile file = ReleasedFile.open(sample.write(directory, sample.tensors()))) {
      ReleasedNetwork found = sample.kind().network(file);
      ComputationGraph network = Sample.network(found);
      assertThatThrownBy(
              () ->
                  ReleasedFile.write(
                      directory.resolve("x.safetensors"),
                      new Diffusers(),
                      found.body(),
                      network,
                      8,
                      Map.of()))
          .hasMessage("diffusers has no UNet2DModel of architecture adm, allowed: ddpm");
    }
  }
}
