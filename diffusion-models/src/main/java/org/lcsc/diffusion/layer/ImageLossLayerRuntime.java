package org.lcsc.diffusion.layer;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.LossLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.lcsc.io.Refuse;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Runs {@link ImageLossLayer}. */
final class ImageLossLayerRuntime extends LossLayer {

  ImageLossLayerRuntime(NeuralNetConfiguration conf, DataType dataType) {
    super(conf, dataType);
  }

  private ImageLoss loss() {
    return ((ImageLossLayer) conf().getLayer()).loss();
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
    return workspaceMgr.dup(ArrayType.ACTIVATIONS, input, 'c');
  }

  /** Weighted losses, [N, 1]. */
  private INDArray weighted() {
    checkLabels();
    INDArray losses = Nd4j.createUninitialized(input.dataType(), input.size(0), 1);
    INDArray scratch = Nd4j.createUninitialized(input.dataType(), input.shape());
    loss().perExample(input, labels, scratch, losses);
    if (maskArray != null) {
      losses.muli(weights());
    }
    return losses;
  }

  private INDArray weights() {
    Refuse.argument(
        maskArray.length() != input.size(0),
        "labels mask: expected one weight per example, [%s, 1], got %s",
        input.size(0),
        maskArray.shape());
    return maskArray.castTo(input.dataType()).reshape(input.size(0), 1);
  }

  private void checkLabels() {
    Refuse.state(labels == null, "no target image set %s", layerId());
    Refuse.argument(
        !labels.equalShapes(input),
        "target image: expected %s, got %s",
        input.shape(),
        labels.shape());
  }

  @Override
  public double computeScore(
      double fullNetRegTerm, boolean training, LayerWorkspaceMgr workspaceMgr) {
    try (MemoryWorkspace ignored = workspaceMgr.notifyScopeEntered(ArrayType.FF_WORKING_MEM)) {
      score = weighted().sumNumber().doubleValue() / input.size(0) + fullNetRegTerm;
    }
    return score;
  }

  @Override
  public INDArray computeScoreForExamples(double fullNetRegTerm, LayerWorkspaceMgr workspaceMgr) {
    return workspaceMgr.leverageTo(ArrayType.ACTIVATIONS, weighted().addi(fullNetRegTerm));
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(
      INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    checkLabels();
    INDArray gradient = Outputs.gradient(workspaceMgr, input);
    loss().gradient(input, labels, gradient);
    if (maskArray != null) {
      INDArray rows = gradient.reshape('c', input.size(0), input.length() / input.size(0));
      RowOps.multiply(rows, weights(), rows);
    }
    return new Pair<>(new DefaultGradient(), gradient);
  }

  @Override
  public void clear() {
    // The parent destroys the caller's labels; they may be used again.
    labels = null;
    super.clear();
  }
}
