package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Path;
import org.lcsc.cli.run.ConsoleRun;
import org.lcsc.config.ConfigException;
import org.lcsc.config.InvalidValueException;
import org.lcsc.experiment.TrainingRun;
import org.lcsc.experiment.config.RunConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a model and searches its checkpoints on the way. */
@Command(
    name = "train",
    description = {
      "Train a model and search its checkpoints (LCSC) on the way.",
      "Ctrl-C and kill leave a run that --resume continues.",
      "Ends with a table of last weights, EMAs, EMA*, uniform average and LCSC on fresh noise."
    })
final class TrainCommand extends TextCommand {

  @Mixin private RunOptions options;

  @Option(
      names = "--keep-checkpoints",
      description =
          "Write the last window's checkpoints to checkpoints/ of the run, for 'lcsc search' and"
              + " 'lcsc sweep'; lcsc.keep: [window] in the run's configuration.")
  private boolean keepCheckpoints;

  @Override
  int run() throws IOException {
    ConsoleRun console = new ConsoleRun(out(), err());
    Path resumed = options.resumed(keepCheckpoints);
    if (resumed != null) {
      TrainingRun.resume(resumed, console);
    } else {
      TrainingRun.start(options.file(), config(), options.overwrite(), console);
    }
    return 0;
  }

  private RunConfig config() throws ConfigException {
    RunConfig config = options.read();
    try {
      return keepCheckpoints ? config.keepingWindow() : config;
    } catch (InvalidValueException e) {
      throw new ConfigException(options.file() + " with --keep-checkpoints", e);
    }
  }
}
