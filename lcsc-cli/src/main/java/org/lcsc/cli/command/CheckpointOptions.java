package org.lcsc.cli.command;

import java.nio.file.Path;
import java.util.List;
import org.lcsc.config.InvalidValueException;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.run.SearchSource;
import org.lcsc.experiment.run.SearchSource.SavedEma;
import org.lcsc.io.Refuse;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

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
      names = "--ema",
      paramLabel = "RATE=FILE",
      converter = SavedEmaConverter.class,
      description =
          "A model file with the EMA of the weights that the training kept, and its rate per"
              + " iteration; may be repeated. It is compared with what the search finds.")
  private List<SavedEma> emas = List.of();

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
    return directory == null && followed == null && !hasDetails();
  }

  private boolean hasDetails() {
    return iteration != null || newest != null || epochs || !emas.isEmpty();
  }

  /** What was named; a usage error where nothing was. */
  public SearchSource source() {
    if (followed != null) {
      if (directory != null || hasDetails()) {
        throw new ParameterException(
            spec.commandLine(),
            "--follow: excludes --checkpoints, --iteration, --newest, --ema and --epochs");
      }
      return SearchSource.following(absolute(followed));
    }
    if (directory == null) {
      throw new ParameterException(
          spec.commandLine(), "Missing required option: '--checkpoints=DIR'");
    }
    try {
      return new SearchSource(absolute(directory), epochs, iteration, newest).with(emas);
    } catch (InvalidValueException e) {
      throw new InvalidInputException("--" + e.getMessage());
    }
  }

  private static String absolute(Path path) {
    return path.toAbsolutePath().normalize().toString();
  }

  /** Reads {@code RATE=FILE}. */
  static final class SavedEmaConverter implements ITypeConverter<SavedEma> {

    @Override
    public SavedEma convert(String text) {
      String[] parts = text.split("=", 2);
      try {
        Refuse.argument(parts.length < 2 || parts[1].isBlank(), "must be RATE=FILE, got %s", text);
        return new SavedEma(Double.parseDouble(parts[0]), absolute(Path.of(parts[1])));
      } catch (NumberFormatException e) {
        throw new TypeConversionException("must be RATE=FILE, got " + text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
