package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.lcsc.cli.output.ExitCode;
import org.lcsc.cli.sweep.Study;
import org.lcsc.cli.sweep.SweepCurves;
import org.lcsc.cli.sweep.SweepRun;
import org.lcsc.config.Require;
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

  private static final String NAME = "curves";
  private static final String TITLE = "Searches";

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
      paramLabel = "DIR",
      description =
          "With --plot: where the plots NAME-evaluations and NAME-seconds go. Default: here.")
  private Path out;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "With --plot: start of the plots' names. Default: " + NAME + ".")
  private String name;

  @Option(
      names = "--title",
      paramLabel = "TEXT",
      description = "With --plot: title of the plots. Default: " + TITLE + ".")
  private String title;

  @Option(
      names = "--label",
      paramLabel = "TEXT=VARIANT",
      description =
          "With --plot: call a variant so; those named come first, in this order. Repeatable.")
  private List<String> labels;

  @Override
  int run() throws IOException {
    if ((file == null) == (curves == null)) {
      throw new ParameterException(
          spec.commandLine(), "expected one of STUDY and --plot FILE.csv, got both or none");
    }
    if (file == null) {
      Require.not(
          assignments.list() != null,
          "--set",
          "has no effect with --plot (%s), allowed: with STUDY",
          String.join(", ", orNone(assignments.list())));
      plot();
      return ExitCode.OK;
    }
    Map<String, Object> ofPlots = new LinkedHashMap<>();
    ofPlots.put("--out", out);
    ofPlots.put("--name", name);
    ofPlots.put("--title", title);
    ofPlots.put("--label", labels == null ? null : labels.get(0));
    ofPlots.forEach(
        (option, value) ->
            Require.not(
                value != null,
                option,
                "has no effect with a study (%s), allowed: with --plot",
                value));
    Study study = Overrides.read(file, assignments.list(), Study.class);
    int failed = new SweepRun(study, out(), err()).run();
    return failed == 0 ? ExitCode.OK : ExitCode.FAILURE;
  }

  private static List<String> orNone(List<String> given) {
    return given == null ? List.of() : given;
  }

  private void plot() throws IOException {
    out = Objects.requireNonNullElse(out, Path.of("."));
    name = Objects.requireNonNullElse(name, NAME);
    title = Objects.requireNonNullElse(title, TITLE);
    InvalidInputException.when(
        !name.matches("[a-z0-9.-]+"),
        "--name: no name of files (%s), allowed: a-z, 0-9, dots and hyphens",
        name);
    InvalidInputException.when(
        Files.exists(out) && !Files.isDirectory(out), "--out: %s: is no directory", out);
    Map<String, String> named = new LinkedHashMap<>();
    for (String label : orNone(labels)) {
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
