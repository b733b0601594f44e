package org.lcsc.consistency;

import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.training.BatchSettings;
import org.lcsc.diffusion.training.EdmBatches.LogNormal;
import org.lcsc.diffusion.training.TrainingBatches;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/**
 * Training batches of easy consistency tuning (Geng et al. 2024, arXiv:2406.14548, algorithm 1):
 * images at a noise level t, log-normal, and as their labels the trained network's own output,
 * without gradient, at the smaller level r of the {@link TuningSchedule} and with the same noise;
 * where r is 0, the clean image. The weight is the labels mask.
 *
 * <p>As with {@link ConsistencyBatches} the labels are those of the parameters at the moment when a
 * batch is asked for. Not thread-safe.
 */
final class TuningBatches extends TrainingBatches {

  private static final long serialVersionUID = 1;

  private final transient Preconditioning preconditioning;
  private final transient LogNormal levels;
  private final transient TuningSchedule schedule;
  private final transient TunedModel.Weight weight;
  private final transient TargetNetwork target;

  /**
   * Batches.
   *
   * @param settings data, iterations, seed
   * @param preconditioning of the network
   * @param levels distribution of t
   * @param schedule gives r
   * @param network what is trained
   */
  TuningBatches(
      BatchSettings settings,
      Preconditioning preconditioning,
      LogNormal levels,
      TuningSchedule schedule,
      TunedModel.Weight weight,
      ComputationGraph network) {
    super(settings);
    this.preconditioning = Objects.requireNonNull(preconditioning, "preconditioning");
    this.levels = Objects.requireNonNull(levels, "levels");
    this.schedule = Objects.requireNonNull(schedule, "schedule");
    this.weight = Objects.requireNonNull(weight, "weight");
    this.target = TargetNetwork.sharing(network);
  }

  @Override
  public MultiDataSet batch(int n) {
    double[] t = gaussians(LEVEL_STREAM, n);
    double[] r = new double[t.length];
    double[] asked = new double[t.length];
    double[] noisy = new double[t.length];
    double[] weights = new double[t.length];
    for (int i = 0; i < t.length; i++) {
      t[i] = Math.exp(levels.logMean() + levels.logDeviation() * t[i]);
      r[i] = schedule.smaller(t[i], n, settings().last());
      noisy[i] = r[i] > 0 ? 1 : 0;
      // The network is not asked at level 0; what it says there is not used.
      asked[i] = r[i] > 0 ? r[i] : t[i];
      weights[i] = weight.of(t[i], r[i], preconditioning);
    }
    INDArray clean = images(n);
    INDArray noise = imageNoise(n);
    INDArray labels = labels(n);
    INDArray levelsOfT = column(t);
    INDArray output =
        target.predict(n, inputs(addScaled(clean, column(r), noise), column(asked), labels));
    INDArray noisyRows = column(noisy);
    return new MultiDataSet(
        inputs(addScaled(clean, levelsOfT, noise), levelsOfT, labels),
        new INDArray[] {mix(noisyRows, output, noisyRows.rsub(1), clean)},
        null,
        new INDArray[] {column(weights)});
  }
}
