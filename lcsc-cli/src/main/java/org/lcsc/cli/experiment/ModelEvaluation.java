package org.lcsc.cli.experiment;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.lcsc.config.Require;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.metrics.FeatureStatistics;
import org.lcsc.metrics.HostArrays;
import org.lcsc.metrics.KernelDistance;
import org.lcsc.objective.MultiFid;
import org.lcsc.objective.NoiseSource;
import org.lcsc.objective.SampleGenerator;
import org.lcsc.objective.SeededNoise;
import org.lcsc.objective.StageSeconds;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Scores models on fresh noise, the same for each: FID against the training images in every feature
 * space of the experiment, KID in the first. Images are not kept, and features of at most {@value
 * #KEPT} generated and as many real images, from which KID draws its subsets; memory does not grow
 * with the number of samples. Not thread-safe.
 */
public final class ModelEvaluation {

  /** Feature vectors kept for KID. */
  private static final int KEPT = 10_000;

  /** The usual setting of KID: 100 subsets of 1,000. */
  private static final int SUBSETS = 100;

  private static final int SUBSET_SIZE = 1_000;
  private static final int BATCH = 500;

  /**
   * Scores of one set of images.
   *
   * @param samples number of images
   * @param fid FID by name of the feature space; NaN where an image was not finite
   * @param kid KID over {@code subsets}; NaN where an image was not finite
   * @param subsets number of subsets
   * @param subsetSize images of either set in a subset
   * @param seconds sampling, features, and statistics with both distances
   */
  public record Scores(
      int samples,
      Map<String, Double> fid,
      KernelDistance.Estimate kid,
      int subsets,
      int subsetSize,
      StageSeconds seconds) {}

  private final int samples;
  private final int batch;
  private final long seed;
  private final FeatureExtractor features;
  private final List<MultiFid.Space> spaces;
  private final INDArray real;

  /**
   * Extracts the features of the training images, as far as no earlier run has done so.
   *
   * @param experiment data and feature space
   * @param samples samples per model, at least 2
   * @param seed of the noise, and of the choice of KID's subsets
   */
  public ModelEvaluation(Experiment experiment, int samples, long seed) throws IOException {
    this.samples = Require.atLeast("samples", samples, 2);
    this.batch = Math.min(samples, experiment.sampleBatch());
    this.seed = seed;
    this.features = experiment.features();
    this.spaces = experiment.spaces();
    ImageDataSet images = experiment.images();
    Recorder recorder = new Recorder(features, Math.min(KEPT, images.size()));
    batches(images, recorder.limit()).forEachRemaining(recorder::extract);
    this.real = recorder.rows();
  }

  /**
   * Scores a model.
   *
   * @param generator its sampler
   * @param parameters {@code [P]}
   * @param progress receives the number of samples of every batch
   */
  public Scores score(SampleGenerator generator, INDArray parameters, LongConsumer progress) {
    Recorder recorder = new Recorder(features, Math.min(KEPT, samples));
    MultiFid fid =
        new MultiFid(
            new Counting(generator, progress),
            new SeededNoise(seed),
            samples,
            batch,
            recorded(recorder));
    MultiFid.Result result = fid.evaluateAll(parameters);
    return withKid(samples, result.scores(), recorder, result.seconds());
  }

  /**
   * Scores real images as if a model had drawn them: the floor of what a model can reach. Takes
   * {@code samples} of them, evenly spread; all, where there are no more.
   *
   * @param heldOut at least 2 images that are not among the training images
   */
  public Scores score(ImageDataSet heldOut) {
    int count = Math.min(samples, heldOut.size());
    Recorder recorder = new Recorder(features, Math.min(KEPT, count));
    long start = System.nanoTime();
    List<MultiFid.Space> all = recorded(recorder);
    List<FeatureStatistics> statistics =
        all.stream().map(s -> new FeatureStatistics(s.extractor().dimension())).toList();
    batches(heldOut, count)
        .forEachRemaining(
            batch -> {
              for (int i = 0; i < all.size(); i++) {
                statistics.get(i).add(all.get(i).extractor().extract(batch));
              }
            });
    double extraction = secondsSince(start);
    start = System.nanoTime();
    Map<String, Double> fid = new LinkedHashMap<>();
    for (int i = 0; i < all.size(); i++) {
      MultiFid.Space space = all.get(i);
      fid.put(space.name(), space.reference().distance(statistics.get(i).moments()));
    }
    return withKid(count, fid, recorder, new StageSeconds(0, 0, extraction, secondsSince(start)));
  }

  /** The spaces, with the features of the first one recorded. */
  private List<MultiFid.Space> recorded(Recorder recorder) {
    List<MultiFid.Space> all = new ArrayList<>(spaces);
    MultiFid.Space first = spaces.get(0);
    all.set(0, new MultiFid.Space(first.name(), recorder, first.reference()));
    return all;
  }

  private Scores withKid(
      int count, Map<String, Double> fid, Recorder recorder, StageSeconds seconds) {
    int size = (int) Math.min(SUBSET_SIZE, Math.min(recorder.limit(), real.size(0)));
    if (!fid.values().stream().allMatch(Double::isFinite)) {
      KernelDistance.Estimate none = new KernelDistance.Estimate(Double.NaN, Double.NaN);
      return new Scores(count, fid, none, SUBSETS, size, seconds);
    }
    long start = System.nanoTime();
    KernelDistance.Estimate kid =
        KernelDistance.overSubsets(recorder.rows(), real, SUBSETS, size, seed);
    StageSeconds all = seconds.plus(new StageSeconds(0, 0, 0, secondsSince(start)));
    return new Scores(count, fid, kid, SUBSETS, size, all);
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) * 1e-9;
  }

  /** Images evenly spread over a set: one sorted by class gives all classes their share. */
  private static Iterator<INDArray> batches(ImageDataSet images, int count) {
    return IntStream.range(0, (count + BATCH - 1) / BATCH)
        .mapToObj(
            b ->
                IntStream.range(b * BATCH, Math.min(count, (b + 1) * BATCH))
                    .map(i -> (int) ((long) i * images.size() / count))
                    .toArray())
        .map(images::batch)
        .iterator();
  }

  /** Extracts features and keeps the first of them. */
  private static final class Recorder implements FeatureExtractor {

    private final FeatureExtractor extractor;
    private final float[] kept;
    private int used;

    Recorder(FeatureExtractor extractor, int limit) {
      this.extractor = extractor;
      this.kept = new float[Math.multiplyExact(limit, extractor.dimension())];
    }

    int limit() {
      return kept.length / extractor.dimension();
    }

    /** The kept features, {@code [limit, D]}. */
    INDArray rows() {
      return Nd4j.create(kept, new long[] {limit(), extractor.dimension()}, 'c');
    }

    @Override
    public String id() {
      return extractor.id();
    }

    @Override
    public int dimension() {
      return extractor.dimension();
    }

    @Override
    public INDArray extract(INDArray images) {
      INDArray extracted = extractor.extract(images);
      if (used < kept.length) {
        float[] values = HostArrays.floats(extracted);
        int count = Math.min(values.length, kept.length - used);
        System.arraycopy(values, 0, kept, used, count);
        used += count;
      }
      return extracted;
    }
  }

  /** Tells of every batch that was drawn. */
  private record Counting(SampleGenerator generator, LongConsumer progress)
      implements SampleGenerator {

    @Override
    public void setParameters(INDArray parameters) {
      generator.setParameters(parameters);
    }

    @Override
    public INDArray sample(NoiseSource noise, long first, int count) {
      INDArray images = generator.sample(noise, first, count);
      progress.accept(count);
      return images;
    }
  }
}
