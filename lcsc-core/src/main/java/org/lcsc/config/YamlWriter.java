package org.lcsc.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.lcsc.io.Text;

/** Writes a record as YAML that {@link YamlConfig} and any other YAML reader read back equal. */
final class YamlWriter {

  /** Texts that no YAML version takes for anything but a text. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z/][A-Za-z0-9_./+-]*");

  private static final Pattern RESERVED =
      Pattern.compile("(?i)true|false|yes|no|on|off|y|n|null|nan|inf");

  private final StringBuilder out = new StringBuilder();

  private YamlWriter() {}

  static String write(Record config) {
    YamlWriter writer = new YamlWriter();
    writer.record(config, "", false);
    return writer.out.toString();
  }

  private void record(Record config, String indent, boolean ofFamily) {
    if (ofFamily && config instanceof Part part) {
      out.append(indent)
          .append(Parts.family(config.getClass()).key())
          .append(": ")
          .append(text(part.kind()))
          .append('\n');
    }
    for (RecordComponent component : config.getClass().getRecordComponents()) {
      Object value = get(config, component);
      if (value == null) {
        continue;
      }
      out.append(indent).append(component.getName()).append(':');
      if (value instanceof Record either
          && either.getClass().isAnnotationPresent(ScalarOrList.class)) {
        RecordComponent[] choices = either.getClass().getRecordComponents();
        Object scalar = get(either, choices[0]);
        out.append(' ')
            .append(inline(scalar == null ? get(either, choices[1]) : scalar))
            .append('\n');
      } else if (value instanceof Record nested) {
        out.append('\n');
        record(nested, indent + "  ", Parts.isFamily(component.getType()));
      } else if (value instanceof List<?> list
          && list.stream().anyMatch(Record.class::isInstance)) {
        out.append('\n');
        Type of = ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
        boolean parts = Parts.isFamily((Class<?>) of);
        list.forEach(element -> element((Record) element, indent + "  ", parts));
      } else {
        out.append(' ').append(inline(value)).append('\n');
      }
    }
  }

  private void element(Record element, String indent, boolean ofFamily) {
    int start = out.length();
    record(element, indent + "  ", ofFamily);
    out.setCharAt(start + indent.length(), '-');
  }

  private static String inline(Object value) {
    if (value instanceof List<?> list) {
      return "[" + String.join(", ", list.stream().map(YamlWriter::inline).toList()) + "]";
    }
    if (value instanceof Enum<?> constant) {
      return text(YamlNames.of(constant));
    }
    if (value instanceof Double number) {
      // YAML 1.1 knows an exponent only with its sign.
      return number.toString().replaceFirst("E(?=[0-9])", "E+");
    }
    return value instanceof String text ? text(text) : value.toString();
  }

  /** The same as maps, lists, texts, numbers and truth values. */
  static Map<String, Object> tree(Record config, boolean ofFamily) {
    Map<String, Object> tree = new LinkedHashMap<>();
    if (ofFamily && config instanceof Part part) {
      tree.put(Parts.family(config.getClass()).key(), part.kind());
    }
    for (RecordComponent component : config.getClass().getRecordComponents()) {
      Object value = get(config, component);
      if (value != null) {
        tree.put(component.getName(), tree(value, component.getGenericType()));
      }
    }
    return tree;
  }

  private static Object tree(Object value, Type type) {
    if (value instanceof List<?> list) {
      Type of = ((ParameterizedType) type).getActualTypeArguments()[0];
      return list.stream().map(element -> tree(element, of)).toList();
    }
    if (value instanceof Record either
        && either.getClass().isAnnotationPresent(ScalarOrList.class)) {
      // One of its two components is null.
      return tree(either, false).values().iterator().next();
    }
    if (value instanceof YamlText) {
      return value.toString();
    }
    return value instanceof Record nested
        ? tree(nested, Parts.isFamily((Class<?>) type))
        : value instanceof Enum<?> constant ? YamlNames.of(constant) : value;
  }

  /** A text as a scalar that reads back to it. */
  static String text(String text) {
    if (PLAIN.matcher(text).matches() && !RESERVED.matcher(text).matches()) {
      return text;
    }
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ' || c == 0x7f || c == 0x85 || c == 0x2028 || c == 0x2029) {
        quoted.append(Text.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  /** The value of a record's component. */
  static Object get(Record config, RecordComponent component) {
    try {
      return component.getAccessor().invoke(config);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(config.getClass() + " is not a public record", e);
    }
  }
}
