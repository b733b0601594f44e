package org.lcsc.cli.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lcsc.cli.report.chart.BarChart;
import org.lcsc.cli.report.chart.Chart;
import org.lcsc.cli.report.chart.ChartLayout;
import org.lcsc.cli.report.chart.Drawing;
import org.lcsc.cli.report.chart.PngWriter;
import org.lcsc.cli.report.chart.SvgWriter;
import org.lcsc.io.AtomicFiles;

/**
 * The plots of a report as files, each as SVG and as PNG.
 *
 * <p>Thread-safe: it has no state.
 */
public final class PlotFiles {

  private PlotFiles() {}

  /**
   * Writes all plots of runs: {@code training}, {@code search-ITERATION}, {@code
   * coefficients-ITERATION} and {@code stages}, of several runs with {@code RUN-} before it, and
   * {@code runs-training}, {@code runs-search}, {@code runs-coefficients} of all together.
   *
   * @param directory created where it is missing; files of the same names are replaced
   * @return the files, in order
   */
  public static List<Path> write(List<RunData> runs, Path directory) throws IOException {
    Map<String, Drawing> drawings = new LinkedHashMap<>();
    if (runs.size() > 1) {
      for (Chart chart : new Comparison(runs).charts()) {
        drawings.put(chart.name(), ChartLayout.draw(chart, Html.WIDE, true));
      }
    }
    for (RunData run : runs) {
      String prefix = runs.size() > 1 ? run.name().replaceAll("[^A-Za-z0-9._-]", "-") + "-" : "";
      for (Chart chart : charts(run)) {
        drawings.put(prefix + chart.name(), ChartLayout.draw(chart, Html.WIDE, true));
      }
      BarChart stages = Figures.stages(run);
      if (stages != null) {
        drawings.put(prefix + stages.name(), stages.draw(Html.WIDE, true));
      }
    }
    return write(drawings, directory);
  }

  /** Writes charts under their names; files of the same names are replaced. */
  public static List<Path> writeCharts(List<Chart> charts, Path directory) throws IOException {
    Map<String, Drawing> drawings = new LinkedHashMap<>();
    charts.forEach(c -> drawings.put(c.name(), ChartLayout.draw(c, Html.WIDE, true)));
    return write(drawings, directory);
  }

  private static List<Path> write(Map<String, Drawing> drawings, Path directory)
      throws IOException {
    List<Path> files = new ArrayList<>();
    for (Map.Entry<String, Drawing> drawing : drawings.entrySet()) {
      Path svg = directory.resolve(drawing.getKey() + ".svg");
      Path png = directory.resolve(drawing.getKey() + ".png");
      AtomicFiles.writeString(svg, SvgWriter.file(drawing.getValue()));
      PngWriter.write(drawing.getValue(), png);
      files.add(svg);
      files.add(png);
    }
    return files;
  }

  private static List<Chart> charts(RunData run) {
    List<Chart> charts = new ArrayList<>();
    charts.add(Figures.training(run));
    for (RunData.Search search : run.searches()) {
      if (!search.log().isEmpty()) {
        charts.add(Figures.convergence(run, search));
      }
      if (search.isFinished()) {
        charts.add(Figures.coefficients(run, search));
      }
    }
    charts.removeIf(java.util.Objects::isNull);
    return charts;
  }
}
