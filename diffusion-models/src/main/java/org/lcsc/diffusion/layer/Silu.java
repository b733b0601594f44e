package org.lcsc.diffusion.layer;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.lcsc.diffusion.onnx.OnnxGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/** SiLU (swish), x sigmoid(x), on activations of any shape. No parameters. */
public final class Silu extends StatelessLayer {

  /** The activation. */
  public Silu() {}

  @Override
  INDArray forward(INDArray x, LayerWorkspaceMgr memory) {
    INDArray y = Outputs.activation(memory, x);
    if (HostFloats.holds(x)) {
      SiluKernel.forwardOnHost(x, y);
      return y;
    }
    INDArray t = memory.createUninitialized(ArrayType.FF_WORKING_MEM, x.dataType(), x.shape(), 'c');
    SiluKernel.forward(x, y, t);
    return y;
  }

  @Override
  INDArray backward(INDArray x, INDArray epsilon, LayerWorkspaceMgr memory) {
    INDArray dx = Outputs.gradient(memory, x);
    if (HostFloats.holds(x, epsilon)) {
      SiluKernel.backwardOnHost(x, epsilon, dx);
      return dx;
    }
    INDArray a = memory.createUninitialized(ArrayType.BP_WORKING_MEM, x.dataType(), x.shape(), 'c');
    INDArray b = memory.createUninitialized(ArrayType.BP_WORKING_MEM, x.dataType(), x.shape(), 'c');
    SiluKernel.backward(x, epsilon, dx, a, b);
    return dx;
  }

  @Override
  String addTo(OnnxGraph graph, String input) {
    return graph.silu(input);
  }
}
