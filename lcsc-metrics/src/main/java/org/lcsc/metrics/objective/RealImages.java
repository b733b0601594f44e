package org.lcsc.metrics.objective;

import java.io.IOException;
import java.util.List;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.metrics.FrechetDistance;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The real images in the feature space that is searched in: what the objectives compare with. */
public interface RealImages {

  /** Name of the space of {@link #extractor}. */
  String FIRST = "first";

  /** Name of an independent space, where there is one. */
  String SECOND = "second";

  /** Names that are not those of a {@link org.lcsc.metrics.FeatureSource}. */
  List<String> OWN = List.of(FIRST, SECOND);

  /** The feature space. */
  FeatureExtractor extractor();

  /**
   * Statistics of all real images.
   *
   * @throws IOException where they cannot be had
   */
  FrechetDistance.Reference statistics() throws IOException;

  /**
   * Statistics of all real images in a space that is named: {@code first}, that of {@link
   * #extractor}; {@code second}, an independent one; or as {@link
   * org.lcsc.metrics.FeatureSource#named} names it.
   *
   * @throws org.lcsc.config.InvalidValueException where there is none of that name
   * @throws IOException where it cannot be opened
   */
  MultiFid.Space space(String name) throws IOException;

  /** Names of the spaces that may decide beside those of a search; empty where there are none. */
  List<String> judges();

  /**
   * Features of real images.
   *
   * @param count how many, evenly spread; all where there are fewer
   * @return {@code [M, D]}
   * @throws IOException where they cannot be had
   */
  INDArray features(int count) throws IOException;
}
