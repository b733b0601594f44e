package org.lcsc.experiment;

import java.io.IOException;
import org.apache.commons.io.function.IOSupplier;
import org.lcsc.config.ConfigException;
import org.lcsc.config.InvalidValueException;
import org.lcsc.datasets.DataSetException;
import org.lcsc.experiment.run.RunDirectoryException;
import org.lcsc.io.Text;

/**
 * What the caller named cannot be used: a file, a value, or two that do not fit each other. Thrown
 * before any work starts; the message is one line that says what is wrong and what is allowed.
 */
public final class InvalidInputException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** With a message of its own. */
  public InvalidInputException(String message) {
    super(message);
  }

  /** With the message of its cause. */
  public InvalidInputException(Exception cause) {
    super(cause.getMessage(), cause);
  }

  /**
   * Refuses an input.
   *
   * @param refused whether it is wrong
   * @param format {@link Text#format} of {@code values}: what is wrong and what is allowed
   */
  public static void when(boolean refused, String format, Object... values) {
    if (refused) {
      throw new InvalidInputException(Text.format(format, values));
    }
  }

  /**
   * Reads a file that the caller named: whatever is wrong with it is a wrong input.
   *
   * @throws InvalidInputException with the reader's own message
   */
  public static <T> T reading(IOSupplier<T> reading) {
    try {
      return reading.get();
    } catch (IOException e) {
      throw new InvalidInputException(e);
    }
  }

  /** Whether a failure is one of the caller's input, and not of the work. */
  public static boolean isInput(Throwable failure) {
    // Any other IllegalArgumentException may come from the midst of the work.
    return failure instanceof InvalidInputException
        || failure instanceof ConfigException
        || failure instanceof InvalidValueException
        || failure instanceof RunDirectoryException
        || failure instanceof DataSetException;
  }
}
