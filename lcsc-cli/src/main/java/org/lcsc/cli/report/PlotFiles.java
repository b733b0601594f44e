package org.lcsc.cli.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lcsc.cli.output.DistinctNames;
import org.lcsc.cli.report.chart.Drawing;
import org.lcsc.cli.report.chart.Plot;
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
   * {@code runs-training}, {@code runs-search}, {@code runs-coefficients} of all together. A run
   * whose name in files is that of another, or is {@code runs}, has a number after it: {@code
   * RUN-2-}.
   *
   * @param directory created where it is missing; files of the same names are replaced
   * @return the files, in order
   */
  public static List<Path> write(List<RunData> runs, Path directory) throws IOException {
    Map<String, Plot> plots = new LinkedHashMap<>();
    if (runs.size() > 1) {
      new Comparison(runs).charts().forEach(chart -> plots.put(chart.name(), chart));
    }
    DistinctNames names = new DistinctNames(Comparison.NAME);
    for (RunData run : runs) {
      String prefix =
          runs.size() > 1 ? names.of(run.name().replaceAll("[^A-Za-z0-9._-]", "-")) + "-" : "";
      Figures.all(run).forEach(plot -> plots.put(prefix + plot.name(), plot));
    }
    return write(plots, directory);
  }

  /** Writes plots by name; files of the same names are replaced. */
  public static List<Path> write(Map<String, ? extends Plot> plots, Path directory)
      throws IOException {
    List<Path> files = new ArrayList<>();
    for (Map.Entry<String, ? extends Plot> plot : plots.entrySet()) {
      Drawing drawing = plot.getValue().draw(Html.WIDE, true);
      Path svg = directory.resolve(plot.getKey() + ".svg");
      Path png = directory.resolve(plot.getKey() + ".png");
      AtomicFiles.writeString(svg, SvgWriter.file(drawing));
      PngWriter.write(drawing, png);
      files.add(svg);
      files.add(png);
    }
    return files;
  }
}
