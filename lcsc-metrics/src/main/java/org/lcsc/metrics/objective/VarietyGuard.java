package org.lcsc.metrics.objective;

import java.util.ArrayList;
import java.util.List;
import org.lcsc.io.HostArrays;
import org.lcsc.io.Text;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.metrics.PrecisionRecall;
import org.lcsc.objective.NoiseSource;
import org.lcsc.objective.Safeguard;
import org.lcsc.objective.SampleGenerator;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Refuses a model whose samples cover less of the real images than a rival's: its {@link
 * PrecisionRecall coverage} is lower, or its recall is lower and its coverage no higher. Recall
 * counts the neighbourhoods of samples, which noise widens, so a model whose samples get cleaner
 * loses recall where it gains coverage, whose neighbourhoods are those of the real images (Naeem et
 * al. 2020, "Reliable Fidelity and Diversity Metrics for Generative Models"). A difference counts
 * beyond two standard errors of the share of as many independent images. Both models draw from the
 * same noise. Not thread-safe.
 *
 * @param generator the sampler, with an evaluation network of its own
 * @param noise the noise of the samples
 * @param batchSize most samples drawn at once, at least 1
 * @param extractor a feature space
 * @param real features of real images in it, {@code [N, D]}; as many samples are drawn
 */
public record VarietyGuard(
    SampleGenerator generator,
    NoiseSource noise,
    int batchSize,
    FeatureExtractor extractor,
    INDArray real)
    implements Safeguard {

  /** Real images that are enough: the distances to neighbours grow with their square. */
  public static final int MOST_IMAGES = 5_000;

  private static final double STANDARD_ERRORS = 2;

  @Override
  public Comparison against(INDArray rival) {
    PrecisionRecall other = measure(rival);
    return candidate -> {
      PrecisionRecall mine = measure(candidate);
      if (mine == null) {
        return "samples that are not finite";
      }
      if (other == null) {
        return null;
      }
      if (mine.coverage() > other.coverage() + noise(other.coverage())) {
        return null;
      }
      String recall = loss("recall", mine.recall(), other.recall());
      return recall == null ? loss("coverage", mine.coverage(), other.coverage()) : recall;
    };
  }

  private String loss(String name, double share, double rival) {
    return share < rival - noise(rival)
        ? Text.format("%s %.3f, below %.3f by more than the noise", name, share, rival)
        : null;
  }

  private double noise(double share) {
    return noise(share, real.size(0));
  }

  /** Two standard errors; of all and of none as of all but one and of one, so never 0. */
  static double noise(double share, long images) {
    double one = 1.0 / images;
    double p = Math.max(one, Math.min(1 - one, share));
    return STANDARD_ERRORS * Math.sqrt(p * (1 - p) / images);
  }

  /** Null where a sample of a combination beyond the checkpoints overflows. */
  @SuppressWarnings("try") // the scope is entered for its effect
  private PrecisionRecall measure(INDArray parameters) {
    generator.setParameters(parameters);
    int count = Math.toIntExact(real.size(0));
    List<INDArray> features = new ArrayList<>();
    for (int first = 0; first < count; first += batchSize) {
      INDArray batch =
          extractor.extract(generator.sample(noise, first, Math.min(batchSize, count - first)));
      if (!HostArrays.allFinite(HostArrays.floats(batch))) {
        return null;
      }
      features.add(batch);
    }
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      return PrecisionRecall.between(
          real, Nd4j.vstack(features), PrecisionRecall.DEFAULT_NEIGHBOURS);
    }
  }
}
