package org.lcsc.metrics.objective;

import java.util.ArrayList;
import java.util.List;
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
 * Refuses a model whose samples cover less of the real images: its {@link PrecisionRecall recall or
 * coverage} lies below the rival's by more than the noise, which is taken as two standard errors of
 * the share of as many independent images. Both models draw from the same noise. Not thread-safe.
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

  private static final double STANDARD_ERRORS = 2;

  @Override
  public Comparison against(INDArray rival) {
    PrecisionRecall other = measure(rival);
    return candidate -> {
      PrecisionRecall mine = measure(candidate);
      String recall = loss("recall", mine.recall(), other.recall());
      return recall == null ? loss("coverage", mine.coverage(), other.coverage()) : recall;
    };
  }

  private String loss(String name, double share, double rival) {
    double error = Math.sqrt(rival * (1 - rival) / real.size(0));
    return share < rival - STANDARD_ERRORS * error
        ? Text.format("%s %.3f, below the %.3f of EMA* by more than the noise", name, share, rival)
        : null;
  }

  @SuppressWarnings("try") // the scope is entered for its effect
  private PrecisionRecall measure(INDArray parameters) {
    generator.setParameters(parameters);
    int count = Math.toIntExact(real.size(0));
    List<INDArray> features = new ArrayList<>();
    for (int first = 0; first < count; first += batchSize) {
      features.add(
          extractor.extract(generator.sample(noise, first, Math.min(batchSize, count - first))));
    }
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      return PrecisionRecall.between(
          real, Nd4j.vstack(features), PrecisionRecall.DEFAULT_NEIGHBOURS);
    }
  }
}
