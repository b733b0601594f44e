package org.lcsc.diffusion.layer;

/** Working arrays of the running thread, which keep their values only until they are asked anew. */
final class Scratch {

  /** Values that fit the first-level cache together with a second such block. */
  static final int BLOCK = 4096;

  private static final int SLOTS = 4;

  private static final ThreadLocal<float[][]> ARRAYS =
      ThreadLocal.withInitial(() -> new float[SLOTS][BLOCK]);

  private Scratch() {}

  /** The array of a slot, 0 to 3, with at least so many elements. */
  static float[] floats(int slot, int length) {
    float[][] arrays = ARRAYS.get();
    if (arrays[slot].length < length) {
      arrays[slot] = new float[length];
    }
    return arrays[slot];
  }
}
