package org.lcsc.objective;

import java.util.Arrays;
import org.lcsc.io.Refuse;
import org.lcsc.io.SplitMix64;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Noise that depends on (seed, stream, sample index) alone, bit for bit, on every platform.
 *
 * <p>Each (seed, stream, index) is hashed to a 64-bit key by chained bijective finalisers
 * (Stafford's "Mix13", the finaliser of SplitMix64); the key seeds a xoshiro256++ generator
 * (Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 2021), which
 * yields that sample's numbers. Gaussians come from the ziggurat method with 256 layers (Marsaglia
 * and Tsang, J. Stat. Software 5(8), 2000), with layer and position taken from different bits
 * (Doornik, 2005). Its tables and rare slow paths use {@link StrictMath}.
 *
 * <p>Immutable and thread-safe.
 */
public final class SeededNoise implements NoiseSource {

  /** Tell the Gaussian from the integer draws of the same stream. */
  private static final long GAUSSIAN_DOMAIN = 0x6761757373L;

  private static final long INTEGER_DOMAIN = 0x696E74L;

  private static final int LAYERS = 256;
  private static final double TAIL_START = 3.6541528853610088;

  /** Area of each layer, and of the base layer with the tail. */
  private static final double LAYER_AREA = 0.00492867323399;

  /** Right edges of the layers, widest first; the base layer's edge stands for its tail too. */
  private static final double[] EDGE = new double[LAYERS + 1];

  private static final double[] DENSITY = new double[LAYERS + 1];

  static {
    EDGE[0] = LAYER_AREA / density(TAIL_START);
    EDGE[1] = TAIL_START;
    for (int i = 2; i < LAYERS; i++) {
      EDGE[i] =
          StrictMath.sqrt(-2 * StrictMath.log(LAYER_AREA / EDGE[i - 1] + density(EDGE[i - 1])));
    }
    EDGE[LAYERS] = 0;
    for (int i = 0; i <= LAYERS; i++) {
      DENSITY[i] = density(EDGE[i]);
    }
  }

  private final long seed;

  /** Creates the noise of a seed; any value will do, neighbouring seeds are unrelated. */
  public SeededNoise(long seed) {
    this.seed = seed;
  }

  @Override
  public long seed() {
    return seed;
  }

  /**
   * {@inheritDoc}
   *
   * <p>The array is detached from any workspace.
   *
   * @throws IllegalArgumentException where {@code stream} or {@code first} is negative, {@code
   *     count} or a component of {@code shape} is below 1, or the array has more than 2^31 - 1
   *     elements
   */
  @Override
  public INDArray gaussian(int stream, long first, int count, long... shape) {
    long streamKey = streamKey(GAUSSIAN_DOMAIN, stream, first, count);
    int size = elements(count, shape);
    float[] values = new float[Math.multiplyExact(count, size)];
    Xoshiro256PlusPlus bits = new Xoshiro256PlusPlus();
    for (int i = 0; i < count; i++) {
      bits.seed(sampleKey(streamKey, first + i));
      int end = (i + 1) * size;
      for (int j = i * size; j < end; j++) {
        values[j] = (float) nextGaussian(bits);
      }
    }
    long[] full = new long[shape.length + 1];
    full[0] = count;
    System.arraycopy(shape, 0, full, 1, shape.length);
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      return Nd4j.create(values, full, 'c');
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException where {@code stream} or {@code first} is negative, or {@code
   *     count} or {@code bound} is below 1
   */
  @Override
  public int[] uniformInts(int stream, long first, int count, int bound) {
    long streamKey = streamKey(INTEGER_DOMAIN, stream, first, count);
    Refuse.argument(bound < 1, "bound must be at least 1, got %s", bound);
    int[] values = new int[count];
    Xoshiro256PlusPlus bits = new Xoshiro256PlusPlus();
    for (int i = 0; i < count; i++) {
      bits.seed(sampleKey(streamKey, first + i));
      values[i] = SplitMix64.below(bits::next, bound);
    }
    return values;
  }

  @Override
  public String toString() {
    return "SeededNoise[seed=" + seed + "]";
  }

  private long streamKey(long domain, int stream, long first, int count) {
    Refuse.argument(stream < 0, "stream must be at least 0, got %s", stream);
    if (first < 0 || first > Long.MAX_VALUE - Math.max(count, 0)) {
      throw new IllegalArgumentException("first must be at least 0, got " + first);
    }
    Refuse.argument(count < 1, "count must be at least 1, got %s", count);
    return SplitMix64.mix(
        SplitMix64.mix(SplitMix64.mix(seed + SplitMix64.GAMMA) ^ domain)
            + (stream + 1L) * SplitMix64.GAMMA);
  }

  private static long sampleKey(long streamKey, long index) {
    return SplitMix64.mix(streamKey + (index + 1) * SplitMix64.GAMMA);
  }

  private static int elements(int count, long[] shape) {
    long size = 1;
    for (long extent : shape) {
      if (extent < 1) {
        throw new IllegalArgumentException(
            "shape must have extents of at least 1, got " + Arrays.toString(shape));
      }
      if (extent > Integer.MAX_VALUE || (size *= extent) > Integer.MAX_VALUE / count) {
        throw new IllegalArgumentException(
            Text.format(
                "%s samples of shape %s exceed 2^31 - 1 elements; draw fewer at once",
                count, shape));
      }
    }
    return (int) size;
  }

  private static double density(double x) {
    return StrictMath.exp(-0.5 * x * x);
  }

  private static double nextGaussian(Xoshiro256PlusPlus bits) {
    while (true) {
      long word = bits.next();
      int layer = (int) word & (LAYERS - 1);
      double x = (word >> 11) * 0x1p-52 * EDGE[layer];
      double magnitude = Math.abs(x);
      if (magnitude < EDGE[layer + 1]) {
        return x;
      }
      if (layer == 0) {
        return Math.copySign(tail(bits), x);
      }
      double height = DENSITY[layer] + bits.nextUnit() * (DENSITY[layer + 1] - DENSITY[layer]);
      if (height < density(x)) {
        return x;
      }
    }
  }

  /** Marsaglia's method for the normal tail beyond {@link #TAIL_START}. */
  private static double tail(Xoshiro256PlusPlus bits) {
    while (true) {
      // 1 - u lies in (0, 1], so that the logarithms stay finite.
      double x = -StrictMath.log(1 - bits.nextUnit()) / TAIL_START;
      double y = -StrictMath.log(1 - bits.nextUnit());
      if (y + y >= x * x) {
        return TAIL_START + x;
      }
    }
  }

  /** Period 2^256 - 1; re-seeded per sample to spare allocations. */
  private static final class Xoshiro256PlusPlus {
    private long s0;
    private long s1;
    private long s2;
    private long s3;

    void seed(long key) {
      s0 = SplitMix64.mix(key + SplitMix64.GAMMA);
      s1 = SplitMix64.mix(key + 2 * SplitMix64.GAMMA);
      s2 = SplitMix64.mix(key + 3 * SplitMix64.GAMMA);
      s3 = SplitMix64.mix(key + 4 * SplitMix64.GAMMA);
    }

    long next() {
      long result = Long.rotateLeft(s0 + s3, 23) + s0;
      long t = s1 << 17;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= t;
      s3 = Long.rotateLeft(s3, 45);
      return result;
    }

    /** Uniform in [0, 1). */
    double nextUnit() {
      return (next() >>> 11) * 0x1p-53;
    }
  }
}
