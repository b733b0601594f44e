package org.lcsc.metrics;

import java.util.List;
import java.util.stream.Collectors;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Several feature spaces side by side: the features of each, one after the other. As thread-safe as
 * they are.
 */
public final class ConcatenatedFeatures implements DifferentiableFeatureExtractor {

  private final List<? extends DifferentiableFeatureExtractor> parts;

  /**
   * The spaces as one.
   *
   * @param parts at least one
   */
  public ConcatenatedFeatures(List<? extends DifferentiableFeatureExtractor> parts) {
    Refuse.argument(parts.isEmpty(), "at least one feature space is needed");
    this.parts = List.copyOf(parts);
  }

  @Override
  public String id() {
    return parts.stream().map(FeatureExtractor::id).collect(Collectors.joining("+"));
  }

  @Override
  public int dimension() {
    return parts.stream().mapToInt(FeatureExtractor::dimension).sum();
  }

  @Override
  @SuppressWarnings("try") // the scope is entered for its effect
  public INDArray extract(INDArray images) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      return Nd4j.hstack(parts.stream().map(part -> part.extract(images)).toList());
    }
  }

  @Override
  @SuppressWarnings("try") // the scope is entered for its effect
  public INDArray backpropagate(INDArray images, INDArray epsilon) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray sum = null;
      int first = 0;
      for (DifferentiableFeatureExtractor part : parts) {
        int end = first + part.dimension();
        INDArray slopes =
            epsilon.get(NDArrayIndex.all(), NDArrayIndex.interval(first, end)).dup('c');
        INDArray gradient = part.backpropagate(images, slopes);
        sum = sum == null ? gradient : sum.addi(gradient);
        first = end;
      }
      return sum;
    }
  }
}
