package org.lcsc.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class TimeRangesTest {

  private static final TimeRanges THREE = new TimeRanges(List.of(0.5, 5.0));

  @Test
  void aBoundaryBelongsToTheRangeAboveIt() {
    assertThat(THREE.size()).isEqualTo(3);
    assertThat(new int[] {THREE.of(0), THREE.of(Math.nextDown(0.5)), THREE.of(0.5)})
        .containsExactly(0, 0, 1);
    assertThat(new int[] {THREE.of(4.9), THREE.of(5), THREE.of(80)}).containsExactly(1, 2, 2);
    assertThat(new double[] {THREE.from(0), THREE.to(0), THREE.from(1)})
        .containsExactly(0, 0.5, 0.5);
    assertThat(THREE.to(2)).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(TimeRanges.ONE.of(123)).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    // ranges | levels | evaluations per range
    "2, 80 10 1 0.1, 2 2",
    "3, 80 10 1 0.1 0.01 0.001, 2 2 2",
    "3, 80 10 1 0.1 0.01, 2 1 2",
    // Heun's method evaluates twice at every inner level: equal levels stay together.
    "2, 80 10 10 1 1 0.1, 3 3",
    "2, 80 10 10 10 10 0.1, 1 5",
    "3, 5 4 3 3 3 3, 4 1 1",
    "2, 1 0, 1 1"
  })
  void equalSharesDivideTheEvaluations(int ranges, String levels, String expected) {
    double[] sigmas = Arrays.stream(levels.split(" ")).mapToDouble(Double::parseDouble).toArray();
    TimeRanges shares = TimeRanges.equalShares(ranges, sigmas);
    int[] counts = new int[ranges];
    Arrays.stream(sigmas).forEach(sigma -> counts[shares.of(sigma)]++);
    assertThat(counts)
        .containsExactly(Arrays.stream(expected.split(" ")).mapToInt(Integer::parseInt).toArray());
    assertThat(shares.requireUsed(sigmas)).isSameAs(shares);
  }

  @Test
  void boundariesLieBetweenTheLevels() {
    assertThat(TimeRanges.equalShares(2, new double[] {4, 1}).boundaries().get(0))
        .isCloseTo(2, within(1e-12));
    double low = 1;
    double high = Math.nextUp(low);
    TimeRanges neighbours = TimeRanges.equalShares(2, new double[] {low, high});
    assertThat(neighbours.of(low)).isZero();
    assertThat(neighbours.of(high)).isEqualTo(1);
    assertThat(TimeRanges.equalShares(1, new double[] {3})).isEqualTo(TimeRanges.ONE);
    double noise = Double.POSITIVE_INFINITY;
    assertThat(TimeRanges.equalShares(2, new double[] {noise, 3}).boundaries())
        .containsExactly(6.0);
    assertThat(TimeRanges.equalShares(2, new double[] {noise, 0}).boundaries())
        .containsExactly(1.0);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void refusesRangesThatTheSamplerCannotFill(int ranges) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TimeRanges.equalShares(ranges, new double[] {80, 1, 1}))
        .withMessage(
            "the sampler evaluates its network at 2 noise levels, which makes 1 to 2 ranges, got "
                + ranges);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> THREE.requireUsed(new double[] {80, 7, 0.1}))
        .withMessage(
            "the sampler never evaluates its network at sigma 0.5 to 5, its noise levels are 0.1 to"
                + " 80");
  }

  /** A flow begins at an infinite noise level. */
  @Test
  void anInfiniteLevelIsToldAsThat() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new TimeRanges(List.of(1e-3))
                    .requireUsed(new double[] {Double.POSITIVE_INFINITY, 1}))
        .withMessage(
            "the sampler never evaluates its network at sigma below 0.001, its noise levels are 1 to"
                + " infinity");
  }

  @Test
  void refusesBoundariesOutOfOrder() {
    for (List<Double> wrong :
        List.of(List.of(5.0, 0.5), List.of(0.0), List.of(1.0, 1.0), List.of(Double.NaN))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new TimeRanges(wrong))
          .withMessage(
              "boundaries of time ranges must be positive, finite and ascending, got " + wrong);
    }
  }

  @Test
  void aPartIsAViewOfItsRange() {
    INDArray stacked = Nd4j.createFromArray(1f, 2f, 3f, 4f, 5f, 6f);
    assertThat(THREE.part(stacked, 1)).isEqualTo(Nd4j.createFromArray(3f, 4f));
    THREE.part(stacked, 2).assign(9);
    assertThat(stacked).isEqualTo(Nd4j.createFromArray(1f, 2f, 3f, 4f, 9f, 9f));
    assertThat(THREE.part(stacked.reshape(1, 6), 0)).isEqualTo(Nd4j.createFromArray(1f, 2f));
  }

  @Test
  void saysItsRangesInWords() {
    assertThat(THREE.description()).isEqualTo("sigma below 0.5; sigma 0.5 to 5; sigma from 5");
    assertThat(TimeRanges.ONE.description()).isEqualTo("every sigma");
  }
}
