package org.lcsc.metrics;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lcsc.io.NpyArray;
import org.lcsc.io.NpzArchive;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;

/**
 * Mean and covariance of a set of feature vectors: all that FID needs to know of it.
 *
 * <p>The file format is that of pytorch-fid: a NumPy {@code .npz} archive with {@code mu} {@code
 * [D]} and {@code sigma} {@code [D, D]}; files written here also hold {@code count}.
 *
 * <p>Immutable and thread-safe.
 */
public final class FeatureMoments {

  /** Largest number of features; its covariance takes half a gigabyte. */
  public static final int MAX_DIMENSION = 8192;

  /** The {@link #count} of a set of unknown size. */
  public static final long UNKNOWN_COUNT = -1;

  private final long count;
  private final double[] mean;
  private final double[] covariance;

  private FeatureMoments(long count, double[] mean, double[] covariance) {
    if (mean.length < 1 || mean.length > MAX_DIMENSION) {
      throw new IllegalArgumentException(
          "mean must have from 1 to " + MAX_DIMENSION + " components, got " + mean.length);
    }
    Refuse.argument(
        covariance.length != mean.length * mean.length,
        "covariance must have %s x %s components, got %s",
        mean.length,
        mean.length,
        covariance.length);
    if (count != UNKNOWN_COUNT && count < 2) {
      throw new IllegalArgumentException(
          "count must be at least 2, or " + UNKNOWN_COUNT + " for unknown, got " + count);
    }
    this.count = count;
    this.mean = mean;
    this.covariance = covariance;
  }

  /**
   * Creates moments from copies of the given arrays.
   *
   * @param count number of samples, or {@link #UNKNOWN_COUNT}
   * @param mean {@code [D]}
   * @param covariance {@code [D * D]}, symmetric
   * @throws IllegalArgumentException where sizes do not fit or the covariance is not symmetric
   */
  public static FeatureMoments of(long count, double[] mean, double[] covariance) {
    FeatureMoments moments = new FeatureMoments(count, mean.clone(), covariance.clone());
    moments.symmetrise();
    return moments;
  }

  /** Takes the arrays over; the covariance must be exactly symmetric. */
  static FeatureMoments adopt(long count, double[] mean, double[] covariance) {
    return new FeatureMoments(count, mean, covariance);
  }

  /** Number of features D. */
  public int dimension() {
    return mean.length;
  }

  /** Number of samples, or {@link #UNKNOWN_COUNT}. */
  public long count() {
    return count;
  }

  /** Mean, {@code [D]}; a copy. */
  public double[] mean() {
    return mean.clone();
  }

  /** Covariance, {@code [D * D]}; a copy. Symmetric, so row-major and column-major are the same. */
  public double[] covariance() {
    return covariance.clone();
  }

  double[] rawMean() {
    return mean;
  }

  double[] rawCovariance() {
    return covariance;
  }

  /** Whether no component is NaN or infinite. */
  public boolean isFinite() {
    double sum = 0;
    for (double value : mean) {
      sum += value * 0;
    }
    for (double value : covariance) {
      sum += value * 0;
    }
    return sum == 0;
  }

  /** Sum of the variances. */
  public double trace() {
    double sum = 0;
    for (int i = 0; i < mean.length; i++) {
      sum += covariance[i * mean.length + i];
    }
    return sum;
  }

  /**
   * Writes {@code mu}, {@code sigma} and, where known, {@code count}. The file appears whole or not
   * at all and replaces an older one.
   *
   * @param file the file, by custom ending in {@code .npz}
   * @throws IOException where it cannot be written
   */
  public void write(Path file) throws IOException {
    write(file, Map.of());
  }

  void write(Path file, Map<String, NpyArray> extra) throws IOException {
    Map<String, NpyArray> arrays = new LinkedHashMap<>();
    arrays.put("mu", NpyArray.ofDoubles(mean, mean.length));
    arrays.put("sigma", NpyArray.ofDoubles(covariance, mean.length, mean.length));
    if (count != UNKNOWN_COUNT) {
      arrays.put("count", NpyArray.ofLong(count));
    }
    arrays.putAll(extra);
    NpzArchive.write(file, arrays);
  }

  /**
   * Reads statistics written by {@link #write}, pytorch-fid or numpy. Types float32 and float64,
   * compressed or not; pickled objects are refused.
   *
   * @throws IOException where the file is missing, is no such archive or holds unfit arrays
   */
  public static FeatureMoments read(Path file) throws IOException {
    try (NpzArchive archive = NpzArchive.open(file)) {
      return read(file, archive);
    }
  }

  static FeatureMoments read(Path file, NpzArchive archive) throws IOException {
    NpyArray mu = archive.read("mu", MAX_DIMENSION);
    if (mu.shape().length != 1 || mu.length() < 1) {
      throw new IOException(file + ": mu must have shape [D], got " + mu.shapeText());
    }
    int dimension = mu.length();
    NpyArray sigma = archive.read("sigma", dimension * dimension);
    Refuse.file(
        sigma.shape().length != 2 || sigma.shape()[0] != dimension || sigma.shape()[1] != dimension,
        "%s: sigma must have shape [%s, %s] to fit mu, got %s",
        file,
        dimension,
        dimension,
        sigma.shapeText());
    long count = archive.contains("count") ? archive.read("count", 1).asLong() : UNKNOWN_COUNT;
    FeatureMoments moments;
    try {
      moments = new FeatureMoments(count, mu.doubles(), sigma.doubles());
      moments.symmetrise();
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
    Refuse.file(!moments.isFinite(), "%s: mu or sigma holds NaN or infinite values", file);
    return moments;
  }

  /** Averages the triangles, which may differ by rounding, and refuses what is no covariance. */
  private void symmetrise() {
    int d = mean.length;
    double largest = 0;
    for (double value : covariance) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int row = 0; row < d; row++) {
      if (covariance[row * d + row] < 0) {
        throw new IllegalArgumentException(
            "no covariance: the variance " + covariance[row * d + row] + " of feature " + row);
      }
      for (int column = 0; column < row; column++) {
        double lower = covariance[row * d + column];
        double upper = covariance[column * d + row];
        // Single-precision files are symmetric to 1e-7 of the largest entry at best.
        if (Math.abs(lower - upper) > 1e-5 * largest) {
          throw new IllegalArgumentException(
              Text.format(
                  "covariance must be symmetric, got %s at [%s, %s] and %s at [%s, %s]",
                  lower, row, column, upper, column, row));
        }
        double average = 0.5 * (lower + upper);
        double bound = Math.sqrt(covariance[row * d + row] * covariance[column * d + column]);
        if (Math.abs(average) > bound + 1e-5 * largest) {
          throw new IllegalArgumentException(
              Text.format(
                  "no covariance: %s at [%s, %s] is above the product of the deviations, %s",
                  average, row, column, bound));
        }
        covariance[row * d + column] = average;
        covariance[column * d + row] = average;
      }
    }
  }

  @Override
  public String toString() {
    return Text.format(
        "FeatureMoments[dimension=%s, count=%s]",
        mean.length, count == UNKNOWN_COUNT ? "unknown" : count);
  }
}
