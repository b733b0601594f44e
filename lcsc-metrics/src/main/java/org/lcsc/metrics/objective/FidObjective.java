package org.lcsc.metrics.objective;

import java.util.List;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.metrics.FrechetDistance;
import org.lcsc.metrics.GeometricMeanDistance;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.NoiseSource;
import org.lcsc.objective.PartialObjective;
import org.lcsc.objective.SampleGenerator;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Scores a generative model by the FID of its samples: F of Algorithm 1 in the LCSC paper.
 *
 * <p>Every evaluation draws the same noise, so scores differ by the parameters alone. The batch
 * size matters to memory and speed only; scores agree across batch sizes up to the rounding of the
 * generator and the extractor. Samples are scored as they come from the sampler: neither clipped
 * nor quantised. A model whose samples or features are not finite scores NaN, and sampling ends
 * with the batch that shows it.
 *
 * <p>FID depends on the number of samples (its bias falls as 1/N): compare scores of equal N and
 * the same reference only. Not thread-safe.
 */
public final class FidObjective implements PartialObjective {

  private static final String NAME = "fid";

  private final MultiFid fid;
  private final String name;

  /**
   * Creates the objective.
   *
   * @param generator the sampler, with an evaluation network of its own
   * @param noise the noise of the samples
   * @param samples number of samples per evaluation, at least 2
   * @param batchSize most samples drawn at once, at least 1
   * @param extractor the feature space
   * @param reference statistics of real images in that space
   * @throws IllegalArgumentException where a number is too small or the reference has another
   *     dimension than the extractor
   */
  public FidObjective(
      SampleGenerator generator,
      NoiseSource noise,
      int samples,
      int batchSize,
      FeatureExtractor extractor,
      FrechetDistance.Reference reference) {
    this(
        generator,
        noise,
        samples,
        batchSize,
        List.of(new MultiFid.Space(NAME, extractor, reference)),
        NAME);
  }

  /**
   * Creates the objective in several spaces: the geometric mean of FID, see {@link
   * GeometricMeanDistance}.
   *
   * @param spaces at least one, with different names
   * @param name of the objective
   */
  FidObjective(
      SampleGenerator generator,
      NoiseSource noise,
      int samples,
      int batchSize,
      List<MultiFid.Space> spaces,
      String name) {
    this.fid = new MultiFid(generator, noise, samples, batchSize, spaces);
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int samples() {
    return fid.samples();
  }

  @Override
  public Evaluation evaluate(INDArray parameters, double share) {
    MultiFid.Result result = fid.evaluateAll(parameters, samples(share));
    return new Evaluation(
        GeometricMeanDistance.mean(
            result.scores().values().stream().mapToDouble(Double::doubleValue).toArray()),
        result.seconds());
  }
}
