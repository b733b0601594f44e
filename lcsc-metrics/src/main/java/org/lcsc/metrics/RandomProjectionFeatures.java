package org.lcsc.metrics;

import java.util.Random;
import org.lcsc.config.Kind;
import org.lcsc.image.ImageShape;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A fixed random linear map of the pixels to D features, with Gaussian entries of variance 1 / (C H
 * W). A baseline that needs no network: like {@link PixelFeatures} but of any dimension, so that
 * few samples suffice. Immutable and thread-safe.
 */
public final class RandomProjectionFeatures implements DifferentiableFeatureExtractor {

  /** The space of 64 random projections. */
  @Kind("random-projection")
  public record Settings() implements FeatureSource {

    private static final int FEATURES = 64;

    @Override
    public FeatureExtractor open(ImageShape shape) {
      return new RandomProjectionFeatures(shape, FEATURES, 1);
    }
  }

  private final ImageShape shape;
  private final int dimension;
  private final long seed;

  /** {@code [C * H * W, D]} float. */
  private final INDArray projection;

  /**
   * Creates a projection.
   *
   * @param shape shape of the images
   * @param dimension number of features D, at least 1
   * @param seed determines the projection, on every platform alike
   */
  public RandomProjectionFeatures(ImageShape shape, int dimension, long seed) {
    if (dimension < 1 || dimension > FeatureMoments.MAX_DIMENSION) {
      throw new IllegalArgumentException(
          "dimension must be from 1 to " + FeatureMoments.MAX_DIMENSION + ", got " + dimension);
    }
    this.shape = shape;
    this.dimension = dimension;
    this.seed = seed;
    Random random = new Random(seed);
    float[] values = new float[Math.multiplyExact(shape.length(), dimension)];
    double scale = 1 / Math.sqrt(shape.length());
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * scale);
    }
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      projection = Nd4j.create(values, new long[] {shape.length(), dimension}, 'c');
    }
  }

  @Override
  public String id() {
    return "random-projection-" + shape + "-" + dimension + "-seed" + seed;
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public INDArray extract(INDArray images) {
    shape.check(images, id());
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray rows =
          images.castTo(DataType.FLOAT).dup('c').reshape('c', images.size(0), shape.length());
      return rows.mmul(projection);
    }
  }

  @Override
  public INDArray backpropagate(INDArray images, INDArray epsilon) {
    shape.check(images, id());
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray rows =
          Nd4j.createUninitialized(
              DataType.FLOAT, new long[] {images.size(0), shape.length()}, 'c');
      Nd4j.gemm(epsilon.castTo(DataType.FLOAT), projection, rows, false, true, 1, 0);
      return rows.reshape('c', images.shape());
    }
  }
}
