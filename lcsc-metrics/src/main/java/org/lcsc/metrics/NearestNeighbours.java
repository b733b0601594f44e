package org.lcsc.metrics;

import java.util.Arrays;
import org.lcsc.io.HostArrays;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Squared Euclidean distances between feature vectors, block by block: memory is that of a block of
 * {@value #BLOCK} x {@value #BLOCK} distances, whatever the number of vectors. In double precision,
 * by {@code |x|^2 + |y|^2 - 2 x . y} about the mean of the second set, clipped at 0. Stateless and
 * thread-safe.
 */
public final class NearestNeighbours {

  static final int BLOCK = 1024;

  private NearestNeighbours() {}

  /** Takes a block of squared distances. */
  @FunctionalInterface
  interface BlockConsumer {

    /**
     * Takes one block.
     *
     * @param distances {@code [columns, rows]}: that of query {@code firstQuery + r} and base
     *     {@code firstBase + c} is at {@code c * rows + r}
     */
    void accept(int firstQuery, int rows, int firstBase, int columns, double[] distances);
  }

  /**
   * Squared distance of each query to the nearest vector of a base.
   *
   * @param queries {@code [N, D]}
   * @param base {@code [M, D]}
   * @return {@code [N]}
   * @throws IllegalArgumentException where shapes do not fit or a feature is not finite
   */
  public static double[] nearest(INDArray queries, INDArray base) {
    Vectors x = Vectors.of(queries, base);
    double[] nearest = new double[x.queries];
    Arrays.fill(nearest, Double.POSITIVE_INFINITY);
    x.blocks(
        (firstQuery, rows, firstBase, columns, distances) -> {
          for (int c = 0; c < columns; c++) {
            for (int r = 0; r < rows; r++) {
              nearest[firstQuery + r] = Math.min(nearest[firstQuery + r], distances[c * rows + r]);
            }
          }
        });
    return nearest;
  }

  /**
   * Squared distance of each vector to its k-th nearest neighbour in the same set, itself excluded.
   *
   * @param features {@code [N, D]}, N above k
   * @param k at least 1
   * @return {@code [N]}
   * @throws IllegalArgumentException where there are too few vectors or a feature is not finite
   */
  public static double[] radii(INDArray features, int k) {
    Refuse.argument(k < 1, "k must be at least 1, got %s", k);
    Refuse.argument(
        features.rank() != 2 || features.size(0) <= k,
        "The %s nearest neighbours of each vector need more than %s vectors [N, D], got shape %s",
        k,
        k,
        features.shape());
    Vectors x = Vectors.of(features, features);
    // The k smallest so far of each vector, ascending.
    double[] smallest = new double[x.queries * k];
    Arrays.fill(smallest, Double.POSITIVE_INFINITY);
    x.blocks(
        (firstQuery, rows, firstBase, columns, distances) -> {
          for (int c = 0; c < columns; c++) {
            for (int r = 0; r < rows; r++) {
              int query = firstQuery + r;
              if (query != firstBase + c) {
                insert(smallest, query * k, k, distances[c * rows + r]);
              }
            }
          }
        });
    double[] radii = new double[x.queries];
    for (int i = 0; i < radii.length; i++) {
      radii[i] = smallest[i * k + k - 1];
    }
    return radii;
  }

  /** Hands out all squared distances between two sets in blocks. */
  static void distances(INDArray queries, INDArray base, BlockConsumer consumer) {
    Vectors.of(queries, base).blocks(consumer);
  }

  /** The same of vectors in double precision, row-major and finite. */
  static void distances(double[] queries, double[] base, int dimension, BlockConsumer consumer) {
    new Vectors(queries, base, dimension).blocks(consumer);
  }

  private static void insert(double[] ascending, int first, int k, double value) {
    int place = first + k - 1;
    if (value >= ascending[place]) {
      return;
    }
    while (place > first && ascending[place - 1] > value) {
      ascending[place] = ascending[place - 1];
      place--;
    }
    ascending[place] = value;
  }

  /** Two sets of vectors about the mean of the second one, with their squared norms. */
  private static final class Vectors {

    private final int dimension;
    private final int queries;
    private final int bases;
    private final double[] x;
    private final double[] y;
    private final double[] xNorms;
    private final double[] yNorms;

    Vectors(double[] queries, double[] base, int dimension) {
      this.dimension = dimension;
      this.queries = queries.length / dimension;
      this.bases = base.length / dimension;
      double[] mean = new double[dimension];
      for (int i = 0; i < base.length; i++) {
        mean[i % dimension] += base[i];
      }
      for (int j = 0; j < dimension; j++) {
        mean[j] /= bases;
      }
      x = centred(queries, mean);
      y = queries == base ? x : centred(base, mean);
      xNorms = squaredNorms(x);
      yNorms = queries == base ? xNorms : squaredNorms(y);
    }

    static Vectors of(INDArray queries, INDArray base) {
      Refuse.argument(
          queries.rank() != 2 || base.rank() != 2 || queries.size(1) != base.size(1),
          "Features must have shapes [N, D] and [M, D], got %s and %s",
          queries.shape(),
          base.shape());
      double[] queryValues = finite(queries);
      double[] baseValues = queries == base ? queryValues : finite(base);
      return new Vectors(queryValues, baseValues, Math.toIntExact(base.size(1)));
    }

    private static double[] finite(INDArray features) {
      double[] values = HostArrays.doubles(features);
      Refuse.argument(
          !Double.isFinite(Arrays.stream(values).sum()),
          "Features hold NaN or infinite values, must be finite to have neighbours");
      return values;
    }

    private static double[] centred(double[] values, double[] mean) {
      double[] result = new double[values.length];
      for (int i = 0; i < values.length; i++) {
        result[i] = values[i] - mean[i % mean.length];
      }
      return result;
    }

    private double[] squaredNorms(double[] vectors) {
      double[] norms = new double[vectors.length / dimension];
      for (int i = 0; i < vectors.length; i++) {
        norms[i / dimension] += vectors[i] * vectors[i];
      }
      return norms;
    }

    void blocks(BlockConsumer consumer) {
      for (int firstQuery = 0; firstQuery < queries; firstQuery += BLOCK) {
        int rows = Math.min(BLOCK, queries - firstQuery);
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
          INDArray left = block(x, firstQuery, rows);
          for (int firstBase = 0; firstBase < bases; firstBase += BLOCK) {
            int columns = Math.min(BLOCK, bases - firstBase);
            INDArray right = block(y, firstBase, columns);
            INDArray products =
                Nd4j.createUninitialized(DataType.DOUBLE, new long[] {rows, columns}, 'f');
            Nd4j.gemm(left, right, products, true, false, -2.0, 0.0);
            double[] distances = DenseSymmetric.toHost(products);
            products.close();
            right.close();
            for (int c = 0; c < columns; c++) {
              double norm = yNorms[firstBase + c];
              for (int r = 0; r < rows; r++) {
                int i = c * rows + r;
                distances[i] = Math.max(0, distances[i] + (xNorms[firstQuery + r] + norm));
              }
            }
            consumer.accept(firstQuery, rows, firstBase, columns, distances);
          }
          left.close();
        }
      }
    }

    /** {@code [D, count]} column-major: one vector per column. */
    private INDArray block(double[] vectors, int first, int count) {
      double[] part = Arrays.copyOfRange(vectors, first * dimension, (first + count) * dimension);
      return Nd4j.create(part, new long[] {dimension, count}, 'f');
    }
  }
}
