package org.lcsc.datasets;

/** The part of a data set to load. */
public enum Split {
  /** The images to train on. */
  TRAIN,
  /** The images held out. */
  TEST,
  /** Both: the training images, then the test images; digits keep the order of their file. */
  ALL
}
