package org.lcsc.cli.report.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lcsc.io.Refuse;

/**
 * Panels below each other over one horizontal axis.
 *
 * @param name short, for file names and references: lower-case letters, digits, hyphens
 * @param title what it shows
 * @param description what can be seen in it, in words
 * @param x the horizontal axis
 * @param panels at least one
 */
public record Chart(String name, String title, String description, Axis x, List<Panel> panels)
    implements Plot {

  /** Checks the name, which ends up in file names and references. */
  public Chart {
    Refuse.argument(
        !name.matches("[a-z0-9.-]+"),
        "name of a chart must be lower-case letters, digits and hyphens, got %s",
        name);
    panels = List.copyOf(panels);
    Refuse.argument(panels.isEmpty(), "chart %s needs at least one panel, got none", name);
  }

  @Override
  public Drawing draw(int width, boolean titled) {
    return ChartLayout.draw(this, width, titled);
  }

  /**
   * The numbers in the chart: titles first, then a row for every x, with NaN where a series has no
   * value there.
   */
  public record Table(List<String> titles, List<double[]> rows) {}

  /** The numbers of all series and bands. */
  public Table table() {
    List<String> titles = new ArrayList<>(List.of(x.label()));
    List<double[][]> columns = new ArrayList<>();
    for (Panel panel : panels) {
      for (Layer layer : panel.layers()) {
        if (layer instanceof Series series) {
          titles.add(series.name());
          columns.add(new double[][] {series.xs(), series.ys()});
        } else if (layer instanceof Layer.Band band) {
          titles.add(band.name() + ", lower");
          columns.add(new double[][] {band.xs(), band.lower()});
          titles.add(band.name() + ", upper");
          columns.add(new double[][] {band.xs(), band.upper()});
        }
      }
    }
    Map<Double, double[]> rows = new TreeMap<>();
    for (int c = 0; c < columns.size(); c++) {
      double[][] column = columns.get(c);
      for (int i = 0; i < column[0].length; i++) {
        rows.computeIfAbsent(column[0][i], at -> emptyRow(at, columns.size()))[c + 1] =
            column[1][i];
      }
    }
    return new Table(titles, List.copyOf(rows.values()));
  }

  private static double[] emptyRow(double x, int columns) {
    double[] row = new double[columns + 1];
    java.util.Arrays.fill(row, Double.NaN);
    row[0] = x;
    return row;
  }
}
