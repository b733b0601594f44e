package org.lcsc.metrics.objective;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.lcsc.metrics.DifferentiableFeatureExtractor;
import org.lcsc.metrics.FeatureDistance;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.objective.DifferentiableSampleGenerator;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.NoiseSource;
import org.lcsc.objective.ObjectiveSettings;
import org.lcsc.objective.PartialObjective;
import org.lcsc.objective.ShardedObjective;
import org.lcsc.objective.StageSeconds;
import org.lcsc.objective.StageStopwatch;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Scores a generative model by the distance of its samples' features to a reference, with the exact
 * gradient: {@link FidObjective} that can be differentiated, where the distance is {@link
 * org.lcsc.metrics.FrechetDistance.Reference}.
 *
 * <p>The gradient takes two passes over the samples: one for the features, whose distance is
 * differentiated, and one backward, batch by batch, through feature network, sampler and model. The
 * second may be made of a part of the samples, scaled to all: the distance of all of them, of which
 * the statistics are, linearised at these features, is a sum over samples, and that of a part of
 * independent samples, scaled, has the same expectation. The features of all samples are kept, and
 * the sampler's states as far as {@value #STATE_BYTES} bytes go; beyond, they are sampled again.
 * Images are scored as they come, neither clipped nor quantised; a model whose samples or features
 * are not finite scores NaN. Not thread-safe.
 */
public final class FeatureObjective implements ShardedObjective {

  private static final long STATE_BYTES = 1L << 28;

  /**
   * Forward for the samples, and forward and backward (to the input and to the parameters) at every
   * state.
   */
  private static final double PASSES = 4;

  private final DifferentiableSampleGenerator generator;
  private final NoiseSource noise;
  private final int samples;
  private final int gradientSamples;
  private final int batchSize;
  private final DifferentiableFeatureExtractor extractor;
  private final FeatureDistance distance;

  /** How many samples' states are kept from the first pass to the second: whole batches. */
  private final int recorded;

  /** Samples whose states are kept now, in all parts. */
  private int kept;

  /**
   * Creates the objective.
   *
   * @param generator the sampler, with an evaluation network of its own
   * @param noise the noise of the samples
   * @param samples number of samples per evaluation, at least 2
   * @param gradientSamples how many of them, the first, the gradient is taken through, from 1 to
   *     all
   * @param batchSize most samples drawn at once, at least 1
   * @param extractor the feature space
   * @param distance distance to real images in that space
   * @throws IllegalArgumentException where a number is too small or the distance has another
   *     dimension than the extractor
   */
  public FeatureObjective(
      DifferentiableSampleGenerator generator,
      NoiseSource noise,
      int samples,
      int gradientSamples,
      int batchSize,
      DifferentiableFeatureExtractor extractor,
      FeatureDistance distance) {
    this.generator = Objects.requireNonNull(generator, "generator");
    this.noise = Objects.requireNonNull(noise, "noise");
    this.extractor = Objects.requireNonNull(extractor, "extractor");
    this.distance = Objects.requireNonNull(distance, "distance");
    FeatureDistanceObjective.require(samples, batchSize, extractor, distance);
    Refuse.argument(
        gradientSamples < 1 || gradientSamples > samples,
        "gradientSamples must be from 1 to the %s samples, got %s",
        samples,
        gradientSamples);
    this.samples = samples;
    // Whole batches are carried back.
    int batches = (gradientSamples + batchSize - 1) / batchSize;
    this.gradientSamples = Math.min(samples, batches * batchSize);
    this.batchSize = batchSize;
    long fitting = STATE_BYTES / Math.max(1, generator.recordedBytesPerSample());
    this.recorded = (int) Math.min(this.gradientSamples, fitting - fitting % batchSize);
  }

  /**
   * The objective of a configuration's inputs.
   *
   * @throws IllegalArgumentException where the extractor has no gradient, or as the constructor
   */
  static FeatureObjective of(
      ObjectiveSettings.Inputs inputs, FeatureExtractor extractor, FeatureDistance distance) {
    return new FeatureObjective(
        (DifferentiableSampleGenerator) inputs.generator(),
        inputs.noise(),
        inputs.samples(),
        inputs.gradient() ? inputs.gradientSamples() : inputs.samples(),
        inputs.batchSize(),
        DifferentiableFeatureExtractor.require(extractor),
        distance);
  }

  @Override
  public String name() {
    return distance.name();
  }

  @Override
  public double gradientCost() {
    double share = (double) gradientSamples / samples;
    return 1 + (PASSES - 1) * share + (double) (gradientSamples - recorded) / samples;
  }

  @Override
  public FeatureObjective onShare(double share) {
    if (share == 1) {
      return this;
    }
    int fewer = PartialObjective.samples(samples, share);
    return new FeatureObjective(
        generator, noise, fewer, Math.min(fewer, gradientSamples), batchSize, extractor, distance);
  }

  @Override
  public int samples() {
    return samples;
  }

  @Override
  public int batchSize() {
    return batchSize;
  }

  @Override
  public Evaluation evaluate(INDArray parameters) {
    Part all = new Part(0, 0, samples);
    all.sample(parameters, false);
    double score = all.finite() ? distance.distance(all.features) : Double.NaN;
    all.stopwatch.statisticsDone();
    return new Evaluation(score, all.seconds());
  }

  @Override
  public Evaluation gradient(INDArray parameters, long draw, INDArray gradient) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
        Part all = new Part(draw, 0, samples)) {
      all.sample(parameters, true);
      float[] slopes = new float[all.features.length];
      double score = all.finite() ? score(all.features, slopes) : Double.NaN;
      all.stopwatch.statisticsDone();
      if (Double.isFinite(score)) {
        gradient.assign(0);
        all.backpropagate(slopes, gradient);
      }
      return new Evaluation(score, all.seconds());
    }
  }

  @Override
  public Shard shard(INDArray parameters, long draw, int from, int to) {
    if (from < 0 || from % batchSize != 0 || to <= from || to > samples) {
      throw new IllegalArgumentException(
          Text.format(
              "a part of %s samples must begin at a multiple of %s and not be empty, got %s to %s",
              samples, batchSize, from, to));
    }
    Part part = new Part(draw, from, to);
    try {
      part.sample(parameters, true);
      return part;
    } catch (RuntimeException | Error e) {
      part.close();
      throw e;
    }
  }

  @Override
  public double score(float[] features, float[] slopes) {
    return distance.gradient(features, slopes);
  }

  /** Every draw takes samples of its own from the endless sequence of the noise. */
  private long first(long draw, int start) {
    return draw * samples + start;
  }

  /** Samples {@code from} to {@code to - 1} of a draw. */
  private final class Part implements Shard, FeaturePass.Space {

    private final long draw;
    private final int from;
    private final int to;
    private final StageStopwatch stopwatch = new StageStopwatch();
    private final List<DifferentiableSampleGenerator.Recording> recordings = new ArrayList<>();
    private int keptHere;
    private FloatBuffer gathered;
    private float[] features = {};

    Part(long draw, int from, int to) {
      this.draw = draw;
      this.from = from;
      this.to = to;
    }

    boolean finite() {
      return features.length > 0;
    }

    /**
     * Fills the features.
     *
     * @param keep whether to keep the states of the first batches, as far as memory goes
     */
    void sample(INDArray parameters, boolean keep) {
      generator.setParameters(parameters);
      gathered = FloatBuffer.allocate(Math.multiplyExact(to - from, extractor.dimension()));
      boolean keeping = keep;
      for (int start = from; start < to; start += batchSize) {
        int count = Math.min(batchSize, to - start);
        keeping &= kept + count <= recorded && start < gradientSamples;
        INDArray images;
        if (keeping) {
          try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            recordings.add(generator.record(noise, first(draw, start), count));
          }
          kept += count;
          keptHere += count;
          images = recordings.get(recordings.size() - 1).images();
        } else {
          images = generator.sample(noise, first(draw, start), count);
        }
        if (!FeaturePass.add(images, List.of(this), stopwatch)) {
          return;
        }
      }
      features = gathered.array();
    }

    @Override
    public INDArray extract(INDArray images) {
      return extractor.extract(images);
    }

    @Override
    public void add(float[] batch) {
      gathered.put(batch);
    }

    @Override
    public float[] features() {
      return features;
    }

    @Override
    public void backpropagate(float[] slopes, INDArray gradient) {
      stopwatch.restart();
      int dimension = extractor.dimension();
      try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
        int end = Math.min(to, gradientSamples);
        float scale = (float) samples / gradientSamples;
        for (int batch = 0; from + batch * batchSize < end; batch++) {
          int start = from + batch * batchSize;
          int count = Math.min(batchSize, end - start);
          float[] rows = new float[count * dimension];
          for (int i = 0; i < rows.length; i++) {
            rows[i] = scale * slopes[(start - from) * dimension + i];
          }
          try (DifferentiableSampleGenerator.Recording recording =
              batch < recordings.size()
                  ? recordings.get(batch)
                  : generator.record(noise, first(draw, start), count)) {
            stopwatch.sampled();
            INDArray epsilon =
                extractor.backpropagate(
                    recording.images(), Nd4j.create(rows, new long[] {count, dimension}, 'c'));
            stopwatch.featuresExtracted();
            recording.backpropagate(epsilon, gradient);
            epsilon.close();
          }
          stopwatch.sampled();
        }
      }
    }

    @Override
    public StageSeconds seconds() {
      return stopwatch.seconds();
    }

    @Override
    public void close() {
      recordings.forEach(DifferentiableSampleGenerator.Recording::close);
      recordings.clear();
      kept -= keptHere;
      keptHere = 0;
    }
  }
}
