package org.lcsc.cli.landscape;

import static org.lcsc.io.Text.format;

import java.util.List;

/**
 * The part of a plane that is shown.
 *
 * @param x0 left edge
 * @param x1 right edge, more than {@code x0}
 * @param y0 lower edge
 * @param y1 upper edge, more than {@code y0}
 */
public record Range(double x0, double x1, double y0, double y1) {

  /** Beyond, a far projection would shrink the three points to one. */
  private static final double FARTHEST = 2.5;

  private static final double MARGIN = 0.5;

  public Range {
    boolean finite =
        Double.isFinite(x0) && Double.isFinite(x1) && Double.isFinite(y0) && Double.isFinite(y1);
    if (!finite || !(x0 < x1) || !(y0 < y1)) {
      throw new IllegalArgumentException(
          format(
              "not a range (%s,%s,%s,%s), allowed: X0,X1,Y0,Y1 with X0 < X1 and Y0 < Y1",
              x0, x1, y0, y1));
    }
  }

  /** Holds the three points and, as far as they are not far away, the projections. */
  static Range around(List<Plane.Projection> projections) {
    double[] x = {0, 1};
    double[] y = {0, 1};
    for (Plane.Projection p : projections) {
      if (Math.abs(p.x()) <= FARTHEST && Math.abs(p.y()) <= FARTHEST) {
        x = new double[] {Math.min(x[0], p.x()), Math.max(x[1], p.x())};
        y = new double[] {Math.min(y[0], p.y()), Math.max(y[1], p.y())};
      }
    }
    // In quarters: a run resumes on the same points though a projection was rounded otherwise.
    return new Range(down(x[0]), up(x[1]), down(y[0]), up(y[1]));
  }

  private static double down(double edge) {
    return Math.floor((edge - MARGIN) * 4) / 4;
  }

  private static double up(double edge) {
    return Math.ceil((edge + MARGIN) * 4) / 4;
  }

  boolean contains(double x, double y) {
    return x >= x0 && x <= x1 && y >= y0 && y <= y1;
  }

  /** Evenly spaced from edge to edge. */
  double[] xs(int count) {
    return spaced(x0, x1, count);
  }

  /** Evenly spaced from edge to edge. */
  double[] ys(int count) {
    return spaced(y0, y1, count);
  }

  private static double[] spaced(double from, double to, int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = (from * (count - 1 - i) + to * i) / (count - 1);
    }
    return values;
  }
}
