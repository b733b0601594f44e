package org.lcsc.checkpoint;

import java.nio.file.Path;
import java.util.List;

/**
 * A checkpoint in a file of its own.
 *
 * @param file model file
 * @param iteration updates applied
 */
public record CheckpointFile(Path file, long iteration) {

  /**
   * The checkpoints that a window of another size or interval would hold: of those less than {@code
   * window} iterations older than the newest, the ones a multiple of {@code interval} older.
   *
   * @param directory that they are in, for messages
   * @param checkpoints ascending, at least one
   * @param window iterations, at least {@code interval}
   * @param interval iterations, at least 1
   * @throws IllegalArgumentException if fewer than two are left
   */
  public static List<CheckpointFile> spaced(
      Path directory, List<CheckpointFile> checkpoints, long window, long interval) {
    if (interval < 1 || window < interval) {
      throw new IllegalArgumentException(
          "interval must be from 1 to the window, got " + interval + " and window " + window);
    }
    long newest = checkpoints.get(checkpoints.size() - 1).iteration();
    List<CheckpointFile> chosen =
        checkpoints.stream()
            .filter(checkpoint -> newest - checkpoint.iteration() < window)
            .filter(checkpoint -> (newest - checkpoint.iteration()) % interval == 0)
            .toList();
    if (chosen.size() < 2) {
      throw new IllegalArgumentException(
          directory
              + " has "
              + chosen.size()
              + " checkpoints of window "
              + window
              + " and interval "
              + interval
              + ", needed: at least 2");
    }
    return chosen;
  }

  /** The newest only; all, if there are no more than {@code count}, at least 2. */
  public static List<CheckpointFile> newest(List<CheckpointFile> checkpoints, int count) {
    if (count < 2) {
      throw new IllegalArgumentException("a window needs at least 2 checkpoints, got " + count);
    }
    return checkpoints.subList(Math.max(0, checkpoints.size() - count), checkpoints.size());
  }
}
