package org.lcsc.config;

import java.util.LinkedHashMap;
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

    /** Where the name of a part stands that was given without settings: no key of a file. */
    private static final String NAME = "";

    /**
     * The same with another value under a key.
     *
     * @param path the key, after those that lead to it; mappings that are not there are made
     */
    Mapping with(List<String> path, YamlNode value) {
      Map<String, YamlNode> changed = new LinkedHashMap<>(entries);
      List<String> below = path.subList(1, path.size());
      changed.compute(
          path.get(0), (key, old) -> below.isEmpty() ? value : mapping(old).with(below, value));
      return new Mapping(changed);
    }

    /** The same with the name of a part that was given without settings under its key. */
    Mapping named(String key) {
      if (!entries.containsKey(NAME)) {
        return this;
      }
      Map<String, YamlNode> changed = new LinkedHashMap<>(entries);
      changed.putIfAbsent(key, changed.remove(NAME));
      return new Mapping(changed);
    }

    private static Mapping mapping(YamlNode node) {
      if (node instanceof Mapping mapping) {
        return mapping;
      }
      // A kind by its name alone, which now gets settings.
      boolean named = node instanceof Scalar scalar && scalar.kind() == Kind.TEXT;
      return new Mapping(named ? Map.of(NAME, node) : Map.of());
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
