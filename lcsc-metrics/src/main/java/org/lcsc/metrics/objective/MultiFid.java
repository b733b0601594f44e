package org.lcsc.metrics.objective;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.metrics.FrechetDistance;
import org.lcsc.objective.NoiseSource;
import org.lcsc.objective.SampleGenerator;
import org.lcsc.objective.StageSeconds;
import org.lcsc.objective.StageStopwatch;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * FID of one model in several feature spaces, in one pass over its samples. Images are not kept:
 * the memory needed does not grow with the number of samples. Not thread-safe.
 */
public final class MultiFid {

  /**
   * A feature space with the statistics of real images in it.
   *
   * @param name key of the result
   * @param extractor the space
   * @param reference real images in the same space
   */
  public record Space(
      String name, FeatureExtractor extractor, FrechetDistance.Reference reference) {

    /** Refuses a reference of another dimension. */
    public Space {
      Objects.requireNonNull(name, "name");
      if (extractor.dimension() != reference.dimension()) {
        throw new IllegalArgumentException(
            Text.format(
                "Space '%s': extractor %s gives %s features, but the reference statistics have %s",
                name, extractor.id(), extractor.dimension(), reference.dimension()));
      }
    }
  }

  /**
   * Scores of one model.
   *
   * @param scores FID by name of the space, in the order of the spaces; NaN in every space where a
   *     sample was not finite
   * @param seconds where the time went
   */
  public record Result(Map<String, Double> scores, StageSeconds seconds) {}

  private final SampleGenerator generator;
  private final NoiseSource noise;
  private final int samples;
  private final int batchSize;
  private final List<Space> spaces;

  /**
   * Creates an evaluation.
   *
   * @param generator the sampler
   * @param noise the noise, the same at every evaluation
   * @param samples number of samples, at least 2
   * @param batchSize most samples drawn at once, at least 1
   * @param spaces at least one, with different names
   */
  public MultiFid(
      SampleGenerator generator,
      NoiseSource noise,
      int samples,
      int batchSize,
      List<Space> spaces) {
    this.generator = Objects.requireNonNull(generator, "generator");
    this.noise = Objects.requireNonNull(noise, "noise");
    Refuse.argument(samples < 2, "samples must be at least 2, got %s", samples);
    Refuse.argument(batchSize < 1, "batchSize must be at least 1, got %s", batchSize);
    this.samples = samples;
    this.batchSize = batchSize;
    this.spaces = List.copyOf(spaces);
    Refuse.argument(this.spaces.isEmpty(), "At least one feature space is needed");
    Set<String> names = new HashSet<>();
    for (Space space : this.spaces) {
      Refuse.argument(!names.add(space.name()), "Two feature spaces are named '%s'", space.name());
    }
  }

  /** Number of samples of an evaluation. */
  public int samples() {
    return samples;
  }

  /**
   * Scores one parameter vector. Sampling ends with the first batch that holds a NaN or an infinite
   * value.
   *
   * @param parameters {@code [P]}; not modified, not retained
   */
  public Result evaluateAll(INDArray parameters) {
    return evaluateAll(parameters, samples);
  }

  /**
   * Scores one parameter vector on the first samples alone.
   *
   * @param parameters {@code [P]}; not modified, not retained
   * @param samples from 2 to {@link #samples()}
   */
  Result evaluateAll(INDArray parameters, int samples) {
    StageStopwatch stopwatch = new StageStopwatch();
    List<Sum> sums = spaces.stream().map(space -> new Sum(space, samples)).toList();
    generator.setParameters(parameters);
    boolean finite = true;
    for (int first = 0; first < samples && finite; first += batchSize) {
      int count = Math.min(batchSize, samples - first);
      finite = FeaturePass.add(generator.sample(noise, first, count), sums, stopwatch);
    }
    Map<String, Double> scores = new LinkedHashMap<>();
    for (Sum sum : sums) {
      scores.put(sum.space.name(), finite ? sum.statistics.distance() : Double.NaN);
    }
    stopwatch.statisticsDone();
    return new Result(scores, stopwatch.seconds());
  }

  /** The statistics of samples in one space. */
  private record Sum(Space space, FrechetDistance.Accumulator statistics)
      implements FeaturePass.Space {

    Sum(Space space, int samples) {
      this(space, space.reference().accumulator(samples));
    }

    @Override
    public INDArray extract(INDArray images) {
      return space.extractor().extract(images);
    }

    @Override
    public void add(float[] features) {
      statistics.add(features);
    }
  }
}
