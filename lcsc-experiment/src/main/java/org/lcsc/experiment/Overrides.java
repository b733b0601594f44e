package org.lcsc.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.lcsc.config.ConfigException;
import org.lcsc.config.YamlConfig;
import org.lcsc.experiment.config.RunConfig;

/**
 * Values of a configuration replaced on the command line: {@code training.seed=2}.
 *
 * <p>Stateless and thread-safe.
 */
public final class Overrides {

  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private static final Pattern NOT_PLAIN = Pattern.compile("^[&!|>]|(^|\\s)#|\\R");

  private Overrides() {}

  /** Reads the configuration of a run; see {@link #read(Path, List, Class)}. */
  public static RunConfig read(Path file, List<String> assignments) throws ConfigException {
    return read(file, assignments, RunConfig.class);
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
    // First as it is: this refuses whatever a tree must not be made of, aliases and tags among it.
    R config = YamlConfig.read(file, type);
    if (assignments == null || assignments.isEmpty()) {
      return config;
    }
    try {
      ObjectNode root = (ObjectNode) YAML.readTree(Files.readString(file, StandardCharsets.UTF_8));
      for (String assignment : assignments) {
        assign(root, assignment);
      }
      return YamlConfig.parse(file + " with --set", YAML.writeValueAsString(root), type);
    } catch (ConfigException e) {
      throw e;
    } catch (IOException | ClassCastException e) {
      throw new InvalidInputException(file + ": not a mapping of keys to values");
    }
  }

  private static void assign(ObjectNode root, String assignment) {
    int equals = assignment.indexOf('=');
    String[] path = assignment.substring(0, Math.max(0, equals)).split("\\.", -1);
    InvalidInputException.when(
        Arrays.stream(path).anyMatch(String::isBlank),
        "--set: expected key.path=value, got %s",
        assignment);
    ObjectNode node = root;
    for (int i = 0; i < path.length - 1; i++) {
      JsonNode child = node.get(path[i]);
      if (child instanceof ObjectNode mapping) {
        node = mapping;
      } else {
        node = node.putObject(path[i]);
        // A kind by its name alone, which now gets settings.
        if (child != null && child.isTextual()) {
          node.set("kind", child);
        }
      }
    }
    try {
      node.set(path[path.length - 1], value(assignment.substring(equals + 1).strip()));
    } catch (IOException e) {
      throw new InvalidInputException("--set " + assignment + ": the value is not YAML");
    }
  }

  /** What YAML would leave out or change is part of the text: no comment, anchor, tag, fold. */
  private static JsonNode value(String text) throws IOException {
    return NOT_PLAIN.matcher(text).find() && !text.matches("(?s)[\\[{\"'].*")
        ? TextNode.valueOf(text)
        : YAML.readTree(text);
  }
}
