package org.lcsc.diffusion.training;

import java.util.Objects;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Training batches of a diffusion model: images x_0 noised to x_t = alpha_t x_0 + sigma_t epsilon
 * at uniform times, with the target of the {@linkplain Prediction parameterisation} as the label
 * (Ho et al. 2020, Algorithm 1).
 *
 * <p>Not thread-safe.
 */
public final class DiffusionBatches extends TrainingBatches {

  private static final long serialVersionUID = 1;

  private final transient NoiseSchedule schedule;
  private final transient Prediction prediction;

  /**
   * Batches.
   *
   * @param settings data, iterations, seed
   * @param schedule the noise schedule
   * @param prediction what the network predicts
   */
  public DiffusionBatches(BatchSettings settings, NoiseSchedule schedule, Prediction prediction) {
    super(settings);
    this.schedule = Objects.requireNonNull(schedule, "schedule");
    this.prediction = Objects.requireNonNull(prediction, "prediction");
  }

  @Override
  public MultiDataSet batch(int n) {
    INDArray x0 = images(n);
    INDArray epsilon = imageNoise(n);
    int[] times = uniformInts(LEVEL_STREAM, n, schedule.steps());
    double[] alpha = new double[times.length];
    double[] sigma = new double[times.length];
    double[] networkTime = new double[times.length];
    for (int i = 0; i < times.length; i++) {
      alpha[i] = schedule.alpha(times[i]);
      sigma[i] = schedule.sigma(times[i]);
      networkTime[i] = schedule.networkTime(times[i]);
    }
    INDArray alphas = column(alpha);
    INDArray sigmas = column(sigma);
    INDArray xt = mix(alphas, x0, sigmas, epsilon);
    INDArray target =
        switch (prediction) {
          case EPSILON -> epsilon;
          case X0 -> x0;
          case V -> mix(alphas, epsilon, sigmas.neg(), x0);
        };
    return new org.nd4j.linalg.dataset.MultiDataSet(
        inputs(xt, column(networkTime), labels(n)), new INDArray[] {target});
  }
}
