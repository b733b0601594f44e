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
   * @param end iteration at which the window had ended: later ones are left out; null for the
   *     newest
   * @param window iterations, at least {@code interval}
   * @param interval iterations, at least 1
   * @throws IllegalArgumentException if fewer than two are left, or the newest is a whole interval
   *     older than {@code end}
   */
  public static List<CheckpointFile> window(
      Path directory, List<CheckpointFile> checkpoints, Long end, long window, long interval) {
    Refuse.argument(
        interval < 1 || window < interval,
        "interval must be from 1 to the window, got %s and window %s",
        interval,
        window);
    List<CheckpointFile> saved =
        checkpoints.stream().filter(c -> end == null || c.iteration() <= end).toList();
    Refuse.argument(
        saved.isEmpty(),
        "%s has no checkpoint up to iteration %s, its first is of iteration %s",
        directory,
        end,
        checkpoints.get(0).iteration());
    long newest = saved.get(saved.size() - 1).iteration();
    Refuse.argument(
        end != null && end - newest >= interval,
        "%s has no checkpoint of iteration %s, the one before it is of iteration %s",
        directory,
        end,
        newest);
    List<CheckpointFile> chosen =
        saved.stream()
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
