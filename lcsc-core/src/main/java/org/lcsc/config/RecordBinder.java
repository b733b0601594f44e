package org.lcsc.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.lcsc.config.YamlNode.Kind;
import org.lcsc.config.YamlNode.Mapping;
import org.lcsc.config.YamlNode.Scalar;
import org.lcsc.config.YamlNode.Sequence;

/**
 * Turns a YAML tree into a record, strictly: no value is converted from one kind into another, no
 * key is ignored. Components may be {@code int}, {@code long}, {@code double}, {@code boolean},
 * their boxes, {@code String}, enums, records, and lists of those.
 */
final class RecordBinder {

  // A leading zero means octal to some YAML readers and decimal to others.
  private static final Pattern WHOLE = Pattern.compile("[-+]?(0|[1-9][0-9]*(_[0-9]+)*)");
  // YAML 1.1 readers take 1e-3 for text, which nobody means.
  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?");

  private final String file;

  RecordBinder(String file) {
    this.file = file;
  }

  /** Joins two parts of a key's path. */
  static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** Builds the record whose keys are the mapping's. */
  <R extends Record> R bind(Mapping mapping, Class<R> type) throws ConfigException {
    return type.cast(record("", mapping, type));
  }

  private Object record(String path, Mapping mapping, Class<?> type) throws ConfigException {
    RecordComponent[] components = type.getRecordComponents();
    List<String> keys = Arrays.stream(components).map(RecordComponent::getName).toList();
    for (String key : mapping.entries().keySet()) {
      if (!keys.contains(key)) {
        throw problem(join(path, Printable.oneLine(key)), "unknown key" + Suggestion.of(key, keys));
      }
    }
    Object[] arguments = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      arguments[i] = component(path, mapping.entries(), components[i]);
    }
    return construct(path, type, components, arguments);
  }

  private Object component(String path, Map<String, YamlNode> entries, RecordComponent component)
      throws ConfigException {
    String keyPath = join(path, component.getName());
    YamlNode node = entries.get(component.getName());
    boolean absent = node == null || node instanceof Scalar s && s.kind() == Kind.NULL;
    OrOneOf names = component.getAnnotation(OrOneOf.class);
    if (node instanceof Scalar scalar && !absent && names != null) {
      return List.of(name(keyPath, scalar, List.of(names.value())));
    }
    if (!absent) {
      return value(keyPath, node, component.getGenericType());
    }
    if (component.isAnnotationPresent(OptionalKey.class)) {
      return null;
    }
    throw problem(keyPath, "missing, expected " + expected(component.getGenericType()));
  }

  private Object construct(
      String path, Class<?> type, RecordComponent[] components, Object[] arguments)
      throws ConfigException {
    try {
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof InvalidValueException invalid) {
        String where = join(path, invalid.key()) + ": " + invalid.problem();
        throw new ConfigException(file, where, invalid);
      }
      if (e.getCause() instanceof IllegalArgumentException invalid) {
        String prefix = path.isEmpty() ? "" : path + ": ";
        String message = String.valueOf(invalid.getMessage()).replaceAll("\\R\\s*", " ");
        throw new ConfigException(file, prefix + message, invalid);
      }
      throw new IllegalStateException(type + " failed to validate", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " is not a public record", e);
    }
  }

  private Object value(String path, YamlNode node, Type type) throws ConfigException {
    if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
      return list(path, node, list.getActualTypeArguments()[0]);
    }
    Class<?> raw = (Class<?>) type;
    if (raw == YamlText.class) {
      return YamlText.of(node);
    }
    if (raw.isRecord()) {
      if (raw.isAnnotationPresent(ScalarOrList.class)) {
        return scalarOrList(path, node, raw);
      }
      if (node instanceof Mapping mapping) {
        return record(path, mapping, raw);
      }
      throw mismatch(path, node, type);
    }
    if (!(node instanceof Scalar scalar)) {
      throw mismatch(path, node, type);
    }
    if (raw.isEnum()) {
      return constant(path, scalar, raw);
    }
    if (raw == int.class || raw == Integer.class) {
      return (int) whole(path, scalar, type, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }
    if (raw == long.class || raw == Long.class) {
      return whole(path, scalar, type, Long.MIN_VALUE, Long.MAX_VALUE);
    }
    if (raw == double.class || raw == Double.class) {
      return decimal(path, scalar, type);
    }
    if (raw == boolean.class || raw == Boolean.class) {
      // "true" in quotes is a text, and whether yes is true depends on the YAML reader.
      if (scalar.kind() != Kind.BOOLEAN || !scalar.text().matches("(?i)true|false")) {
        throw mismatch(path, node, type);
      }
      return Boolean.parseBoolean(scalar.text());
    }
    if (raw == String.class) {
      // A folder named 2024 is written without quotes by everyone.
      if (scalar.kind() == Kind.TEXT || scalar.kind() == Kind.NUMBER) {
        return scalar.text();
      }
      throw mismatch(path, node, type);
    }
    throw new IllegalStateException("no YAML form for " + type + " at " + path);
  }

  private Object scalarOrList(String path, YamlNode node, Class<?> type) throws ConfigException {
    if (node instanceof Mapping) {
      throw mismatch(path, node, type);
    }
    RecordComponent[] components = type.getRecordComponents();
    int given = node instanceof Sequence ? 1 : 0;
    Object[] arguments = new Object[2];
    arguments[given] = value(path, node, components[given].getGenericType());
    return construct(path, type, components, arguments);
  }

  private List<Object> list(String path, YamlNode node, Type elementType) throws ConfigException {
    if (!(node instanceof Sequence sequence)) {
      throw problem(
          path, "expected a list of " + plural(elementType) + " (" + node.describe() + ")");
    }
    List<Object> values = new ArrayList<>();
    for (YamlNode element : sequence.elements()) {
      values.add(value(path + "[" + values.size() + "]", element, elementType));
    }
    return values;
  }

  private Object constant(String path, Scalar scalar, Class<?> type) throws ConfigException {
    List<String> names = new ArrayList<>();
    for (Object constant : type.getEnumConstants()) {
      String name = YamlNames.of((Enum<?>) constant);
      if (name.equals(scalar.text())) {
        return constant;
      }
      names.add(name);
    }
    String shown = scalar.describe();
    throw problem(path, "unknown value (" + shown + ")" + Suggestion.of(scalar.text(), names));
  }

  /** One of the names that may stand in the place of a list. */
  private String name(String path, Scalar scalar, List<String> names) throws ConfigException {
    if (scalar.kind() == Kind.TEXT && names.contains(scalar.text())) {
      return scalar.text();
    }
    String allowed = Suggestion.of(scalar.text(), names);
    throw problem(path, "unknown value (" + scalar.describe() + ")" + allowed + ", or a list");
  }

  private long whole(String path, Scalar scalar, Type type, long min, long max)
      throws ConfigException {
    boolean number = scalar.kind() == Kind.NUMBER && WHOLE.matcher(scalar.text()).matches();
    if (!number) {
      throw mismatch(path, scalar, type);
    }
    try {
      long value = Long.parseLong(scalar.text().replace("_", ""));
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Only a number beyond 64 bits gets here; it is reported like one beyond the range.
    }
    throw problem(path, "out of range (" + scalar.describe() + "), allowed: " + min + " to " + max);
  }

  private double decimal(String path, Scalar scalar, Type type) throws ConfigException {
    String text = scalar.text().replace("_", "");
    boolean exponent = scalar.kind() == Kind.TEXT && text.matches("[^eE]*[0-9.][eE].*");
    boolean number = scalar.kind() == Kind.NUMBER || exponent;
    if (!number || !DECIMAL.matcher(text).matches()) {
      throw mismatch(path, scalar, type);
    }
    double value = Double.parseDouble(text);
    if (!Double.isFinite(value)) {
      throw problem(path, "out of range (" + scalar.describe() + "), allowed: a finite number");
    }
    return value;
  }

  private ConfigException mismatch(String path, YamlNode node, Type type) {
    return problem(path, "expected " + expected(type) + " (" + node.describe() + ")");
  }

  private ConfigException problem(String path, String problem) {
    return new ConfigException(file, path + ": " + problem);
  }

  /** What a value of the type is called, with its article. */
  private static String expected(Type type) {
    if (type instanceof ParameterizedType list) {
      return "a list of " + plural(list.getActualTypeArguments()[0]);
    }
    Class<?> raw = (Class<?>) type;
    if (raw.isAnnotationPresent(ScalarOrList.class)) {
      RecordComponent[] components = raw.getRecordComponents();
      return expected(components[0].getGenericType())
          + " or "
          + expected(components[1].getGenericType());
    }
    if (raw.isRecord()) {
      String keys =
          String.join(
              ", ",
              Arrays.stream(raw.getRecordComponents()).map(RecordComponent::getName).toList());
      return "a mapping with the keys " + keys;
    }
    if (raw.isEnum()) {
      return "one of " + String.join(", ", enumNames(raw));
    }
    if (raw == boolean.class || raw == Boolean.class) {
      return "true or false";
    }
    return raw == String.class ? "a text" : isWhole(raw) ? "a whole number" : "a number";
  }

  private static String plural(Type type) {
    Class<?> raw = (Class<?>) type;
    if (raw == YamlText.class) {
      return "values";
    }
    if (raw.isRecord()) {
      return "mappings";
    }
    if (raw.isEnum()) {
      return "values out of " + String.join(", ", enumNames(raw));
    }
    return raw == String.class ? "texts" : isWhole(raw) ? "whole numbers" : "numbers";
  }

  private static List<String> enumNames(Class<?> type) {
    return Arrays.stream(type.getEnumConstants()).map(c -> YamlNames.of((Enum<?>) c)).toList();
  }

  private static boolean isWhole(Class<?> raw) {
    return raw == int.class || raw == Integer.class || raw == long.class || raw == Long.class;
  }
}
