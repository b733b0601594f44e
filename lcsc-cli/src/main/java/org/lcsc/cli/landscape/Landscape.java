package org.lcsc.cli.landscape;

import static org.lcsc.io.Text.format;

import java.util.Arrays;
import java.util.List;
import org.lcsc.io.Text;

/**
 * A scored plane.
 *
 * @param corners what spans it
 * @param range what was scored
 * @param scores {@code [rows][columns]}, the first row at {@code range.y0}; NaN where the model
 *     gave none
 * @param markers the models shown on it
 * @param samples of every score
 * @param seed of their noise
 */
public record Landscape(
    Corners corners, Range range, double[][] scores, List<Marker> markers, int samples, long seed) {

  /** What a marker stands for. */
  public enum Kind {
    /** One of the three models of the plane. */
    CORNER,
    /** An average of the weights. */
    EMA,
    /** What a search found. */
    LCSC
  }

  /**
   * A model shown on the plane.
   *
   * @param kind what it is
   * @param label its name
   * @param at the nearest point of the plane
   * @param score of the model itself, which is not that of the nearest point
   */
  public record Marker(Kind kind, String label, Plane.Projection at, double score) {}

  /** The best point of the grid as {@code {x, y, score}}; NaN and an infinite score for none. */
  public double[] best() {
    double[] xs = range.xs(scores[0].length);
    double[] ys = range.ys(scores.length);
    double[] best = {Double.NaN, Double.NaN, Double.POSITIVE_INFINITY};
    for (int row = 0; row < ys.length; row++) {
      for (int column = 0; column < xs.length; column++) {
        if (scores[row][column] < best[2]) {
          best = new double[] {xs[column], ys[row], scores[row][column]};
        }
      }
    }
    return best;
  }

  /** What the grid came to, in a line. */
  public String summary() {
    int models = scores.length * scores[0].length;
    double[] best = best();
    return Double.isFinite(best[2])
        ? format(
            "best of %d models: %s at (%.3f, %.3f)", models, Text.score(best[2]), best[0], best[1])
        : format("none of %d models has a finite score", models);
  }

  /** All finite scores, ascending. */
  double[] finite() {
    return Arrays.stream(scores)
        .flatMapToDouble(Arrays::stream)
        .filter(Double::isFinite)
        .sorted()
        .toArray();
  }
}
