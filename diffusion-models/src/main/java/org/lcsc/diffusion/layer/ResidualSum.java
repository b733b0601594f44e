package org.lcsc.diffusion.layer;

import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** Scaled sum of two arrays of one shape: (a + b) scale. EDM's networks use scale sqrt(1/2). */
public final class ResidualSum extends ImageVertex {

  @JsonProperty private double scale;

  /** Plain sum. */
  public ResidualSum() {
    this(1);
  }

  /**
   * Scaled sum.
   *
   * @param scale finite factor
   */
  public ResidualSum(double scale) {
    Refuse.argument(!Double.isFinite(scale), "scale: expected a finite number, got %s", scale);
    this.scale = scale;
  }

  @Override
  INDArray forward(INDArray a, INDArray b, LayerWorkspaceMgr memory) {
    Refuse.argument(
        !a.equalShapes(b),
        "ResidualSum: expected equal shapes, got %s and %s",
        a.shape(),
        b.shape());
    INDArray y = Outputs.activation(memory, a);
    a.add(b, y);
    if (scale != 1) {
      y.muli(scale);
    }
    return y;
  }

  @Override
  INDArray[] backward(INDArray a, INDArray b, INDArray epsilon, LayerWorkspaceMgr memory) {
    INDArray[] gradients = new INDArray[2];
    for (int i = 0; i < 2; i++) {
      gradients[i] = Outputs.gradient(memory, a);
    }
    if (scale == 1 && HostFloats.holds(epsilon)) {
      HostFloats.copy(epsilon, gradients);
    } else {
      epsilon.mul(scale, gradients[0]);
      gradients[1].assign(gradients[0]);
    }
    return gradients;
  }

  @Override
  Object[] settings() {
    return new Object[] {scale};
  }

  @Override
  public String addTo(OnnxGraph graph, String a, String b) {
    String sum = graph.add("Add", a, b);
    return scale == 1 ? sum : graph.add("Mul", sum, graph.real((float) scale));
  }
}
