package org.lcsc.cli.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.cli.CommandFailure;
import org.lcsc.cli.config.RunConfig;
import org.lcsc.cli.experiment.CheckpointSearchRun;
import org.lcsc.cli.experiment.CheckpointSource;
import org.lcsc.cli.experiment.Experiment;
import org.lcsc.cli.experiment.Overrides;
import org.lcsc.cli.run.RunDirectory;
import org.lcsc.config.ConfigException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Searches the checkpoints of a training that is over. */
@Command(
    name = "search",
    description = {
      "Search the checkpoints of a training that is over.",
      "The directory is one that Deeplearning4j's CheckpointListener wrote, or holds files"
          + " iteration-N.zip. The configuration names data set, network, sampler and search."
    })
public final class SearchCommand implements Callable<Integer> {

  @Parameters(paramLabel = "CONFIG", description = "The YAML file.")
  private Path file;

  @Option(
      names = "--checkpoints",
      required = true,
      paramLabel = "DIR",
      description = "Directory of the checkpoints, or the file of a saved window.")
  private Path directory;

  @Option(names = "--newest", paramLabel = "N", description = "Use only the newest N.")
  private Integer newest;

  @Option(
      names = "--epochs",
      description = "The CheckpointListener saved at the ends of epochs, not after iterations.")
  private boolean epochs;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Replace a value of the file, for example lcsc.search.seed=2. Repeatable.")
  private List<String> assignments;

  @Option(names = "--overwrite", description = "Delete an earlier run in the output directory.")
  private boolean overwrite;

  @Spec private CommandSpec spec;

  /** Created by the command line. */
  public SearchCommand() {}

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    RunConfig config = Overrides.read(file, assignments);
    if (config.lcsc() == null) {
      throw new ConfigException(file.toString(), "lcsc: missing, a search needs its settings");
    }
    CheckpointSource checkpoints = source();
    Experiment experiment = Experiment.loadFor(file, config);
    ComputationGraph network = experiment.newNetwork();
    try (RunDirectory run =
        RunDirectory.create(
            config.outputDirectory(), config, overwrite, 3L * Float.BYTES * network.numParams())) {
      new CheckpointSearchRun(experiment, checkpoints, run, out, err).run(network);
    }
    return 0;
  }

  private CheckpointSource source() {
    try {
      CheckpointSource source =
          new CheckpointSource(directory.toString(), newest == null ? 0 : newest, epochs);
      source.check();
      return source;
    } catch (IOException | IllegalArgumentException e) {
      throw CommandFailure.badInput(List.of(e));
    }
  }
}
