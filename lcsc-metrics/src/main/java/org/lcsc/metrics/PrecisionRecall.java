package org.lcsc.metrics;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Improved precision and recall (Kynkaanniemi et al., 2019, equations 1 to 3): how much of what a
 * model draws lies among the real images, and how much of the real images lies among what it draws.
 * Beside them density and coverage (Naeem et al., 2020, equations 3 and 4), which single outliers
 * among either set do not inflate.
 *
 * <p>A set's manifold is the union of balls about its feature vectors, each reaching to the k-th
 * nearest neighbour in the set, the vector itself not counted; a point on the border is inside. All
 * four depend on the number of vectors: compare equal numbers only.
 *
 * @param precision share of generated vectors in the real manifold, 0 to 1
 * @param recall share of real vectors in the generated manifold, 0 to 1
 * @param density mean number of real balls that a generated vector lies in, divided by k; about 1
 *     for another set of real vectors
 * @param coverage share of real balls that hold a generated vector, 0 to 1
 */
public record PrecisionRecall(double precision, double recall, double density, double coverage) {

  /** The paper's k. */
  public static final int DEFAULT_NEIGHBOURS = 3;

  /**
   * Compares two sets. Distances are computed in blocks, never as a whole N x M matrix.
   *
   * @param real {@code [N, D]}, N above k
   * @param generated {@code [M, D]}, M above k
   * @param k neighbour whose distance is the radius, at least 1
   * @throws IllegalArgumentException where shapes do not fit, a set has no more than k vectors, or
   *     a feature is not finite
   */
  public static PrecisionRecall between(INDArray real, INDArray generated, int k) {
    double[] realRadii = NearestNeighbours.radii(real, k);
    double[] generatedRadii = NearestNeighbours.radii(generated, k);
    boolean[] amongReal = new boolean[generatedRadii.length];
    boolean[] amongGenerated = new boolean[realRadii.length];
    boolean[] covered = new boolean[realRadii.length];
    long[] balls = new long[1];
    NearestNeighbours.distances(
        generated,
        real,
        (first, rows, firstReal, columns, distances) -> {
          for (int c = 0; c < columns; c++) {
            for (int r = 0; r < rows; r++) {
              double distance = distances[c * rows + r];
              boolean inside = distance <= realRadii[firstReal + c];
              amongReal[first + r] |= inside;
              covered[firstReal + c] |= inside;
              balls[0] += inside ? 1 : 0;
              amongGenerated[firstReal + c] |= distance <= generatedRadii[first + r];
            }
          }
        });
    return new PrecisionRecall(
        share(amongReal),
        share(amongGenerated),
        balls[0] / ((double) k * amongReal.length),
        share(covered));
  }

  private static double share(boolean[] inside) {
    int count = 0;
    for (boolean one : inside) {
      count += one ? 1 : 0;
    }
    return (double) count / inside.length;
  }
}
