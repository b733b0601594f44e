package org.lcsc.metrics;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The factor L of a reference covariance L L^T, and what it gives of a samples' covariance S: the
 * trace of the root of their product and its gradient, see {@link FrechetDistance}. Immutable and
 * thread-safe.
 */
record CovarianceFactor(int dimension, INDArray factor) {

  /** Factors the covariance of moments. */
  static CovarianceFactor of(FeatureMoments moments) {
    return new CovarianceFactor(moments.dimension(), factor(moments));
  }

  /** dF/dS, {@code [D, D]} symmetric. */
  INDArray gradient(FeatureMoments generated) {
    double[] identity = new double[dimension * dimension];
    for (int i = 0; i < dimension; i++) {
      identity[i * dimension + i] = 1;
    }
    INDArray gradient = DenseSymmetric.toDevice(identity, dimension);
    if (factor == null) {
      return gradient;
    }
    int rank = Math.toIntExact(factor.size(1));
    INDArray vectors = product(generated);
    double[] eigenvalues = DenseSymmetric.eigenvectors(vectors);
    double[] columns = DenseSymmetric.toHost(vectors);
    double noise = rank * Math.ulp(1.0) * eigenvalues[rank - 1];
    for (int column = 0; column < rank; column++) {
      double scale = eigenvalues[column] > noise ? Math.pow(eigenvalues[column], -0.25) : 0;
      for (int row = 0; row < rank; row++) {
        columns[column * rank + row] *= scale;
      }
    }
    INDArray scaled = DenseSymmetric.toDevice(columns, rank);
    INDArray root = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {dimension, rank}, 'f');
    Nd4j.gemm(factor, scaled, root, false, false, 1.0, 0.0);
    Nd4j.gemm(root, root, gradient, false, true, -1.0, 1.0);
    vectors.close();
    scaled.close();
    root.close();
    return gradient;
  }

  /** Sum of the singular values of X L, the square roots of the Gram matrix's eigenvalues. */
  double traceOfGramRoot(double[] rows, int count) {
    if (factor == null) {
      return 0;
    }
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray columns = Nd4j.create(rows, new long[] {dimension, count}, 'f');
      long rank = factor.size(1);
      INDArray product = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {count, rank}, 'f');
      INDArray gram = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {count, count}, 'f');
      Nd4j.gemm(columns, factor, product, true, false, 1.0, 0.0);
      Nd4j.gemm(product, product, gram, false, true, 1.0, 0.0);
      double sum = sumOfRoots(DenseSymmetric.eigenvalues(gram));
      columns.close();
      product.close();
      gram.close();
      return sum;
    }
  }

  private static double sumOfRoots(double[] eigenvalues) {
    double sum = 0;
    for (double eigenvalue : eigenvalues) {
      sum += Math.sqrt(Math.max(0, eigenvalue));
    }
    return sum;
  }

  double traceOfRoot(FeatureMoments generated) {
    if (factor == null) {
      return 0;
    }
    double[] eigenvalues;
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray product = product(generated);
      eigenvalues = DenseSymmetric.eigenvalues(product);
      product.close();
    }
    return sumOfRoots(eigenvalues);
  }

  /** The lower triangle of M = L^T S L, {@code [R, R]}: all that the eigenvalues need. */
  private INDArray product(FeatureMoments generated) {
    long rank = factor.size(1);
    INDArray covariance = DenseSymmetric.toDevice(generated.rawCovariance(), dimension);
    INDArray half = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {dimension, rank}, 'f');
    Nd4j.gemm(covariance, factor, half, false, false, 1.0, 0.0);
    covariance.close();
    INDArray product = DenseSymmetric.lowerProduct(factor, half);
    half.close();
    return product;
  }

  /**
   * L = V diag(w)^(1/2) of the eigendecomposition V diag(w) V^T, without the directions whose
   * variance is rounding alone; null where none is left.
   */
  private static INDArray factor(FeatureMoments moments) {
    int dimension = moments.dimension();
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray vectors = DenseSymmetric.toDevice(moments.rawCovariance(), dimension);
      double[] variances = DenseSymmetric.eigenvectors(vectors);
      double[] columns = DenseSymmetric.toHost(vectors);
      vectors.close();
      double noise = dimension * Math.ulp(1.0) * variances[dimension - 1];
      int skipped = 0;
      while (skipped < dimension && !(variances[skipped] > noise)) {
        skipped++;
      }
      if (skipped == dimension) {
        return null;
      }
      int rank = dimension - skipped;
      double[] scaled = new double[dimension * rank];
      for (int column = 0; column < rank; column++) {
        double root = Math.sqrt(variances[skipped + column]);
        for (int row = 0; row < dimension; row++) {
          scaled[column * dimension + row] = root * columns[(skipped + column) * dimension + row];
        }
      }
      return Nd4j.create(scaled, new long[] {dimension, rank}, 'f');
    }
  }
}
