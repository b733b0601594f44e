package org.lcsc.config;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lcsc.io.TextFiles;

/**
 * Reads a YAML file into a record, and writes a record as YAML.
 *
 * <pre>{@code
 * public record Job(int iterations, @OptionalKey Double targetFid, LcscConfig lcsc) {
 *   public Job {
 *     Require.atLeast("iterations", iterations, 1);
 *   }
 * }
 *
 * Job job = YamlConfig.read(Path.of("job.yaml"), Job.class);
 * }</pre>
 *
 * <p>Keys are the names of the record's components; {@link OptionalKey} marks those that a file may
 * leave out; enum constants are written in kebab-case. Every mistake is one {@link ConfigException}
 * with a one-line message: an unknown, missing or repeated key, a value of the wrong kind, a value
 * that a compact constructor refuses, a file that is not YAML, longer than 1 MiB, or that uses tags
 * or aliases. Nothing in a file can create an object other than the records asked for.
 *
 * <p>Thread-safe.
 */
public final class YamlConfig {

  /** Longest file that is read, in bytes. */
  public static final int MAX_BYTES = 1 << 20;

  private YamlConfig() {}

  /**
   * Reads a file.
   *
   * @param file a UTF-8 YAML file with one mapping
   * @param type a public record
   * @return the validated record
   * @throws ConfigException if the file is missing, unreadable or wrong
   */
  public static <R extends Record> R read(Path file, Class<R> type) throws ConfigException {
    return parse(file.toString(), content(file), type);
  }

  /**
   * Reads a text.
   *
   * @param name what error messages call the text, usually a file's path
   * @param yaml the text
   * @param type a public record
   * @return the validated record
   * @throws ConfigException if the text is wrong
   */
  public static <R extends Record> R parse(String name, String yaml, Class<R> type)
      throws ConfigException {
    return new RecordBinder(name).bind(YamlReader.read(name, yaml), type);
  }

  /**
   * Reads a file with some values replaced.
   *
   * @param name what error messages call the result
   * @param values texts of YAML, by their key after those that lead to it
   * @throws ConfigException if the file is missing or unreadable, or the result wrong
   */
  public static <R extends Record> R read(
      Path file, String name, Map<List<String>, String> values, Class<R> type)
      throws ConfigException {
    YamlNode.Mapping root = YamlReader.read(file.toString(), content(file));
    for (Map.Entry<List<String>, String> entry : values.entrySet()) {
      String key = name + ": " + String.join(".", entry.getKey());
      root = root.with(entry.getKey(), YamlReader.value(key, entry.getValue()));
    }
    return new RecordBinder(name).bind(root, type);
  }

  /**
   * The keys of a file's mapping, to tell kinds of files apart.
   *
   * @throws ConfigException if the file is missing, unreadable or no mapping
   */
  public static Set<String> keys(Path file) throws ConfigException {
    return YamlReader.read(file.toString(), content(file)).entries().keySet();
  }

  /**
   * The record as YAML, defaults included, absent components left out. Reading it back gives an
   * equal record.
   */
  public static String toYaml(Record config) {
    return YamlWriter.write(config);
  }

  /** The same as maps, lists, texts, numbers and truth values, for other formats such as JSON. */
  public static Map<String, Object> toTree(Record config) {
    return YamlWriter.tree(config, false);
  }

  private static String content(Path file) throws ConfigException {
    try {
      return TextFiles.read(file, MAX_BYTES);
    } catch (IOException e) {
      String name = file.toString();
      throw new ConfigException(name, e.getMessage().substring(name.length() + 2), e);
    }
  }

  /** A text as one scalar that any YAML reader reads back to it. */
  public static String scalar(String text) {
    return YamlWriter.text(text);
  }
}
