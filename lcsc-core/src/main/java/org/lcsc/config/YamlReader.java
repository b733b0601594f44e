package org.lcsc.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lcsc.config.YamlNode.Kind;
import org.lcsc.config.YamlNode.Mapping;
import org.lcsc.config.YamlNode.Scalar;
import org.lcsc.config.YamlNode.Sequence;
import org.lcsc.io.Json;
import org.lcsc.io.Text;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Reads one YAML document from its token stream. No object is ever built from a tag, no alias is
 * expanded, and nesting is limited, so a hostile file costs no more than its own length.
 */
record YamlReader(String file, YAMLParser parser) {

  /** Far deeper than any configuration, far shallower than the stack. */
  private static final int DEEPEST = 40;

  private static final YAMLFactory FACTORY =
      YAMLFactory.builder()
          .enable(YAMLParser.Feature.EMPTY_STRING_AS_NULL)
          .streamReadConstraints(Json.LIMITS)
          .build();

  /**
   * Reads a text.
   *
   * @param file the name that error messages use
   * @param text the YAML
   * @return the only document's root
   */
  static Mapping read(String file, String text) throws ConfigException {
    YamlNode root = value(file, text);
    if (root instanceof Mapping mapping) {
      return mapping;
    }
    throw new ConfigException(
        file,
        root instanceof Scalar scalar && scalar.kind() == Kind.NULL
            ? "is empty, allowed: a mapping of keys to values"
            : "expected a mapping of keys to values (" + root.describe() + ")");
  }

  /** The same of a document that may be a list or a scalar; an empty one is nothing. */
  static YamlNode value(String file, String text) throws ConfigException {
    try (YAMLParser parser = FACTORY.createParser(text)) {
      return new YamlReader(file, parser).document();
    } catch (JsonProcessingException e) {
      throw new ConfigException(file, syntaxProblem(e), e);
    } catch (YAMLException e) {
      throw new ConfigException(file, "not YAML: " + firstLine(e.getMessage()), e);
    } catch (ConfigException e) {
      throw e;
    } catch (IOException e) {
      throw new ConfigException(file, "cannot be read: " + firstLine(e.getMessage()), e);
    }
  }

  private YamlNode document() throws IOException {
    YamlNode root = parser.nextToken() == null ? new Scalar("", Kind.NULL) : node("", 0);
    if (parser.nextToken() != null) {
      throw new ConfigException(file, line() + "a second document, allowed: one document per file");
    }
    return root;
  }

  private YamlNode node(String path, int depth) throws IOException {
    if (depth > DEEPEST) {
      throw new ConfigException(
          file, line() + "nested too deeply, allowed: " + DEEPEST + " levels");
    }
    if (parser.isCurrentAlias()) {
      throw unsupported(
          path, "aliases are not supported (*%s), allowed: the value itself", parser.getText());
    }
    // Jackson ignores tags it does not know; a file that relies on one must not be half understood.
    Object tag = parser.getTypeId();
    if (tag != null) {
      throw unsupported(path, "tags are not supported (%s), allowed: plain values", tag);
    }
    JsonToken token = parser.currentToken();
    return switch (token) {
      case START_OBJECT -> mapping(path, depth);
      case START_ARRAY -> sequence(path, depth);
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Scalar(parser.getText(), Kind.NUMBER);
      case VALUE_TRUE, VALUE_FALSE -> new Scalar(parser.getText(), Kind.BOOLEAN);
      case VALUE_NULL -> new Scalar("", Kind.NULL);
      case VALUE_STRING -> new Scalar(parser.getText(), Kind.TEXT);
      default -> throw new ConfigException(file, line() + "not YAML: unexpected " + token);
    };
  }

  private ConfigException unsupported(String path, String format, Object value) {
    String problem = Text.format(format, Printable.oneLine(value.toString()));
    return new ConfigException(file, path.isEmpty() ? problem : path + ": " + problem);
  }

  private Mapping mapping(String path, int depth) throws IOException {
    Map<String, YamlNode> entries = new LinkedHashMap<>();
    Map<String, Integer> lines = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      int line = parser.currentTokenLocation().getLineNr();
      String keyPath = RecordBinder.join(path, Printable.oneLine(key));
      Integer before = lines.put(key, line);
      if (before != null) {
        throw new ConfigException(
            file, keyPath + ": given twice (lines " + before + " and " + line + "), allowed: once");
      }
      parser.nextToken();
      entries.put(key, node(keyPath, depth + 1));
    }
    return new Mapping(entries);
  }

  private Sequence sequence(String path, int depth) throws IOException {
    List<YamlNode> elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      elements.add(node(path + "[" + elements.size() + "]", depth + 1));
    }
    return new Sequence(elements);
  }

  private String line() {
    return "line " + parser.currentTokenLocation().getLineNr() + ": ";
  }

  private static String syntaxProblem(JsonProcessingException e) {
    if (e.getCause() instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
      return Text.format(
          "line %s: not YAML: %s",
          marked.getProblemMark().getLine() + 1, firstLine(marked.getProblem()));
    }
    JsonLocation at = e.getLocation();
    String line = at != null && at.getLineNr() > 0 ? "line " + at.getLineNr() + ": " : "";
    return line + "not YAML: " + firstLine(e.getOriginalMessage());
  }

  private static String firstLine(String message) {
    return message == null
        ? "unreadable"
        : message.lines().findFirst().orElse("unreadable").strip();
  }
}
