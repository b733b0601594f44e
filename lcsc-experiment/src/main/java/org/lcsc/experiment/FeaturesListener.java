package org.lcsc.experiment;

import java.util.function.LongConsumer;

/** Is called while features of real images are extracted, which may take minutes. */
@FunctionalInterface
public interface FeaturesListener {

  /** Shows nothing. */
  FeaturesListener NONE = (what, images) -> done -> {};

  /**
   * Features are extracted next.
   *
   * @param what they are for, for example {@code statistics}
   * @param images how many images
   * @return receives the number of images done, which at last is {@code images}
   */
  LongConsumer featuresStarted(String what, int images);
}
