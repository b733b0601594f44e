package org.lcsc.datasets;

import org.lcsc.image.ImageShape;

/**
 * Square images of another store, shrunk by area averaging as they are read.
 *
 * @param source where the images are
 * @param shape of an image in {@code source}
 * @param resize from the side of {@code shape}
 */
record ShrunkPixels(PixelStore source, ImageShape shape, AreaResize resize) implements PixelStore {

  @Override
  public void read(int image, byte[] target, int at) {
    byte[] full = new byte[shape.length()];
    source.read(image, full, 0);
    resize.apply(full, shape.channels(), target, at);
  }

  /** Never: each read costs a resize, wherever the source lies. */
  @Override
  public boolean onHeap() {
    return false;
  }
}
