package org.lcsc.tensor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.lcsc.config.Printable;
import org.lcsc.io.Text;

/**
 * The named weights of a network in an open file, safetensors, npz, or PyTorch's {@code .pt} of
 * plain tensors, and what of them was not asked for yet. Mistakes are an {@link IOException} of one
 * line that names the file. Not thread-safe.
 */
public final class StateDict implements AutoCloseable {

  /** Tensors that a message names. */
  private static final int NAMED = 3;

  private final Path path;
  private final TensorFile file;
  private final Map<String, Tensor> left = new LinkedHashMap<>();

  private StateDict(Path path, TensorFile file) {
    this.path = path;
    this.file = file;
    file.tensors().forEach(tensor -> left.put(tensor.name(), tensor));
  }

  /** Whether a file is of a format of named tensors, by its name. */
  public static boolean isOne(Path file) {
    return CheckpointFormat.of(file).isPresent();
  }

  /**
   * The files that hold a state dict: this one, and the shards of an index.
   *
   * @throws IOException where the index cannot be read
   */
  public static List<Path> files(Path file) throws IOException {
    Optional<CheckpointFormat> format = CheckpointFormat.of(file);
    return format.isPresent() ? format.get().files(file) : List.of(file);
  }

  /**
   * Opens a file.
   *
   * @throws IOException where it is missing, damaged, or of no format of named tensors
   */
  public static StateDict open(Path path) throws IOException {
    return new StateDict(path, CheckpointFormat.openAny(path));
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** The tensors that are left, in the order of the file. */
  public Map<String, Tensor> tensors() {
    return Collections.unmodifiableMap(left);
  }

  /** Texts that the file holds beside the tensors; empty where its format has none. */
  public Map<String, String> metadata() {
    return file.metadata();
  }

  /**
   * Gives the tensors other names.
   *
   * @throws IOException where two would have the same
   */
  public void rename(UnaryOperator<String> name) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, Tensor> entry : left.entrySet()) {
      String renamed = name.apply(entry.getKey());
      if (tensors.put(renamed, entry.getValue()) != null) {
        throw refused("two tensors are %s", renamed);
      }
    }
    left.clear();
    left.putAll(tensors);
  }

  /**
   * The shape of a tensor.
   *
   * @throws IOException where there is none of that name and so many axes, or it holds no numbers
   *     with a fraction
   */
  public long[] shape(String name, int axes) throws IOException {
    Tensor tensor = left.get(name);
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
  public float[] take(String name, long... shape) throws IOException {
    shape(name, shape.length);
    Tensor tensor = left.get(name);
    List<Long> wanted = IntStream.range(0, shape.length).mapToObj(i -> shape[i]).toList();
    if (!tensor.shape().equals(wanted)) {
      throw refused("%s is %s and not %s", name, tensor.layout(), wanted);
    }
    left.remove(name);
    return finite(name, tensor);
  }

  /**
   * The values of the first of some tensors that there is, of one axis longer than 1 at most.
   *
   * @throws IOException where there is none, or it is no such vector
   */
  public float[] vector(String... names) throws IOException {
    for (String name : names) {
      Tensor tensor = left.get(name);
      if (tensor != null) {
        if (tensor.shape().stream().filter(extent -> extent > 1).count() > 1) {
          throw refused("%s is %s, allowed: one axis above 1", name, tensor.layout());
        }
        return take(name, tensor.shape().stream().mapToLong(Long::longValue).toArray());
      }
    }
    throw refused("has no tensor %s", String.join(" or ", names));
  }

  /** The values of a tensor, row by row. */
  public float[] values(Tensor tensor) throws IOException {
    return file.floats(tensor);
  }

  /**
   * The values of a tensor, row by row.
   *
   * @param name what a message calls it
   * @throws IOException where one is not finite
   */
  public float[] finite(String name, Tensor tensor) throws IOException {
    float[] values = values(tensor);
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw refused("%s holds %s, allowed: finite numbers", name, value);
      }
    }
    return values;
  }

  /**
   * Refuses what nobody asked for.
   *
   * @param what the file should be of
   * @param passedOver which names are of no matter
   */
  public void requireAllTaken(String what, Predicate<String> passedOver) throws IOException {
    left.keySet().removeIf(passedOver);
    if (!left.isEmpty()) {
      throw refused("not the weights of %s: has besides %s", what, some(left.keySet()));
    }
  }

  /** The first of some names, and how many more there are. */
  public static String some(Collection<String> names) {
    int more = names.size() - NAMED;
    return names.stream().limit(NAMED).map(Printable::oneLine).collect(Collectors.joining(", "))
        + (more > 0 ? " and " + more + " more" : "");
  }

  /** A refusal of this file. */
  public IOException refused(String reason, Object... arguments) {
    return new IOException(path + ": " + Text.format(reason, arguments));
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
