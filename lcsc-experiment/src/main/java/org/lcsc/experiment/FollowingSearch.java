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

  private static final long MAGIC = 0x4c4353432d464f32L; // "LCSC-FO2"

  /** The searches, and the iteration of the checkpoint that the latest of them began with. */
  private record State(ListenerState searches, long begun) {

    static State read(Path file, long parameters) throws IOException {
      return ChecksummedFile.read(
          file, MAGIC, in -> new State(ListenerState.read(in, parameters), in.readLong()));
    }

    void write(Path file) throws IOException {
      ChecksummedFile.write(
          file,
          MAGIC,
          out -> {
            searches.write(out);
            out.writeLong(begun);
          });
    }
  }

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
        long begun = 0;
        if (Files.exists(directory.followState())) {
          State state = State.read(directory.followState(), parameters);
          builder.resume(state.searches());
          begun = state.begun();
        }
        WindowSearches searches = builder.buildSearches();
        long pending = pending();
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
          if (enters(checkpoint.iteration(), newest(window))) {
            window.record(checkpoint.iteration(), vector);
          }
          long newest = newest(window);
          if (isDue(checkpoint.iteration(), newest, searches, begun, pending)) {
            try {
              writer.take(TensorFolder.of(folder, List.of(checkpoint), config.exclude()).writer());
            } catch (IOException e) {
              passOver(checkpoint, e);
              continue;
            }
            begun = checkpoint.iteration();
            ParameterGroups groups = OwnCheckpoints.groups(first.layout(), lcsc);
            if (!search(searches, window, groups, writer, begun)) {
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

  /** Iteration of the newest checkpoint in the window; -1 where there is none. */
  private static long newest(CheckpointWindow window) {
    return window.size() == 0 ? -1 : window.iterations()[window.size() - 1];
  }

  /**
   * Whether a checkpoint enters the window: at the multiples of the interval, and where a training
   * counts otherwise, from 0 or from where it was continued, at its distance from the one before.
   */
  private boolean enters(long iteration, long newest) {
    int interval = config.lcsc().interval();
    return newest < 0 || iteration % interval == 0 || iteration - newest >= interval;
  }

  /**
   * Whether a search begins.
   *
   * @param iteration of the checkpoint that has come
   * @param newest iteration of the newest checkpoint in the window
   * @param begun of the checkpoint that the latest search began with; 0 before
   */
  private boolean isDue(
      long iteration, long newest, WindowSearches searches, long begun, long pending)
      throws IOException {
    List<LcscResult> results = searches.results();
    long searched = results.isEmpty() ? 0 : results.get(results.size() - 1).iteration();
    SearchSchedule schedule = config.lcsc().schedule();
    long due = schedule.countUntil(iteration);
    if (newest <= searched || due <= schedule.countUntil(begun)) {
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
      WindowSearches searches,
      CheckpointWindow window,
      ParameterGroups groups,
      ModelWriter writer,
      long begun)
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
      new State(searches.state(), begun).write(directory.followState());
    }
    listener.found(result.get());
    return true;
  }
}
