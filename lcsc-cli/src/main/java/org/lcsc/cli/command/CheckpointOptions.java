package org.lcsc.cli.command;

import java.nio.file.Path;
import org.lcsc.experiment.run.SearchSource;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The options that name the checkpoints of a training that is over.
 *
 * <p>Not thread-safe.
 */
public final class CheckpointOptions {

  @Option(
      names = "--checkpoints",
      paramLabel = "DIR",
      description =
          "Directory of the checkpoints, as Deeplearning4j's CheckpointListener or 'lcsc train"
              + " --keep-checkpoints' writes it, of which lcsc.window and lcsc.interval are taken;"
              + " or the file of a saved window.")
  private Path directory;

  @Option(
      names = "--follow",
      paramLabel = "DIR",
      description =
          "Instead: a directory that a training elsewhere is writing files of named tensors to."
              + " Each search begins once its iteration is there.")
  private Path followed;

  @Option(
      names = "--iteration",
      paramLabel = "N",
      description =
          "Search the window that had ended at this iteration of the training. Default: the newest"
              + " checkpoint's.")
  private Long iteration;

  @Option(
      names = "--newest",
      paramLabel = "N",
      description = "Use only the newest N of the window.")
  private Integer newest;

  @Option(
      names = "--epochs",
      description = "The CheckpointListener saved at the ends of epochs, not after iterations.")
  private boolean epochs;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** Created by the command line. */
  public CheckpointOptions() {}

  /** Whether none of them was given. */
  public boolean isEmpty() {
    return directory == null && followed == null && iteration == null && newest == null && !epochs;
  }

  /** What was named; a usage error where nothing was. */
  public SearchSource source() {
    if (followed != null) {
      if (directory != null || iteration != null || newest != null || epochs) {
        throw new ParameterException(
            spec.commandLine(),
            "--follow: excludes --checkpoints, --iteration, --newest and --epochs");
      }
      return SearchSource.following(followed.toAbsolutePath().normalize().toString());
    }
    if (directory == null) {
      throw new ParameterException(
          spec.commandLine(), "Missing required option: '--checkpoints=DIR'");
    }
    return new SearchSource(
        directory.toAbsolutePath().normalize().toString(), epochs, iteration, newest);
  }
}
