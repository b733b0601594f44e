package org.lcsc.metrics.objective;

import java.util.List;
import org.lcsc.io.HostArrays;
import org.lcsc.objective.StageStopwatch;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A batch of images on its way through feature spaces, for as long as all is finite.
 *
 * <p>Stateless and thread-safe.
 */
public final class FeaturePass {

  private FeaturePass() {}

  /** What gathers the features of images in one space. */
  public interface Space {

    /**
     * Extracts features.
     *
     * @param images {@code [N, C, H, W]}
     * @return {@code [N, D]}
     */
    INDArray extract(INDArray images);

    /**
     * Takes the features of a batch, which are finite.
     *
     * @param features {@code N * D} values, row-major
     */
    void add(float[] features);

    /** Whether what the latest {@link #extract} gave beside the features is finite as well. */
    default boolean isFinite() {
      return true;
    }
  }

  /**
   * Adds a batch to every space, up to the first with a feature that is not finite; to none where
   * an image is not.
   *
   * @param stopwatch receives the time of each stage; what passed before counts as sampling
   * @return whether all images and features were finite
   */
  public static boolean add(
      INDArray images, List<? extends Space> spaces, StageStopwatch stopwatch) {
    boolean finite = HostArrays.allFinite(HostArrays.floats(images));
    stopwatch.sampled();
    for (int i = 0; i < spaces.size() && finite; i++) {
      float[] features = HostArrays.floats(spaces.get(i).extract(images));
      stopwatch.featuresExtracted();
      // Finite images of an exploding model may still overflow inside the extractor.
      finite = HostArrays.allFinite(features) && spaces.get(i).isFinite();
      if (finite) {
        spaces.get(i).add(features);
      }
      stopwatch.statisticsDone();
    }
    return finite;
  }
}
