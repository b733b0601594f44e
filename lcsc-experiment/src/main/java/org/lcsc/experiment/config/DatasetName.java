package org.lcsc.experiment.config;

/** The data sets that a run can train on, with what is known of them before they are loaded. */
public enum DatasetName {
  /** 8x8 grey handwritten digits, embedded. */
  DIGITS(8),
  /** 28x28 grey images of clothes. */
  FASHION_MNIST(28),
  /** 28x28 grey handwritten digits. */
  MNIST(28),
  /** Files of one's own in MNIST's format. */
  IDX(0),
  /** 32x32 colour images of ten classes. */
  CIFAR10(32),
  /** 64x64 colour images of a thousand classes. */
  IMAGENET64(64),
  /** A folder of images. */
  FOLDER(0);

  private final int side;

  DatasetName(int side) {
    this.side = side;
  }

  /** Side of the images in pixels, 0 where it depends on the files. */
  int side() {
    return side;
  }

  /** Whether the files are the user's own. */
  boolean needsPath() {
    return this == IDX || this == IMAGENET64 || this == FOLDER;
  }
}
