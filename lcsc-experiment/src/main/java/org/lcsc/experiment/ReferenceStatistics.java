package org.lcsc.experiment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.function.LongConsumer;
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

  private static final ReferenceStatisticsCache CACHE = new ReferenceStatisticsCache(directory());

  private ReferenceStatistics() {}

  /**
   * Statistics of all images of a set.
   *
   * @param listener is called where they are not kept yet
   * @throws IOException where new statistics cannot be written
   */
  public static FeatureMoments of(
      ImageDataSet images, FeatureExtractor extractor, FeaturesListener listener)
      throws IOException {
    return CACHE.get(
        key(images, extractor),
        () -> {
          LongConsumer progress = listener.featuresStarted("statistics", images.size());
          FeatureMoments moments = FeatureStatistics.of(extractor, batchesOf(images, progress));
          progress.accept(images.size());
          return moments;
        });
  }

  /** Where the statistics are kept, or would be. */
  static Path file(ImageDataSet images, FeatureExtractor extractor) {
    return CACHE.file(key(images, extractor));
  }

  private static ReferenceStatisticsCache.Key key(ImageDataSet images, FeatureExtractor extractor) {
    return new ReferenceStatisticsCache.Key(images.fingerprint(), extractor.id(), "train, none");
  }

  private static Path directory() {
    String cache = System.getenv("LCSC_CACHE");
    return cache != null && !cache.isBlank()
        ? Path.of(cache, "statistics")
        : Path.of(System.getProperty("user.home"), ".cache", "lcsc", "statistics");
  }

  private static Iterator<INDArray> batchesOf(ImageDataSet images, LongConsumer progress) {
    return IntStream.range(0, (images.size() + BATCH - 1) / BATCH)
        .mapToObj(
            b -> {
              progress.accept((long) b * BATCH);
              return images.batch(b * BATCH, Math.min(BATCH, images.size() - b * BATCH));
            })
        .iterator();
  }
}
