package org.lcsc.datasets;

/** Unsigned 8-bit images of one shape, channels first, row-major. Immutable and thread-safe. */
interface PixelStore {

  /**
   * Copies an image.
   *
   * @param image from 0; callers check the range
   * @param target receives the values of the image
   * @param at where in {@code target} the first value goes
   */
  void read(int image, byte[] target, int at);

  /** Whether the pixels lie in the Java heap, where reading all of them is cheap. */
  boolean onHeap();

  /** The images of {@code first}, {@code count} in number, followed by those of {@code second}. */
  record Concatenation(PixelStore first, int count, PixelStore second) implements PixelStore {
    @Override
    public void read(int image, byte[] target, int at) {
      if (image < count) {
        first.read(image, target, at);
      } else {
        second.read(image - count, target, at);
      }
    }

    @Override
    public boolean onHeap() {
      return first.onHeap() && second.onHeap();
    }
  }
}
