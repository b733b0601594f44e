package org.lcsc.cli.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongFunction;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.experiment.CheckpointSearchRun;
import org.lcsc.experiment.CheckpointSource;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.OwnSearch;
import org.lcsc.experiment.ResultTable;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.experiment.run.SearchSource;
import org.lcsc.listener.LcscResult;
import org.lcsc.search.SearchListener;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Searches the checkpoints of a training that is over. */
@Command(
    name = "search",
    description = {
      "Search the checkpoints of a training that is over.",
      "The directory is one that Deeplearning4j's CheckpointListener wrote, or holds files"
          + " iteration-N.zip. The configuration names data set, network, sampler and search,"
          + " or for a network of your own: objective (a class on LCSC_CLASSPATH), lcsc, output.",
      "Ctrl-C and kill leave a search that --resume goes on with."
    })
final class SearchCommand extends TextCommand {

  @Mixin private RunOptions options;
  @Mixin private CheckpointOptions checkpoints;

  @Override
  public Integer call() throws IOException {
    Path resumed = options.resumed(!checkpoints.isEmpty());
    Path file = resumed == null ? options.file() : RunDirectory.open(resumed).config();
    if (OwnSearch.isConfiguredBy(file)) {
      own(resumed);
    } else if (resumed == null) {
      begin();
    } else {
      try (RunDirectory run = RunDirectory.resumeSearch(resumed, 0)) {
        RunConfig config = run.readConfig();
        CheckpointSource found = CheckpointOptions.source(run.readSource(), config);
        Experiment experiment = Experiment.loadFor(run.config(), config);
        search(experiment, found, experiment.newNetwork(), run);
      }
    }
    return 0;
  }

  /** Searches checkpoints of the user's own network. */
  private void own(Path resumed) throws IOException {
    if (resumed == null) {
      options.requireNoAssignments("a search with a class of your own");
    }
    PrintWriter out = out();
    LongFunction<SearchListener> watch = iteration -> new SearchListener() {};
    Optional<LcscResult> result =
        resumed == null
            ? OwnSearch.start(options.file(), checkpoints.source(), options.overwrite(), watch)
            : OwnSearch.resume(resumed, watch);
    if (result.isEmpty()) {
      err().println("lcsc: interrupted; --resume continues this search");
    }
    result.ifPresent(found -> out.print(ResultTable.of(found).toText()));
    out.flush();
  }

  private void begin() throws IOException {
    SearchSource source = checkpoints.source();
    RunConfig config = ConfigOptions.requireSearch(options.file(), options.read());
    CheckpointSource found = CheckpointOptions.source(source, config);
    Experiment experiment = Experiment.loadFor(options.file(), config);
    ComputationGraph network = experiment.newNetwork();
    long bytes = CheckpointSearchRun.bytes(experiment, network);
    try (RunDirectory run =
        RunDirectory.create(config.outputDirectory(), config, source, options.overwrite(), bytes)) {
      search(experiment, found, network, run);
    }
  }

  private void search(
      Experiment experiment, CheckpointSource found, ComputationGraph network, RunDirectory run)
      throws IOException {
    PrintWriter out = out();
    PrintWriter err = err();
    new CheckpointSearchRun(experiment, found::open, run, out, err).run(network);
  }
}
