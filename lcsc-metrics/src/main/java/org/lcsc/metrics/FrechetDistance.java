package org.lcsc.metrics;

import java.util.concurrent.atomic.AtomicBoolean;
import org.lcsc.io.HostArrays;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frechet distance between two Gaussians: FID, where the moments are those of Inception features
 * (Heusel et al., 2017, equation 6).
 *
 * <pre>  |mu1 - mu2|^2 + tr S1 + tr S2 - 2 tr (S1 S2)^(1/2)</pre>
 *
 * <p>With any factor S1 = L L^T the product S1 S2 has the eigenvalues of the symmetric matrix L^T
 * S2 L, so the last trace is the sum of their square roots: a symmetric eigenvalue problem in place
 * of a matrix square root, and real by construction. Eigenvalues that rounding made negative count
 * as 0, which makes singular covariances (fewer samples than features) safe without the diagonal
 * offset that pytorch-fid falls back on. The result equals pytorch-fid's up to rounding: each
 * eigenvalue is known to about 1e-16 of the largest, its root to 1e-8 of the largest root at worst.
 *
 * <p>Of fewer samples than features the covariance is not even formed: with the centred samples X
 * {@code [N, D]}, the product has the eigenvalues of the N x N Gram matrix of X L / (N - 1)^(1/2).
 *
 * <p>{@link Reference} keeps L, so that a search pays for it once:
 *
 * <pre>{@code
 * FrechetDistance.Reference real = FrechetDistance.against(FeatureMoments.read(file));
 * double fid = real.distance(statistics.moments());
 * }</pre>
 *
 * <p>Stateless and thread-safe.
 */
public final class FrechetDistance {

  private static final Logger LOG = LoggerFactory.getLogger(FrechetDistance.class);

  private FrechetDistance() {}

  /** Prepares a reference for many comparisons. */
  public static Reference against(FeatureMoments reference) {
    return new Reference(reference);
  }

  /**
   * Reference moments with their factor. Immutable and thread-safe.
   *
   * <p>The gradient, with M = L^T S L of the samples' covariance S: dF/dS = I - L M^(-1/2) L^T,
   * dF/dmu = 2 (mu - mu_ref). Directions in which M vanishes take no part in M^(-1/2): where there
   * are fewer samples than features, so that S is singular, this is still the gradient with respect
   * to the features, for samples move S within their own span only.
   */
  public static final class Reference implements FeatureDistance {

    private static final int GRADIENT_ROWS = 2048;

    private final FeatureMoments moments;
    private final double trace;

    private final CovarianceFactor factor;

    private final AtomicBoolean warned = new AtomicBoolean();

    private Reference(FeatureMoments moments) {
      Refuse.argument(!moments.isFinite(), "Reference statistics hold NaN or infinite values");
      this.moments = moments;
      this.trace = moments.trace();
      this.factor = CovarianceFactor.of(moments);
    }

    @Override
    public String name() {
      return "fid";
    }

    @Override
    public double distance(float[] features) {
      return HostArrays.allFinite(features) ? distance(momentsOf(features)) : Double.NaN;
    }

    @Override
    public double gradient(float[] features, float[] gradient) {
      if (!HostArrays.allFinite(features)) {
        return Double.NaN;
      }
      FeatureMoments generated = momentsOf(features);
      double distance = distance(generated);
      if (!Double.isFinite(distance)) {
        return distance;
      }
      int dimension = dimension();
      int count = features.length / dimension;
      double[] mean = generated.rawMean();
      double[] reference = moments.rawMean();
      try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
        INDArray weights = factor.gradient(generated);
        for (int first = 0; first < count; first += GRADIENT_ROWS) {
          int rows = Math.min(GRADIENT_ROWS, count - first);
          int start = first * dimension;
          double[] centred = new double[rows * dimension];
          for (int i = 0; i < centred.length; i++) {
            centred[i] = features[start + i] - mean[i % dimension];
          }
          INDArray columns = Nd4j.create(centred, new long[] {dimension, rows}, 'f');
          INDArray product =
              Nd4j.createUninitialized(DataType.DOUBLE, new long[] {dimension, rows}, 'f');
          Nd4j.gemm(weights, columns, product, false, false, 2.0 / (count - 1), 0.0);
          double[] values = DenseSymmetric.toHost(product);
          columns.close();
          product.close();
          for (int i = 0; i < values.length; i++) {
            int j = i % dimension;
            gradient[start + i] = (float) (values[i] + 2.0 / count * (mean[j] - reference[j]));
          }
        }
        weights.close();
      }
      return distance;
    }

    private FeatureMoments momentsOf(float[] features) {
      FeatureStatistics statistics = new FeatureStatistics(dimension());
      statistics.add(features);
      return statistics.moments();
    }

    /** The reference's moments. */
    public FeatureMoments moments() {
      return moments;
    }

    @Override
    public int dimension() {
      return moments.dimension();
    }

    /**
     * Distance to the reference. Warns once where there are fewer samples than features: the
     * distance is then dominated by the sample size.
     *
     * @return at least 0; NaN where the moments are not finite
     * @throws IllegalArgumentException where the dimension is not the reference's
     */
    public double distance(FeatureMoments generated) {
      Refuse.argument(
          generated.dimension() != dimension(),
          "Statistics of %s features cannot be compared with a reference of %s",
          generated.dimension(),
          dimension());
      if (generated.count() != FeatureMoments.UNKNOWN_COUNT) {
        warnOfFew(generated.count());
      }
      if (!generated.isFinite()) {
        return Double.NaN;
      }
      return combine(generated.rawMean(), generated.trace(), factor.traceOfRoot(generated));
    }

    /**
     * Accumulates samples whose number is known, in the form that is smaller: moments, or, where
     * samples are fewer than features, the samples themselves.
     *
     * @param samples number of samples to come, at least 2
     */
    public Accumulator accumulator(int samples) {
      Refuse.argument(samples < 2, "samples must be at least 2, got %s", samples);
      return new Accumulator(this, samples);
    }

    /**
     * Distance of few samples to the reference.
     *
     * @param features {@code N * D} values, row-major, N at least 2
     */
    private double distanceOfFew(float[] features) {
      int dimension = dimension();
      int count = features.length / dimension;
      warnOfFew(count);
      if (!HostArrays.allFinite(features)) {
        return Double.NaN;
      }
      double[] mean = new double[dimension];
      for (int i = 0; i < features.length; i++) {
        mean[i % dimension] += features[i];
      }
      for (int j = 0; j < dimension; j++) {
        mean[j] /= count;
      }
      double scale = 1 / Math.sqrt(count - 1.0);
      double[] centred = new double[features.length];
      double generatedTrace = 0;
      for (int i = 0; i < features.length; i++) {
        centred[i] = (features[i] - mean[i % dimension]) * scale;
        generatedTrace += centred[i] * centred[i];
      }
      return combine(mean, generatedTrace, factor.traceOfGramRoot(centred, count));
    }

    private void warnOfFew(long count) {
      if (count < dimension() && warned.compareAndSet(false, true)) {
        LOG.warn(
            "FID of {} samples in {} features: the covariance is singular and the distance biased; "
                + "use more samples than features",
            count,
            dimension());
      }
    }

    private double combine(double[] otherMean, double otherTrace, double rootTrace) {
      double[] mean = moments.rawMean();
      double squaredShift = 0;
      for (int i = 0; i < mean.length; i++) {
        double difference = mean[i] - otherMean[i];
        squaredShift += difference * difference;
      }
      return Math.max(0, squaredShift + trace + otherTrace - 2 * rootTrace);
    }
  }

  /** Samples on their way to a distance. Not thread-safe. */
  public static final class Accumulator {

    private final Reference reference;
    private final int samples;
    private final FeatureStatistics statistics;
    private final float[] rows;
    private int used;

    private Accumulator(Reference reference, int samples) {
      this.reference = reference;
      this.samples = samples;
      boolean few = samples < reference.dimension();
      this.rows = few ? new float[samples * reference.dimension()] : null;
      this.statistics = few ? null : new FeatureStatistics(reference.dimension());
    }

    /**
     * Adds samples.
     *
     * @param features {@code N * D} values, row-major
     * @throws IllegalArgumentException where these are no whole rows, or more than announced
     */
    public void add(float[] features) {
      int dimension = reference.dimension();
      Rows.requireWhole(features, dimension);
      if (used + features.length / dimension > samples) {
        throw new IllegalArgumentException("more than the announced " + samples + " samples");
      }
      if (rows == null) {
        statistics.add(features);
      } else {
        System.arraycopy(features, 0, rows, used * dimension, features.length);
      }
      used += features.length / dimension;
    }

    /**
     * The distance of the samples.
     *
     * @return at least 0; NaN where a feature was not finite
     * @throws IllegalStateException where fewer samples came than announced
     */
    public double distance() {
      Refuse.state(used != samples, "announced %s samples, got %s", samples, used);
      return rows == null
          ? reference.distance(statistics.moments())
          : reference.distanceOfFew(rows);
    }
  }
}
