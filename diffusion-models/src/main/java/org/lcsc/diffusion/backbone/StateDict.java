package org.lcsc.diffusion.backbone;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.lcsc.config.Printable;
import org.lcsc.io.Text;
import org.lcsc.tensor.CheckpointFormat;
import org.lcsc.tensor.Tensor;
import org.lcsc.tensor.TensorFile;

/**
 * An open state dict and what of it was not asked for yet. Mistakes are an {@link IOException} of
 * one line that names the file. Not thread-safe.
 */
final class StateDict implements AutoCloseable {

  /** Tensors that a message names. */
  private static final int NAMED = 3;

  private final Path path;
  private final TensorFile file;
  private final Map<String, Tensor> rest = new LinkedHashMap<>();

  private StateDict(Path path, TensorFile file) {
    this.path = path;
    this.file = file;
    file.tensors().forEach(tensor -> rest.put(tensor.name(), tensor));
  }

  /**
   * Opens a file.
   *
   * @throws IOException where it is missing, damaged, or of no format of named tensors
   */
  static StateDict open(Path path) throws IOException {
    return new StateDict(path, CheckpointFormat.openAny(path));
  }

  /** Names of the tensors that are left. */
  Set<String> names() {
    return Collections.unmodifiableSet(rest.keySet());
  }

  /** The names as a kind of network calls them. */
  Set<String> names(BackboneKind kind) {
    return rest.keySet().stream().map(kind::renamed).collect(Collectors.toSet());
  }

  /** Gives the tensors the names that a kind of network calls them by. */
  void rename(BackboneKind kind) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, Tensor> entry : rest.entrySet()) {
      if (tensors.put(kind.renamed(entry.getKey()), entry.getValue()) != null) {
        throw refused("two tensors are %s", kind.renamed(entry.getKey()));
      }
    }
    rest.clear();
    rest.putAll(tensors);
  }

  /**
   * The shape of a tensor.
   *
   * @throws IOException where there is none of that name and so many axes, or it holds no numbers
   *     with a fraction
   */
  long[] shape(String name, int axes) throws IOException {
    Tensor tensor = rest.get(name);
    if (tensor == null) {
      throw refused("has no tensor %s of a network of these names", name);
    }
    if (tensor.shape().size() != axes || !tensor.type().isFloating() || tensor.length() == 0) {
      throw refused(
          "%s is %s, allowed: floating-point numbers of %d axes", name, tensor.layout(), axes);
    }
    return tensor.shape().stream().mapToLong(Long::longValue).toArray();
  }

  /**
   * The values of a tensor, row by row, which is then no longer left.
   *
   * @param shape that it must have
   * @throws IOException where it has another shape, cannot be read or holds what is not finite
   */
  float[] take(String name, long... shape) throws IOException {
    shape(name, shape.length);
    Tensor tensor = rest.get(name);
    List<Long> wanted = IntStream.range(0, shape.length).mapToObj(i -> shape[i]).toList();
    if (!tensor.shape().equals(wanted)) {
      throw refused("%s is %s and not %s", name, tensor.layout(), wanted);
    }
    float[] values = file.floats(rest.remove(name));
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw refused("%s holds %s, allowed: finite numbers", name, value);
      }
    }
    return values;
  }

  /**
   * The values of the first of some tensors that there is, of one axis longer than 1 at most.
   *
   * @throws IOException where there is none, or it is no such vector
   */
  float[] vector(String... names) throws IOException {
    for (String name : names) {
      Tensor tensor = rest.get(name);
      if (tensor != null) {
        if (tensor.shape().stream().filter(extent -> extent > 1).count() > 1) {
          throw refused("%s is %s, allowed: one axis above 1", name, tensor.layout());
        }
        return take(name, tensor.shape().stream().mapToLong(Long::longValue).toArray());
      }
    }
    throw refused("has no tensor %s", String.join(" or ", names));
  }

  /** Refuses what nobody asked for. */
  void requireAllTaken(BackboneKind kind) throws IOException {
    rest.keySet().removeIf(kind::isPassedOver);
    if (!rest.isEmpty()) {
      int more = rest.size() - NAMED;
      throw refused(
          "not the weights of %s: has besides %s%s",
          kind.kind(),
          rest.keySet().stream()
              .limit(NAMED)
              .map(Printable::oneLine)
              .collect(Collectors.joining(", ")),
          more > 0 ? " and " + more + " more" : "");
    }
  }

  IOException refused(String reason, Object... arguments) {
    return new IOException(path + ": " + Text.format(reason, arguments));
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
