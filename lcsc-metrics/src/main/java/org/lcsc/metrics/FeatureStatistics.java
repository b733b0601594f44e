package org.lcsc.metrics;

import java.util.Iterator;
import org.lcsc.io.HostArrays;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Accumulates mean and covariance of features in double precision, in one pass.
 *
 * <p>Stored are the mean {@code [D]}, the matrix of centred second moments {@code [D, D]} and a
 * buffer of {@value #BLOCK_ROWS} rows; the samples are not kept. Rows are gathered into blocks of
 * {@value #BLOCK_ROWS}, centred on the block's own mean, and joined by the update of Chan, Golub
 * and LeVeque (1983), so a mean that is large against the deviations costs no precision. Because
 * the blocks are the same however the rows arrive, the result does not depend on the batch size,
 * bit for bit.
 *
 * <p>Cost: one multiplication {@code [D, 512] x [512, D]} per block. Not thread-safe.
 */
public final class FeatureStatistics {

  static final int BLOCK_ROWS = 512;

  private final int dimension;

  /** Rows that await folding; one row more than a block holds the shift between two means. */
  private final double[] pending;

  private int pendingRows;

  /** Rows folded into {@link #mean} and {@link #scatter}. */
  private long folded;

  private final double[] mean;

  /** Sum of (x - mean)(x - mean)^T over the folded rows. */
  private final OuterProducts scatter;

  /**
   * Creates an empty accumulator.
   *
   * @param dimension number of features D, from 1 to {@value FeatureMoments#MAX_DIMENSION}
   */
  public FeatureStatistics(int dimension) {
    if (dimension < 1 || dimension > FeatureMoments.MAX_DIMENSION) {
      throw new IllegalArgumentException(
          "dimension must be from 1 to " + FeatureMoments.MAX_DIMENSION + ", got " + dimension);
    }
    this.dimension = dimension;
    pending = new double[(BLOCK_ROWS + 1) * dimension];
    mean = new double[dimension];
    scatter = new OuterProducts(dimension);
  }

  /**
   * Moments of the features of all images.
   *
   * @param extractor the feature space
   * @param batches images {@code [N, C, H, W]} float in [-1, 1]
   * @throws IllegalArgumentException where there are fewer than two images, or the space has more
   *     dimensions than {@value FeatureMoments#MAX_DIMENSION}
   */
  public static FeatureMoments of(FeatureExtractor extractor, Iterator<INDArray> batches) {
    Refuse.argument(
        extractor.dimension() > FeatureMoments.MAX_DIMENSION,
        "feature space %s has %s dimensions, allowed: at most %s",
        extractor.id(),
        extractor.dimension(),
        FeatureMoments.MAX_DIMENSION);
    FeatureStatistics statistics = new FeatureStatistics(extractor.dimension());
    while (batches.hasNext()) {
      statistics.add(extractor.extract(batches.next()));
    }
    return statistics.moments();
  }

  /**
   * Adds rows.
   *
   * @param features {@code [N, D]}, float or double; not retained
   * @throws IllegalArgumentException where the shape is another
   */
  public void add(INDArray features) {
    Rows.require("Features", features, dimension);
    if (features.dataType() == DataType.DOUBLE) {
      double[] values = HostArrays.doubles(features);
      for (int row = 0; row < features.size(0); row++) {
        System.arraycopy(values, row * dimension, pending, pendingRows * dimension, dimension);
        endRow();
      }
    } else {
      add(HostArrays.floats(features));
    }
  }

  /**
   * Adds rows.
   *
   * @param features {@code N * D} values, row-major
   * @throws IllegalArgumentException where the length is no multiple of D
   */
  public void add(float[] features) {
    Rows.requireWhole(features, dimension);
    for (int start = 0; start < features.length; start += dimension) {
      int target = pendingRows * dimension;
      for (int j = 0; j < dimension; j++) {
        pending[target + j] = features[start + j];
      }
      endRow();
    }
  }

  /** Number of rows added so far. */
  public long count() {
    return folded + pendingRows;
  }

  /**
   * Mean and covariance (divisor N - 1, as {@code numpy.cov}) of the rows so far. More rows may
   * follow.
   *
   * @throws IllegalStateException where fewer than two rows were added
   */
  public FeatureMoments moments() {
    long count = count();
    Refuse.state(count < 2, "A covariance needs at least 2 samples, got %s", count);
    double[] finalMean = mean.clone();
    OuterProducts total = scatter.copy();
    fold(pending.clone(), pendingRows, folded, finalMean, total);
    double[] values = total.toHost(1.0 / (count - 1));
    total.close();
    return FeatureMoments.adopt(count, finalMean, values);
  }

  private void endRow() {
    pendingRows++;
    if (pendingRows == BLOCK_ROWS) {
      fold(pending, pendingRows, folded, mean, scatter);
      folded += pendingRows;
      pendingRows = 0;
    }
  }

  /**
   * Joins a block to mean and scatter of {@code count} earlier rows.
   *
   * @param block rows, overwritten; has room for one more
   * @param target scatter to update
   */
  private void fold(
      double[] block, int rows, long count, double[] runningMean, OuterProducts target) {
    if (rows == 0) {
      return;
    }
    double[] blockMean = new double[dimension];
    for (int row = 0; row < rows; row++) {
      int start = row * dimension;
      for (int j = 0; j < dimension; j++) {
        blockMean[j] += block[start + j];
      }
    }
    for (int j = 0; j < dimension; j++) {
      blockMean[j] /= rows;
    }
    for (int row = 0; row < rows; row++) {
      int start = row * dimension;
      for (int j = 0; j < dimension; j++) {
        block[start + j] -= blockMean[j];
      }
    }
    // The between-means term of the update is an outer product too: one more row of the block.
    double weight = Math.sqrt((double) count * rows / (count + rows));
    int last = rows * dimension;
    for (int j = 0; j < dimension; j++) {
      double delta = blockMean[j] - runningMean[j];
      block[last + j] = delta * weight;
      runningMean[j] += delta * ((double) rows / (count + rows));
    }
    target.add(block, rows + 1);
  }
}
