package org.lcsc.diffusion.sampler;

import java.util.Arrays;
import org.lcsc.diffusion.schedule.InPlace;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The working arrays of a sampler, outside any workspace; grown when needed, never shrunk. And the
 * steps that samplers have in common. Not thread-safe.
 */
public final class Buffers {

  private final INDArray[] slots;

  Buffers(int slots) {
    this.slots = new INDArray[slots];
  }

  /** Arrays like {@code x}, one per slot, holding arbitrary values, valid until the next call. */
  INDArray[] like(INDArray x) {
    INDArray[] arrays = new INDArray[slots.length];
    for (int i = 0; i < slots.length; i++) {
      INDArray slot = slots[i];
      if (slot == null || slot.dataType() != x.dataType() || slot.length() < x.length()) {
        if (slot != null) {
          slot.close();
        }
        slot = Nd4j.createUninitializedDetached(x.dataType(), 'c', x.length());
        slots[i] = slot;
      }
      INDArray used =
          slot.length() == x.length() ? slot : slot.get(NDArrayIndex.interval(0, x.length()));
      arrays[i] = used.reshape('c', x.shape());
    }
    return arrays;
  }

  /**
   * The initial images {@code factor * noise}, a new array.
   *
   * @throws IllegalArgumentException where the noise is neither FLOAT nor DOUBLE
   */
  public static INDArray initial(INDArray noise, double factor) {
    INDArray x = Nd4j.createUninitializedDetached(noise.dataType(), 'c', noise.shape());
    Refuse.argument(
        !InPlace.isWritable(x), "noise must be FLOAT or DOUBLE, but is %s", noise.dataType());
    x.assign(noise);
    InPlace.scale(x, factor);
    return x;
  }

  /**
   * Evaluates the model.
   *
   * @throws IllegalStateException where its output has another shape
   */
  public static INDArray evaluate(Denoiser model, INDArray x, double time) {
    INDArray output = model.predict(x, time);
    Refuse.state(
        !Arrays.equals(output.shape(), x.shape()),
        "model returned shape %s for input of shape %s",
        output.shape(),
        x.shape());
    return output;
  }

  /** Clips to [-1, 1] in place. */
  public static void clip(INDArray x0) {
    Transforms.hardTanh(x0, false); // the fastest of the ops that do this, and it keeps NaN
  }
}
