package org.lcsc.experiment.evaluation;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.LongConsumer;
import org.lcsc.io.HostArrays;
import org.lcsc.io.Refuse;
import org.lcsc.metrics.ClassifyingExtractor;
import org.lcsc.metrics.FeatureMoments;
import org.lcsc.metrics.FeatureRows;
import org.lcsc.metrics.FrechetDistance;
import org.lcsc.metrics.InceptionScore;
import org.lcsc.metrics.Metric;
import org.lcsc.metrics.objective.FeaturePass;
import org.lcsc.metrics.onnx.OnnxLpips;
import org.lcsc.objective.StageSeconds;
import org.lcsc.objective.StageStopwatch;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Scores sets of images by every metric in every feature space, in one pass over the images. Images
 * are not kept, and features of at most {@value #KEPT} per set, from which KID, precision and
 * recall, and FID-infinity are computed; memory does not grow with the number of images. Not
 * thread-safe.
 */
public final class ImageScorer {

  /** Feature vectors kept of each set. */
  static final int KEPT = 10_000;

  /** Fewest images of a split of the Inception Score. */
  private static final int LEAST_SPLIT = 100;

  /**
   * How to measure.
   *
   * @param splits of the Inception Score
   * @param metrics what is measured beside FID
   * @param seed of their random draws
   */
  public record Settings(int splits, List<Metric> metrics, long seed) {

    /** Puts the metrics in the order of their columns. */
    public Settings {
      metrics = metrics.stream().sorted(Comparator.comparingInt(Metric::place)).toList();
    }
  }

  private final List<MetricSpace> spaces;
  private final OnnxLpips lpips;
  private final Settings settings;

  /**
   * An evaluation.
   *
   * @param spaces at least one
   * @param lpips for the diversity of the samples, or null
   */
  public ImageScorer(List<MetricSpace> spaces, OnnxLpips lpips, Settings settings) {
    this.spaces = List.copyOf(spaces);
    this.lpips = lpips;
    this.settings = settings;
  }

  /** Names of FID in the spaces. */
  public List<String> spaceNames() {
    return spaces.stream().map(MetricSpace::name).toList();
  }

  /** Ids of the spaces' extractors. */
  public List<String> spaceIds() {
    return spaces.stream().map(space -> space.extractor().id()).toList();
  }

  /**
   * Scores images. Ends with the first batch that holds a NaN or an infinite value.
   *
   * @param source the images
   * @param progress receives the number of images of every batch
   * @throws IOException where the images cannot be read
   */
  public Scores score(ImageSource source, LongConsumer progress) throws IOException {
    StageStopwatch watch = new StageStopwatch();
    List<Accumulation> all = new ArrayList<>();
    InceptionScore inception = null;
    for (MetricSpace space : spaces) {
      Accumulation accumulation = new Accumulation(space, source.size());
      if (inception == null && space.extractor() instanceof ClassifyingExtractor classifier) {
        // A split of a few images says nothing: its score is at most their number.
        int splits = source.size() < LEAST_SPLIT * settings.splits() ? 1 : settings.splits();
        inception = new InceptionScore(classifier.classes(), source.size(), splits);
        accumulation.inception = inception;
      }
      all.add(accumulation);
    }
    Diversity diversity = lpips == null ? null : new Diversity(lpips::distances);
    boolean finite = true;
    Iterator<INDArray> batches = source.batches();
    while (finite && batches.hasNext()) {
      INDArray images = batches.next();
      finite = FeaturePass.add(images, all, watch);
      if (finite && diversity != null) {
        diversity.add(images);
        watch.featuresExtracted();
      }
      progress.accept(images.size(0));
    }
    List<Scores.Space> results = new ArrayList<>();
    for (Accumulation accumulation : all) {
      results.add(finite ? accumulation.result(settings) : nothing(accumulation.space));
    }
    watch.statisticsDone();
    return new Scores(
        source.size(),
        finite,
        results,
        finite && inception != null ? inception.estimate() : null,
        finite && diversity != null ? diversity.mean() : null,
        watch.seconds());
  }

  /**
   * Scores statistics of images that are not at hand: FID in the first space of their dimension.
   *
   * @throws IllegalArgumentException where no space has their dimension
   */
  public Scores score(FeatureMoments moments) {
    List<Scores.Space> results = new ArrayList<>();
    boolean scored = false;
    for (MetricSpace space : spaces) {
      boolean fits = !scored && space.extractor().dimension() == moments.dimension();
      scored |= fits;
      Double fid = fits ? (Double) space.reference().distance(moments) : null;
      results.add(new Scores.Space(space.name(), space.extractor().id(), fid, List.of()));
    }
    Refuse.argument(
        !scored,
        "statistics of %s features, but the feature spaces have %s",
        moments.dimension(),
        spaces.stream().map(space -> space.extractor().dimension()).toList());
    return new Scores(moments.count(), true, results, null, null, StageSeconds.ZERO);
  }

  private static Scores.Space nothing(MetricSpace space) {
    return new Scores.Space(space.name(), space.extractor().id(), null, List.of());
  }

  /** One space on its way through the images. */
  private static final class Accumulation implements FeaturePass.Space {

    private final MetricSpace space;
    private final FrechetDistance.Accumulator fid;
    private final FeatureRows rows;
    private InceptionScore inception;
    private INDArray probabilities;

    Accumulation(MetricSpace space, int samples) {
      this.space = space;
      this.fid = space.reference().accumulator(samples);
      this.rows = new FeatureRows(samples, KEPT, space.extractor().dimension());
    }

    @Override
    public INDArray extract(INDArray images) {
      if (inception == null) {
        return space.extractor().extract(images);
      }
      ClassifyingExtractor.Outputs outputs =
          ((ClassifyingExtractor) space.extractor()).extractAll(images);
      probabilities = outputs.probabilities();
      return outputs.features();
    }

    /** Finite features may overflow in the classifier. */
    @Override
    public boolean isFinite() {
      return inception == null || HostArrays.allFinite(HostArrays.floats(probabilities));
    }

    @Override
    public void add(float[] features) {
      fid.add(features);
      rows.add(features);
      if (inception != null) {
        inception.add(probabilities);
      }
    }

    Scores.Space result(Settings settings) {
      Metric.Features features =
          new Metric.Features(
              rows.array(),
              space.reference(),
              space.real(),
              space.training(),
              space.heldOut(),
              space.heldOutDistances(),
              settings.seed());
      return new Scores.Space(
          space.name(),
          space.extractor().id(),
          fid.distance(),
          settings.metrics().stream()
              .map(metric -> metric.measure(features))
              .filter(Objects::nonNull)
              .toList());
    }
  }

  /** Mean distance between each image of odd place and the one before it, whatever the batches. */
  static final class Diversity {

    private final BiFunction<INDArray, INDArray, double[]> distances;
    private INDArray unpaired;
    private double sum;
    private long pairs;

    /**
     * @param distances between images and as many others
     */
    Diversity(BiFunction<INDArray, INDArray, double[]> distances) {
      this.distances = distances;
    }

    void add(INDArray batch) {
      INDArray images = unpaired == null ? batch : Nd4j.concat(0, unpaired, batch);
      long count = images.size(0);
      long even = count / 2 * 2;
      unpaired = even == count ? null : every(images, even, count);
      if (even == 0) {
        return;
      }
      INDArray first = every(images, 0, even);
      INDArray second = every(images, 1, even);
      for (double distance : distances.apply(first, second)) {
        sum += distance;
        pairs++;
      }
    }

    private static INDArray every(INDArray images, long first, long end) {
      return images
          .get(
              first + 1 == end
                  ? NDArrayIndex.interval(first, end)
                  : NDArrayIndex.interval(first, 2, end),
              NDArrayIndex.all(),
              NDArrayIndex.all(),
              NDArrayIndex.all())
          .dup('c');
    }

    Double mean() {
      return pairs == 0 ? null : sum / pairs;
    }
  }
}
