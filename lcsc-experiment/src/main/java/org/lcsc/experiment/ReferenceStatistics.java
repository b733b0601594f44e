package org.lcsc.experiment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.metrics.FeatureMoments;
import org.lcsc.metrics.FeatureStatistics;
import org.lcsc.metrics.ReferenceStatisticsCache;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Statistics of data sets in feature spaces, kept between runs in {@code LCSC_CACHE/statistics} or
 * {@code ~/.cache/lcsc/statistics}. Thread-safe.
 */
public final class ReferenceStatistics {

  /** Images per forward pass of the feature extractor over the data set. */
  private static final int BATCH = 500;

  private ReferenceStatistics() {}

  /**
   * Statistics of all images of a set.
   *
   * @throws IOException where new statistics cannot be written
   */
  public static FeatureMoments of(ImageDataSet images, FeatureExtractor extractor)
      throws IOException {
    return new ReferenceStatisticsCache(directory())
        .get(
            new ReferenceStatisticsCache.Key(images.fingerprint(), extractor.id(), "train, none"),
            () -> FeatureStatistics.of(extractor, batchesOf(images)));
  }

  private static Path directory() {
    String cache = System.getenv("LCSC_CACHE");
    return cache != null && !cache.isBlank()
        ? Path.of(cache, "statistics")
        : Path.of(System.getProperty("user.home"), ".cache", "lcsc", "statistics");
  }

  private static Iterator<INDArray> batchesOf(ImageDataSet images) {
    return IntStream.range(0, (images.size() + BATCH - 1) / BATCH)
        .mapToObj(b -> images.batch(b * BATCH, Math.min(BATCH, images.size() - b * BATCH)))
        .iterator();
  }
}
