package org.lcsc.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.util.ModelSerializer;
import org.lcsc.checkpoint.CheckpointFile;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.CheckpointWindowBuilder;
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.lcsc.io.TextFiles;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checkpoints of one training run as model files in a directory. Two kinds are read:
 *
 * <ul>
 *   <li>what Deeplearning4j's {@code CheckpointListener} writes: {@code checkpointInfo.txt} and
 *       {@code checkpoint_NUMBER_TYPE.zip};
 *   <li>what {@link #save} writes: {@code iteration-N.zip}, ordinary model files after N updates.
 * </ul>
 *
 * <p>{@code CheckpointListener} saves before Deeplearning4j increments its counter, so a file
 * recorded with iteration i holds the parameters after i + 1 updates, and the iterations here are
 * so corrected. Only its saves at the end of an epoch are recorded with the true number; nothing in
 * the files tells the two apart, so the caller says so ({@link #openEpochs}).
 *
 * <p>A file that is missing (the listener deletes old ones) or damaged is left out, with a warning
 * that names it, as long as two checkpoints remain. A checkpoint of another architecture is an
 * error. Of each file only configuration.json and coefficients.bin are read. Immutable; files are
 * read again by {@link #load}.
 *
 * <p>Thread-safe, as long as the files stay as they are.
 */
public final class CheckpointDirectory {

  private static final Logger LOG = LoggerFactory.getLogger(CheckpointDirectory.class);

  private static final String INFO = "checkpointInfo.txt";

  /** Far above what a listener writes: 100 bytes a checkpoint. */
  private static final int MAX_INFO = 1 << 24;

  private static final Pattern OURS = Pattern.compile("iteration-(\\d{1,18})\\.zip");

  private final Path directory;
  private final List<CheckpointFile> checkpoints;

  private CheckpointDirectory(Path directory, List<CheckpointFile> checkpoints) {
    this.directory = directory;
    this.checkpoints = checkpoints;
  }

  /**
   * Looks through a directory whose checkpoints were saved every so many iterations, or by {@link
   * #save}.
   *
   * @throws IOException if there is no such directory, it holds fewer than two usable checkpoints,
   *     or their architectures differ
   */
  public static CheckpointDirectory open(Path directory) throws IOException {
    return open(directory, 1);
  }

  /**
   * Looks through a directory whose checkpoints {@code CheckpointListener} saved at the ends of
   * epochs.
   *
   * @throws IOException as {@link #open} does
   */
  public static CheckpointDirectory openEpochs(Path directory) throws IOException {
    return open(directory, 0);
  }

  private static CheckpointDirectory open(Path directory, int uncounted) throws IOException {
    Refuse.file(!Files.isDirectory(directory), "checkpoint directory %s does not exist", directory);
    LeftOut leftOut = new LeftOut(directory);
    List<CheckpointFile> candidates =
        Files.exists(directory.resolve(INFO))
            ? listed(directory, uncounted, leftOut)
            : named(directory);
    List<CheckpointFile> usable = new ArrayList<>();
    List<ModelConfiguration> configurations = new ArrayList<>();
    for (CheckpointFile candidate : candidates) {
      try {
        ModelFile.requireParameters(candidate.file());
        configurations.add(new ModelConfiguration(ModelFile.configuration(candidate.file())));
        usable.add(candidate);
      } catch (IOException e) {
        leftOut.add(candidate.file().getFileName().toString(), e.getMessage());
      }
    }
    leftOut.report(usable.size());
    ModelConfiguration newest = configurations.get(usable.size() - 1);
    for (int i = 0; i < usable.size() - 1; i++) {
      String difference = configurations.get(i).difference(newest, ModelConfiguration.UPDATERS);
      Refuse.file(
          difference != null,
          "%s has another architecture than %s: in configuration.json %s",
          usable.get(i).file(),
          usable.get(usable.size() - 1).file().getFileName(),
          difference);
    }
    return new CheckpointDirectory(directory, List.copyOf(usable));
  }

  /** Whether a directory holds checkpoints by their names, readable or not. */
  public static boolean isOne(Path directory) throws IOException {
    return Files.exists(directory.resolve(INFO))
        || Files.isDirectory(directory) && !named(directory).isEmpty();
  }

  /** The checkpoints in checkpointInfo.txt, ascending; of two at one iteration the later line. */
  private static List<CheckpointFile> listed(Path directory, int uncounted, LeftOut leftOut)
      throws IOException {
    List<String> lines = TextFiles.read(directory.resolve(INFO), MAX_INFO).lines().toList();
    TreeMap<Long, CheckpointFile> byIteration = new TreeMap<>();
    for (int i = 1; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty()) {
        continue;
      }
      try {
        String[] columns = line.split(",");
        long iteration = Long.parseLong(columns[2]) + uncounted;
        // The last part only: a line must not lead out of the directory.
        Path file = directory.resolve(Path.of(columns[5]).getFileName());
        byIteration.put(iteration, new CheckpointFile(file, iteration));
      } catch (RuntimeException e) {
        leftOut.add(INFO + " line " + (i + 1), "not a checkpoint: " + line);
      }
    }
    return List.copyOf(byIteration.values());
  }

  private static List<CheckpointFile> named(Path directory) throws IOException {
    TreeMap<Long, CheckpointFile> byIteration = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      files.forEach(
          file -> {
            Matcher name = OURS.matcher(file.getFileName().toString());
            if (name.matches()) {
              long iteration = Long.parseLong(name.group(1));
              byIteration.put(iteration, new CheckpointFile(file, iteration));
            }
          });
    }
    return List.copyOf(byIteration.values());
  }

  /** The file of a checkpoint that {@link #save} writes. */
  public static Path file(Path directory, long iteration) {
    return directory.resolve("iteration-" + iteration + ".zip");
  }

  /**
   * Saves a checkpoint, without the updater's state, as {@code iteration-N.zip}.
   *
   * @param directory created if missing
   * @param model a {@code ComputationGraph} or {@code MultiLayerNetwork}
   * @param iteration updates applied
   * @return the file
   */
  public static Path save(Path directory, Model model, long iteration) throws IOException {
    Refuse.argument(iteration < 0, "an iteration is at least 0, got %s", iteration);
    Path file = file(directory, iteration);
    AtomicFiles.write(file, out -> ModelSerializer.writeModel(model, out, false));
    return file;
  }

  /** Usable checkpoints, oldest first; at least two. */
  public List<CheckpointFile> checkpoints() {
    return checkpoints;
  }

  /** The newest checkpoints only; all, if there are no more than {@code count}, at least 2. */
  public CheckpointDirectory newest(int count) {
    return new CheckpointDirectory(directory, CheckpointFile.newest(checkpoints, count));
  }

  /** The checkpoints of a window, see {@link CheckpointFile#window}. */
  public CheckpointDirectory window(Long end, long window, long interval) {
    return new CheckpointDirectory(
        directory, CheckpointFile.window(directory, checkpoints, end, window, interval));
  }

  /**
   * Reads the parameters into a window in memory, float32.
   *
   * @throws IOException if parameter counts differ or fewer than two files can be read
   */
  public CheckpointWindow load() throws IOException {
    return load(builder -> builder);
  }

  /**
   * Reads the parameters into a window.
   *
   * @param settings chooses data type and storage of the window
   * @throws IOException if parameter counts differ or fewer than two files can be read
   */
  public CheckpointWindow load(UnaryOperator<CheckpointWindowBuilder> settings) throws IOException {
    LeftOut leftOut = new LeftOut(directory);
    CheckpointWindow window = null;
    boolean whole = false;
    try {
      for (CheckpointFile checkpoint : checkpoints) {
        INDArray parameters;
        try {
          parameters = ModelFile.parameters(checkpoint.file());
        } catch (IOException e) {
          leftOut.add(checkpoint.file().getFileName().toString(), e.getMessage());
          continue;
        }
        if (window == null) {
          window =
              settings
                  .apply(CheckpointWindow.builder(parameters.length()).capacity(checkpoints.size()))
                  .build();
        }
        if (parameters.length() != window.parameters()) {
          throw new IOException(
              Text.format(
                  "%s has %s parameters, the checkpoints before it have %s",
                  checkpoint.file(), parameters.length(), window.parameters()));
        }
        if (!window.record(checkpoint.iteration(), parameters)) {
          leftOut.add(
              checkpoint.file().getFileName().toString(),
              "a parameter is not finite or too large for " + window.dataType());
        }
        parameters.close();
      }
      leftOut.report(window == null ? 0 : window.size());
      whole = true;
      return window;
    } finally {
      if (!whole && window != null) {
        window.close();
      }
    }
  }

  /** Collects what is not usable, to report it once. */
  private static final class LeftOut {

    /** Names in a message; a listener that keeps the last ten lists thousands as gone. */
    private static final int NAMED = 4;

    private final Path directory;
    private final List<String> reasons = new ArrayList<>();

    LeftOut(Path directory) {
      this.directory = directory;
    }

    void add(String name, String reason) {
      reasons.add(name + " (" + reason + ")");
    }

    void report(int usable) throws IOException {
      int named = Math.min(NAMED, reasons.size());
      String list =
          String.join(", ", reasons.subList(0, named))
              + (reasons.size() > named ? " and " + (reasons.size() - named) + " more" : "");
      Refuse.file(
          usable < 2,
          "checkpoint directory %s has %s%s, at least 2 are needed%s",
          directory,
          usable,
          usable == 1 ? " usable checkpoint" : " usable checkpoints",
          reasons.isEmpty()
              ? ": expected " + INFO + " with its files, or files iteration-N.zip"
              : "; left out: " + list);
      if (!reasons.isEmpty()) {
        LOG.warn("left out of checkpoint directory {}: {}", directory, list);
      }
    }
  }
}
