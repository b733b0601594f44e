package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Path;
import org.lcsc.cli.run.ConsoleRun;
import org.lcsc.experiment.CheckpointSearchRun;
import org.lcsc.experiment.CheckpointSearchRun.Evaluators;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Searches the checkpoints of a training that is over. */
@Command(
    name = "search",
    description = {
      "Search the checkpoints of a training that is over.",
      "The directory is one that Deeplearning4j's CheckpointListener wrote, or holds files"
          + " iteration-N.zip. The configuration names data set, network, sampler and search.",
      "Ctrl-C and kill leave a search that --resume continues."
    })
final class SearchCommand extends TextCommand {

  @Mixin private RunOptions options;
  @Mixin private CheckpointOptions checkpoints;

  @Override
  public Integer call() throws IOException {
    ConsoleRun console = new ConsoleRun(out(), err());
    Path resumed = options.resumed(!checkpoints.isEmpty());
    if (resumed != null) {
      CheckpointSearchRun.resume(resumed, Evaluators.LOCAL, console);
    } else {
      CheckpointSearchRun.start(
          options.file(),
          options.read(),
          checkpoints.source(),
          options.overwrite(),
          Evaluators.LOCAL,
          console);
    }
    return 0;
  }
}
