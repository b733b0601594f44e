package org.lcsc.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.lcsc.checkpoint.CheckpointFile;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.experiment.config.OwnSearchConfig;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.io.ChecksummedFile;
import org.lcsc.io.ModelWriter;
import org.lcsc.listener.LcscListenerBuilder;
import org.lcsc.listener.LcscResult;
import org.lcsc.listener.ListenerState;
import org.lcsc.listener.WindowSearches;
import org.lcsc.search.config.LcscConfig;
import org.lcsc.search.config.SearchSchedule;
import org.lcsc.tensor.TensorFolder;
import org.lcsc.tensor.TensorModelWriter;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Searches beside a training that runs elsewhere: checkpoints enter the window as they appear, and
 * a search begins with the first checkpoint at or after a configured iteration. Of several that
 * have become due during a search only the latest takes place. Not thread-safe.
 *
 * @param folder that the training writes to
 * @param checkpoints those of the folder from the first on
 */
record FollowingSearch(
    OwnSearchConfig config,
    Path folder,
    FollowedFolder checkpoints,
    RunDirectory directory,
    RunListener listener) {

  private static final Logger LOG = LoggerFactory.getLogger(FollowingSearch.class);

  private static final long MAGIC = 0x4c4353432d464f31L; // "LCSC-FO1"

  /** The newest checkpoint's writer, which candidates are made like. */
  private static final class Newest implements ModelWriter, AutoCloseable {

    private TensorModelWriter now;

    void take(TensorModelWriter next) throws IOException {
      close();
      now = next;
    }

    @Override
    public String suffix() {
      return now.suffix();
    }

    @Override
    public void write(Path file, INDArray parameters, long iteration) throws IOException {
      now.write(file, parameters, iteration);
    }

    @Override
    public void readGradient(Path file, INDArray gradient) throws IOException {
      now.readGradient(file, gradient);
    }

    @Override
    public void close() throws IOException {
      if (now != null) {
        now.close();
      }
    }
  }

  /**
   * Follows the training to its end.
   *
   * @param first a whole checkpoint, whose tensors all others must have
   * @param interruption ends it
   * @return the searches; none where there was no checkpoint to search at
   */
  WindowSearches run(TensorFolder first, Interruption interruption) throws IOException {
    LcscConfig lcsc = config.lcsc();
    long parameters = first.layout().parameters();
    try (Newest writer = new Newest()) {
      writer.take(first.writer());
      try (OwnObjectives objectives =
              new OwnObjectives(
                  config,
                  writer,
                  first.iterations()[0],
                  directory.candidates(),
                  directory.scorerLog(),
                  interruption::requested);
          INDArray vector = Nd4j.createUninitializedDetached(DataType.FLOAT, parameters);
          CheckpointWindow window = lcsc.openWindow(parameters, directory.mappedWindow(), 0)) {
        LcscListenerBuilder builder =
            OwnSearch.searches(config, objectives, directory, listener, interruption);
        if (Files.exists(directory.followState())) {
          ListenerState state =
              ChecksummedFile.read(
                  directory.followState(), MAGIC, in -> ListenerState.read(in, parameters));
          builder.resume(state);
        }
        WindowSearches searches = builder.buildSearches();
        long pending = pending();
        long begun = -1;
        for (Optional<CheckpointFile> next = checkpoints.next();
            next.isPresent();
            next = checkpoints.next()) {
          CheckpointFile checkpoint = next.get();
          try {
            first.read(checkpoint.file(), vector);
          } catch (IOException e) {
            passOver(checkpoint, e);
            continue;
          }
          if (checkpoint.iteration() % lcsc.interval() == 0) {
            window.record(checkpoint.iteration(), vector);
          }
          long newest = window.size() == 0 ? -1 : window.iterations()[window.size() - 1];
          if (isDue(checkpoint.iteration(), newest, searches, begun, pending)) {
            try {
              writer.take(TensorFolder.of(folder, List.of(checkpoint), config.exclude()).writer());
            } catch (IOException e) {
              passOver(checkpoint, e);
              continue;
            }
            begun = checkpoint.iteration();
            if (!search(searches, window, OwnCheckpoints.groups(first.layout(), lcsc), writer)) {
              return searches;
            }
          }
          if (searches.stopSignal().isRequested() || checkpoint.iteration() >= until()) {
            return searches;
          }
        }
        return searches;
      }
    }
  }

  /**
   * Goes on without a checkpoint that the training deleted, or begins to delete, since it was seen,
   * as those that keep the last few do.
   *
   * @throws IOException {@code fault} where it is still whole
   */
  static void passOver(CheckpointFile checkpoint, IOException fault) throws IOException {
    if (TensorFolder.isWhole(checkpoint)) {
      throw fault;
    }
    LOG.warn("left out: {}, which is no longer whole", checkpoint.file());
  }

  /** The iteration of the search that was killed, or -1. */
  private long pending() throws IOException {
    if (!Files.isDirectory(directory.searchStates())) {
      return -1;
    }
    try (Stream<Path> states = Files.list(directory.searchStates())) {
      return states
          .map(state -> state.getFileName().toString().replaceAll("\\D", ""))
          .filter(digits -> !digits.isEmpty())
          .mapToLong(Long::parseLong)
          .max()
          .orElse(-1);
    }
  }

  /**
   * Whether a search begins.
   *
   * @param iteration of the checkpoint that has come
   * @param newest iteration of the newest checkpoint in the window
   * @param begun of the checkpoint that the latest search began with, where this process saw it;
   *     else -1
   */
  private boolean isDue(
      long iteration, long newest, WindowSearches searches, long begun, long pending)
      throws IOException {
    List<LcscResult> results = searches.results();
    long searched = results.isEmpty() ? 0 : results.get(results.size() - 1).iteration();
    LcscConfig lcsc = config.lcsc();
    SearchSchedule schedule = lcsc.schedule();
    long due = schedule.countUntil(iteration);
    long last = begun;
    if (begun < 0) {
      // At the latest before the next checkpoint entered the window.
      last = results.isEmpty() ? 0 : searched + lcsc.interval() - 1;
    }
    if (newest <= searched || due <= schedule.countUntil(last)) {
      return false;
    }
    return iteration == pending
        || iteration > pending && !checkpoints.hasLater(later -> schedule.countUntil(later) > due);
  }

  private long until() {
    Integer until = config.follow().until();
    List<Integer> searchAt = config.lcsc().searchAt();
    return until != null
        ? until
        : searchAt == null ? Long.MAX_VALUE : searchAt.get(searchAt.size() - 1);
  }

  /** Whether it came to its end. */
  private boolean search(
      WindowSearches searches, CheckpointWindow window, ParameterGroups groups, ModelWriter writer)
      throws IOException {
    if (window.size() < 2) {
      LOG.warn("No search yet: the window holds {} of the 2 checkpoints it takes", window.size());
      return true;
    }
    Optional<LcscResult> result = searches.search(window, groups, writer);
    if (result.isEmpty()) {
      return false;
    }
    if (searches.best().isPresent()) {
      // Else a run that is resumed scores again.
      ChecksummedFile.write(directory.followState(), MAGIC, out -> searches.state().write(out));
    }
    listener.found(result.get());
    return true;
  }
}
