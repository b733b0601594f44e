package org.lcsc.diffusion.released;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
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
                  Nd4j.createFromArray(weights(entry.getKey(), shape))
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

  private float[] weights(String tensor, List<Long> shape) {
    JsonNode constant = root.path("constants").path(tensor);
    if (constant.isMissingNode()) {
      return ReleasedWeights.values(tensor, shape);
    }
    float[] values = new float[constant.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) constant.get(i).asDouble();
    }
    return values;
  }
}
