package org.lcsc.model;

/** The two kinds of Deeplearning4j networks a model file can hold. */
public enum ModelType {
  /** {@code org.deeplearning4j.nn.graph.ComputationGraph}. */
  COMPUTATION_GRAPH,
  /** {@code org.deeplearning4j.nn.multilayer.MultiLayerNetwork}. */
  MULTI_LAYER_NETWORK
}
