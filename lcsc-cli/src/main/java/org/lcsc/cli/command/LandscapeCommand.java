package org.lcsc.cli.command;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.cli.landscape.Corners;
import org.lcsc.cli.landscape.Landscape;
import org.lcsc.cli.landscape.LandscapePlot;
import org.lcsc.cli.landscape.LandscapeRun;
import org.lcsc.cli.landscape.LandscapeRun.Settings;
import org.lcsc.cli.landscape.Range;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.Interruption;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.Overrides;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.run.RunDirectory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Scores and draws the plane through three models of a run. */
@Command(
    name = "landscape",
    description = {
      "Score the plane through three models of a run and draw it (Figures 3 and 6 of the paper).",
      "Writes landscape.csv row by row, landscape.png and landscape.svg into the run; the same"
          + " command continues where it was interrupted."
    })
final class LandscapeCommand extends TextCommand {

  @Parameters(paramLabel = "RUN", description = "The run directory.")
  private Path directory;

  @Option(
      names = "--points",
      defaultValue = "checkpoints",
      paramLabel = "WHICH",
      description =
          "checkpoints (oldest, middle, newest kept), checkpoints:N,N,N, ema, ema:RATE,RATE,RATE,"
              + " window-ema:RATE (at three iterations), or FILE,FILE,FILE; default:"
              + " ${DEFAULT-VALUE}.")
  private String points;

  @Option(
      names = "--grid",
      defaultValue = "13",
      paramLabel = "N",
      description = "Points along each side; default: ${DEFAULT-VALUE}.")
  private int grid;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "Samples of every score; default: the search's.")
  private Integer samples;

  @Option(names = "--seed", paramLabel = "N", description = "Noise; default: the search's.")
  private Long seed;

  @Option(
      names = "--range",
      split = ",",
      paramLabel = "X0,X1,Y0,Y1",
      description = "What is scored; default: around the points and the projections near them.")
  private List<Double> range;

  @Mixin private Assignments assignments;

  @Override
  int run() throws IOException {
    try (RunDirectory run = RunDirectory.open(directory)) {
      RunConfig config = Overrides.read(run.config(), assignments.list());
      InvalidInputException.when(
          config.lcsc() == null && (samples == null || seed == null),
          "%s: has no search, needed: --samples and --seed",
          run.config());
      Experiment experiment = Experiment.loadFor(run.config(), config);
      ComputationGraph network = experiment.newNetwork();
      Corners corners = Corners.read(points, run, network);
      Settings settings = settings(config);
      Landscape landscape;
      try (Interruption interruption =
          Interruption.listen(Duration.ofSeconds(30), () -> err().println("lcsc: stopping ..."))) {
        landscape =
            new LandscapeRun(experiment, run, corners, err())
                .score(network, settings, interruption::requested);
      }
      LandscapePlot plot =
          new LandscapePlot(
              landscape,
              format(
                  "Landscape of three %s, %s",
                  corners.kind(), directory.toAbsolutePath().normalize().getFileName()));
      plot.writePng(run.landscape("png"));
      plot.writeSvg(run.landscape("svg"));
      print("%s%n%s%n", landscape.summary(), run.landscape("png"));
    }
    return 0;
  }

  private Settings settings(RunConfig config) {
    try {
      if (range != null && range.size() != 4) {
        throw new IllegalArgumentException(
            "--range: " + range.size() + " numbers, allowed: X0,X1,Y0,Y1");
      }
      return new Settings(
          grid,
          samples == null ? config.lcsc().search().samples() : samples,
          seed == null ? config.lcsc().search().seed() : seed,
          range == null ? null : new Range(range.get(0), range.get(1), range.get(2), range.get(3)));
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(e);
    }
  }
}
