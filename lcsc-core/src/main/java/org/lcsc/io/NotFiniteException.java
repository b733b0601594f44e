package org.lcsc.io;

import java.io.IOException;

/** Parameters that the data type of a file does not hold, such as 70,000 in float16. */
public final class NotFiniteException extends IOException {

  private static final long serialVersionUID = 1;

  /**
   * An exception.
   *
   * @param message one line, which names the tensor
   */
  public NotFiniteException(String message) {
    super(message);
  }
}
