package org.lcsc.objective;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.lcsc.metrics.DifferentiableFeatureExtractor;
import org.lcsc.metrics.FeatureDistance;
import org.lcsc.metrics.HostArrays;
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
 * features of all samples are kept, and the sampler's states as far as {@value #STATE_BYTES} bytes
 * go; beyond, they are sampled again. Images are scored as they come, neither clipped nor
 * quantised; a model whose samples or features are not finite scores NaN. Not thread-safe.
 */
public final class FeatureObjective implements DifferentiableObjective {

  private static final long STATE_BYTES = 1L << 28;

  /**
   * Forward for the samples, and forward and backward (to the input and to the parameters) at every
   * state.
   */
  private static final double PASSES = 4;

  private final DifferentiableSampleGenerator generator;
  private final NoiseSource noise;
  private final int samples;
  private final int batchSize;
  private final DifferentiableFeatureExtractor extractor;
  private final FeatureDistance distance;

  /** How many samples' states are kept from the first pass to the second: whole batches. */
  private final int recorded;

  private Seconds seconds = new Seconds();

  /**
   * Creates the objective.
   *
   * @param generator the sampler, with an evaluation network of its own
   * @param noise the noise of the samples
   * @param samples number of samples per evaluation, at least 2
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
      int batchSize,
      DifferentiableFeatureExtractor extractor,
      FeatureDistance distance) {
    this.generator = Objects.requireNonNull(generator, "generator");
    this.noise = Objects.requireNonNull(noise, "noise");
    this.extractor = Objects.requireNonNull(extractor, "extractor");
    this.distance = Objects.requireNonNull(distance, "distance");
    if (samples < 2) {
      throw new IllegalArgumentException("samples must be at least 2, got " + samples);
    }
    if (batchSize < 1) {
      throw new IllegalArgumentException("batchSize must be at least 1, got " + batchSize);
    }
    if (extractor.dimension() != distance.dimension()) {
      throw new IllegalArgumentException(
          "extractor "
              + extractor.id()
              + " gives "
              + extractor.dimension()
              + " features, but the reference has "
              + distance.dimension());
    }
    this.samples = samples;
    this.batchSize = batchSize;
    long fitting = STATE_BYTES / Math.max(1, generator.recordedBytesPerSample());
    this.recorded = fitting >= samples ? samples : (int) (fitting - fitting % batchSize);
  }

  @Override
  public String name() {
    return distance.name();
  }

  @Override
  public double gradientCost() {
    return PASSES + (double) (samples - recorded) / samples;
  }

  @Override
  public Evaluation evaluate(INDArray parameters) {
    seconds = new Seconds();
    float[] features = sample(parameters, 0, null);
    double score = features == null ? Double.NaN : distance.distance(features);
    seconds.statistics += seconds.lap();
    return new Evaluation(score, seconds.stages());
  }

  @Override
  @SuppressWarnings("try") // the scope is entered for its effect
  public Evaluation gradient(INDArray parameters, long draw, INDArray gradient) {
    seconds = new Seconds();
    List<DifferentiableSampleGenerator.Recording> kept = new ArrayList<>();
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      float[] features = sample(parameters, draw, kept);
      float[] slopes = new float[features == null ? 0 : features.length];
      double score = features == null ? Double.NaN : distance.gradient(features, slopes);
      seconds.statistics += seconds.lap();
      if (Double.isFinite(score)) {
        gradient.assign(0);
        backpropagate(draw, slopes, kept, gradient);
      }
      return new Evaluation(score, seconds.stages());
    } finally {
      kept.forEach(DifferentiableSampleGenerator.Recording::close);
    }
  }

  /**
   * Features of all samples, row-major; null where one is not finite.
   *
   * @param kept receives the recordings of the first batches; null where none are wanted
   */
  private float[] sample(
      INDArray parameters, long draw, List<DifferentiableSampleGenerator.Recording> kept) {
    generator.setParameters(parameters);
    int dimension = extractor.dimension();
    float[] features = new float[Math.multiplyExact(samples, dimension)];
    for (int start = 0; start < samples; start += batchSize) {
      int count = Math.min(batchSize, samples - start);
      INDArray images;
      if (kept != null && start + count <= recorded) {
        kept.add(generator.record(noise, first(draw, start), count));
        images = kept.get(kept.size() - 1).images();
      } else {
        images = generator.sample(noise, first(draw, start), count);
      }
      boolean finite = HostArrays.allFinite(HostArrays.floats(images));
      seconds.sampling += seconds.lap();
      if (!finite) {
        return null;
      }
      float[] batch = HostArrays.floats(extractor.extract(images));
      seconds.features += seconds.lap();
      // Finite images of an exploding model may still overflow inside the extractor.
      if (!HostArrays.allFinite(batch)) {
        return null;
      }
      System.arraycopy(batch, 0, features, start * dimension, batch.length);
    }
    return features;
  }

  private void backpropagate(
      long draw,
      float[] slopes,
      List<DifferentiableSampleGenerator.Recording> kept,
      INDArray gradient) {
    int dimension = extractor.dimension();
    for (int batch = 0; batch * batchSize < samples; batch++) {
      int start = batch * batchSize;
      int count = Math.min(batchSize, samples - start);
      float[] rows = new float[count * dimension];
      System.arraycopy(slopes, start * dimension, rows, 0, rows.length);
      try (DifferentiableSampleGenerator.Recording recording =
          batch < kept.size()
              ? kept.get(batch)
              : generator.record(noise, first(draw, start), count)) {
        seconds.sampling += seconds.lap();
        INDArray epsilon =
            extractor.backpropagate(
                recording.images(), Nd4j.create(rows, new long[] {count, dimension}, 'c'));
        seconds.features += seconds.lap();
        recording.backpropagate(epsilon, gradient);
        epsilon.close();
      }
      seconds.sampling += seconds.lap();
    }
  }

  /** Every draw takes samples of its own from the endless sequence of the noise. */
  private long first(long draw, int start) {
    return draw * samples + start;
  }

  private static final class Seconds {
    private long last = System.nanoTime();
    private double sampling;
    private double features;
    private double statistics;

    /** Seconds since the last lap. */
    private double lap() {
      long now = System.nanoTime();
      double lap = (now - last) * 1e-9;
      last = now;
      return lap;
    }

    private StageSeconds stages() {
      return new StageSeconds(0, sampling, features, statistics);
    }
  }
}
