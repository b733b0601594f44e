package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import org.lcsc.cli.output.ProgressBar;
import org.lcsc.cli.output.SampleGrid;
import org.lcsc.cli.report.PlotFiles;
import org.lcsc.cli.report.ReportPage;
import org.lcsc.cli.report.RunData;
import org.lcsc.config.Require;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.LoadedModel;
import org.lcsc.experiment.SamplePairs;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.io.AtomicFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells what runs have come to, as one HTML file. */
@Command(
    name = "report",
    description = {
      "Tell what a run has come to, as one HTML file that needs no network.",
      "Several runs, for example of several seeds, are compared, their plots over each other."
          + " 'lcsc train' keeps the report of its own run up to date."
    })
final class ReportCommand extends TextCommand {

  private static final int MOST_PAIRS = 1000;
  private static final int PAIR_SAMPLES = 2000;

  /** Their features are kept. */
  private static final int MOST_SAMPLES = 1_000_000;

  @Parameters(arity = "1..*", paramLabel = "RUN", description = "Run directories.")
  private List<Path> runs;

  @Option(
      names = "--out",
      paramLabel = "FILE.html",
      description = "The report to write. Default: report.html of the first run.")
  private Path out;

  @Option(
      names = "--plots",
      paramLabel = "DIR",
      description = "Write each plot as SVG and PNG to this directory too.")
  private Path plots;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      description =
          "First draw samples of EMA* and LCSC of each run from the same noise, and keep the N"
              + " pairs that differ most in samples/ of the run, which the report shows.")
  private Integer pairs;

  @Option(
      names = "--pair-samples",
      paramLabel = "N",
      description =
          "Samples of each model that --pairs are chosen from. Default: " + PAIR_SAMPLES + ".")
  private Integer pairSamples;

  @Override
  int run() throws IOException {
    if (pairs == null) {
      Require.not(
          pairSamples != null,
          "--pair-samples",
          "has no effect (%s), allowed: with --pairs",
          pairSamples);
    } else {
      pairSamples = Objects.requireNonNullElse(pairSamples, PAIR_SAMPLES);
      Require.between("--pairs", pairs, 1, MOST_PAIRS);
      Require.between("--pair-samples", pairSamples, (int) pairs, MOST_SAMPLES);
    }
    requireDistinct();
    Path file = out == null ? RunDirectory.report(runs.get(0)) : out;
    // Runs first: of a mistyped one it is no use to say that no report can be written there.
    List<RunData> data = read();
    OutputFile.check("--out", file, ".html");
    if (plots != null && Files.exists(plots) && !Files.isDirectory(plots)) {
      throw new InvalidInputException("--plots: " + plots + ": is no directory");
    }
    if (pairs != null) {
      for (Path run : runs) {
        written(drawPairs(run));
      }
      data = read();
    }
    if (plots != null) {
      PlotFiles.write(data, plots).forEach(this::written);
    }
    AtomicFiles.writeString(file, ReportPage.html(data, 0));
    written(file);
    return 0;
  }

  private void requireDistinct() {
    HashSet<Path> seen = new HashSet<>();
    for (Path run : runs) {
      InvalidInputException.when(
          !seen.add(run.toAbsolutePath().normalize()), "%s: named twice, allowed: once", run);
    }
  }

  private List<RunData> read() {
    List<String> names = LoadedModel.names(runs);
    List<RunData> data = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      Path run = runs.get(i);
      String name = names.get(i);
      data.add(InvalidInputException.reading(() -> RunData.read(run, name)));
    }
    return data;
  }

  private Path drawPairs(Path run) throws IOException {
    try (RunDirectory directory = RunDirectory.open(run)) {
      SamplePairs farthest = new SamplePairs(directory);
      try (ProgressBar bar = progress("pairs", "samples", 2L * pairSamples)) {
        SamplePairs.Found found = farthest.write(pairs, pairSamples, bar::advance);
        Path picture = directory.pairs(found.iteration(), "png");
        SampleGrid.fitting(pairs, (int) found.ofLcsc().size(2))
            .writeSideBySide(
                picture,
                List.of(
                    new SampleGrid.Captioned(found.average(), found.ofAverage()),
                    new SampleGrid.Captioned("LCSC", found.ofLcsc())));
        return picture;
      }
    }
  }
}
