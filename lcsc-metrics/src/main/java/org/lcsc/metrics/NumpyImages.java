package org.lcsc.metrics;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.lcsc.image.ImageShape;
import org.lcsc.image.PixelValues;
import org.lcsc.io.NpyArray;
import org.lcsc.io.NpzArchive;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Images in a NumPy {@code .npz} archive, as generative models' samples are published: the first
 * array of unsigned bytes {@code [N, H, W, C]}, {@code [N, C, H, W]} or, grey, {@code [N, H, W]}.
 * Read as a stream, batch by batch. Immutable and thread-safe.
 */
public final class NumpyImages {

  /** Pixels of a side, and values of an image or a batch, at most: guards memory. */
  private static final int MAX_SIDE = 1 << 15;

  private static final int MAX_VALUES = 1 << 26;

  private final Path file;
  private final String array;
  private final int size;
  private final ImageShape shape;
  private final boolean channelsLast;

  private NumpyImages(Path file, String array, int size, ImageShape shape, boolean channelsLast) {
    this.file = file;
    this.array = array;
    this.size = size;
    this.shape = shape;
    this.channelsLast = channelsLast;
  }

  /**
   * Whether a file holds statistics ({@code mu} and {@code sigma}) and no images.
   *
   * @throws IOException where it is missing or no archive
   */
  public static boolean isStatistics(Path file) throws IOException {
    try (NpzArchive archive = NpzArchive.open(file)) {
      return (archive.contains("mu") || archive.contains("sigma")) && imageArray(archive).isEmpty();
    }
  }

  /** The first array of bytes that has the axes of images, whatever stands beside it. */
  private static Optional<String> imageArray(NpzArchive archive) throws IOException {
    for (String name : archive.names()) {
      try (NpzArchive.ArrayStream stream = archive.stream(name)) {
        NpyArray.Header header = stream.header(Long.MAX_VALUE);
        if (header.isPlainBytes() && (header.shape().length == 3 || header.shape().length == 4)) {
          return Optional.of(name);
        }
      } catch (IOException e) {
        // Of a type that is not read, or damaged: no images.
      }
    }
    return Optional.empty();
  }

  /**
   * Looks into a file.
   *
   * @throws IOException where it is missing, no archive, or its first array is no set of images
   */
  public static NumpyImages open(Path file) throws IOException {
    try (NpzArchive archive = NpzArchive.open(file)) {
      Refuse.file(
          archive.names().isEmpty(), "%s: holds no array, expected images or mu and sigma", file);
      String array = imageArray(archive).orElse(archive.names().get(0));
      try (NpzArchive.ArrayStream stream = archive.stream(array)) {
        return of(file, array, stream.header(Long.MAX_VALUE));
      }
    }
  }

  private static NumpyImages of(Path file, String array, NpyArray.Header header)
      throws IOException {
    int[] s = header.shape();
    boolean grey = s.length == 3;
    boolean last = s.length == 4 && (s[3] == 1 || s[3] == 3);
    boolean first = s.length == 4 && (s[1] == 1 || s[1] == 3);
    Refuse.file(
        !header.isPlainBytes() || !(grey || last || first) || Arrays.stream(s).min().orElse(0) < 1,
        "%s: array '%s', %s of shape %s, is no set of images, expected uint8 [N, H, W, C], [N, C,"
            + " H, W] with C = 1 or 3, or [N, H, W], row-major",
        file,
        array,
        header.values(),
        s);
    int channels = grey ? 1 : last ? s[3] : s[1];
    int height = grey || last ? s[1] : s[2];
    int width = grey || last ? s[2] : s[3];
    if (height > MAX_SIDE || width > MAX_SIDE || (long) channels * height * width > MAX_VALUES) {
      throw new IOException(
          Text.format(
              "%s: array '%s' has images of %sx%sx%s, expected at most %s a side and %s values",
              file, array, channels, height, width, MAX_SIDE, MAX_VALUES));
    }
    return new NumpyImages(file, array, s[0], new ImageShape(channels, height, width), last);
  }

  /** Number of images, at least 1. */
  public int size() {
    return size;
  }

  /** Shape of one image. */
  public ImageShape shape() {
    return shape;
  }

  /**
   * Reads the images from the first on. What goes wrong on the way comes as {@link
   * UncheckedIOException}.
   *
   * @param limit most images
   * @param batchSize images per array, the last one may hold fewer, and so may all of them where
   *     images are so large that this many would be above 2^26 values
   * @return arrays {@code [n, C, H, W]} float in [-1, 1]
   * @throws IOException where the file cannot be opened
   */
  public Iterator<INDArray> batches(int limit, int batchSize) throws IOException {
    return new Batches(Math.min(limit, size), batchSize);
  }

  /** Reads a batch at a time, and closes the archive after the last. */
  private final class Batches implements Iterator<INDArray> {

    private final NpzArchive archive;
    private final NpzArchive.ArrayStream stream;
    private final int total;
    private final int batchSize;
    private int done;

    Batches(int total, int batchSize) throws IOException {
      this.total = total;
      this.batchSize = Math.min(batchSize, Math.max(1, MAX_VALUES / shape.length()));
      archive = NpzArchive.open(file);
      try {
        stream = archive.stream(array);
        stream.header(Long.MAX_VALUE);
      } catch (IOException e) {
        archive.close();
        throw e;
      }
    }

    @Override
    public boolean hasNext() {
      return done < total;
    }

    @Override
    public INDArray next() {
      if (done >= total) {
        throw new NoSuchElementException("all " + total + " images were read");
      }
      int count = Math.min(batchSize, total - done);
      byte[] bytes = new byte[count * shape.length()];
      try {
        stream.read(bytes, done + count == size);
        done += count;
        if (done == total) {
          archive.close();
        }
      } catch (IOException e) {
        throw failure(e);
      }
      return images(bytes, count);
    }

    private UncheckedIOException failure(IOException e) {
      try {
        archive.close();
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      return new UncheckedIOException(
          e.getCause() instanceof EOFException
              ? file + ": array '" + array + "' ends early, after " + done + " images"
              : e.getMessage(),
          e);
    }
  }

  private INDArray images(byte[] bytes, int count) {
    int plane = shape.height() * shape.width();
    int channels = shape.channels();
    float[] values = new float[bytes.length];
    for (int n = 0; n < count; n++) {
      int image = n * shape.length();
      for (int c = 0; c < channels; c++) {
        for (int p = 0; p < plane; p++) {
          int source = channelsLast ? image + p * channels + c : image + c * plane + p;
          values[image + c * plane + p] = PixelValues.of(bytes[source]);
        }
      }
    }
    return Nd4j.create(values, new long[] {count, channels, shape.height(), shape.width()}, 'c');
  }
}
