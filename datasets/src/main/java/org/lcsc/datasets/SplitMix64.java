package org.lcsc.datasets;

/**
 * The generator of Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (OOPSLA
 * 2014), with the output mix of Stafford's variant 13.
 *
 * <p>Written out here because the order of training images must not depend on the Java version, and
 * {@link java.util.SplittableRandom} does not specify its bounded draws. Not thread-safe.
 */
final class SplitMix64 {

  private static final long GAMMA = 0x9e3779b97f4a7c15L;

  private long state;

  SplitMix64(long seed) {
    this.state = seed;
  }

  /** The next 64 random bits. */
  long next() {
    state += GAMMA;
    return mix(state);
  }

  /**
   * A uniform number in [0, bound): Lemire, "Fast Random Integer Generation in an Interval" (2019).
   *
   * @param bound at least 1
   */
  int below(int bound) {
    long product = (next() >>> 32) * bound;
    if ((product & 0xffffffffL) < bound) {
      long threshold = (1L << 32) % bound;
      while ((product & 0xffffffffL) < threshold) {
        product = (next() >>> 32) * bound;
      }
    }
    return (int) (product >>> 32);
  }

  /** An independent seed for element {@code index} of stream {@code stream} of {@code seed}. */
  static long derive(long seed, long stream, long index) {
    long inStream = mix(mix(seed + GAMMA) ^ mix(stream * GAMMA + GAMMA));
    return mix(inStream + GAMMA * (index + 1));
  }

  private static long mix(long bits) {
    long z = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
