package org.lcsc.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lcsc.checkpoint.CheckpointFile;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.CheckpointWindowBuilder;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.config.InvalidValueException;
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one training as files of named tensors in a directory, for example {@code
 * step-000100.safetensors}. The iteration is the number in the name that stands after {@code step},
 * {@code iter} or {@code iteration}, else the last whole number that is no epoch, metric, version,
 * seed or rank, else the epoch; a file without one is left out. A checkpoint may also be a
 * directory, {@code checkpoint-100/model.safetensors}, or an index with its shards.
 *
 * <p>Names, shapes and types agree in all of them. Tensors that are not floating-point or that the
 * user excludes are not combined: a model gets those of the newest checkpoint, and its metadata.
 * The others one after the other, in the order of the newest file, are the parameters {@code [P]}.
 *
 * <p>Immutable and thread-safe, as long as the files stay as they are.
 */
public final class TensorFolder {

  private static final Logger LOG = LoggerFactory.getLogger(TensorFolder.class);

  /**
   * Numbers that are no iteration: a metric, {@code loss=0.47}, a rate, {@code 1e-4}, a version,
   * {@code -v1}, a precision, {@code fp16}, and a size, {@code 256x256}.
   */
  private static final Pattern NO_ITERATION =
      Pattern.compile(
          "(?i)(?<![.\\d])\\d+\\.\\d+(e-?\\d+)?|(?<![.\\d])\\d+e-\\d+|(?<=[-._])v\\d+"
              + "|(?<![a-z])(b?fp?|float|bfloat)(8|16|32|64)(?!\\d)|(?<!\\d)\\d+x\\d+(?!\\d)");

  /** The comma of {@code 1,000}. */
  private static final Pattern THOUSANDS = Pattern.compile("(?<=\\d),(?=\\d{3}(?!\\d))");

  /** Whole numbers of more than digits: {@code 500k}, {@code 2M}, {@code 1e5}. */
  private static final Pattern SHORT =
      Pattern.compile("(?i)(?<!\\d)(\\d{1,9})(k|m|e(\\d))(?![a-z\\d])");

  /** Where the iteration is: the last match of the first of these that matches. */
  private static final List<Pattern> ITERATION =
      List.of(
          Pattern.compile("(?i)(?:step|iter|iteration)s?[^a-z0-9]?(\\d{1,18})(?!\\d)"),
          // Not val_acc=93, and not seed42 or rank0.
          Pattern.compile(
              "(?i)(?<!(?:epochs?|seed|rank|gpus?|bs|fold)[^a-z0-9]?)(?<![a-z_]=)"
                  + "(?<!\\d)(\\d{1,18})(?!\\d)"),
          Pattern.compile("(?i)epochs?[^a-z0-9]?(\\d{1,18})(?!\\d)"),
          Pattern.compile("(?<!\\d)(\\d{1,18})(?!\\d)"));

  /** What follows the iteration. */
  private static final Pattern ENDING = Pattern.compile("\\.[a-z]+(\\.index\\.json)?$");

  private static final Pattern SHARD = Pattern.compile("-\\d{5}-of-\\d{5}\\.[a-z]+$");

  /** The weights in a directory of Hugging Face's, beside an optimizer's state and others. */
  private static final List<String> HUGGING_FACE =
      List.of("pytorch_model.bin", "diffusion_pytorch_model.bin");

  private final Path directory;
  private final CheckpointFormat format;
  private final List<CheckpointFile> checkpoints;
  private final TensorLayout layout;

  private TensorFolder(
      Path directory,
      CheckpointFormat format,
      List<CheckpointFile> checkpoints,
      TensorLayout layout) {
    this.directory = directory;
    this.format = format;
    this.checkpoints = checkpoints;
    this.layout = layout;
  }

  /** Whether a directory holds checkpoints of a format, readable or not. */
  public static boolean isOne(Path directory) throws IOException {
    return Files.isDirectory(directory)
        && (!named(directory, (entry, why) -> {}).isEmpty()
            || entries(directory).stream().anyMatch(TensorFolder::isShard));
  }

  /**
   * Looks through a directory. Warns of tensors that are no parameters by their names.
   *
   * @param exclude regular expressions, each held against whole names of tensors, that are not
   *     combined
   * @throws IOException where there is no such directory or none with at least two checkpoints, a
   *     file is damaged, or two do not agree; one line that names the file
   * @throws InvalidValueException where a pattern matches nothing
   */
  public static TensorFolder open(Path directory, List<String> exclude) throws IOException {
    Refuse.file(!Files.isDirectory(directory), "checkpoint directory %s does not exist", directory);
    List<CheckpointFile> found = listed(directory);
    Refuse.file(
        found.size() < 2,
        "checkpoint directory %s has %s%s, at least 2 are needed: files %s with the iteration in"
            + " their name",
        directory,
        found.size(),
        found.size() == 1 ? " checkpoint" : " checkpoints",
        CheckpointFormat.suffixes());
    TensorFolder folder = of(directory, found, exclude);
    folder.layout.warnOfNoParameters();
    return folder;
  }

  /** Whether a checkpoint can be opened; one that is being written cannot. */
  public static boolean isWhole(CheckpointFile checkpoint) {
    try {
      CheckpointFormat.of(checkpoint.file()).orElseThrow().open(checkpoint.file()).close();
      return true;
    } catch (IOException e) {
      LOG.debug("not whole: {}", e.getMessage());
      return false;
    }
  }

  /**
   * Of these files of a directory alone.
   *
   * @param found ascending, at least one
   * @throws IOException as {@link #open}
   */
  public static TensorFolder of(Path directory, List<CheckpointFile> found, List<String> exclude)
      throws IOException {
    CheckpointFile newest = found.get(found.size() - 1);
    CheckpointFormat format = CheckpointFormat.of(newest.file()).orElseThrow();
    TensorLayout layout;
    try (TensorFile file = format.open(newest.file())) {
      layout = TensorLayout.of(newest.file(), file, exclude);
    }
    TensorFolder folder = new TensorFolder(directory, format, List.copyOf(found), layout);
    for (CheckpointFile checkpoint : found) {
      folder.requireSame(checkpoint);
    }
    return folder;
  }

  /**
   * Refuses a checkpoint of another format or of other tensors than these.
   *
   * @throws IOException then, or where it cannot be opened; one line that names it
   */
  public void requireSame(CheckpointFile checkpoint) throws IOException {
    Refuse.file(
        CheckpointFormat.of(checkpoint.file()).orElseThrow().getClass() != format.getClass(),
        "%s holds checkpoints of several formats (%s and %s), allowed: of one",
        directory,
        checkpoint.file().getFileName(),
        checkpoints.get(checkpoints.size() - 1).file().getFileName());
    try (TensorFile file = format.open(checkpoint.file())) {
      layout.requireSame(checkpoint.file(), file.tensors());
    }
  }

  /**
   * The files that are checkpoints by their names, ascending by iteration. A directory of shards
   * without their index is left out.
   *
   * @throws IOException where two are of one iteration, or a shard lacks its index
   */
  static List<CheckpointFile> listed(Path directory) throws IOException {
    List<Path> entries = entries(directory);
    Optional<Path> shard = entries.stream().filter(TensorFolder::isShard).findFirst();
    Refuse.file(
        shard.isPresent() && entries.stream().noneMatch(TensorFolder::isIndex),
        "%s: is one of several shards, their index *%s is missing",
        shard.orElse(null),
        SafetensorsFormat.INDEX);
    BiConsumer<Path, String> leftOut =
        (entry, why) ->
            LOG.warn("left out of {}: {}, {}", directory, directory.relativize(entry), why);
    TreeMap<Long, CheckpointFile> byIteration = new TreeMap<>();
    for (CheckpointFile checkpoint : named(directory, leftOut)) {
      Path file = checkpoint.file();
      if (isIndex(file) && !Files.exists(file)) {
        leftOut.accept(file, "the missing index of the shards beside it");
        continue;
      }
      CheckpointFile other = byIteration.put(checkpoint.iteration(), checkpoint);
      if (other != null) {
        throw new IOException(
            Text.format(
                "%s holds two checkpoints of iteration %d: %s and %s, allowed: one",
                directory,
                checkpoint.iteration(),
                directory.relativize(other.file()),
                directory.relativize(file)));
      }
    }
    return List.copyOf(byIteration.values());
  }

  /**
   * What a directory holds that is a checkpoint by its name, whole or not, ascending by iteration:
   * also several of one iteration, and the missing index of a directory of shards.
   *
   * @param leftOut gets what is no checkpoint though a file is of a known format, and why
   */
  public static List<CheckpointFile> named(Path directory, BiConsumer<Path, String> leftOut)
      throws IOException {
    List<CheckpointFile> found = new ArrayList<>();
    for (Path entry : entries(directory)) {
      Optional<Path> file;
      try {
        file = Files.isDirectory(entry) ? inside(entry, leftOut) : Optional.of(entry);
      } catch (NoSuchFileException e) {
        // The training deleted it since it was listed.
        continue;
      }
      if (!isShard(entry) && file.flatMap(CheckpointFormat::of).isPresent()) {
        OptionalLong iteration = iteration(entry.getFileName().toString());
        if (iteration.isPresent()) {
          found.add(new CheckpointFile(file.get(), iteration.getAsLong()));
        } else {
          leftOut.accept(entry, "without an iteration in its name");
        }
      }
    }
    found.sort(Comparator.comparingLong(CheckpointFile::iteration));
    return found;
  }

  /** What is not hidden, by name. */
  private static List<Path> entries(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> !file.getFileName().toString().startsWith(".")).sorted().toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static boolean isShard(Path file) {
    return SHARD.matcher(file.getFileName().toString()).find();
  }

  private static boolean isIndex(Path file) {
    return file.toString().endsWith(SafetensorsFormat.INDEX);
  }

  private static String zeros(MatchResult number) {
    return switch (number.group(2)) {
      case "k", "K" -> "000";
      case "m", "M" -> "000000";
      default -> "0".repeat(Integer.parseInt(number.group(3)));
    };
  }

  /** The iteration in the name of a file or directory, if any. */
  static OptionalLong iteration(String name) {
    String plain = NO_ITERATION.matcher(ENDING.matcher(name).replaceFirst("")).replaceAll(" ");
    String numbers =
        SHORT
            .matcher(THOUSANDS.matcher(plain).replaceAll(""))
            .replaceAll(number -> number.group(1) + zeros(number));
    return ITERATION.stream()
        .flatMap(pattern -> pattern.matcher(numbers).results().reduce((a, b) -> b).stream())
        .mapToLong(match -> Long.parseLong(match.group(1)))
        .findFirst();
  }

  /**
   * The checkpoint in a directory of one: its own, else that of its only component. Diffusers puts
   * each model of a training into a directory, and an average that it keeps into one {@code _ema}.
   */
  private static Optional<Path> inside(Path directory, BiConsumer<Path, String> leftOut)
      throws IOException {
    Optional<Path> own = ofOne(directory, leftOut);
    if (own.isPresent()) {
      return own;
    }
    List<Path> found = new ArrayList<>();
    for (Path entry : entries(directory)) {
      if (Files.isDirectory(entry) && !entry.toString().endsWith("_ema")) {
        ofOne(entry, leftOut).ifPresent(found::add);
      }
    }
    if (found.size() > 1) {
      leftOut.accept(
          directory,
          Text.format(
              "which has several models (%s and %s), allowed: one, beside averages *_ema",
              directory.relativize(found.get(0)), directory.relativize(found.get(1))));
    }
    return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
  }

  /**
   * The checkpoint right in a directory: its index, which of shards alone is missing still, else
   * its only safetensors file, else Hugging Face's file of PyTorch.
   */
  private static Optional<Path> ofOne(Path directory, BiConsumer<Path, String> leftOut)
      throws IOException {
    List<Path> entries = entries(directory);
    List<Path> files =
        entries.stream()
            .filter(file -> new SafetensorsFormat().reads(file.getFileName().toString()))
            .toList();
    if (files.isEmpty()) {
      if (entries.stream().anyMatch(TensorFolder::isShard)) {
        leftOut.accept(directory, "whose shards are of no format that is read in shards");
      }
      return HUGGING_FACE.stream().map(directory::resolve).filter(Files::exists).findFirst();
    }
    if (files.stream().allMatch(TensorFolder::isShard)) {
      Matcher shard = SHARD.matcher(files.get(0).getFileName().toString());
      return Optional.of(directory.resolve(shard.replaceFirst(SafetensorsFormat.INDEX)));
    }
    List<Path> found =
        files.size() == 1 ? files : files.stream().filter(TensorFolder::isIndex).toList();
    if (found.size() == 1) {
      return Optional.of(found.get(0));
    }
    leftOut.accept(
        directory,
        Text.format(
            "which has %d safetensors files and %d indices, allowed: one file, or shards with one"
                + " index",
            files.size() - found.size(), found.size()));
    return Optional.empty();
  }

  /** The checkpoints, oldest first. */
  public List<CheckpointFile> checkpoints() {
    return checkpoints;
  }

  /** Iterations of the checkpoints, ascending. */
  public long[] iterations() {
    return checkpoints.stream().mapToLong(CheckpointFile::iteration).toArray();
  }

  /** Format of the files. */
  public CheckpointFormat format() {
    return format;
  }

  /** Which tensors are combined, and where they lie among the parameters. */
  public TensorLayout layout() {
    return layout;
  }

  /** The newest checkpoints only, see {@link CheckpointFile#newest}. */
  public TensorFolder newest(int count) {
    return with(CheckpointFile.newest(checkpoints, count));
  }

  /** The checkpoints of a window, see {@link CheckpointFile#window}. */
  public TensorFolder window(Long end, long window, long interval) {
    return with(CheckpointFile.window(directory, checkpoints, end, window, interval));
  }

  private TensorFolder with(List<CheckpointFile> chosen) {
    return new TensorFolder(directory, format, chosen, layout);
  }

  /**
   * Reads the parameters into a window.
   *
   * @param settings chooses data type and storage of the window
   * @throws IOException where a file cannot be read, or fewer than two have finite parameters
   */
  public CheckpointWindow load(UnaryOperator<CheckpointWindowBuilder> settings) throws IOException {
    CheckpointWindow window =
        settings
            .apply(CheckpointWindow.builder(layout.parameters()).capacity(checkpoints.size()))
            .build();
    boolean whole = false;
    try (INDArray parameters =
        Nd4j.createUninitializedDetached(DataType.FLOAT, layout.parameters())) {
      for (CheckpointFile checkpoint : checkpoints) {
        read(checkpoint.file(), parameters);
        window.record(checkpoint.iteration(), parameters);
      }
      Refuse.file(
          window.size() < 2,
          "%s has %s checkpoints with finite parameters, at least 2 are needed; what is never"
              + " finite, such as a mask, is to be excluded",
          directory,
          window.size());
      whole = true;
      return window;
    } finally {
      if (!whole) {
        window.close();
      }
    }
  }

  /**
   * Reads the parameters of a checkpoint, or of another model of the training.
   *
   * @param parameters float32 {@code [P]}, overwritten
   * @throws IOException where it cannot be read or has other tensors; one line that names it
   */
  public void read(Path model, INDArray parameters) throws IOException {
    try (TensorFile file = CheckpointFormat.openAny(model)) {
      layout.requireSame(model, file.tensors());
      layout.read(file, parameters);
    }
  }

  /**
   * Writes a model that is to be like the newest checkpoint.
   *
   * @return to be closed by the caller
   */
  public TensorModelWriter writer() throws IOException {
    return new TensorModelWriter(
        format, format.open(checkpoints.get(checkpoints.size() - 1).file()), layout);
  }

  /**
   * Writes the linear combination of the checkpoints as a file of their format, whole or not at
   * all. Sums in float64, rounded once; reads every file once, a piece at a time.
   *
   * @param coefficients one for each checkpoint; files of coefficient 0 are not read
   */
  public void average(double[] coefficients, Path out) throws IOException {
    average(ParameterGroups.whole(layout.parameters()), coefficients, out);
  }

  /**
   * As {@link #average(double[], Path)}, with coefficients for groups of the parameters.
   *
   * @param groups G groups of the parameters of {@link #layout}
   * @param coefficients {@code G * K}, those of the first group first
   * @throws IllegalArgumentException where the groups are of other parameters, or part tied tensors
   */
  public void average(ParameterGroups groups, double[] coefficients, Path out) throws IOException {
    Refuse.argument(
        groups.parameters() != layout.parameters(),
        "groups must hold the %s parameters that are combined, got %s",
        layout.parameters(),
        groups.parameters());
    layout.requireTied(groups);
    int size = checkpoints.size();
    Map<TensorFile, double[]> open = new LinkedHashMap<>();
    TensorFile newest = format.open(checkpoints.get(checkpoints.size() - 1).file());
    try {
      for (int k = 0; k < size; k++) {
        int checkpoint = k;
        double[] own =
            IntStream.range(0, groups.size())
                .mapToDouble(group -> coefficients[group * size + checkpoint])
                .toArray();
        if (k == size - 1) {
          open.put(newest, own);
        } else if (Arrays.stream(own).anyMatch(coefficient -> coefficient != 0)) {
          TensorFile file = format.open(checkpoints.get(k).file());
          open.put(file, own);
          layout.requireSame(checkpoints.get(k).file(), file.tensors());
        }
      }
      TensorValues sum = layout.combined(open, groups, newest);
      AtomicFiles.writeFile(out, file -> newest.rewrite(file, sum));
    } finally {
      newest.close();
      for (TensorFile file : open.keySet()) {
        file.close();
      }
    }
  }
}
