package org.lcsc.diffusion.released;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A released tensor and the parameters of a network whose values it holds.
 *
 * @param name in the file
 * @param shape in the file
 * @param parameters views of the network: one, or query, key and value
 * @param arrangement of their values in the tensor
 * @param heads attention heads of query, key and value; else 1
 */
record ReleasedTensor(
    String name, long[] shape, List<INDArray> parameters, Arrangement arrangement, long heads) {

  private INDArray[] arrays() {
    return parameters.toArray(INDArray[]::new);
  }

  /** Its values, {@code shape}. */
  INDArray values() {
    return arrangement.released(arrays(), heads, shape);
  }

  /** Sets the parameters. */
  void set(INDArray values) {
    arrangement.set(arrays(), heads, values);
  }
}
