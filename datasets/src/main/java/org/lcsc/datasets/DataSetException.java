package org.lcsc.datasets;

import java.io.IOException;

/**
 * A data set that is missing, damaged or not of the expected form. The message is one line: which
 * file, what is wrong with it, and what would be right.
 */
public class DataSetException extends IOException {

  private static final long serialVersionUID = 1L;

  /**
   * @param message one line
   */
  public DataSetException(String message) {
    super(message);
  }

  /**
   * @param message one line
   * @param cause what was caught, or null
   */
  public DataSetException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * Names the file, the fault and the remedy.
   *
   * @param file a file, or a file within an archive
   * @param fault what is wrong
   * @param right what would be right
   */
  DataSetException(Object file, String fault, String right) {
    super(file + ": " + fault + "; " + right);
  }
}
