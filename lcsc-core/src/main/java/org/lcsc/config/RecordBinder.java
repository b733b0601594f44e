package org.lcsc.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lcsc.config.YamlNode.Kind;
import org.lcsc.config.YamlNode.Mapping;
import org.lcsc.config.YamlNode.Scalar;
import org.lcsc.config.YamlNode.Sequence;
import org.lcsc.io.Text;

/**
 * Turns a YAML tree into a record, strictly: no value is converted from one kind into another, no
 * key is ignored. Components may be {@code int}, {@code long}, {@code double}, {@code boolean},
 * their boxes, {@code String}, enums, records, families of {@link Part}s, and lists of those.
 *
 * <p>What a file leaves out is the value of the record made by the public constructor without
 * parameters, where there is one.
 */
record RecordBinder(String file) {

  // A leading zero means octal to some YAML readers and decimal to others.
  private static final Pattern WHOLE = Pattern.compile("[-+]?(0|[1-9][0-9]*(_[0-9]+)*)");
  // YAML 1.1 readers take 1e-3 for text, which nobody means.
  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?");

  private static final Pattern OTHER_KEY = Pattern.compile("\\{(\\w+)\\|([^}]*)}");

  /** Joins two parts of a key's path. */
  static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** Builds the record whose keys are the mapping's. */
  <R extends Record> R bind(Mapping mapping, Class<R> type) throws ConfigException {
    return type.cast(record("", mapping, type));
  }

  private Object record(String path, Mapping mapping, Class<?> type) throws ConfigException {
    return record(path, mapping, type, defaults(type), List.of());
  }

  /**
   * Builds a record.
   *
   * @param defaults what the file leaves out, or null
   * @param others keys beside the record's own, already read
   */
  private Object record(
      String path, Mapping mapping, Class<?> type, Object defaults, List<String> others)
      throws ConfigException {
    RecordComponent[] components = type.getRecordComponents();
    List<String> keys = new ArrayList<>(others);
    Arrays.stream(components).map(RecordComponent::getName).forEach(keys::add);
    for (String key : mapping.entries().keySet()) {
      if (!keys.contains(key)) {
        throw problem(
            join(path, Printable.oneLine(key)), "unknown key" + instead(key, mapping, type, keys));
      }
    }
    Object[] arguments = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      arguments[i] = component(path, mapping.entries(), components[i], defaults);
    }
    return construct(path, type, components, arguments);
  }

  /** What to write in the place of an unknown key. */
  private static String instead(String key, Mapping mapping, Class<?> type, List<String> keys) {
    for (MovedKey moved : type.getAnnotationsByType(MovedKey.class)) {
      if (List.of(moved.keys()).contains(key)) {
        UnaryOperator<String> text =
            other ->
                mapping.entries().get(other) instanceof Scalar s && s.kind() != Kind.NULL
                    ? s.describe()
                    : null;
        String value = Objects.requireNonNullElse(text.apply(key), "...");
        String to = moved.to().replace("{key}", key).replace("{value}", value);
        return ", now "
            + OTHER_KEY
                .matcher(to)
                .replaceAll(
                    m ->
                        Matcher.quoteReplacement(
                            Objects.requireNonNullElse(text.apply(m.group(1)), m.group(2))));
      }
    }
    return Suggestion.of(key, keys);
  }

  /** What stands for absent keys, or null where a record has no constructor for it. */
  private static Object defaults(Class<?> type) {
    try {
      return type.getConstructor().newInstance();
    } catch (NoSuchMethodException e) {
      return null;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " has no usable defaults", e);
    }
  }

  private Object component(
      String path, Map<String, YamlNode> entries, RecordComponent component, Object defaults)
      throws ConfigException {
    String keyPath = join(path, component.getName());
    YamlNode node = entries.get(component.getName());
    Object standing = defaults == null ? null : YamlWriter.get((Record) defaults, component);
    OrOneOf names = component.getAnnotation(OrOneOf.class);
    if (isAbsent(node)) {
      return absent(keyPath, component, standing);
    }
    if (node instanceof Scalar scalar && names != null) {
      return List.of(name(keyPath, scalar, List.of(names.value())));
    }
    OrName named = component.getAnnotation(OrName.class);
    if (node instanceof Scalar scalar && named != null && scalar.text().contains(".")) {
      String kind = Parts.family(component.getType()).key();
      node = new Mapping(Map.of(kind, new Scalar(named.kind(), Kind.TEXT), named.key(), scalar));
    }
    if (standing instanceof Part part && Parts.isFamily(component.getType())) {
      return part(keyPath, node, component.getType(), part.kind());
    }
    return value(keyPath, node, component.getGenericType());
  }

  private static boolean isAbsent(YamlNode node) {
    return node == null || node instanceof Scalar s && s.kind() == Kind.NULL;
  }

  private Object absent(String path, RecordComponent component, Object standing)
      throws ConfigException {
    if (standing != null || component.isAnnotationPresent(OptionalKey.class)) {
      return standing;
    }
    Class<?> type = component.getType();
    if (Parts.isFamily(type) && !Parts.family(type).standard().isEmpty()) {
      return part(path, new Mapping(Map.of()), type, Parts.family(type).standard());
    }
    throw problem(path, "missing, expected " + expected(component.getGenericType()));
  }

  /**
   * One kind of a family: its name alone, or a mapping of its settings.
   *
   * @param standard the kind where the mapping names none, or empty
   */
  private Object part(String path, YamlNode given, Class<?> type, String standard)
      throws ConfigException {
    Class<? extends Part> family = type.asSubclass(Part.class);
    String key = Parts.family(family).key();
    YamlNode node = given instanceof Mapping mapping ? mapping.named(key) : given;
    YamlNode kind = node instanceof Mapping mapping ? mapping.entries().get(key) : node;
    if (isAbsent(kind)) {
      if (standard.isEmpty()) {
        throw problem(join(path, key), "missing, expected " + expected(type));
      }
      kind = new Scalar(standard, Kind.TEXT);
    }
    if (!(kind instanceof Scalar scalar)) {
      throw mismatch(node == kind ? path : join(path, key), kind, type);
    }
    Part defaults;
    try {
      defaults =
          Parts.named(family, node instanceof Mapping ? join(path, key) : path, scalar.text());
    } catch (InvalidValueException e) {
      throw new ConfigException(file, e);
    } catch (IllegalStateException e) {
      throw new ConfigException(file, path + ": " + e.getMessage(), e);
    }
    Mapping settings = node instanceof Mapping mapping ? mapping : new Mapping(Map.of());
    return record(path, settings, defaults.getClass(), defaults, List.of(key));
  }

  private Object construct(
      String path, Class<?> type, RecordComponent[] components, Object[] arguments)
      throws ConfigException {
    try {
      return Parts.made(type, components, arguments);
    } catch (InvalidValueException invalid) {
      String where = join(path, invalid.key()) + ": " + invalid.problem();
      throw new ConfigException(file, where, invalid);
    } catch (IllegalArgumentException invalid) {
      String prefix = path.isEmpty() ? "" : path + ": ";
      throw new ConfigException(file, prefix + Text.oneLine(invalid.getMessage()), invalid);
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
    if (Parts.isFamily(raw)) {
      return part(path, node, raw, Parts.family(raw).standard());
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
    if (Parts.isFamily(raw)) {
      return "one of " + String.join(", ", kinds(raw));
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
    if (Parts.isFamily(raw)) {
      return "values out of " + String.join(", ", kinds(raw));
    }
    if (raw.isRecord()) {
      return "mappings";
    }
    if (raw.isEnum()) {
      return "values out of " + String.join(", ", enumNames(raw));
    }
    return raw == String.class ? "texts" : isWhole(raw) ? "whole numbers" : "numbers";
  }

  private static Set<String> kinds(Class<?> family) {
    return Parts.of(family.asSubclass(Part.class)).keySet();
  }

  private static List<String> enumNames(Class<?> type) {
    return Arrays.stream(type.getEnumConstants()).map(c -> YamlNames.of((Enum<?>) c)).toList();
  }

  private static boolean isWhole(Class<?> raw) {
    return raw == int.class || raw == Integer.class || raw == long.class || raw == Long.class;
  }
}
