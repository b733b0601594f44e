package org.lcsc.experiment.evaluation;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.diffusion.features.FeatureNetworkConfig.Architecture;
import org.lcsc.diffusion.features.FeatureNetworks;
import org.lcsc.experiment.FeatureSpaces;
import org.lcsc.experiment.FeaturesListener;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.ReferenceStatistics;
import org.lcsc.image.ImageShape;
import org.lcsc.io.HostArrays;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.metrics.FeatureMoments;
import org.lcsc.metrics.FeatureRows;
import org.lcsc.metrics.FrechetDistance;
import org.lcsc.metrics.NearestNeighbours;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Puts together the feature spaces of an evaluation. Not thread-safe. */
public final class MetricSpaces {

  /** Largest training set whose nearest images are looked for unless asked to. */
  private static final int SMALL = 20_000;

  private final ReferenceImages images;
  private final ImageShape shape;
  private final FeaturesListener listener;

  /** By the name of FID in their space. */
  private final Map<String, FeatureExtractor> extractors = new LinkedHashMap<>();

  /**
   * The spaces of this library for the data set, where there are any.
   *
   * @param images what to compare with; null where only published statistics are known
   * @param shape shape of all images
   * @param listener is called while features of the real images are extracted
   */
  public MetricSpaces(ReferenceImages images, ImageShape shape, FeaturesListener listener) {
    this.images = images;
    this.shape = shape;
    this.listener = listener;
    if (images != null && FeatureNetworks.exists(images.dataset(), shape, Architecture.FINE)) {
      FeatureSpaces.ofDataSet(images.dataset(), shape)
          .forEach(own -> extractors.put(FeatureSpaces.name(extractors.size()), own));
    }
  }

  /**
   * Adds a space that the user names.
   *
   * @param key the option or key that names it, for messages
   * @param text {@code pixels}, {@code random-projection}, a feature network's {@code .zip}, or the
   *     {@code .yaml} of an ONNX file
   * @throws InvalidInputException where the text is none of these, or the file is missing or wrong
   * @throws org.lcsc.config.InvalidValueException where there is one of that name already
   */
  public void add(String key, String text) {
    FeatureSpaces.add(extractors, key, text, shape);
  }

  /**
   * Extracts what is to be known of the real images, as far as no earlier run has kept it.
   *
   * @param published statistics in place of those of the training images, in the first space of
   *     their dimension; null for none
   * @param publishedFile their file, for messages
   * @param memorisation whether to look for the nearest training images; null: where these are at
   *     most {@value #SMALL}
   * @throws IOException where statistics cannot be kept
   * @throws InvalidInputException where there is no space, or none of the published dimension
   */
  public List<MetricSpace> build(FeatureMoments published, Path publishedFile, Boolean memorisation)
      throws IOException {
    InvalidInputException.when(
        extractors.isEmpty(),
        "no feature network for %s with images %s, allowed: --features SPACE, or lcsc"
            + " train-features trains one",
        images == null ? "these images" : images.dataset(),
        shape);
    for (FeatureExtractor extractor : extractors.values()) {
      InvalidInputException.when(
          Boolean.TRUE.equals(memorisation)
              && images != null
              && (long) images.training().size() * extractor.dimension() > Integer.MAX_VALUE,
          "--memorisation: too many training images for the %s features of %s, allowed: %s",
          extractor.dimension(),
          extractor.id(),
          Integer.MAX_VALUE / extractor.dimension());
    }
    List<MetricSpace> spaces = new ArrayList<>();
    FeatureMoments open = published;
    for (Map.Entry<String, FeatureExtractor> named : extractors.entrySet()) {
      FeatureExtractor extractor = named.getValue();
      FeatureMoments moments;
      if (open != null && open.dimension() == extractor.dimension()) {
        moments = open;
        open = null;
      } else if (images != null) {
        moments = ReferenceStatistics.of(images.training(), extractor, listener);
      } else {
        continue;
      }
      spaces.add(space(named.getKey(), extractor, FrechetDistance.against(moments), memorisation));
    }
    if (open != null) {
      throw new InvalidInputException(
          format(
              "%s: statistics of %s features, but the feature spaces have %s",
              publishedFile,
              published.dimension(),
              extractors.values().stream().map(FeatureExtractor::dimension).toList()));
    }
    return spaces;
  }

  private MetricSpace space(
      String name,
      FeatureExtractor extractor,
      FrechetDistance.Reference reference,
      Boolean memorisation)
      throws IOException {
    if (images == null) {
      return new MetricSpace(name, extractor, reference);
    }
    boolean check =
        images.heldOut() != null
            && (memorisation == null ? images.training().size() <= SMALL : memorisation);
    ImageDataSet training = images.training();
    INDArray all = check ? features(extractor, training, training.size()) : null;
    INDArray real =
        all == null || all.size(0) > ImageScorer.KEPT
            ? features(extractor, training, ImageScorer.KEPT)
            : all;
    INDArray heldOut =
        images.heldOut() == null ? null : features(extractor, images.heldOut(), ImageScorer.KEPT);
    double[] distances = check ? NearestNeighbours.nearest(heldOut, all) : null;
    return new MetricSpace(name, extractor, reference, real, all, heldOut, distances);
  }

  private INDArray features(FeatureExtractor extractor, ImageDataSet images, int limit)
      throws IOException {
    int count = Math.min(limit, images.size());
    FeatureRows rows = new FeatureRows(count, count, extractor.dimension());
    Iterator<INDArray> batches = ImageSource.ofDataSet(images.name(), images, count).batches();
    LongConsumer progress = listener.featuresStarted("real images", count);
    long done = 0;
    while (batches.hasNext()) {
      INDArray batch = batches.next();
      rows.add(HostArrays.floats(extractor.extract(batch)));
      done += batch.size(0);
      progress.accept(done);
    }
    return rows.array();
  }
}
