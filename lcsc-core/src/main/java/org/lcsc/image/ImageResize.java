package org.lcsc.image;

import java.util.function.DoubleUnaryOperator;
import org.lcsc.io.Text;

/**
 * Resizes images as PyTorch and Pillow do, which feature networks were trained or published with:
 * FID changes by more than its usual differences between models when the filter is another (Parmar,
 * Zhang and Zhu, 2022, "On Aliased Resizing and Surprising Subtleties in GAN Evaluation").
 *
 * <p>Separable: rows first, then columns, accumulated in double. Immutable and thread-safe.
 */
public final class ImageResize {

  /** How a pixel of the result is made. */
  public enum Filter {
    /**
     * The two nearest pixels of either axis, whatever the scale: {@code F.interpolate(mode =
     * "bilinear", align_corners = False)} of PyTorch.
     */
    BILINEAR,
    /** Likewise with the centres of the corner pixels kept: {@code align_corners = True}. */
    BILINEAR_ALIGN_CORNERS,
    /** A triangle as wide as the scale: Pillow's BILINEAR, PyTorch's with {@code antialias}. */
    BILINEAR_ANTIALIAS,
    /** Keys' cubic with a = -0.5, widened likewise: Pillow's BICUBIC. */
    BICUBIC_ANTIALIAS
  }

  private static final double FIXED_POINT = 1 << 22;

  /** The pixels of an axis that make one pixel of the result. */
  private record Taps(int[] first, double[][] weights) {}

  private final int height;
  private final int width;
  private final int newHeight;
  private final int newWidth;
  private final boolean bytes;
  private final Taps rows;
  private final Taps columns;

  /**
   * Prepares the resizing of images of one size.
   *
   * @param height of the images, in pixels
   * @param width of the images, in pixels
   * @param newHeight of the result
   * @param newWidth of the result
   * @param filter how
   * @param bytes whether to round to whole numbers from 0 to 255 after either axis, as Pillow does
   *     with 8-bit images
   */
  public ImageResize(
      int height, int width, int newHeight, int newWidth, Filter filter, boolean bytes) {
    if (Math.min(Math.min(height, width), Math.min(newHeight, newWidth)) < 1) {
      throw new IllegalArgumentException(
          Text.format(
              "sizes must be at least 1, got %s x %s to %s x %s",
              height, width, newHeight, newWidth));
    }
    this.height = height;
    this.width = width;
    this.newHeight = newHeight;
    this.newWidth = newWidth;
    this.bytes = bytes;
    this.columns = taps(width, newWidth, filter, bytes);
    this.rows = taps(height, newHeight, filter, bytes);
  }

  /**
   * Resizes planes.
   *
   * @param planes {@code [P, height, width]}, row-major: every channel of every image
   * @return {@code [P, newHeight, newWidth]}
   * @throws IllegalArgumentException where the length is no multiple of a plane's
   */
  public float[] apply(float[] planes) {
    int plane = height * width;
    if (planes.length % plane != 0) {
      throw new IllegalArgumentException(
          "expected whole planes of " + height + " x " + width + ", got " + planes.length);
    }
    int count = planes.length / plane;
    float[] result = new float[Math.multiplyExact(count, newHeight * newWidth)];
    double[] half = new double[height * newWidth];
    for (int p = 0; p < count; p++) {
      for (int y = 0; y < height; y++) {
        int from = p * plane + y * width;
        for (int x = 0; x < newWidth; x++) {
          double[] weights = columns.weights[x];
          int first = from + columns.first[x];
          double sum = 0;
          for (int k = 0; k < weights.length; k++) {
            sum += weights[k] * planes[first + k];
          }
          half[y * newWidth + x] = rounded(sum);
        }
      }
      for (int y = 0; y < newHeight; y++) {
        double[] weights = rows.weights[y];
        for (int x = 0; x < newWidth; x++) {
          double sum = 0;
          for (int k = 0; k < weights.length; k++) {
            sum += weights[k] * half[(rows.first[y] + k) * newWidth + x];
          }
          result[(p * newHeight + y) * newWidth + x] = (float) rounded(sum);
        }
      }
    }
    return result;
  }

  private double rounded(double value) {
    return bytes ? Math.max(0, Math.min(255, Math.floor(value + 0.5))) : value;
  }

  private static Taps taps(int size, int newSize, Filter filter, boolean bytes) {
    Taps taps = new Taps(new int[newSize], new double[newSize][]);
    for (int i = 0; i < newSize; i++) {
      switch (filter) {
        case BILINEAR -> {
          double scale = (double) size / newSize;
          between(taps, i, Math.max(0, (i + 0.5) * scale - 0.5), size);
        }
        case BILINEAR_ALIGN_CORNERS -> {
          double scale = newSize > 1 ? (size - 1.0) / (newSize - 1) : 0;
          between(taps, i, i * scale, size);
        }
        case BILINEAR_ANTIALIAS -> widened(taps, i, size, newSize, 1, ImageResize::triangle);
        case BICUBIC_ANTIALIAS -> widened(taps, i, size, newSize, 2, ImageResize::cubic);
        default -> throw new AssertionError(filter);
      }
    }
    for (int i = 0; i < newSize && bytes; i++) {
      for (int k = 0; k < taps.weights[i].length; k++) {
        taps.weights[i][k] = fixedPoint(taps.weights[i][k]);
      }
    }
    return taps;
  }

  /** Pillow holds the weights for 8-bit images in units of 2^-22, which decides ties. */
  private static double fixedPoint(double weight) {
    double units = Math.floor(Math.abs(weight) * FIXED_POINT + 0.5) / FIXED_POINT;
    return Math.copySign(units, weight);
  }

  /** The two pixels around a position. */
  private static void between(Taps taps, int i, double position, int size) {
    int lower = Math.min((int) position, size - 1);
    taps.first[i] = lower;
    double part = position - lower;
    taps.weights[i] = lower + 1 < size ? new double[] {1 - part, part} : new double[] {1};
  }

  /** All pixels under a kernel that is stretched where the image shrinks. */
  private static void widened(
      Taps taps, int i, int size, int newSize, double support, DoubleUnaryOperator kernel) {
    double scale = (double) size / newSize;
    double stretch = Math.max(1, scale);
    double centre = (i + 0.5) * scale;
    int first = Math.max(0, (int) (centre - support * stretch + 0.5));
    int end = Math.min(size, (int) (centre + support * stretch + 0.5));
    double[] weights = new double[end - first];
    double sum = 0;
    for (int k = 0; k < weights.length; k++) {
      weights[k] = kernel.applyAsDouble((first + k - centre + 0.5) / stretch);
      sum += weights[k];
    }
    for (int k = 0; k < weights.length; k++) {
      weights[k] /= sum;
    }
    taps.first[i] = first;
    taps.weights[i] = weights;
  }

  private static double triangle(double x) {
    return Math.max(0, 1 - Math.abs(x));
  }

  private static double cubic(double x) {
    double a = -0.5;
    double t = Math.abs(x);
    if (t < 1) {
      return ((a + 2) * t - (a + 3)) * t * t + 1;
    }
    return t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
  }
}
