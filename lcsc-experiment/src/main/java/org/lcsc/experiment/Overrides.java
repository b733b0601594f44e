package org.lcsc.experiment;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.lcsc.config.ConfigException;
import org.lcsc.config.YamlConfig;
import org.lcsc.experiment.config.OwnSearchConfig;
import org.lcsc.experiment.config.RunConfig;

/**
 * Values of a configuration replaced on the command line: {@code training.seed=2}.
 *
 * <p>Stateless and thread-safe.
 */
public final class Overrides {

  private static final Pattern NOT_PLAIN = Pattern.compile("^[&!|>]|(^|\\s)#|\\R");

  private Overrides() {}

  /** Reads the configuration of a run; see {@link #read(Path, List, Class)}. */
  public static RunConfig read(Path file, List<String> assignments) throws ConfigException {
    OwnSearchConfig.refuse(file);
    return read(file, assignments, RunConfig.class).taught(file.toString());
  }

  /**
   * Reads a file with some values replaced.
   *
   * @param file the YAML file
   * @param assignments {@code key.path=value} each; the value is YAML
   * @param type the record that it is read into
   * @throws ConfigException if the file, or the file with the replacements, is wrong
   * @throws InvalidInputException if an assignment cannot be read
   */
  public static <R extends Record> R read(Path file, List<String> assignments, Class<R> type)
      throws ConfigException {
    // First as it is: a mistake in it is told as its own.
    R config = YamlConfig.read(file, type);
    if (assignments == null || assignments.isEmpty()) {
      return config;
    }
    Map<List<String>, String> values = new LinkedHashMap<>();
    for (String assignment : assignments) {
      int equals = assignment.indexOf('=');
      List<String> path = List.of(assignment.substring(0, Math.max(0, equals)).split("\\.", -1));
      InvalidInputException.when(
          path.stream().anyMatch(String::isBlank),
          "--set: expected key.path=value, got %s",
          assignment);
      // Again at the end: the later of two assignments wins, within a mapping too.
      values.remove(path);
      values.put(path, value(assignment.substring(equals + 1).strip()));
    }
    return YamlConfig.read(file, file + " with --set", values, type);
  }

  /** What YAML would leave out or change is part of the text: no comment, anchor, tag, fold. */
  private static String value(String text) {
    return NOT_PLAIN.matcher(text).find() && !text.matches("(?s)[\\[{\"'].*")
        ? YamlConfig.scalar(text)
        : text;
  }
}
