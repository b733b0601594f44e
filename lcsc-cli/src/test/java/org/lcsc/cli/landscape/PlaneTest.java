package org.lcsc.cli.landscape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class PlaneTest {

  private static final INDArray ZERO = vector(1, 1, 1, 5);
  private static final INDArray ONE = vector(3, 1, 1, 5);
  private static final INDArray TWO = vector(2, 4, 1, 5);

  private static INDArray vector(float... values) {
    return Nd4j.createFromArray(values);
  }

  @Test
  void theThreeModelsAreItsCorners() {
    try (Plane plane = new Plane(ZERO, ONE, TWO)) {
      assertThat(plane.at(0, 0)).isEqualTo(ZERO);
      assertThat(plane.at(1, 0)).isEqualTo(ONE);
      assertThat(plane.at(0, 1)).isEqualTo(TWO);
      assertThat(plane.at(-1, 2).toFloatVector()).containsExactly(1, 7, 1, 5);
    }
  }

  @Test
  void aModelOfThePlaneIsItsOwnProjection() {
    try (Plane plane = new Plane(ZERO, ONE, TWO)) {
      Plane.Projection there = plane.project(plane.at(0.25, -1.5));
      assertThat(there.x()).isCloseTo(0.25, within(1e-6));
      assertThat(there.y()).isCloseTo(-1.5, within(1e-6));
      assertThat(there.onPlane()).isTrue();
    }
  }

  @Test
  void aModelOffThePlaneIsProjectedAtARightAngle() {
    try (Plane plane = new Plane(ZERO, ONE, TWO)) {
      INDArray above = plane.at(0.5, 0.5).add(vector(0, 0, 3, 4));
      Plane.Projection there = plane.project(above);
      assertThat(there.x()).isCloseTo(0.5, within(1e-6));
      assertThat(there.y()).isCloseTo(0.5, within(1e-6));
      // The longer edge is (1, 3), of length sqrt(10).
      assertThat(there.distance()).isCloseTo(5 / Math.sqrt(10), within(1e-6));
      assertThat(there.onPlane()).isFalse();
    }
  }

  @Test
  void threeModelsOfOneLineSpanNoPlane() {
    assertThatThrownBy(() -> new Plane(ZERO, ONE, vector(7, 1, 1, 5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("lie on one line");
    assertThatThrownBy(() -> new Plane(ZERO, ONE)).hasMessageContaining("3 points, got 2");
  }

  @Test
  void theRangeHoldsThePointsAndNearProjectionsAlone() {
    Range range =
        Range.around(List.of(new Plane.Projection(1.8, -0.3, 1), new Plane.Projection(90, 0.5, 1)));
    assertThat(range).isEqualTo(new Range(-0.5, 2.5, -1, 1.5));
    assertThat(range.xs(4)).containsExactly(-0.5, 0.5, 1.5, 2.5);
    assertThat(range.contains(90, 0.5)).isFalse();
    assertThatThrownBy(() -> new Range(1, 1, 0, 1)).hasMessageContaining("not a range (1.0,1.0");
  }

  @Test
  void aContourIsWhereTheLevelIs() {
    double[][] slope = {{0, 1, 2}, {0, 1, 2}};
    assertThat(Contours.of(slope, 1.5))
        .singleElement()
        .satisfies(s -> assertThat(List.of(s[0], s[2])).containsExactly(1.5, 1.5));
    double[][] hill = {{0, 0, 0}, {0, 4, 0}, {0, 0, 0}};
    assertThat(Contours.of(hill, 1))
        .hasSize(4)
        .allSatisfy(s -> assertThat(Math.abs(s[0] - 1) + Math.abs(s[1] - 1)).isEqualTo(0.75));
    double[][] hole = {{0, 2}, {2, Double.NaN}};
    assertThat(Contours.of(hole, 1)).isEmpty();
    double[][] saddle = {{0, 2}, {2, 0}};
    assertThat(Contours.of(saddle, 0.5)).hasSize(2);
  }

  @Test
  void brighterIsBetterAndLevelsAreRound() {
    ScoreColours colours = new ScoreColours(new double[] {9.3, 20, 300});
    double before = 0;
    for (double score : new double[] {300, 100, 30, 15, 9.3}) {
      java.awt.Color c = colours.colour(colours.scaled(score));
      double luminance = 0.2126 * c.getRed() + 0.7152 * c.getGreen() + 0.0722 * c.getBlue();
      assertThat(luminance).isGreaterThan(before);
      before = luminance;
    }
    assertThat(colours.levels()).contains(10.0).isSorted().hasSizeLessThan(10);
    assertThat(new ScoreColours(new double[] {10, 12}).levels()).contains(10.5, 11.0, 11.5);
    assertThat(colours.colour(Double.NaN)).isEqualTo(ScoreColours.NONE);
    assertThat(new ScoreColours(new double[] {}).levels()).isNotNull();
  }
}
