package org.lcsc.experiment.evaluation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether two models differ, by scores on the same noise seeds: differences of equal seeds, with
 * Student's 95 % confidence interval of their mean. What both owe to the noise they share cancels.
 *
 * @param metric name of the metric
 * @param first mean of the first model
 * @param second mean of the second model
 * @param difference mean of second less first
 * @param halfWidth of the 95 % confidence interval about {@code difference}
 */
public record PairedComparison(
    String metric, double first, double second, double difference, double halfWidth) {

  /** Student's t at 97.5 % for 1 to 30 degrees of freedom. */
  private static final double[] T = {
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281, 2.2010, 2.1788,
    2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860, 2.0796, 2.0739, 2.0687, 2.0639,
    2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423
  };

  private static final double NORMAL = 1.959964;

  /** Whether 0 lies outside the interval. */
  public boolean significant() {
    return Math.abs(difference) > halfWidth;
  }

  /**
   * Compares every metric that both models have at every seed.
   *
   * @param first scores of the first model, one per seed
   * @param second scores of the second model, at the same seeds in the same order
   * @throws IllegalArgumentException where there are fewer than two seeds, or not equally many
   */
  public static List<PairedComparison> of(List<Scores> first, List<Scores> second) {
    if (first.size() != second.size() || first.size() < 2) {
      throw new IllegalArgumentException(
          "a confidence interval needs at least 2 seeds, the same for both, got "
              + first.size()
              + " and "
              + second.size());
    }
    Map<String, double[]> a = byMetric(first);
    Map<String, double[]> b = byMetric(second);
    List<PairedComparison> comparisons = new ArrayList<>();
    a.forEach(
        (metric, values) -> {
          if (b.containsKey(metric)) {
            comparisons.add(of(metric, values, b.get(metric)));
          }
        });
    return comparisons;
  }

  static PairedComparison of(String metric, double[] first, double[] second) {
    int n = first.length;
    double meanFirst = 0;
    double meanSecond = 0;
    for (int i = 0; i < n; i++) {
      meanFirst += first[i] / n;
      meanSecond += second[i] / n;
    }
    double difference = meanSecond - meanFirst;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      squares += Math.pow(second[i] - first[i] - difference, 2);
    }
    double error = Math.sqrt(squares / (n - 1) / n);
    return new PairedComparison(metric, meanFirst, meanSecond, difference, quantile(n - 1) * error);
  }

  /** Student's t at 97.5 %; beyond the table Fisher's expansion, exact to 1e-4 there. */
  private static double quantile(int freedom) {
    return freedom <= T.length
        ? T[freedom - 1]
        : NORMAL + (Math.pow(NORMAL, 3) + NORMAL) / (4.0 * freedom);
  }

  /** Values by metric, of those metrics that are finite at every seed. */
  private static Map<String, double[]> byMetric(List<Scores> seeds) {
    Map<String, double[]> values = new LinkedHashMap<>();
    for (String metric : seeds.get(0).numbers().keySet()) {
      double[] numbers =
          seeds.stream()
              .map(scores -> scores.numbers().get(metric))
              .mapToDouble(number -> number == null ? Double.NaN : number)
              .filter(Double::isFinite)
              .toArray();
      if (numbers.length == seeds.size()) {
        values.put(metric, numbers);
      }
    }
    return values;
  }
}
