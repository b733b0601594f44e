package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lcsc.cli.output.ExitCode;
import org.lcsc.cli.sweep.Study;
import org.lcsc.cli.sweep.SweepCurves;
import org.lcsc.cli.sweep.SweepRun;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.Overrides;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Runs a study over values of a configuration, or plots the curves of some. */
@Command(
    name = "sweep",
    description = {
      "Run a study: trainings, searches or averages over values of a configuration (Tables 4, 9,"
          + " 10, 13 and 14 of the paper), for example search strategies on the same checkpoints.",
      "Candidates that are done are skipped: the same command continues where it was interrupted.",
      "With --plot, plot the curves of earlier sweeps together: best score so far against"
          + " evaluations and seconds, as means over all files and repetitions with a band of one"
          + " standard deviation, and print them as a table in Markdown."
    })
final class SweepCommand extends TextCommand {

  @Parameters(arity = "0..1", paramLabel = "STUDY", description = "The study's YAML file.")
  private Path file;

  @Mixin private Assignments assignments;

  @Option(
      names = "--plot",
      arity = "1..*",
      paramLabel = "FILE.csv",
      description = "The curves.csv of sweeps, for example of one for each of several trainings.")
  private List<Path> curves;

  @Option(
      names = "--out",
      defaultValue = ".",
      paramLabel = "DIR",
      description = "Where the plots NAME-evaluations and NAME-seconds go. Default: here.")
  private Path out;

  @Option(
      names = "--name",
      defaultValue = "curves",
      paramLabel = "NAME",
      description = "Start of the plots' names. Default: ${DEFAULT-VALUE}.")
  private String name;

  @Option(
      names = "--title",
      defaultValue = "Searches",
      paramLabel = "TEXT",
      description = "Title of the plots. Default: ${DEFAULT-VALUE}.")
  private String title;

  @Option(
      names = "--label",
      paramLabel = "TEXT=VARIANT",
      description = "Call a variant so; those named come first, in this order. Repeatable.")
  private List<String> labels;

  @Override
  int run() throws IOException {
    if ((file == null) == (curves == null)) {
      throw new ParameterException(
          spec.commandLine(), "expected one of STUDY and --plot FILE.csv, got both or none");
    }
    if (file == null) {
      plot();
      return ExitCode.OK;
    }
    Study study = Overrides.read(file, assignments.list(), Study.class);
    int failed = new SweepRun(study, out(), err()).run();
    return failed == 0 ? ExitCode.OK : ExitCode.FAILURE;
  }

  private void plot() throws IOException {
    InvalidInputException.when(
        !name.matches("[a-z0-9.-]+"),
        "--name: no name of files (%s), allowed: a-z, 0-9, dots and hyphens",
        name);
    InvalidInputException.when(
        Files.exists(out) && !Files.isDirectory(out), "--out: %s: is no directory", out);
    Map<String, String> named = new LinkedHashMap<>();
    for (String label : labels == null ? List.<String>of() : labels) {
      int equals = label.indexOf('=');
      InvalidInputException.when(
          equals < 1, "--label: no name for a variant (%s), allowed: TEXT=VARIANT", label);
      named.put(label.substring(equals + 1), label.substring(0, equals));
    }
    SweepCurves all = InvalidInputException.reading(() -> SweepCurves.read(curves, named));
    List<Path> written = all.write(out, name, title);
    out().print(all.table().toMarkdown());
    written.forEach(this::written);
  }
}
