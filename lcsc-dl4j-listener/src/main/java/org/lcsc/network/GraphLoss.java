package org.lcsc.network;

import java.util.Arrays;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The loss of a graph on batches and its gradient, from the code that trains it, without dropout.
 * Activations live in Deeplearning4j's workspaces, so that repeated calls allocate next to nothing.
 * Owns its graph. Not thread-safe.
 */
public final class GraphLoss {

  private final WorkspaceGraph graph;

  /**
   * The loss of a graph.
   *
   * @param graph initialised, ends in output layers; copied
   * @throws IllegalArgumentException where it normalises over its batch
   */
  public GraphLoss(ComputationGraph graph) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      this.graph =
          WorkspaceGraph.of(
              graph.getConfiguration().clone(), graph.getConfiguration(), graph.params().dup());
    }
  }

  /** Sets the flat parameters {@code [P]} that what follows uses; they are copied. */
  public void setParameters(INDArray parameters) {
    graph.setParams(parameters);
  }

  /**
   * The mean loss of a batch's examples, weighted by the labels masks, with the penalties on the
   * parameters that the graph has.
   */
  public double of(org.nd4j.linalg.dataset.api.MultiDataSet batch) {
    return graph.loss(cast(batch), false);
  }

  /** The same, to the bit, with {@link #gradient}. */
  public double differentiate(org.nd4j.linalg.dataset.api.MultiDataSet batch) {
    return graph.loss(cast(batch), true);
  }

  /**
   * Gradient of the examples' sum, without penalties, with respect to the parameters.
   *
   * @return {@code [P]}; valid until the next call of {@link #differentiate}
   */
  public INDArray gradient() {
    INDArray gradient = graph.getFlattenedGradients();
    return gradient.reshape(gradient.length());
  }

  private MultiDataSet cast(org.nd4j.linalg.dataset.api.MultiDataSet batch) {
    return new MultiDataSet(
        cast(batch.getFeatures()),
        cast(batch.getLabels()),
        batch.getFeaturesMaskArrays(),
        batch.getLabelsMaskArrays());
  }

  private INDArray[] cast(INDArray[] arrays) {
    DataType type = graph.params().dataType();
    return Arrays.stream(arrays).map(array -> array.castTo(type)).toArray(INDArray[]::new);
  }
}
