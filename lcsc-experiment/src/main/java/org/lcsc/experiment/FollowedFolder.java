package org.lcsc.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongPredicate;
import org.lcsc.checkpoint.CheckpointFile;
import org.lcsc.experiment.config.FollowConfig;
import org.lcsc.io.Text;
import org.lcsc.tensor.TensorFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a directory one by one as they appear whole: they can be opened, and did not
 * grow since the last look. What cannot be used is left out, with one warning for each file. Not
 * thread-safe.
 */
final class FollowedFolder {

  private static final Logger LOG = LoggerFactory.getLogger(FollowedFolder.class);

  /** Seconds between two looks while a file is there that may be written still. */
  private static final double WRITING = 0.2;

  private final Path directory;
  private final FollowConfig config;
  private final BooleanSupplier cancelled;
  private final Map<Path, Long> sizes = new HashMap<>();
  private final Set<Path> leftOut = new HashSet<>();
  private CheckpointFile last;
  private TensorFolder like;

  FollowedFolder(Path directory, FollowConfig config, BooleanSupplier cancelled) {
    this.directory = directory;
    this.config = config;
    this.cancelled = cancelled;
  }

  /** Begins again with the oldest; checkpoints unlike these are left out from now on. */
  void restart(TensorFolder like) {
    this.like = like;
    last = null;
  }

  /** The last that {@link #next} gave. */
  Optional<CheckpointFile> newest() {
    return Optional.ofNullable(last);
  }

  private List<CheckpointFile> later() throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    List<CheckpointFile> later = new ArrayList<>();
    for (CheckpointFile file : TensorFolder.named(directory, this::leaveOut)) {
      if (last == null || file.iteration() > last.iteration()) {
        if (!leftOut.contains(file.file())) {
          later.add(file);
        }
      } else if (file.iteration() == last.iteration() && !file.equals(last)) {
        leaveOut(
            file.file(),
            Text.format(
                "of the same iteration %d as %s",
                file.iteration(), directory.relativize(last.file())));
      }
    }
    return later;
  }

  /** Warns, once for each. */
  private void leaveOut(Path entry, String why) {
    if (leftOut.add(entry)) {
      LOG.warn("left out of {}: {}, {}", directory, directory.relativize(entry), why);
    }
  }

  /** Whether it is whole and not left out. */
  private boolean isUsable(CheckpointFile file) {
    if (!TensorFolder.isWhole(file)) {
      return false;
    }
    try {
      if (like != null) {
        like.requireSame(file);
      }
      return true;
    } catch (IOException e) {
      leaveOut(file.file(), e.getMessage());
      return false;
    }
  }

  /** Whether one newer than the last is there whose iteration meets a condition. */
  boolean hasLater(LongPredicate condition) throws IOException {
    return later().stream().anyMatch(file -> condition.test(file.iteration()) && isUsable(file));
  }

  /**
   * Waits for the next checkpoint.
   *
   * @return empty once the process is to end, or none has come or grown within the configured
   *     patience
   */
  Optional<CheckpointFile> next() throws IOException {
    long start = System.nanoTime();
    while (!cancelled.getAsBoolean()) {
      boolean growing = false;
      List<CheckpointFile> later = later();
      for (CheckpointFile file : later) {
        if (hasGrown(file)) {
          growing = true;
          start = System.nanoTime();
        } else if (isUsable(file)) {
          later.stream()
              .takeWhile(earlier -> earlier.iteration() < file.iteration())
              .forEach(earlier -> leaveOut(earlier.file(), "which is not whole"));
          last = file;
          return Optional.of(file);
        }
      }
      if (config.patience() != null && System.nanoTime() - start > config.patience() * 1e9) {
        return Optional.empty();
      }
      try {
        Thread.sleep((long) (1e3 * (growing ? WRITING : config.poll())));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  /** Whether it is new, or has another size than when it was looked at before. */
  private boolean hasGrown(CheckpointFile file) throws IOException {
    Long size;
    try {
      size = Files.size(file.file());
    } catch (NoSuchFileException e) {
      size = -1L;
    }
    return !size.equals(sizes.put(file.file(), size));
  }
}
