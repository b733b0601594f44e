package org.lcsc.io;

import java.util.Random;
import java.util.function.LongSupplier;

/**
 * The generator of Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (OOPSLA
 * 2014), with the output mix of Stafford's variant 13.
 *
 * <p>Written out here because random numbers must not depend on the Java version, and {@link
 * java.util.SplittableRandom} does not specify its bounded draws. The static functions make
 * counter-based generators: numbers that depend on a seed and a position alone. An instance is not
 * thread-safe.
 */
public final class SplitMix64 {

  /** The odd number that the state grows by: 2^64 divided by the golden ratio. */
  public static final long GAMMA = 0x9e3779b97f4a7c15L;

  private long state;

  /** Starts at a seed; any will do. */
  public SplitMix64(long seed) {
    this.state = seed;
  }

  /** The next 64 random bits. */
  public long next() {
    state += GAMMA;
    return mix(state);
  }

  /**
   * A uniform number in [0, bound).
   *
   * @param bound at least 1
   */
  public int below(int bound) {
    return below(this::next, bound);
  }

  /**
   * A uniform number in [0, bound), unbiased: multiply and reject (Lemire, "Fast Random Integer
   * Generation in an Interval", 2019).
   *
   * @param bits gives 64 random bits
   * @param bound at least 1
   */
  public static int below(LongSupplier bits, int bound) {
    long product = (bits.getAsLong() >>> 32) * bound;
    if ((product & 0xffffffffL) < bound) {
      long threshold = (1L << 32) % bound;
      while ((product & 0xffffffffL) < threshold) {
        product = (bits.getAsLong() >>> 32) * bound;
      }
    }
    return (int) (product >>> 32);
  }

  /** An independent seed for element {@code index} of stream {@code stream} of {@code seed}. */
  public static long derive(long seed, long stream, long index) {
    long inStream = mix(mix(seed + GAMMA) ^ mix(stream * GAMMA + GAMMA));
    return mix(inStream + GAMMA * (index + 1));
  }

  /** Java's generator for step {@code counter} of a seed; those of neighbouring steps differ. */
  public static Random random(long seed, long counter) {
    return new Random(mix(seed + counter * GAMMA));
  }

  /** The output mix, a bijection: neighbouring inputs give unrelated outputs. */
  public static long mix(long bits) {
    long z = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
