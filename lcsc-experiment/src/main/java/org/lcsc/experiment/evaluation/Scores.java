package org.lcsc.experiment.evaluation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lcsc.metrics.FidInfinity;
import org.lcsc.metrics.InceptionScore;
import org.lcsc.metrics.KernelDistance;
import org.lcsc.metrics.MemorisationCheck;
import org.lcsc.metrics.PrecisionRecall;
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
   * @param fidInfinity FID extrapolated to infinitely many samples
   * @param kid KID
   * @param kidSubset images of either set in a subset
   * @param precisionRecall improved precision and recall
   * @param memorisation nearest training images, against those of held-out images
   */
  public record Space(
      String name,
      String extractor,
      Double fid,
      FidInfinity fidInfinity,
      KernelDistance.Estimate kid,
      int kidSubset,
      PrecisionRecall precisionRecall,
      MemorisationCheck memorisation) {}

  /** Name of FID-infinity in the first space. */
  public static final String FID_INFINITY = "FID-inf";

  /** Name of KID in the first space. */
  public static final String KID = "KID";

  /** Name of the Inception Score. */
  public static final String INCEPTION_SCORE = "IS";

  /** Name of the precision in the first space. */
  public static final String PRECISION = "precision";

  /** Name of the recall in the first space. */
  public static final String RECALL = "recall";

  /** Name of the memorisation check's z-score in the first space. */
  public static final String COPYING = "copying z";

  /** Name of the mean LPIPS between samples. */
  public static final String LPIPS = "LPIPS";

  /** The numbers of a table's row: FID in every space, the rest in the first one. */
  public Map<String, Double> numbers() {
    Map<String, Double> numbers = new LinkedHashMap<>();
    spaces.forEach(space -> numbers.put(space.name(), space.fid()));
    if (!spaces.isEmpty()) {
      Space first = spaces.get(0);
      numbers.put(FID_INFINITY, first.fidInfinity() == null ? null : first.fidInfinity().value());
      numbers.put(KID, first.kid() == null ? null : first.kid().mean());
      numbers.put(INCEPTION_SCORE, inceptionScore == null ? null : inceptionScore.mean());
      PrecisionRecall shares = first.precisionRecall();
      numbers.put(PRECISION, shares == null ? null : shares.precision());
      numbers.put(RECALL, shares == null ? null : shares.recall());
      numbers.put(COPYING, first.memorisation() == null ? null : first.memorisation().zScore());
    }
    numbers.put(LPIPS, perceptualDiversity);
    return numbers;
  }
}
