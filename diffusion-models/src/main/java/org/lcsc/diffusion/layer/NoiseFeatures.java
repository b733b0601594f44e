package org.lcsc.diffusion.layer;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Base of the layers that make features {@code [N, F]} of times or noise levels {@code [N, 1]}. */
public abstract class NoiseFeatures extends StatelessLayer {

  /** For Jackson. */
  protected NoiseFeatures() {}

  /** The features of all times, row by row. */
  abstract double[] features(double[] times);

  @Override
  final INDArray forward(INDArray x, LayerWorkspaceMgr memory) {
    double[] values = features(x.reshape(x.length()).toDoubleVector());
    long rows = x.length();
    INDArray y = Outputs.activation(memory, x.dataType(), rows, values.length / rows);
    y.assign(Nd4j.createFromArray(values).reshape(y.shape()));
    return y;
  }

  /** No gradient flows to the times. */
  @Override
  final INDArray backward(INDArray x, INDArray epsilon, LayerWorkspaceMgr memory) {
    return memory.create(ArrayType.ACTIVATION_GRAD, x.dataType(), x.shape(), 'c');
  }
}
