package org.lcsc.metrics.objective;

import java.util.List;
import java.util.Objects;
import org.lcsc.io.Refuse;
import org.lcsc.metrics.FeatureDistance;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.NoiseSource;
import org.lcsc.objective.Objective;
import org.lcsc.objective.ObjectiveSettings;
import org.lcsc.objective.PartialObjective;
import org.lcsc.objective.SampleGenerator;
import org.lcsc.objective.StageStopwatch;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Scores a generative model by any distance of its samples' features to a reference, without a
 * gradient. The features of all samples are kept, the samples are not. A model whose samples or
 * features are not finite scores NaN. Not thread-safe.
 *
 * @param generator the sampler, with an evaluation network of its own
 * @param noise the noise of the samples
 * @param samples number of samples per evaluation, at least 2
 * @param batchSize most samples drawn at once, at least 1
 * @param extractor the feature space
 * @param distance distance to real images in that space
 */
record FeatureDistanceObjective(
    SampleGenerator generator,
    NoiseSource noise,
    int samples,
    int batchSize,
    FeatureExtractor extractor,
    FeatureDistance distance)
    implements PartialObjective {

  FeatureDistanceObjective {
    Objects.requireNonNull(generator, "generator");
    Objects.requireNonNull(noise, "noise");
    require(samples, batchSize, extractor, distance);
  }

  /** Refuses what no distance of features can be made of. */
  static void require(
      int samples, int batchSize, FeatureExtractor extractor, FeatureDistance distance) {
    Refuse.argument(samples < 2, "samples must be at least 2, got %s", samples);
    Refuse.argument(batchSize < 1, "batchSize must be at least 1, got %s", batchSize);
    Refuse.argument(
        extractor.dimension() != distance.dimension(),
        "extractor %s gives %s features, but the reference has %s",
        extractor.id(),
        extractor.dimension(),
        distance.dimension());
  }

  /** The objective of a configuration's inputs, with a gradient where they ask for one. */
  static Objective of(
      ObjectiveSettings.Inputs inputs, FeatureExtractor extractor, FeatureDistance distance) {
    return inputs.gradient()
        ? FeatureObjective.of(inputs, extractor, distance)
        : new FeatureDistanceObjective(
            inputs.generator(),
            inputs.noise(),
            inputs.samples(),
            inputs.batchSize(),
            extractor,
            distance);
  }

  @Override
  public String name() {
    return distance.name();
  }

  @Override
  public Evaluation evaluate(INDArray parameters, double share) {
    int count = samples(share);
    StageStopwatch watch = new StageStopwatch();
    Features features = new Features(count);
    generator.setParameters(parameters);
    boolean finite = true;
    for (int first = 0; first < count && finite; first += batchSize) {
      INDArray images = generator.sample(noise, first, Math.min(batchSize, count - first));
      finite = FeaturePass.add(images, List.of(features), watch);
    }
    double score = finite ? distance.distance(features.values) : Double.NaN;
    watch.statisticsDone();
    return new Evaluation(score, watch.seconds());
  }

  /** The features of the samples so far. */
  private final class Features implements FeaturePass.Space {

    private final float[] values;
    private int filled;

    Features(int count) {
      values = new float[Math.multiplyExact(count, extractor.dimension())];
    }

    @Override
    public INDArray extract(INDArray images) {
      return extractor.extract(images);
    }

    @Override
    public void add(float[] batch) {
      System.arraycopy(batch, 0, values, filled, batch.length);
      filled += batch.length;
    }
  }
}
