package org.lcsc.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lcsc.io.HostArrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class RememberedSamplesTest {

  private static final NoiseSource NOISE = new SeededNoise(1);
  private static final INDArray ONE = Nd4j.createFromArray(1f, 2f);
  private static final INDArray OTHER = Nd4j.createFromArray(1f, 3f);

  /** Noise of 4 values a sample, times the last parameter; tells what it was asked for. */
  private static final class Scaled implements SampleGenerator {

    private final List<String> drawn = new ArrayList<>();
    private float scale;

    @Override
    public void setParameters(INDArray parameters) {
      scale = parameters.getFloat(parameters.length() - 1);
    }

    @Override
    public INDArray sample(NoiseSource noise, long first, int count) {
      drawn.add(scale + ": " + noise.seed() + ", " + first + " + " + count);
      return noise.gaussian(0, first, count, 1, 2, 2).muli(scale);
    }
  }

  private final Scaled generator = new Scaled();

  private float[] sample(SampleGenerator samples, INDArray model, long first, int count) {
    samples.setParameters(model);
    return HostArrays.floats(samples.sample(NOISE, first, count));
  }

  private float[] plain(INDArray model, long first, int count) {
    return sample(new Scaled(), model, first, count);
  }

  @Test
  void drawsABatchOfAModelOnceAndGivesTheSameBits() {
    RememberedSamples samples = new RememberedSamples(generator);
    assertThat(sample(samples, ONE, 0, 3)).isEqualTo(plain(ONE, 0, 3));
    assertThat(sample(samples, OTHER, 0, 3)).isEqualTo(plain(OTHER, 0, 3));
    assertThat(sample(samples, ONE.dup(), 0, 3)).isEqualTo(plain(ONE, 0, 3));
    assertThat(generator.drawn).containsExactly("2.0: 1, 0 + 3", "3.0: 1, 0 + 3");
  }

  @Test
  void drawsWhatIsOfOtherSamplesOrOtherNoise() {
    RememberedSamples samples = new RememberedSamples(generator);
    sample(samples, ONE, 0, 3);
    assertThat(sample(samples, ONE, 3, 3)).isEqualTo(plain(ONE, 3, 3));
    assertThat(sample(samples, ONE, 0, 2)).isEqualTo(plain(ONE, 0, 2));
    samples.sample(new SeededNoise(2), 0, 3);
    assertThat(generator.drawn)
        .containsExactly("2.0: 1, 0 + 3", "2.0: 1, 3 + 3", "2.0: 1, 0 + 2", "2.0: 2, 0 + 3");
  }

  @Test
  void givesArraysOfTheCaller() {
    RememberedSamples samples = new RememberedSamples(generator);
    samples.setParameters(ONE);
    samples.sample(NOISE, 0, 2).assign(7);
    INDArray again = samples.sample(NOISE, 0, 2);
    assertThat(HostArrays.floats(again)).isEqualTo(plain(ONE, 0, 2));
    again.assign(8);
    assertThat(sample(samples, ONE, 0, 2)).isEqualTo(plain(ONE, 0, 2));
    assertThat(generator.drawn).hasSize(1);
  }

  @Test
  void forgetsWhatWasUsedLongestAgo() {
    // A sample has 16 bytes: room for two batches of two.
    RememberedSamples samples = new RememberedSamples(generator, 64);
    sample(samples, ONE, 0, 2);
    sample(samples, ONE, 2, 2);
    sample(samples, ONE, 0, 2);
    sample(samples, ONE, 4, 2);
    assertThat(generator.drawn).hasSize(3);
    sample(samples, ONE, 0, 2);
    assertThat(generator.drawn).hasSize(3);
    assertThat(sample(samples, ONE, 2, 2)).isEqualTo(plain(ONE, 2, 2));
    assertThat(generator.drawn).hasSize(4);
  }

  @Test
  void drawsABatchThatDoesNotFitEveryTimeAndKeepsTheOthers() {
    RememberedSamples samples = new RememberedSamples(generator, 64);
    sample(samples, ONE, 0, 2);
    assertThat(sample(samples, ONE, 0, 5)).isEqualTo(plain(ONE, 0, 5));
    sample(samples, ONE, 0, 5);
    sample(samples, ONE, 0, 2);
    assertThat(generator.drawn).containsExactly("2.0: 1, 0 + 2", "2.0: 1, 0 + 5", "2.0: 1, 0 + 5");
  }

  @Test
  void refusesLessThanNothing() {
    assertThatThrownBy(() -> new RememberedSamples(generator, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
  }
}
