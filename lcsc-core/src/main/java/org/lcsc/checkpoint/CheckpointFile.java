package org.lcsc.checkpoint;

import java.nio.file.Path;
import java.util.List;
import org.lcsc.io.Refuse;

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
    Refuse.argument(
        interval < 1 || window < interval,
        "interval must be from 1 to the window, got %s and window %s",
        interval,
        window);
    long newest = checkpoints.get(checkpoints.size() - 1).iteration();
    List<CheckpointFile> chosen =
        checkpoints.stream()
            .filter(checkpoint -> newest - checkpoint.iteration() < window)
            .filter(checkpoint -> (newest - checkpoint.iteration()) % interval == 0)
            .toList();
    Refuse.argument(
        chosen.size() < 2,
        "%s has %s checkpoints of window %s and interval %s, needed: at least 2",
        directory,
        chosen.size(),
        window,
        interval);
    return chosen;
  }

  /** The newest only; all, if there are no more than {@code count}, at least 2. */
  public static List<CheckpointFile> newest(List<CheckpointFile> checkpoints, int count) {
    Refuse.argument(count < 2, "a window needs at least 2 checkpoints, got %s", count);
    return checkpoints.subList(Math.max(0, checkpoints.size() - count), checkpoints.size());
  }
}
