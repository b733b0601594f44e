package org.lcsc.config;

import java.io.IOException;

/**
 * A configuration file that cannot be used. The message is one line: {@code FILE: key.path: what is
 * wrong (value), allowed: ...}.
 */
public final class ConfigException extends IOException {

  /**
   * A problem of a whole file.
   *
   * @param file the file as the user named it
   * @param problem what is wrong, in one line
   */
  public ConfigException(String file, String problem) {
    this(file, problem, null);
  }

  /**
   * A problem with its cause.
   *
   * @param file the file as the user named it
   * @param problem what is wrong, in one line
   * @param cause what revealed it, may be null
   */
  public ConfigException(String file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }

  /**
   * A value found wrong after the file was read, for example against the data set it names.
   *
   * @param file the file as the user named it
   * @param invalid the value
   */
  public ConfigException(String file, InvalidValueException invalid) {
    this(file, invalid.getMessage(), invalid);
  }
}
