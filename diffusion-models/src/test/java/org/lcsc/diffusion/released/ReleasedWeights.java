package org.lcsc.diffusion.released;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;

/** Weights that are a function of a tensor's name and shape. */
public final class ReleasedWeights {

  private ReleasedWeights() {}

  /** As {@code weight()} of {@code examples/python/released.py}. */
  public static float[] values(String tensor, List<Long> shape) {
    int length = (int) shape.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
    float[] values = new float[length];
    double scale = tensor.endsWith(".freqs") ? 16 : 0.25;
    double centre = shape.size() == 1 && tensor.matches(".*\\.(weight|running_var)") ? 1 : 0;
    if (shape.size() > 1) {
      double fanIn = (double) length / shape.get(0);
      scale = Math.pow(2, Math.rint(0.5 - 0.5 * Math.log(fanIn) / Math.log(2)));
    }
    CRC32 crc = new CRC32();
    crc.update(tensor.getBytes(StandardCharsets.UTF_8));
    long mask = 0xffffffffL;
    boolean head = tensor.startsWith("lin") && tensor.contains(".model.");
    for (int i = 0; i < length; i++) {
      long x = (i * 2_654_435_761L & mask) ^ crc.getValue();
      for (int round = 0; round < 2; round++) {
        x = ((x ^ (x >>> 16)) * 0x45d9f3bL) & mask;
      }
      x ^= x >>> 16;
      double value = (x >>> 8) / 8_388_608.0 - 1;
      values[i] = (float) (centre + scale * (head ? Math.abs(value) : value));
    }
    return values;
  }
}
