package org.lcsc.cli.plan;

import java.util.stream.DoubleStream;
import org.lcsc.averaging.LawaCoefficients;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.listener.Baselines;
import org.lcsc.listener.EmaGrid;
import org.lcsc.search.Screening;
import org.lcsc.search.config.LcscConfig;

/**
 * Samples that are drawn beside a search's own: to score finalists and baselines on validation
 * noise, the combination and the best baseline on further noise sets, and what is reported.
 *
 * @param validated models scored on as many samples as validation has; those scored on a part of
 *     them count as that part
 * @param reported models scored on as many samples as the report has
 */
public record ComparisonCost(int validated, int reported) {

  /** What a run compares after each search over a full window. */
  public static ComparisonCost of(RunConfig config) {
    LcscConfig lcsc = config.lcsc();
    int checkpoints = lcsc.checkpoints();
    long[] iterations = new long[checkpoints];
    for (int k = 0; k < checkpoints; k++) {
      iterations[k] = (k + 1L) * lcsc.interval();
    }
    int rates = config.ema().rates().size();
    int windowEmas =
        (int)
            DoubleStream.concat(
                    DoubleStream.of(EmaGrid.of(iterations)),
                    config.ema().rates().stream().mapToDouble(r -> r))
                .distinct()
                .count();
    int finalists = lcsc.search().finalists() + lcsc.search().shrinkage().size();
    int postHoc = config.ema().postHoc() == null ? 0 : Baselines.POST_HOC_AVERAGES;
    int soup = lcsc.greedySoup() == null ? 0 : 1;
    int samples = lcsc.validation().samples();
    double ofWindow =
        Screening.cost(windowEmas, samples)
            + Screening.cost(Baselines.POWER_AVERAGES, samples)
            + Screening.cost(LawaCoefficients.grid(checkpoints).length, samples)
            + 1
            + soup;
    // The combination, the last weights, the EMAs, EMA*, the uniform average, the best baseline.
    int reported = 5 + rates + soup;
    return new ComparisonCost(
        (int) Math.ceil(finalists + ofWindow + 1 + rates + postHoc + 2 * Experiment.NOISE_SETS),
        reported);
  }

  /**
   * Hours of the comparison after one search.
   *
   * @param sampleSeconds of a sample of the objective
   * @param reportedSeconds of a sample of the report
   */
  public double hours(LcscConfig lcsc, double sampleSeconds, double reportedSeconds) {
    double samples = (double) validated * lcsc.validation().samples();
    if (lcsc.greedySoup() != null) {
      // Its ingredients are chosen by the search's objective, in two evaluations each at most.
      samples += 2.0 * lcsc.greedySoup() * lcsc.search().samples();
    }
    return (samples * sampleSeconds + (double) reported * lcsc.report().samples() * reportedSeconds)
        / 3600;
  }
}
