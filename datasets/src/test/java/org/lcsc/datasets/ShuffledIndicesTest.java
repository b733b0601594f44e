package org.lcsc.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.lcsc.io.SplitMix64;

class ShuffledIndicesTest {

  /** Published outputs of SplitMix64 for this seed. */
  @Test
  void generatorFollowsItsPublishedSequence() {
    SplitMix64 random = new SplitMix64(1234567);
    assertThat(random.next()).isEqualTo(6457827717110365317L);
    assertThat(random.next()).isEqualTo(3203168211198807973L);
    assertThat(random.next()).isEqualTo(Long.parseUnsignedLong("9817491932198370423"));
  }

  @Test
  void boundedDrawsAreUniform() {
    SplitMix64 random = new SplitMix64(5);
    int[] counts = new int[7];
    for (int i = 0; i < 70_000; i++) {
      counts[random.below(7)]++;
    }
    // 5 standard deviations of a binomial count: 5 * sqrt(70000 * 1/7 * 6/7) = 463.
    for (int count : counts) {
      assertThat(count).isBetween(10_000 - 463, 10_000 + 463);
    }
  }

  @Test
  void aBatchDependsOnTheStepAlone() {
    ShuffledIndices forward = new ShuffledIndices(42, 103, 16);
    int[][] batches = LongStream.range(0, 40).mapToObj(forward::batch).toArray(int[][]::new);
    ShuffledIndices backward = new ShuffledIndices(42, 103, 16);
    for (int step = 39; step >= 0; step--) {
      assertThat(backward.batch(step)).as("step %d", step).isEqualTo(batches[step]);
      assertThat(new ShuffledIndices(42, 103, 16).batch(step)).isEqualTo(batches[step]);
    }
  }

  /** Guards resumed runs against a change of the generator, the derivation or the shuffle. */
  @Test
  void theOrderIsFrozen() {
    assertThat(new ShuffledIndices(42, 10, 10).batch(0)).containsExactly(FROZEN_EPOCH);
    assertThat(new ShuffledIndices(42, 10, 8).flips(3)).containsExactly(FROZEN_FLIPS);
  }

  @Test
  void everyEpochVisitsEveryImageOnceAcrossBatchBorders() {
    int size = 103;
    ShuffledIndices order = new ShuffledIndices(7, size, 16);
    int[] stream =
        LongStream.range(0, 5 * size).mapToObj(order::batch).flatMapToInt(Arrays::stream).toArray();
    for (int epoch = 0; epoch < 5; epoch++) {
      int[] images = Arrays.copyOfRange(stream, epoch * size, (epoch + 1) * size);
      Arrays.sort(images);
      assertThat(images).as("epoch %d", epoch).isEqualTo(IntStream.range(0, size).toArray());
    }
    assertThat(Arrays.copyOf(stream, size))
        .as("epochs have orders of their own")
        .isNotEqualTo(Arrays.copyOfRange(stream, size, 2 * size));
  }

  @Test
  void aBatchMayHoldSeveralEpochs() {
    int[] batch = new ShuffledIndices(1, 4, 10).batch(0);
    assertThat(Arrays.copyOfRange(batch, 0, 4)).containsExactlyInAnyOrder(0, 1, 2, 3);
    assertThat(Arrays.copyOfRange(batch, 4, 8)).containsExactlyInAnyOrder(0, 1, 2, 3);
  }

  @Test
  void seedsGiveOrdersOfTheirOwn() {
    int[] one = new ShuffledIndices(1, 100, 100).batch(0);
    assertThat(new ShuffledIndices(2, 100, 100).batch(0)).isNotEqualTo(one);
    assertThat(new ShuffledIndices(-1, 100, 100).batch(0)).isNotEqualTo(one);
  }

  @Test
  void everyImageIsAsLikelyFirst() {
    int[] counts = new int[5];
    for (int seed = 0; seed < 10_000; seed++) {
      counts[new ShuffledIndices(seed, 5, 1).batch(0)[0]]++;
    }
    // 5 standard deviations: 5 * sqrt(10000 * 0.2 * 0.8) = 200.
    for (int count : counts) {
      assertThat(count).isBetween(1800, 2200);
    }
  }

  @Test
  void flipsAreFairAndDependOnTheStepAlone() {
    ShuffledIndices order = new ShuffledIndices(3, 50, 100);
    int mirrored = 0;
    for (long step = 0; step < 100; step++) {
      boolean[] flips = order.flips(step);
      assertThat(new ShuffledIndices(3, 50, 100).flips(step)).isEqualTo(flips);
      for (boolean flip : flips) {
        mirrored += flip ? 1 : 0;
      }
    }
    // 5 standard deviations: 5 * sqrt(10000 / 4) = 250.
    assertThat(mirrored).isBetween(4750, 5250);
    assertThat(order.flips(0)).isNotEqualTo(order.flips(1));
  }

  @Test
  void refusesWhatMakesNoBatch() {
    assertThatThrownBy(() -> new ShuffledIndices(0, 0, 1)).hasMessageContaining("size 0");
    assertThatThrownBy(() -> new ShuffledIndices(0, 1, -2)).hasMessageContaining("batchSize -2");
    ShuffledIndices order = new ShuffledIndices(0, 10, 4);
    assertThatThrownBy(() -> order.batch(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("step -1");
    assertThatThrownBy(() -> order.batch(Long.MAX_VALUE / 2)).hasMessageContaining("must be 0 to");
  }

  private static final int[] FROZEN_EPOCH = {2, 7, 4, 5, 9, 1, 3, 6, 8, 0};
  private static final boolean[] FROZEN_FLIPS = {true, true, true, false, false, true, false, true};
}
