package org.lcsc.datasets;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;
import org.lcsc.image.ImageShape;
import org.lcsc.image.PixelValues;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Images of one shape, with a class label each where the set has labels.
 *
 * <p>Pixels are kept as unsigned bytes, in the Java heap or, for sets larger than memory, in a
 * memory-mapped file, and become floats only in a batch: pixel v is v / 127.5 - 1, so 0 is -1 and
 * 255 is 1. Immutable and thread-safe.
 */
public final class ImageDataSet {

  private final String name;
  private final ImageShape shape;
  private final int size;
  private final int classes;

  private final PixelStore pixels;

  /** One class per image, or null. */
  private final int[] labels;

  /** Computed at first use; guarded by this. */
  private String fingerprint;

  /** Computed at first use; guarded by this. */
  private PixelHistogram histogram;

  /**
   * The first images of a store.
   *
   * @param labels one per image, each in [0, classes), or null; not copied
   * @param fingerprint where it is known already, else null
   */
  ImageDataSet(
      String name,
      ImageShape shape,
      int classes,
      PixelStore pixels,
      int size,
      int[] labels,
      String fingerprint) {
    Refuse.argument(size < 1, "data set %s: must hold at least 1 image", name);
    this.name = Objects.requireNonNull(name, "name");
    this.shape = Objects.requireNonNull(shape, "shape");
    this.classes = labels == null ? 0 : classes;
    this.pixels = pixels;
    this.size = size;
    this.labels = labels;
    this.fingerprint = fingerprint;
  }

  /**
   * Makes a set of images that are in memory.
   *
   * @param name for messages and reports
   * @param shape of one image
   * @param pixels unsigned bytes, {@code [N, C, H, W]} row-major; copied
   * @param classes number of classes; ignored without labels
   * @param labels N numbers in [0, classes), or null where there are none; copied
   * @throws IllegalArgumentException where the pixels are not whole images, or labels and images
   *     differ in number, or a label is out of range
   */
  public static ImageDataSet of(
      String name, ImageShape shape, byte[] pixels, int classes, int[] labels) {
    int values = shape.length();
    Refuse.argument(
        pixels.length == 0 || pixels.length % values != 0,
        "pixels.length %s: must be a positive multiple of %s, one image of %s",
        pixels.length,
        values,
        shape);
    int count = pixels.length / values;
    if (labels != null && labels.length != count) {
      throw new IllegalArgumentException(
          "labels.length " + labels.length + ": must be " + count + ", one per image");
    }
    for (int i = 0; labels != null && i < count; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new IllegalArgumentException(
            "label " + labels[i] + " of image " + i + ": must be 0 to " + (classes - 1));
      }
    }
    HeapPixels.Writer writer = new HeapPixels.Writer(values);
    for (int i = 0; i < count; i++) {
      writer.append(pixels, i * values);
    }
    int[] own = labels == null ? null : labels.clone();
    return new ImageDataSet(name, shape, classes, writer.finish(), count, own, null);
  }

  /** The name, which is no part of the {@link #fingerprint()}. */
  public String name() {
    return name;
  }

  /** Number of images, at least 1. */
  public int size() {
    return size;
  }

  /** The shape of one image. */
  public ImageShape shape() {
    return shape;
  }

  /** Number of classes; 0 where the images have no labels. */
  public int classes() {
    return classes;
  }

  /** Whether the images have labels. */
  public boolean labelled() {
    return labels != null;
  }

  /**
   * The class of an image, in [0, classes).
   *
   * @throws IllegalStateException where the images have no labels
   * @throws IndexOutOfBoundsException where there is no such image
   */
  public int label(int image) {
    requireLabels();
    return labels[checked(image)];
  }

  /**
   * The classes of some images.
   *
   * @throws IllegalStateException where the images have no labels
   * @throws IndexOutOfBoundsException where there is no such image
   */
  public int[] labels(int[] images) {
    requireLabels();
    int[] result = new int[images.length];
    for (int i = 0; i < images.length; i++) {
      result[i] = labels[checked(images[i])];
    }
    return result;
  }

  /**
   * Some images as floats.
   *
   * @param images indices, in any order, repeated or not; at least one
   * @return {@code [n, C, H, W]} FLOAT in [-1, 1], a new array in row-major order
   * @throws IndexOutOfBoundsException where there is no such image
   * @throws IllegalArgumentException where {@code images} is empty or too long for one Java array
   */
  public INDArray batch(int[] images) {
    return array(images, null);
  }

  /**
   * Some images as floats, some of them mirrored left to right.
   *
   * @param images indices, in any order, repeated or not; at least one
   * @param flip whether to mirror the image at the same place of {@code images}
   * @return {@code [n, C, H, W]} FLOAT in [-1, 1], a new array in row-major order
   * @throws IndexOutOfBoundsException where there is no such image
   * @throws IllegalArgumentException where the arrays differ in length, are empty or too long
   */
  public INDArray batch(int[] images, boolean[] flip) {
    return array(images, Objects.requireNonNull(flip, "flip"));
  }

  /**
   * Consecutive images as floats.
   *
   * @param first the first image
   * @param count how many, at least 1
   * @return {@code [count, C, H, W]} FLOAT in [-1, 1], a new array in row-major order
   * @throws IndexOutOfBoundsException where the range leaves the set
   * @throws IllegalArgumentException where {@code count} is below 1 or too large for one Java array
   */
  public INDArray batch(int first, int count) {
    checkRange(first, count);
    int[] images = new int[count];
    Arrays.setAll(images, i -> first + i);
    return array(images, null);
  }

  /**
   * Writes images into an array of the caller's, for loops that reuse one.
   *
   * @param images indices
   * @param flip which to mirror left to right, or null for none
   * @param target receives {@code [n, C, H, W]} values in [-1, 1], row-major, from its start
   * @throws IndexOutOfBoundsException where there is no such image
   * @throws IllegalArgumentException where {@code flip} differs from {@code images} in length or
   *     {@code target} is too short
   */
  public void read(int[] images, boolean[] flip, float[] target) {
    if (flip != null && flip.length != images.length) {
      throw new IllegalArgumentException(
          "flip.length " + flip.length + ": must be " + images.length + ", one per image");
    }
    int values = shape.length();
    if (target.length < (long) images.length * values) {
      throw new IllegalArgumentException(
          "target.length " + target.length + ": must be at least " + (long) images.length * values);
    }
    byte[] image = new byte[values];
    for (int i = 0; i < images.length; i++) {
      pixels.read(checked(images[i]), image, 0);
      if (flip != null && flip[i]) {
        mirror(image, shape.width());
      }
      for (int p = 0; p < values; p++) {
        target[i * values + p] = PixelValues.of(image[p]);
      }
    }
  }

  /**
   * The bytes of an image, {@code C x H x W}, unsigned: a new array.
   *
   * @throws IndexOutOfBoundsException where there is no such image
   */
  public byte[] pixels(int image) {
    byte[] copy = new byte[shape.length()];
    pixels.read(checked(image), copy, 0);
    return copy;
  }

  /**
   * The same images shrunk to {@code side x side} by area averaging, rounded to 8 bits, half up.
   * Sets in the heap are shrunk at once, memory-mapped sets as they are read.
   *
   * @param side 1 to the present side; the present side returns this set
   * @throws IllegalArgumentException where the images are not square or {@code side} is larger than
   *     theirs: area averaging cannot enlarge
   */
  public ImageDataSet resizedTo(int side) {
    if (shape.height() != shape.width()) {
      throw new IllegalArgumentException(
          "data set " + name + ": images of " + shape + " are not square, so have no side");
    }
    AreaResize resize = new AreaResize(shape.width(), side);
    if (side == shape.width()) {
      return this;
    }
    ImageShape small = new ImageShape(shape.channels(), side, side);
    PixelStore shrunk = new ShrunkPixels(pixels, shape, resize);
    if (!pixels.onHeap()) {
      return new ImageDataSet(name, small, classes, shrunk, size, labels, null);
    }
    HeapPixels.Writer writer = new HeapPixels.Writer(small.length());
    byte[] image = new byte[small.length()];
    for (int i = 0; i < size; i++) {
      shrunk.read(i, image, 0);
      writer.append(image, 0);
    }
    return new ImageDataSet(name, small, classes, writer.finish(), size, labels, null);
  }

  /**
   * SHA-256, in hexadecimal, of pixels, labels and shape, whatever the name and the storage. The
   * first call reads every pixel, except where a whole memory-mapped set was hashed as it was
   * built.
   */
  public synchronized String fingerprint() {
    if (fingerprint == null) {
      Fingerprint hash = new Fingerprint();
      forEachImage(hash::add);
      fingerprint = hash.finish(shape, size, labels);
    }
    return fingerprint;
  }

  /**
   * Standard deviation of all values in [-1, 1] about their mean (divisor N), in double precision:
   * the sigma-data of Karras et al., "Elucidating the Design Space of Diffusion-Based Generative
   * Models" (2022). The first call reads every pixel.
   */
  public double standardDeviation() {
    return histogram().standardDeviation();
  }

  /** For example {@code cifar10: 50000 images of 3x32x32, 10 classes}. */
  @Override
  public String toString() {
    String kinds = labels == null ? "no labels" : classes + " classes";
    return name + ": " + size + " images of " + shape + ", " + kinds;
  }

  /** This set followed by another of its shape and classes. */
  ImageDataSet followedBy(ImageDataSet other) {
    if (!shape.equals(other.shape) || classes != other.classes) {
      throw new IllegalArgumentException("cannot append " + other + " to " + this);
    }
    int[] both = null;
    if (labels != null) {
      both = Arrays.copyOf(labels, size + other.size);
      System.arraycopy(other.labels, 0, both, size, other.size);
    }
    PixelStore joined = new PixelStore.Concatenation(pixels, size, other.pixels);
    return new ImageDataSet(name, shape, classes, joined, size + other.size, both, null);
  }

  private synchronized PixelHistogram histogram() {
    if (histogram == null) {
      PixelHistogram counts = new PixelHistogram();
      forEachImage(counts::add);
      histogram = counts;
    }
    return histogram;
  }

  /** Hands out every image in order, in one array that is used again. */
  private void forEachImage(Consumer<byte[]> use) {
    byte[] image = new byte[shape.length()];
    for (int i = 0; i < size; i++) {
      pixels.read(i, image, 0);
      use.accept(image);
    }
  }

  private INDArray array(int[] images, boolean[] flip) {
    long length = (long) images.length * shape.length();
    Refuse.argument(
        length == 0 || length > Integer.MAX_VALUE - 8,
        "batch of %s images of %s: must hold 1 to %s images",
        images.length,
        shape,
        (Integer.MAX_VALUE - 8) / shape.length());
    float[] values = new float[(int) length];
    read(images, flip, values);
    long[] dimensions = {images.length, shape.channels(), shape.height(), shape.width()};
    return Nd4j.create(values, dimensions, Nd4j.getStrides(dimensions, 'c'), 'c', DataType.FLOAT);
  }

  private void requireLabels() {
    Refuse.state(labels == null, "data set %s has no labels", name);
  }

  private int checked(int image) {
    if (image < 0 || image >= size) {
      throw new IndexOutOfBoundsException(
          "image " + image + " of data set " + name + ": must be 0 to " + (size - 1));
    }
    return image;
  }

  private void checkRange(int first, int count) {
    Refuse.argument(count < 1, "count %s: must be at least 1", count);
    if (first < 0 || count > size - first) {
      throw new IndexOutOfBoundsException(
          Text.format(
              "images %s to %s of data set %s: must be within 0 to %s",
              first, (long) first + count - 1, name, size - 1));
    }
  }

  /** Mirrors every row of {@code width} bytes in place. */
  private static void mirror(byte[] image, int width) {
    for (int row = 0; row < image.length; row += width) {
      for (int left = row, right = row + width - 1; left < right; left++, right--) {
        byte swapped = image[left];
        image[left] = image[right];
        image[right] = swapped;
      }
    }
  }
}
