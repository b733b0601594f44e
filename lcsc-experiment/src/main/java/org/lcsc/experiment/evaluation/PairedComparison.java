package org.lcsc.experiment.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lcsc.io.Refuse;
import org.lcsc.metrics.PairedDifferences;

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
    Refuse.argument(
        first.size() != second.size() || first.size() < 2,
        "a confidence interval needs at least 2 seeds, the same for both, got %s and %s",
        first.size(),
        second.size());
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
    double[] differences = new double[first.length];
    Arrays.setAll(differences, i -> second[i] - first[i]);
    PairedDifferences paired = PairedDifferences.of(differences);
    return new PairedComparison(
        metric,
        Arrays.stream(first).average().orElseThrow(),
        Arrays.stream(second).average().orElseThrow(),
        paired.mean(),
        paired.quantile(0.975) * paired.standardError());
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
