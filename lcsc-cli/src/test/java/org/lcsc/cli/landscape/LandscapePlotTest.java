package org.lcsc.cli.landscape;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class LandscapePlotTest {

  private static Landscape landscape(Range range, double... scores) {
    return new Landscape(
        new Corners("models", List.of("a", "b", "c"), List.of()),
        range,
        new double[][] {{scores[0], scores[1]}, {scores[2], scores[3]}},
        List.of(),
        10,
        1);
  }

  /** How many labels stand below the map. */
  private static long ticks(Range range) {
    String svg = new LandscapePlot(landscape(range, 1, 2, 3, 4), "title").svg();
    Matcher matcher = Pattern.compile("y=\"616(\\.0+)?\"").matcher(svg);
    return matcher.results().count();
  }

  @Test
  void aRangeOfAnyWidthHasAFewTicks() {
    for (double[] x : new double[][] {{0, 1000}, {0, 1e8}, {0.1, 0.2}, {-0.5, 1.75}, {-40, 3}}) {
      assertThat(ticks(new Range(x[0], x[1], 0, 1))).as("%s to %s", x[0], x[1]).isBetween(3L, 7L);
    }
  }

  @Test
  void smallScoresAreShownWithTheirDigits() {
    Range range = new Range(0, 1, 0, 1);
    Landscape small = landscape(range, 0.0021, 0.0034, 0.0028, 0.004);
    assertThat(new LandscapePlot(small, "title").svg())
        .contains("FID 0.00210 at", ">0.0025<", ">0.004<", ">0.0021<");
    assertThat(small.summary()).isEqualTo("best of 4 models: 0.002100 at (0.000, 0.000)");
  }

  @Test
  void noFiniteScoreIsSaid() {
    double none = Double.NaN;
    assertThat(landscape(new Range(0, 1, 0, 1), none, none, none, none).summary())
        .isEqualTo("none of 4 models has a finite score");
  }
}
