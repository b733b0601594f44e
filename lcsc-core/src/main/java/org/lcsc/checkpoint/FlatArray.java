package org.lcsc.checkpoint;

import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Bulk access to a flat float32 array as bit patterns. Direct access copies native memory; the
 * other way goes through ND4J operations alone and serves backends whose arrays live on a device.
 */
final class FlatArray {

  private final INDArray array;
  private final FloatPointer floats;
  private final IntPointer memory;

  /**
   * Wraps.
   *
   * @param array float32, {@code [P]}, consecutive in memory
   * @param direct whether the array's memory is the host's
   */
  FlatArray(INDArray array, boolean direct) {
    this.array = array;
    this.floats = direct ? new FloatPointer(array.data().addressPointer()) : null;
    this.memory = direct ? new IntPointer(floats) : null;
  }

  /** The array as consecutive float32 {@code [P]}; itself or a view where that is possible. */
  static INDArray flatten(INDArray array) {
    INDArray floats = array.dataType() == DataType.FLOAT ? array : array.castTo(DataType.FLOAT);
    INDArray flat = floats.rank() == 1 ? floats : floats.reshape('c', new long[] {floats.length()});
    return flat.stride(0) == 1 || flat.length() == 1 ? flat : flat.dup();
  }

  void read(long offset, int[] bits, int count) {
    if (memory != null) {
      memory.position(offset).get(bits, 0, count);
      return;
    }
    float[] values = part(offset, count).toFloatVector();
    for (int i = 0; i < count; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
  }

  void write(long offset, int[] bits, int count) {
    if (memory != null) {
      memory.position(offset).put(bits, 0, count);
      return;
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = Float.intBitsToFloat(bits[i]);
    }
    part(offset, count).assign(Nd4j.createFromArray(values));
  }

  void write(long offset, float[] values, int count) {
    if (floats != null) {
      floats.position(offset).put(values, 0, count);
      return;
    }
    part(offset, count).assign(Nd4j.createFromArray(Arrays.copyOf(values, count)));
  }

  /** View of {@code count} elements. */
  INDArray part(long offset, int count) {
    return array.get(NDArrayIndex.interval(offset, offset + count));
  }
}
