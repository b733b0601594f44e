package org.lcsc.diffusion.layer;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.lcsc.diffusion.onnx.OnnxGraph;
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

  /**
   * Writes sines and cosines of times into an ONNX graph, in float64; a cosine as the sine a
   * quarter of a turn later, for which there are kernels of float64 everywhere.
   *
   * @param frequencies of the sines, and of as many cosines
   * @param sineFirst whether the sines come first
   */
  static String waves(OnnxGraph graph, String times, double[] frequencies, boolean sineFirst) {
    double[] all = new double[2 * frequencies.length];
    double[] shifts = new double[all.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = frequencies[i % frequencies.length];
      shifts[i] = sineFirst == i < frequencies.length ? 0 : Math.PI / 2;
    }
    String phases = graph.add("Mul", graph.cast(times, true), graph.doubles(all));
    String sines = graph.add("Sin", graph.add("Add", phases, graph.doubles(shifts)));
    return graph.cast(sines, false);
  }
}
