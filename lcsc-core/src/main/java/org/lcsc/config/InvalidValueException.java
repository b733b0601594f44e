package org.lcsc.config;

/**
 * A value that a configuration record refuses. Thrown by compact constructors with the key relative
 * to that record; {@link YamlConfig} puts the record's own path in front of it.
 */
public final class InvalidValueException extends IllegalArgumentException {

  private final String key;
  private final String problem;

  /**
   * Names a key and what is wrong with its value.
   *
   * @param key dotted path below the record that throws, for example {@code search.seed}
   * @param problem one line: what is wrong, the value in parentheses, what is allowed
   */
  public InvalidValueException(String key, String problem) {
    super(key + ": " + problem);
    this.key = key;
    this.problem = problem;
  }

  /** Dotted path of the value below the record that refused it. */
  public String key() {
    return key;
  }

  /** What is wrong, without the key. */
  public String problem() {
    return problem;
  }
}
