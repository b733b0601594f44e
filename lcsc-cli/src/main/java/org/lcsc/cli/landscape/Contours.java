package org.lcsc.cli.landscape;

import java.util.ArrayList;
import java.util.List;

/** Contour lines of values on a grid, by marching squares. */
final class Contours {

  private Contours() {}

  /**
   * The segments of one level, {@code {x1, y1, x2, y2}} each, in columns and rows of the grid.
   *
   * @param values {@code [rows][columns]}; a cell with a value that is not finite has no line
   */
  static List<double[]> of(double[][] values, double level) {
    List<double[]> segments = new ArrayList<>();
    for (int row = 0; row + 1 < values.length; row++) {
      for (int column = 0; column + 1 < values[row].length; column++) {
        cell(values, row, column, level, segments);
      }
    }
    return segments;
  }

  private static void cell(
      double[][] values, int row, int column, double level, List<double[]> segments) {
    double[] corners = {
      values[row][column],
      values[row][column + 1],
      values[row + 1][column + 1],
      values[row + 1][column]
    };
    double mean = (corners[0] + corners[1] + corners[2] + corners[3]) / 4;
    if (!Double.isFinite(mean)) {
      return;
    }
    // The points where the level crosses the edges, in order around the cell.
    List<double[]> crossings = new ArrayList<>();
    int[][] at = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
    for (int edge = 0; edge < 4; edge++) {
      double from = corners[edge];
      double to = corners[(edge + 1) % 4];
      if ((from < level) != (to < level)) {
        double share = (level - from) / (to - from);
        int[] a = at[edge];
        int[] b = at[(edge + 1) % 4];
        crossings.add(
            new double[] {
              column + a[0] + share * (b[0] - a[0]), row + a[1] + share * (b[1] - a[1])
            });
      }
    }
    if (crossings.size() == 2) {
      segments.add(segment(crossings.get(0), crossings.get(1)));
    } else if (crossings.size() == 4) {
      // A saddle: the middle says which corners belong together.
      boolean turn = (mean < level) == (corners[0] < level);
      segments.add(segment(crossings.get(0), crossings.get(turn ? 1 : 3)));
      segments.add(segment(crossings.get(2), crossings.get(turn ? 3 : 1)));
    }
  }

  private static double[] segment(double[] a, double[] b) {
    return new double[] {a[0], a[1], b[0], b[1]};
  }
}
