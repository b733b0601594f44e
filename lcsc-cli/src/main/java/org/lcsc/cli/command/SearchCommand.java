package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lcsc.cli.run.ConsoleRun;
import org.lcsc.experiment.CheckpointSearchRun;
import org.lcsc.experiment.CheckpointSearchRun.Evaluators;
import org.lcsc.experiment.OwnSearch;
import org.lcsc.experiment.config.OwnSearchConfig;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.run.RunDirectory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Searches the checkpoints of a training that is over. */
@Command(
    name = "search",
    description = {
      "Search the checkpoints of a training that is over.",
      "The directory is one that Deeplearning4j's CheckpointListener wrote, or holds files"
          + " iteration-N.zip. The configuration names data set, network, sampler and search; or for"
          + " a network of your own objective (a command that scores a model file, or a class on"
          + " LCSC_CLASSPATH), lcsc and output: then the files may be of any framework,"
          + " safetensors, npz or PyTorch's .pt.",
      "Ctrl-C and kill leave a search that --resume continues."
    })
final class SearchCommand extends TextCommand {

  @Mixin private RunOptions options;
  @Mixin private CheckpointOptions checkpoints;
  @Mixin private JsonOption json;

  @Override
  int run() throws IOException {
    ConsoleRun console = new ConsoleRun(json.wanted() ? err() : out(), err());
    Path resumed = options.resumed(!checkpoints.isEmpty());
    Path file = resumed == null ? options.file() : RunDirectory.open(resumed).config();
    Path run = resumed;
    if (OwnSearch.isConfiguredBy(file)) {
      run = own(resumed, console);
    } else if (resumed != null) {
      CheckpointSearchRun.resume(resumed, Evaluators.LOCAL, console);
    } else {
      RunConfig config = options.read();
      run = config.outputDirectory();
      CheckpointSearchRun.start(
          options.file(),
          config,
          checkpoints.source(),
          options.overwrite(),
          Evaluators.LOCAL,
          console);
    }
    if (json.wanted()) {
      out().print(Files.readString(RunDirectory.open(run).resultsJson()));
    }
    return 0;
  }

  /** Searches checkpoints of the user's own network; returns the run directory. */
  private Path own(Path resumed, ConsoleRun console) throws IOException {
    if (resumed != null) {
      OwnSearch.resume(resumed, console);
      return resumed;
    }
    OwnSearchConfig config = options.read(OwnSearchConfig.class);
    OwnSearch.start(options.file(), config, checkpoints.source(), options.overwrite(), console);
    return Path.of(config.output());
  }
}
