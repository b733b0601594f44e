package org.lcsc.cli.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.lcsc.cli.report.PlotFiles;
import org.lcsc.cli.report.StudyCurves;
import org.lcsc.experiment.InvalidInputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Plots what {@code lcsc study} wrote.
 *
 * <p>Not thread-safe.
 */
@Command(
    name = "plot-study",
    description = {
      "Plot the files of 'lcsc study': best score so far against evaluations and seconds.",
      "Curves are means over all files and seeds, for example one file for each of several"
          + " trainings, with a band of one standard deviation. Also prints the numbers as a table"
          + " in Markdown."
    })
public final class PlotStudyCommand implements Callable<Integer> {

  @Parameters(arity = "1..*", paramLabel = "FILE.csv", description = "Files of 'lcsc study'.")
  private List<Path> files;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Where NAME-evaluations and NAME-seconds go, each as .svg and .png.")
  private Path out;

  @Option(
      names = "--name",
      defaultValue = "study",
      paramLabel = "NAME",
      description = "Start of the files' names. Default: ${DEFAULT-VALUE}.")
  private String name;

  @Option(
      names = "--title",
      defaultValue = "Search strategies",
      paramLabel = "TEXT",
      description = "Title of the plots. Default: ${DEFAULT-VALUE}.")
  private String title;

  @Option(
      names = "--label",
      paramLabel = "TEXT=VARIANT",
      description = "Call a variant so; those named come first, in this order. Repeatable.")
  private List<String> labels;

  @Spec private CommandSpec spec;

  /** Created by the command line. */
  public PlotStudyCommand() {}

  @Override
  public Integer call() throws IOException {
    if (!name.matches("[a-z0-9.-]+")) {
      throw new InvalidInputException(
          "--name: no name of files (" + name + "), allowed: a-z, 0-9, dots and hyphens");
    }
    if (Files.exists(out) && !Files.isDirectory(out)) {
      throw new InvalidInputException("--out: " + out + ": is no directory");
    }
    Map<String, String> named = new LinkedHashMap<>();
    for (String label : labels == null ? List.<String>of() : labels) {
      int equals = label.indexOf('=');
      if (equals < 1) {
        throw new InvalidInputException(
            "--label: no name for a variant (" + label + "), allowed: TEXT=VARIANT");
      }
      named.put(label.substring(equals + 1), label.substring(0, equals));
    }
    StudyCurves curves = InvalidInputException.reading(() -> StudyCurves.read(files, named));
    List<Path> written = PlotFiles.writeCharts(curves.charts(name, title), out);
    PrintWriter writer = spec.commandLine().getOut();
    writer.print(curves.markdown());
    written.forEach(file -> writer.println("written: " + file));
    writer.flush();
    return 0;
  }
}
