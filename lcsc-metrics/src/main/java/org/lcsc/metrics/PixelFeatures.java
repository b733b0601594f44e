package org.lcsc.metrics;

import org.lcsc.config.Kind;
import org.lcsc.image.ImageShape;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The pixels themselves, flattened: D = C H W. A baseline that needs no network; it sees colour and
 * layout, not content. Stateless and thread-safe.
 */
public final class PixelFeatures implements DifferentiableFeatureExtractor {

  /** The space of the pixels. */
  @Kind("pixels")
  public record Settings() implements FeatureSource {

    @Override
    public FeatureExtractor open(ImageShape shape) {
      return new PixelFeatures(shape);
    }
  }

  private final ImageShape shape;

  /** Creates the features of images of one shape. */
  public PixelFeatures(ImageShape shape) {
    this.shape = shape;
  }

  @Override
  public String id() {
    return "pixels-" + shape;
  }

  @Override
  public int dimension() {
    return shape.length();
  }

  @Override
  public INDArray extract(INDArray images) {
    shape.check(images, id());
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      return images.dup('c').reshape('c', images.size(0), dimension());
    }
  }

  @Override
  public INDArray backpropagate(INDArray images, INDArray epsilon) {
    shape.check(images, id());
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      return epsilon.dup('c').reshape('c', images.shape());
    }
  }
}
