package org.lcsc.diffusion.released;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.CRC32;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Parts;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.export.TensorExport;
import org.lcsc.tensor.Tensor;
import org.lcsc.tensor.TensorType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * A network that {@code examples/python/released.py} ran: the shapes of its tensors, an input and
 * the output. Its weights are made again from their names.
 */
final class Sample {

  private static final ObjectMapper JSON = new ObjectMapper();

  final String name;
  private final JsonNode root;

  Sample(Path file) throws IOException {
    name = file.getFileName().toString().replace(".json", "");
    root = JSON.readTree(Files.readString(file));
  }

  static Stream<Sample> of(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList().stream()
          .map(
              file -> {
                try {
                  return new Sample(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }

  @Override
  public String toString() {
    return name;
  }

  ReleasedNames kind() {
    Map<String, Object> told = new LinkedHashMap<>();
    root.path("options").properties().forEach(e -> told.put(e.getKey(), e.getValue().asInt()));
    if (!root.path("as").asText().matches("edm|diffusers")) {
      told.put("side", side());
    }
    return Parts.with(Parts.named(ReleasedNames.class, "as", root.path("as").asText()), told);
  }

  int side() {
    return root.path("side").asInt();
  }

  private INDArray array(String key, long... shape) {
    double[] values =
        StreamSupport.stream(root.path(key).spliterator(), false)
            .mapToDouble(JsonNode::asDouble)
            .toArray();
    return Nd4j.createFromArray(values).castTo(DataType.FLOAT).reshape('c', shape);
  }

  private long images() {
    return root.path("time").size();
  }

  INDArray expected() {
    return array("y", images(), 3, side(), side());
  }

  /** The network's output for the sample's input. */
  INDArray output(ComputationGraph network, int classes) {
    INDArray image = array("x", images(), 3, side(), side());
    INDArray time = array("time", images(), 1);
    if (root.path("label").isNull()) {
      return network.outputSingle(image, time);
    }
    INDArray labels = Nd4j.zeros(DataType.FLOAT, images(), classes);
    for (int i = 0; i < images(); i++) {
      labels.putScalar(i, root.path("label").get(i).asInt(), 1);
    }
    return network.outputSingle(image, time, labels);
  }

  /** A network as the file tells it, with initial weights. */
  static ComputationGraph network(ReleasedNetwork found) {
    Preconditioning preconditioning =
        switch (found.model()) {
          case "edm" -> Preconditioning.edm(ReleasedNetwork.SIGMA_DATA, found.networkTime());
          case "diffusion" -> null;
          default -> Preconditioning.consistency(ReleasedNetwork.SIGMA_DATA, found.networkTime());
        };
    ComputationGraph network =
        new ComputationGraph(
            UNet.configuration(
                found.body(),
                found.images(),
                preconditioning,
                new SquaredError(),
                new NoOp(),
                1,
                DataType.FLOAT));
    network.init();
    return network;
  }

  /** The tensors with their values, by name. */
  Map<Tensor, INDArray> tensors() {
    Map<Tensor, INDArray> tensors = new LinkedHashMap<>();
    root.path("tensors")
        .properties()
        .forEach(
            entry -> {
              List<Long> shape = new ArrayList<>();
              entry.getValue().forEach(extent -> shape.add(extent.asLong()));
              tensors.put(
                  new Tensor(entry.getKey(), TensorType.FLOAT32, shape),
                  Nd4j.createFromArray(values(entry.getKey(), shape))
                      .reshape('c', shape.stream().mapToLong(Long::longValue).toArray()));
            });
    return tensors;
  }

  /** Writes them where a released file would be, with its {@code config.json}. */
  Path write(Path directory, Map<Tensor, INDArray> tensors) throws IOException {
    if (!root.path("config").isNull()) {
      Files.writeString(directory.resolve("config.json"), root.path("config").toString());
    }
    Path file = directory.resolve(name + ".safetensors");
    TensorExport.write(file, tensors, Map.of());
    return file;
  }

  /** As {@code weight()} of the script. */
  private float[] values(String tensor, List<Long> shape) {
    int length = (int) shape.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
    float[] values = new float[length];
    JsonNode constant = root.path("constants").path(tensor);
    if (!constant.isMissingNode()) {
      for (int i = 0; i < length; i++) {
        values[i] = (float) constant.get(i).asDouble();
      }
      return values;
    }
    double scale = tensor.endsWith(".freqs") ? 16 : 0.25;
    double centre = shape.size() == 1 && tensor.endsWith(".weight") ? 1 : 0;
    if (shape.size() > 1) {
      double fanIn = (double) length / shape.get(0);
      scale = Math.pow(2, Math.rint(0.5 - 0.5 * Math.log(fanIn) / Math.log(2)));
    }
    CRC32 crc = new CRC32();
    crc.update(tensor.getBytes(StandardCharsets.UTF_8));
    long mask = 0xffffffffL;
    for (int i = 0; i < length; i++) {
      long x = (i * 2_654_435_761L & mask) ^ crc.getValue();
      for (int round = 0; round < 2; round++) {
        x = ((x ^ (x >>> 16)) * 0x45d9f3bL) & mask;
      }
      x ^= x >>> 16;
      values[i] = (float) (centre + scale * ((x >>> 8) / 8_388_608.0 - 1));
    }
    return values;
  }
}
