package org.lcsc.diffusion.training;

import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.apache.commons.math3.special.Erf;
import org.lcsc.io.SplitMix64;
import org.lcsc.objective.NoiseSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Noise in which the numbers of one stream, one per sample, are spread evenly over their
 * distribution: their quantiles are {@code frac(u + i / golden ratio)}, with u of the seed. Every
 * number has its distribution over the seeds, is a function of (seed, sample index) alone, and any
 * run of successive samples, and not only a whole batch as in Kingma et al. 2021 (arXiv:2107.00630,
 * appendix I.1), covers the distribution nearly as evenly as so many numbers can. All other streams
 * are independent. Immutable and thread-safe.
 */
final class SpreadNoise implements NoiseSource {

  private final NoiseSource independent;
  private final int spread;

  /** In units of 2^-64. */
  private final long start;

  /**
   * Spreads a stream.
   *
   * @param independent gives the seed and all other streams
   * @param spread the stream
   */
  SpreadNoise(NoiseSource independent, int spread) {
    this.independent = independent;
    this.spread = spread;
    this.start = SplitMix64.derive(independent.seed(), spread, 0);
  }

  @Override
  public long seed() {
    return independent.seed();
  }

  /** In (0, 1), one per sample. */
  private DoubleStream quantiles(long first, int count) {
    // The golden ratio in units of 2^-64; what overflows is the whole part.
    return LongStream.range(first, first + count)
        .map(i -> start + i * SplitMix64.GAMMA)
        .mapToDouble(bits -> ((bits >>> 12) + 0.5) * 0x1p-52);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException where several numbers per sample of the spread stream are
   *     wanted
   */
  @Override
  public INDArray gaussian(int stream, long first, int count, long... shape) {
    if (stream != spread) {
      return independent.gaussian(stream, first, count, shape);
    }
    if (shape.length != 1 || shape[0] != 1) {
      throw new IllegalArgumentException("stream " + stream + " has one number per sample");
    }
    double[] values =
        quantiles(first, count).map(u -> Math.sqrt(2) * Erf.erfInv(2 * u - 1)).toArray();
    return Nd4j.createFromArray(values).castTo(DataType.FLOAT).reshape(count, 1);
  }

  @Override
  public int[] uniformInts(int stream, long first, int count, int bound) {
    return stream == spread
        ? quantiles(first, count).mapToInt(u -> (int) (u * bound)).toArray()
        : independent.uniformInts(stream, first, count, bound);
  }
}
