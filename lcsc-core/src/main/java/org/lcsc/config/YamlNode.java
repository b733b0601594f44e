package org.lcsc.config;

import java.util.List;
import java.util.Map;

/** A YAML document as mappings, sequences and scalars, with nothing resolved to a type yet. */
sealed interface YamlNode {

  /** What an error message calls the value. */
  String describe();

  /** {@code {key: value, ...}} in the order of the file. */
  record Mapping(Map<String, YamlNode> entries) implements YamlNode {
    @Override
    public String describe() {
      return "a mapping";
    }
  }

  /** {@code [value, ...]}. */
  record Sequence(List<YamlNode> elements) implements YamlNode {
    @Override
    public String describe() {
      return "a list";
    }
  }

  /**
   * A scalar.
   *
   * @param text as written, quotes removed
   * @param kind what YAML's plain-scalar rules make of it
   */
  record Scalar(String text, Kind kind) implements YamlNode {
    @Override
    public String describe() {
      return kind == Kind.NULL ? "nothing" : Printable.oneLine(text);
    }
  }

  /** Kinds of scalars; a quoted scalar is always {@code TEXT}. */
  enum Kind {
    TEXT,
    NUMBER,
    BOOLEAN,
    NULL
  }
}
