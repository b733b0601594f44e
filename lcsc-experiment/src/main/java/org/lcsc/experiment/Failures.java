package org.lcsc.experiment;

import java.io.FileNotFoundException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import org.lcsc.config.ConfigException;
import org.lcsc.config.InvalidValueException;
import org.lcsc.datasets.DataSetException;
import org.lcsc.experiment.run.RunDirectoryException;

/** What the user reads, and the exit code, for whatever a command throws. */
public final class Failures {

  private Failures() {}

  /** The exit code. */
  public static int exitCode(Throwable thrown) {
    Throwable failure = unwrap(thrown);
    if (failure instanceof CommandFailure expected) {
      return expected.exitCode();
    }
    if (failure instanceof InterruptedException || failure instanceof CancellationException) {
      return ExitCode.INTERRUPTED;
    }
    // Any other IllegalArgumentException may come from the midst of the work.
    return failure instanceof ConfigException
            || failure instanceof InvalidValueException
            || failure instanceof RunDirectoryException
            || failure instanceof DataSetException
        ? ExitCode.BAD_INPUT
        : ExitCode.FAILURE;
  }

  /** The lines to print. */
  public static List<String> lines(Throwable thrown) {
    return unwrap(thrown) instanceof CommandFailure expected
        ? expected.lines()
        : List.of(line(thrown));
  }

  /** One line for one failure. */
  static String line(Throwable thrown) {
    Throwable failure = unwrap(thrown);
    String message = failure.getMessage() == null ? "" : failure.getMessage();
    if (failure instanceof InterruptedException || failure instanceof CancellationException) {
      return "interrupted";
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
        failure instanceof CommandFailure
            || failure instanceof ConfigException
            || failure instanceof RunDirectoryException
            || failure instanceof DataSetException
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

  private static String oneLine(String message) {
    return message.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
