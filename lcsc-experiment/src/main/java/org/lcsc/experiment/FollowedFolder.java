package org.lcsc.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongPredicate;
import org.lcsc.checkpoint.CheckpointFile;
import org.lcsc.experiment.config.FollowConfig;
import org.lcsc.tensor.TensorFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a directory one by one as they appear whole: they can be opened, and did not
 * grow since the last look. Not thread-safe.
 */
final class FollowedFolder {

  private static final Logger LOG = LoggerFactory.getLogger(FollowedFolder.class);

  /** Seconds between two looks while a file is there that may be written still. */
  private static final double WRITING = 0.2;

  private final Path directory;
  private final FollowConfig config;
  private final BooleanSupplier cancelled;
  private final Map<Path, Long> sizes = new HashMap<>();
  private long last = -1;

  FollowedFolder(Path directory, FollowConfig config, BooleanSupplier cancelled) {
    this.directory = directory;
    this.config = config;
    this.cancelled = cancelled;
  }

  private List<CheckpointFile> later() throws IOException {
    return Files.isDirectory(directory)
        ? TensorFolder.listed(directory).stream().filter(f -> f.iteration() > last).toList()
        : List.of();
  }

  /** Whether one newer than the last is there whose iteration meets a condition. */
  boolean hasLater(LongPredicate condition) throws IOException {
    return later().stream()
        .anyMatch(file -> condition.test(file.iteration()) && TensorFolder.isWhole(file));
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
      List<CheckpointFile> later = later();
      for (CheckpointFile file : later) {
        if (hasGrown(file)) {
          start = System.nanoTime();
        } else if (TensorFolder.isWhole(file)) {
          if (file != later.get(0)) {
            LOG.warn("left out: {}, which is not whole", later.get(0).file());
          }
          last = file.iteration();
          return Optional.of(file);
        }
      }
      if (config.patience() != null && System.nanoTime() - start > config.patience() * 1e9) {
        return Optional.empty();
      }
      try {
        Thread.sleep((long) (1e3 * (later.isEmpty() ? config.poll() : WRITING)));
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
