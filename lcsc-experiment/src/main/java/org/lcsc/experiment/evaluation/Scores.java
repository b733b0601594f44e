package org.lcsc.experiment.evaluation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.lcsc.metrics.InceptionScore;
import org.lcsc.metrics.Metric;
import org.lcsc.objective.StageSeconds;

/**
 * What was measured of one set of images. What could not be measured is null.
 *
 * @param samples number of images; -1 for statistics of an unknown number
 * @param finite whether all images and features were finite; if not, nothing was measured
 * @param spaces distances by feature space, in their order
 * @param inceptionScore by the classifier of the first space that has one
 * @param perceptualDiversity mean LPIPS between neighbouring images of the set: 0 where all look
 *     alike
 * @param seconds sampling (or reading), features, and statistics with all distances
 */
public record Scores(
    long samples,
    boolean finite,
    List<Space> spaces,
    InceptionScore.Estimate inceptionScore,
    Double perceptualDiversity,
    StageSeconds seconds) {

  /**
   * Distances in one feature space.
   *
   * @param name of FID in this space, for example {@code FID} or {@code FID (2nd space)}
   * @param extractor id of the space
   * @param fid FID
   * @param measured by the other metrics, in their order
   */
  public record Space(String name, String extractor, Double fid, List<Metric.Measured> measured) {}

  /** Name of the Inception Score. */
  public static final String INCEPTION_SCORE = "IS";

  /** Name of the mean LPIPS between samples. */
  public static final String LPIPS = "LPIPS";

  /** The numbers of a table's row: FID in every space, the rest in the first one or as means. */
  public Map<String, Double> numbers() {
    Map<String, Double> numbers = new LinkedHashMap<>();
    spaces.forEach(space -> numbers.put(space.name(), space.fid()));
    if (!spaces.isEmpty()) {
      spaces.get(0).measured().forEach(measured -> numbers.putAll(measured.columns()));
      numbers.putAll(means());
      numbers.put(INCEPTION_SCORE, inceptionScore == null ? null : inceptionScore.mean());
    }
    numbers.put(LPIPS, perceptualDiversity);
    return numbers;
  }

  /** Numbers of the metrics that a table shows as their mean over all spaces. */
  public Map<String, Double> means() {
    return spaces.stream()
        .flatMap(space -> space.measured().stream())
        .flatMap(measured -> measured.means().entrySet().stream())
        .collect(
            Collectors.groupingBy(
                Map.Entry::getKey,
                LinkedHashMap::new,
                Collectors.averagingDouble(Map.Entry::getValue)));
  }
}
