package org.lcsc.cli.output;

import static org.lcsc.io.Text.format;
import static org.lcsc.io.Text.oneLine;

import java.io.FileNotFoundException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.ResumableException;

/** What the user reads, and the exit code, for whatever a command throws. Thread-safe. */
public final class Failures {

  private Failures() {}

  /** The exit code. */
  public static int exitCode(Throwable thrown) {
    Throwable failure = unwrap(thrown);
    if (failure instanceof InterruptedException || failure instanceof CancellationException) {
      return ExitCode.INTERRUPTED;
    }
    return InvalidInputException.isInput(failure) ? ExitCode.BAD_INPUT : ExitCode.FAILURE;
  }

  /** One line for one failure. */
  public static String line(Throwable thrown) {
    Throwable failure = unwrap(thrown);
    if (failure instanceof ResumableException resumable) {
      return format(
          "%s; %s is kept, 'lcsc %s --resume %s' continues once that is mended",
          line(failure.getCause()),
          resumable.kept(),
          resumable.run().isSearch() ? "search" : "train",
          resumable.run());
    }
    if (failure instanceof InvalidInputException && failure.getCause() != null) {
      return line(failure.getCause());
    }
    String message = failure.getMessage() == null ? "" : failure.getMessage();
    if (failure instanceof InterruptedException || failure instanceof CancellationException) {
      return message.isBlank() ? "interrupted" : oneLine(message);
    }
    if (failure instanceof OutOfMemoryError) {
      return "out of memory (" + oneLine(message) + "), LCSC_JAVA_OPTS=-Xmx4g allows more";
    }
    // The bare message of these is only the file's name.
    if (failure instanceof NoSuchFileException missing) {
      return missing.getFile() + ": no such file";
    }
    if (failure instanceof AccessDeniedException denied) {
      return denied.getFile() + ": permission denied";
    }
    if (failure instanceof FileSystemException file && file.getReason() == null) {
      return file.getFile() + ": " + name(failure);
    }
    boolean speaksForItself =
        InvalidInputException.isInput(failure)
            || failure instanceof FileNotFoundException
            || failure instanceof FileSystemException
            || failure.getClass() == java.io.IOException.class
            || failure instanceof IllegalArgumentException
            || failure instanceof IllegalStateException;
    if (message.isBlank()) {
      return name(failure);
    }
    return speaksForItself ? oneLine(message) : name(failure) + ": " + oneLine(message);
  }

  private static Throwable unwrap(Throwable thrown) {
    Throwable failure = thrown;
    while ((failure instanceof ExecutionException || failure instanceof UncheckedIOException)
        && failure.getCause() != null) {
      failure = failure.getCause();
    }
    return failure;
  }

  private static String name(Throwable failure) {
    return failure.getClass().getSimpleName();
  }
}
