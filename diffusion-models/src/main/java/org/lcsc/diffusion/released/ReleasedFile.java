package org.lcsc.diffusion.released;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Parts;
import org.lcsc.config.Printable;
import org.lcsc.diffusion.unet.UNetShape;
import org.lcsc.export.TensorExport;
import org.lcsc.io.Text;
import org.lcsc.tensor.StateDict;
import org.lcsc.tensor.Tensor;
import org.lcsc.tensor.TensorType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * An open {@link StateDict} of released weights. Mistakes are an {@link IOException} of one line
 * that names the file. Not thread-safe.
 */
public final class ReleasedFile implements AutoCloseable {

  /** What wrappers of a network put before the names of all its tensors. */
  private static final Pattern WRAPPER = Pattern.compile("^(model|module|net|unet)\\.(?=.)");

  private final StateDict file;
  private final SortedMap<String, Tensor> tensors = new TreeMap<>();

  private ReleasedFile(StateDict file) {
    this.file = file;
    Set<String> prefixes =
        file.tensors().keySet().stream().map(ReleasedFile::prefix).collect(Collectors.toSet());
    int wrapper = prefixes.size() == 1 ? prefixes.iterator().next().length() : 0;
    file.tensors().forEach((name, tensor) -> tensors.put(name.substring(wrapper), tensor));
  }

  private static String prefix(String name) {
    var matcher = WRAPPER.matcher(name);
    return matcher.find() ? matcher.group() : "";
  }

  /**
   * Opens a file.
   *
   * @throws IOException where it is missing, damaged, or of no format of named tensors
   */
  public static ReleasedFile open(Path path) throws IOException {
    StateDict file = StateDict.open(path);
    if (file.tensors().isEmpty()) {
      file.close();
      throw file.refused("has no tensors");
    }
    return new ReleasedFile(file);
  }

  /** Where it is. */
  public Path path() {
    return file.path();
  }

  /** Names of its tensors, without what wraps all of them. */
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  /**
   * An extent of a tensor.
   *
   * @throws IOException where it has no such tensor or axis
   */
  int extent(String name, int axis) throws IOException {
    Tensor tensor = tensors.get(name);
    if (tensor == null || tensor.shape().size() <= axis) {
      throw refused(
          "has no tensor %s of %d axes, by which such files tell the network", name, axis + 1);
    }
    return Math.toIntExact(tensor.shape().get(axis));
  }

  /** Frequencies of Fourier features; none where the file's network has no such features. */
  public List<Double> frequencies() throws IOException {
    List<Double> frequencies = new ArrayList<>();
    if (tensors.containsKey(Edm.FREQUENCIES)) {
      for (float frequency : values(Edm.FREQUENCIES)) {
        frequencies.add((double) frequency);
      }
    }
    return frequencies;
  }

  /**
   * The standard deviation of the images' values that its network takes for granted.
   *
   * @throws IOException where the file says what is none
   */
  public double sigmaData() throws IOException {
    String told = file.metadata().get(ReleasedNetwork.SIGMA_DATA_TEXT);
    double value = ReleasedNetwork.SIGMA_DATA;
    if (told != null) {
      try {
        value = Double.parseDouble(told);
      } catch (NumberFormatException e) {
        value = Double.NaN;
      }
    }
    if (!(value > 0 && Double.isFinite(value))) {
      throw refused(
          "its %s is %s, allowed: a number above 0",
          ReleasedNetwork.SIGMA_DATA_TEXT, Printable.oneLine(told));
    }
    return value;
  }

  /** A refusal of this file. */
  IOException refused(String reason, Object... arguments) {
    return file.refused(reason, arguments);
  }

  /** The values of a tensor, row by row. */
  float[] values(String name) throws IOException {
    return file.values(tensors.get(name));
  }

  /**
   * The names that the file has.
   *
   * @throws IOException where they are of no kind, or of several that differ in what they mean
   */
  public ReleasedNames kind() throws IOException {
    List<ReleasedNames> kinds = kinds();
    if (kinds.size() != 1) {
      String all =
          (kinds.isEmpty() ? Parts.of(ReleasedNames.class).values() : kinds)
              .stream().map(ReleasedNames::kind).collect(Collectors.joining(" or "));
      throw refused(
          kinds.isEmpty()
              ? "the names of its tensors (%s, ...) are of no known code base: %s"
              : "the names of its tensors (%s, ...) are those of several code bases, allowed:"
                  + " lcsc import with --as %s",
          tensors.firstKey(),
          all);
    }
    return kinds.get(0);
  }

  /** All kinds of names that the file may have. */
  public List<ReleasedNames> kinds() {
    return Parts.of(ReleasedNames.class).values().stream()
        .filter(kind -> kind.recognises(this))
        .toList();
  }

  /**
   * Sets a network to the file's weights.
   *
   * @param kind how its tensors are named
   * @param body of the network
   * @param side of its images in pixels
   * @throws IOException where a tensor is missing, is of another shape, or is none of the network
   * @throws IllegalArgumentException where the code base has no such network
   */
  public void copyTo(ReleasedNames kind, UNetShape body, ComputationGraph network, int side)
      throws IOException {
    Map<ReleasedTensor, Tensor> found = match(kind, body, network, side);
    for (Map.Entry<String, INDArray> constant : constants(kind, body, network, side).entrySet()) {
      float[] here = values(constant.getKey());
      if (here.length != constant.getValue().length()
          || !Nd4j.createFromArray(here)
              .equalsWithEps(constant.getValue().reshape(here.length), 1e-4)) {
        throw refused(
            "%s differs from that of the network, allowed: unet.frequencies as lcsc import tells"
                + " them, and an unchanged filter",
            constant.getKey());
      }
    }
    for (Map.Entry<ReleasedTensor, Tensor> entry : found.entrySet()) {
      ReleasedTensor tensor = entry.getKey();
      float[] values = file.finite(tensor.name(), entry.getValue());
      int length = Math.toIntExact(Arrays.stream(tensor.shape()).reduce(1, (a, b) -> a * b));
      // Of an output that predicts variances too, the mean's half comes first.
      tensor.set(
          Nd4j.createFromArray(values.length == length ? values : Arrays.copyOf(values, length)));
    }
  }

  private Map<String, INDArray> constants(
      ReleasedNames kind, UNetShape body, ComputationGraph network, int side) {
    Map<String, INDArray> constants = new LinkedHashMap<>(kind.constants(body, network, side));
    constants.keySet().retainAll(tensors.keySet());
    return constants;
  }

  /** The network's tensors in this file. */
  private Map<ReleasedTensor, Tensor> match(
      ReleasedNames kind, UNetShape body, ComputationGraph network, int side) throws IOException {
    Map<String, Tensor> rest = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> rest.put(kind.renamed(name), tensor));
    rest.keySet().removeAll(kind.constants(body, network, side).keySet());
    rest.keySet().removeIf(kind::isPassedOver);
    Map<ReleasedTensor, Tensor> found = new LinkedHashMap<>();
    List<String> missing = new ArrayList<>();
    List<String> misshapen = new ArrayList<>();
    for (ReleasedTensor tensor : ReleasedTensors.of(kind, body, network, side)) {
      String name = tensor.name().substring(kind.prefix().length());
      Tensor its = rest.remove(name);
      if (its == null) {
        missing.add(name);
      } else if (!its.type().isFloating() || !fits(its, tensor, name, kind, body, network, side)) {
        misshapen.add(
            Text.format(
                "%s is %s and not %s", name, its.layout(), Arrays.toString(tensor.shape())));
      } else {
        found.put(tensor, its);
      }
    }
    List<String> wrong = new ArrayList<>();
    tell(wrong, "lacks ", missing);
    tell(wrong, "has besides ", List.copyOf(rest.keySet()));
    tell(wrong, "", misshapen);
    if (!wrong.isEmpty()) {
      throw refused(
          "not the weights of %s as %s names them: %s",
          body.description(), kind.kind(), String.join("; ", wrong));
    }
    return found;
  }

  /** Whether shapes agree but for axes of extent 1 at their ends, and for predicted variances. */
  private static boolean fits(
      Tensor its,
      ReleasedTensor expected,
      String name,
      ReleasedNames kind,
      UNetShape body,
      ComputationGraph network,
      int side) {
    List<Long> shape = its.shape();
    List<Long> wanted = new ArrayList<>(Arrays.stream(expected.shape()).boxed().toList());
    String last = kind.names(body, network, side).module().of(LayerName.of("conv_out"));
    if (name.startsWith(last + ".") && !shape.isEmpty() && shape.get(0) == 2 * wanted.get(0)) {
      wanted.set(0, shape.get(0));
    }
    return trimmed(shape).equals(trimmed(wanted));
  }

  private static List<Long> trimmed(List<Long> shape) {
    List<Long> trimmed = new ArrayList<>(shape);
    while (!trimmed.isEmpty() && trimmed.get(trimmed.size() - 1) == 1) {
      trimmed.remove(trimmed.size() - 1);
    }
    return trimmed;
  }

  private static void tell(List<String> wrong, String what, List<String> names) {
    if (!names.isEmpty()) {
      wrong.add(what + StateDict.some(names));
    }
  }

  /**
   * Writes a network's weights under the names of a code base, straight to the path.
   *
   * @param metadata texts beside the tensors
   * @throws IOException where the file cannot be written
   * @throws IllegalArgumentException where the code base has no such network
   */
  public static void write(
      Path path,
      ReleasedNames kind,
      UNetShape body,
      ComputationGraph network,
      int side,
      Map<String, String> metadata)
      throws IOException {
    Map<Tensor, INDArray> arrays = new LinkedHashMap<>();
    for (ReleasedTensor tensor : ReleasedTensors.of(kind, body, network, side)) {
      INDArray values = tensor.values();
      arrays.put(tensor(tensor.name(), values), values);
    }
    kind.constants(body, network, side)
        .forEach((name, values) -> arrays.put(tensor(kind.prefix() + name, values), values));
    TensorExport.write(path, arrays, metadata);
  }

  private static Tensor tensor(String name, INDArray values) {
    return new Tensor(name, TensorType.FLOAT32, Arrays.stream(values.shape()).boxed().toList());
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
