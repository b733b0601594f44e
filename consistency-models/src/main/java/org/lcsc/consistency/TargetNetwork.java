package org.lcsc.consistency;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.io.LongVectors;
import org.lcsc.network.EvaluationNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * f with the parameters theta-minus, to whose output the trained network is pulled. It is evaluated
 * forward only, so that no gradient can reach it, on one reused network. Where the target rate is 0
 * it shares the trained network's parameters, without a copy. Not thread-safe.
 */
final class TargetNetwork {

  private final ComputationGraph student;
  private final ComputationGraph network;
  private final INDArray own;
  private final boolean dropout;

  private TargetNetwork(ComputationGraph student, INDArray parameters, INDArray own) {
    this.student = student;
    this.network = EvaluationNetwork.withParameters(student, parameters);
    this.own = own;
    boolean drops = false;
    for (Layer layer : network.getLayers()) {
      drops |= layer.conf().getLayer() instanceof BaseLayer base && base.getIDropout() != null;
    }
    dropout = drops;
  }

  /** The trained network itself. */
  static TargetNetwork sharing(ComputationGraph student) {
    return new TargetNetwork(student, student.params(), null);
  }

  /** A moving average of the trained network, which starts from its present parameters. */
  static TargetNetwork following(ComputationGraph student) {
    INDArray own = student.params().dup();
    return new TargetNetwork(student, own, own);
  }

  /**
   * theta-minus = rate theta-minus + (1 - rate) theta; nothing where it is theta. The weights sum
   * to 1 exactly: the new share is the complement of the kept one as rounded to float32.
   */
  void follow(double rate) {
    if (own != null) {
      LongVectors.average(own, (float) rate, student.params().reshape(own.shape()));
    }
  }

  /** Whether theta-minus is theta. */
  boolean isShared() {
    return own == null;
  }

  /** Continues from a saved theta-minus. */
  void restore(INDArray parameters) {
    own.assign(parameters.reshape(own.shape()));
  }

  /** theta-minus, live. */
  INDArray parameters() {
    return network.params();
  }

  /**
   * The target's output, with the dropout masks that the trained network draws at an iteration.
   *
   * @param inputs image, sigma and perhaps label
   */
  INDArray predict(int iteration, INDArray... inputs) {
    if (!dropout) {
      return network.outputSingle(inputs);
    }
    network.getConfiguration().setIterationCount(iteration);
    for (Layer layer : network.getLayers()) {
      layer.setIterationCount(iteration);
    }
    return network.outputSingle(true, inputs);
  }
}
