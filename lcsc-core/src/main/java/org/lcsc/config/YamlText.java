package org.lcsc.config;

import java.util.stream.Collectors;

/**
 * A component that takes any YAML value, as the text on one line that reads back to it: for values
 * that are put into another configuration.
 *
 * @param text a scalar as it stands in the file, its quotes removed; a list or a mapping in flow
 *     style
 */
public record YamlText(String text) {

  static YamlText of(YamlNode node) {
    return new YamlText(
        node instanceof YamlNode.Scalar scalar && scalar.kind() == YamlNode.Kind.TEXT
            ? scalar.text()
            : flow(node));
  }

  private static String flow(YamlNode node) {
    if (node instanceof YamlNode.Mapping mapping) {
      return mapping.entries().entrySet().stream()
          .map(e -> YamlWriter.text(e.getKey()) + ": " + flow(e.getValue()))
          .collect(Collectors.joining(", ", "{", "}"));
    }
    if (node instanceof YamlNode.Sequence sequence) {
      return sequence.elements().stream()
          .map(YamlText::flow)
          .collect(Collectors.joining(", ", "[", "]"));
    }
    YamlNode.Scalar scalar = (YamlNode.Scalar) node;
    return switch (scalar.kind()) {
      case TEXT -> YamlWriter.text(scalar.text());
      case NULL -> "null";
      default -> scalar.text();
    };
  }

  @Override
  public String toString() {
    return text;
  }
}
