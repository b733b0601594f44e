package org.lcsc.experiment;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.checkpoint.CheckpointFile;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.run.SearchSource;
import org.lcsc.io.Refuse;
import org.lcsc.model.CheckpointDirectory;
import org.lcsc.search.config.LcscConfig;

/**
 * Where the checkpoints of a search come from: a directory of model files (see {@link
 * CheckpointDirectory}), or a file of {@link CheckpointWindow#save}. Of a directory the checkpoints
 * are taken that the configured window would hold, see {@link CheckpointDirectory#window}. Opening
 * it twice, also on two machines, gives windows that merge to the same bits.
 *
 * @param path directory or file
 * @param iteration the window is the one that had ended at this iteration; null for the newest
 * @param newest use only so many of the newest of these; 0 for all, and of a file those that {@code
 *     lcsc.window} has room for
 * @param epochs whether Deeplearning4j's listener saved at the ends of epochs
 */
public record CheckpointSource(String path, Long iteration, int newest, boolean epochs)
    implements Serializable {

  /** Refuses a number of checkpoints that cannot be searched. */
  public CheckpointSource {
    Refuse.argument(
        newest != 0 && newest < 2, "a window needs at least 2 checkpoints, got %s", newest);
  }

  /**
   * The checkpoints that a run directory names, without reading them.
   *
   * @param lcsc says which window is meant
   * @throws InvalidInputException where there is no such file, no usable directory, or fewer than
   *     two checkpoints of the window
   */
  static CheckpointSource checked(SearchSource named, LcscConfig lcsc) {
    try {
      CheckpointSource source =
          new CheckpointSource(
              named.checkpoints(),
              named.iteration(),
              named.newest() == null ? 0 : named.newest(),
              named.epochs());
      if (!Files.isRegularFile(Path.of(source.path))) {
        lcsc.requireSearchable("lcsc.", source.directory(lcsc).checkpoints().size());
      } else {
        InvalidInputException.when(
            named.iteration() != null,
            "--iteration: %s is the file of one window, allowed: with a directory of checkpoints",
            source.path);
        InvalidInputException.when(
            named.epochs(),
            "--epochs: has no effect with %s, the file of a window, allowed: with a directory of"
                + " checkpoints",
            source.path);
      }
      return source;
    } catch (IOException | IllegalArgumentException e) {
      throw new InvalidInputException(e);
    }
  }

  /** The checkpoints that a directory holds of the window. */
  CheckpointDirectory directory(LcscConfig lcsc) throws IOException {
    Path directory = Path.of(path);
    CheckpointDirectory found =
        epochs ? CheckpointDirectory.openEpochs(directory) : CheckpointDirectory.open(directory);
    CheckpointDirectory window = found.window(iteration, lcsc.window(), lcsc.interval());
    return newest == 0 ? window : window.newest(newest);
  }

  /**
   * Reads the checkpoints.
   *
   * @param network of their architecture; left alone
   * @param config names the window, its number format and its storage
   * @param mapped the file of a mapped window, on a disk of this machine
   * @throws IOException where they cannot be read
   * @throws org.lcsc.experiment.InvalidInputException where they are of another architecture
   */
  public CheckpointWindow open(ComputationGraph network, RunConfig config, Path mapped)
      throws IOException {
    if (!Files.isRegularFile(Path.of(path))) {
      CheckpointDirectory directory = directory(config.lcsc());
      List<CheckpointFile> entries = directory.checkpoints();
      // One file stands for all: the directory compares them with each other.
      LoadedModel.load(entries.get(entries.size() - 1).file(), network);
      return directory.load(builder -> config.lcsc().storage().keep(builder, mapped, 0));
    }
    int capacity = newest == 0 ? config.lcsc().checkpoints() : newest;
    CheckpointWindow window =
        config
            .lcsc()
            .storage()
            .keep(CheckpointWindow.builder(network.numParams()).capacity(capacity), mapped, 0)
            .build();
    boolean whole = false;
    try {
      window.restore(Path.of(path));
      whole = true;
      return window;
    } finally {
      if (!whole) {
        window.close();
      }
    }
  }
}
