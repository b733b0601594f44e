package org.lcsc.tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Printable;
import org.lcsc.io.HostMemory;
import org.lcsc.io.NotFiniteException;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which tensors of a checkpoint are combined, and where each lies in the flat vector of parameters.
 * Immutable and thread-safe.
 */
public final class TensorLayout {

  private static final Logger LOG = LoggerFactory.getLogger(TensorLayout.class);

  /** Names of tensors that are no parameters, though they look like them, and what they are. */
  private static final Map<String, String> NO_PARAMETERS =
      Map.of(
          ".*(optimizer|exp_avg|momentum_buffer).*",
          "an optimizer's state",
          ".*(running|moving)_(mean|var).*",
          "the running statistics of normalization layers");

  private final Path file;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  /** First parameter of each combined tensor, in order. */
  private final Map<String, Long> offsets = new LinkedHashMap<>();

  private final long parameters;

  private final List<List<String>> tied;

  private TensorLayout(Path file, TensorFile content, List<Pattern> exclude) {
    this.file = file;
    tied = content.tied();
    long at = 0;
    for (Tensor tensor : content.tensors()) {
      tensors.put(tensor.name(), tensor);
      if (tensor.type().isFloating()
          && tensor.length() > 0
          && exclude.stream().noneMatch(p -> p.matcher(tensor.name()).matches())) {
        offsets.put(tensor.name(), at);
        at += tensor.length();
      }
    }
    parameters = at;
  }

  /**
   * The layout of a file.
   *
   * @param exclude regular expressions for names of tensors that are not combined
   * @throws IOException where nothing is left to combine
   * @throws InvalidValueException where a pattern matches nothing
   */
  static TensorLayout of(Path file, TensorFile content, List<String> exclude) throws IOException {
    List<Tensor> tensors = content.tensors();
    List<Pattern> patterns = exclude.stream().map(Pattern::compile).toList();
    for (int i = 0; i < patterns.size(); i++) {
      Pattern pattern = patterns.get(i);
      if (tensors.stream().noneMatch(t -> pattern.matcher(t.name()).matches())) {
        throw new InvalidValueException(
            "exclude[" + i + "]",
            Text.format(
                "matches no whole name of a tensor (%s), there are %s",
                Printable.oneLine(pattern.pattern()),
                Printable.oneLine(String.join(", ", tensors.stream().map(Tensor::name).toList()))));
      }
    }
    TensorLayout layout = new TensorLayout(file, content, patterns);
    if (layout.parameters == 0) {
      throw new IOException(
          file + " has no floating-point tensor that is to be combined, of " + tensors.size());
    }
    return layout;
  }

  /**
   * Refuses a checkpoint of other tensors.
   *
   * @throws IOException one line that names both files and a tensor
   */
  void requireSame(Path other, List<Tensor> others) throws IOException {
    Map<String, Tensor> byName = new LinkedHashMap<>();
    others.forEach(tensor -> byName.put(tensor.name(), tensor));
    for (Tensor tensor : tensors.values()) {
      Tensor its = byName.remove(tensor.name());
      if (its == null) {
        throw new IOException(
            other + " lacks tensor " + Printable.oneLine(tensor.name()) + " of " + name());
      }
      if (!its.equals(tensor)) {
        throw new IOException(
            Text.format(
                "%s: tensor %s is %s, in %s %s, allowed: checkpoints of one training",
                other, Printable.oneLine(tensor.name()), its.layout(), name(), tensor.layout()));
      }
    }
    for (String name : byName.keySet()) {
      throw new IOException(
          other + " has tensor " + Printable.oneLine(name) + " that " + name() + " lacks");
    }
  }

  /**
   * Refuses groups that would give values which tensors of a file share several coefficients.
   *
   * @param groups of the parameters
   * @throws IllegalArgumentException one line that names two tensors and their groups
   */
  public void requireTied(ParameterGroups groups) {
    for (List<String> names : tied) {
      List<String> combined = names.stream().filter(offsets::containsKey).toList();
      for (String name : combined) {
        Refuse.argument(
            !groups(groups, name).equals(groups(groups, combined.get(0))),
            "tensors %s and %s share their values, but are of groups %s and %s, allowed: one group"
                + " for both, or one of them excluded",
            combined.get(0),
            name,
            groups(groups, combined.get(0)),
            groups(groups, name));
      }
    }
  }

  /** Names of the groups that hold parameters of a tensor, ascending. */
  private List<String> groups(ParameterGroups groups, String name) {
    long from = offsets.get(name);
    long to = from + tensors.get(name).length();
    return groups.segments().stream()
        .filter(segment -> segment.from() < to && segment.to() > from)
        .map(segment -> groups.names().get(segment.group()))
        .toList();
  }

  private Path name() {
    return file.getFileName();
  }

  /** Warns of combined tensors that are no parameters by their names, in one line for each kind. */
  public void warnOfNoParameters() {
    NO_PARAMETERS.forEach(
        (expression, what) -> {
          List<String> names =
              offsets.keySet().stream().filter(n -> n.matches(expression)).toList();
          if (!names.isEmpty()) {
            LOG.warn(
                "{}: {} would be combined like parameters ({}), exclude (--exclude) \"{}\" leaves"
                    + " them out",
                file,
                what,
                StateDict.some(names),
                expression);
          }
        });
  }

  /** Number of parameters P. */
  public long parameters() {
    return parameters;
  }

  /** First parameter of each combined tensor by its name, ascending. */
  public Map<String, Long> offsets() {
    return Collections.unmodifiableMap(offsets);
  }

  /** How many tensors are copied from the newest checkpoint. */
  public int copied() {
    return tensors.size() - offsets.size();
  }

  /** Copies the combined tensors of an open checkpoint into one vector, rounded to float32. */
  void read(TensorFile from, INDArray vector) throws IOException {
    try (HostMemory memory = HostMemory.write(vector)) {
      for (Map.Entry<String, Long> entry : offsets.entrySet()) {
        from.floats(
            tensors.get(entry.getKey()),
            (at, values, count) -> memory.put(entry.getValue() + at, values, 0, count));
      }
    }
  }

  /**
   * Reads derivatives by the combined tensors; 0 for those that are not there. Of tensors that
   * share their values only the first that is there counts: its derivative is by the values, which
   * the others would add once more.
   *
   * @param file for messages
   * @throws IOException where none is there, or one is unknown, of another shape or not finite
   */
  void readGradient(Path file, TensorFile from, INDArray gradient) throws IOException {
    Map<String, Tensor> derivatives = derivatives(file, from);
    try (HostMemory memory = HostMemory.write(gradient)) {
      float[] none = new float[TensorValues.PIECE];
      for (Map.Entry<String, Long> entry : offsets.entrySet()) {
        long offset = entry.getValue();
        Tensor derivative = derivatives.get(entry.getKey());
        if (derivative == null) {
          long length = tensors.get(entry.getKey()).length();
          for (long at = 0; at < length; at += none.length) {
            memory.put(offset + at, none, 0, (int) Math.min(none.length, length - at));
          }
          continue;
        }
        boolean[] finite = {true};
        from.floats(
            derivative,
            (at, values, count) -> {
              for (int i = 0; i < count; i++) {
                finite[0] &= Float.isFinite(values[i]);
              }
              memory.put(offset + at, values, 0, count);
            });
        Refuse.file(
            !finite[0],
            "%s: the derivative by %s is not finite",
            file.getFileName(),
            Printable.oneLine(entry.getKey()));
      }
    }
  }

  /** The derivatives in a file by combined tensors, by one of those that share their values. */
  private Map<String, Tensor> derivatives(Path file, TensorFile from) throws IOException {
    Map<String, Tensor> derivatives = new LinkedHashMap<>();
    for (Tensor tensor : from.tensors()) {
      Tensor like = tensors.get(tensor.name());
      String name = Printable.oneLine(tensor.name());
      Refuse.file(
          like == null, "%s: has tensor %s that %s lacks", file.getFileName(), name, name());
      // A tensor that is not combined stands for one that shares its values and is.
      List<String> shared =
          tied.stream()
              .filter(names -> names.contains(tensor.name()))
              .findFirst()
              .orElse(List.of(tensor.name()));
      String combined =
          offsets.containsKey(tensor.name())
              ? tensor.name()
              : shared.stream().filter(offsets::containsKey).findFirst().orElse(null);
      if (combined == null) {
        continue;
      }
      Refuse.file(
          !tensor.type().isFloating() || !tensor.shape().equals(like.shape()),
          "%s: tensor %s is %s, in %s %s, allowed: a derivative for each value",
          file.getFileName(),
          name,
          tensor.layout(),
          name(),
          like.layout());
      if (shared.stream().noneMatch(derivatives::containsKey)) {
        derivatives.put(combined, tensor);
      }
    }
    Refuse.file(
        derivatives.isEmpty(),
        "%s: has no derivative by any tensor that is combined, of %s",
        file.getFileName(),
        StateDict.some(List.copyOf(offsets.keySet())));
    return derivatives;
  }

  /** Writes values of a combined tensor, whose first parameter is at an offset. */
  @FunctionalInterface
  private interface Combined {
    void read(Tensor tensor, long offset, long from, ByteBuffer target) throws IOException;
  }

  private TensorValues values(Combined combined, TensorValues others) {
    return new TensorValues() {

      @Override
      public void read(Tensor tensor, long from, ByteBuffer target) throws IOException {
        Long offset = offsets.get(tensor.name());
        if (offset == null) {
          others.read(tensor, from, target);
        } else {
          combined.read(tensor, offset, from, target);
        }
      }

      @Override
      public boolean replaces(Tensor tensor) {
        return offsets.containsKey(tensor.name());
      }
    };
  }

  /** The values of a model: the combined tensors from a vector, the others from a checkpoint. */
  TensorValues model(HostMemory vector, TensorValues others) {
    float[] floats = new float[TensorValues.PIECE / 2];
    double[] exact = new double[TensorValues.PIECE / 2];
    return values(
        (tensor, offset, from, target) -> {
          int count = target.remaining() / tensor.type().bytes();
          vector.get(offset + from / tensor.type().bytes(), floats, 0, count);
          for (int i = 0; i < count; i++) {
            exact[i] = floats[i];
          }
          requireFinite(exact, count, tensor);
          tensor.type().put(exact, count, target);
        },
        others);
  }

  /**
   * The values of a linear combination of open checkpoints.
   *
   * @param coefficients of each checkpoint, one for every group
   * @param groups of the parameters
   */
  TensorValues combined(
      Map<TensorFile, double[]> coefficients, ParameterGroups groups, TensorValues others) {
    double[] sum = new double[TensorValues.PIECE / 2];
    return values(
        (tensor, offset, from, target) -> {
          int bytes = tensor.type().bytes();
          long first = offset + from / bytes;
          long end = first + target.remaining() / bytes;
          ByteBuffer piece = ByteBuffer.allocate(target.remaining());
          for (ParameterGroups.Segment segment : groups.segments()) {
            long start = Math.max(first, segment.from());
            int count = (int) Math.max(0, Math.min(end, segment.to()) - start);
            if (count > 0) {
              Arrays.fill(sum, 0, count, 0);
              for (Map.Entry<TensorFile, double[]> term : coefficients.entrySet()) {
                double coefficient = term.getValue()[segment.group()];
                if (coefficient != 0) {
                  piece.clear().limit(count * bytes);
                  term.getKey().read(tensor, (start - offset) * bytes, piece);
                  tensor.type().addTo(sum, coefficient, piece.flip());
                }
              }
              requireFinite(sum, count, tensor);
              tensor.type().put(sum, count, target);
            }
          }
        },
        others);
  }

  private static void requireFinite(double[] sum, int count, Tensor tensor)
      throws NotFiniteException {
    if (!tensor.type().holds(sum, count)) {
      throw new NotFiniteException(
          Text.format(
              "the combination of %s is not finite in %s, allowed: checkpoints of finite values, or"
                  + " --exclude of its name",
              tensor.name(), tensor.type().safetensors()));
    }
  }
}
