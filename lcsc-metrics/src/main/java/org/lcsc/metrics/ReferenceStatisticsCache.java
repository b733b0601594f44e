package org.lcsc.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lcsc.io.NpyArray;
import org.lcsc.io.NpzArchive;
import org.lcsc.io.Sha256;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps reference statistics in a directory, one {@code .npz} file per (data set, extractor,
 * preprocessing).
 *
 * <p>File names are hashes of the key; the key itself is stored in the file and compared. A file
 * that cannot be read, or holds another key, is computed anew with a warning. Several processes may
 * share a directory: files appear whole, and equal keys give equal contents. Thread-safe, though
 * threads that ask for the same missing key at once each compute it.
 */
public final class ReferenceStatisticsCache {

  private static final Logger LOG = LoggerFactory.getLogger(ReferenceStatisticsCache.class);
  private static final int MAX_KEY_BYTES = 1 << 16;

  private final Path directory;

  /**
   * Creates a cache.
   *
   * @param directory made when the first file is written
   */
  public ReferenceStatisticsCache(Path directory) {
    this.directory = Objects.requireNonNull(directory, "directory");
  }

  /**
   * What a set of statistics is of.
   *
   * @param dataset fingerprint of the images
   * @param extractor {@link FeatureExtractor#id()}
   * @param preprocessing how images become the extractor's input, for example {@code "none"}
   */
  public record Key(String dataset, String extractor, String preprocessing) {

    public Key {
      Objects.requireNonNull(dataset, "dataset");
      Objects.requireNonNull(extractor, "extractor");
      Objects.requireNonNull(preprocessing, "preprocessing");
    }

    private String text() {
      // Lengths keep ("ab", "c") and ("a", "bc") apart.
      return Stream.of(dataset, extractor, preprocessing)
          .map(part -> part.length() + ":" + part + "\n")
          .collect(Collectors.joining());
    }
  }

  /** The file that holds, or would hold, the statistics of a key. */
  public Path file(Key key) {
    return directory.resolve(Sha256.of(key.text()).substring(0, 32) + ".npz");
  }

  /**
   * Reads the statistics of a key, or computes and stores them.
   *
   * @param key what they are of
   * @param compute called where the file is missing or damaged
   * @return the statistics, with a warning where a new file cannot be written
   */
  public FeatureMoments get(Key key, Supplier<FeatureMoments> compute) {
    Path file = file(key);
    if (Files.exists(file)) {
      try (NpzArchive archive = NpzArchive.open(file)) {
        String stored = archive.read("key", MAX_KEY_BYTES).asText();
        if (stored.equals(key.text())) {
          return FeatureMoments.read(file, archive);
        }
        LOG.warn("{} holds statistics of another key; computing them anew", file);
      } catch (IOException e) {
        LOG.warn("{}; computing the statistics anew", e.getMessage());
      }
    }
    FeatureMoments moments = compute.get();
    try {
      moments.write(file, Map.of("key", NpyArray.ofText(key.text())));
    } catch (IOException e) {
      LOG.warn("The statistics are not kept for the next run: {}", e.getMessage());
    }
    return moments;
  }
}
