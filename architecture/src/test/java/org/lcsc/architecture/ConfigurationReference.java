package org.lcsc.architecture;

import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.lcsc.config.Family;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.OrName;
import org.lcsc.config.OrOneOf;
import org.lcsc.config.Part;
import org.lcsc.config.Parts;
import org.lcsc.config.ScalarOrList;
import org.lcsc.config.YamlNames;
import org.lcsc.experiment.config.OwnSearchConfig;
import org.lcsc.experiment.config.RunConfig;

/** The page of all keys of a configuration file, from the records that are read. */
final class ConfigurationReference {

  /** Sections and families by type, in the order in which they are met, with their headings. */
  private final Map<Class<?>, String> headings = new LinkedHashMap<>();

  private final StringBuilder page = new StringBuilder();

  /** What is being written: a key, or the kind of a part. */
  private String within = "";

  private ConfigurationReference() {}

  static String page() throws IOException {
    ConfigurationReference reference = new ConfigurationReference();
    reference.page.append(
        """
        # Configuration reference

        Every key of a YAML file, from the records that read it; `ReferencePagesTest` writes this page
        and holds it against them. *Required*: has no default. A dash: absent unless given, or chosen
        by what the last column says. `lcsc check FILE` prints a file with all its defaults.
        A key whose value is one of several *kinds* takes a kind's name alone, `sampler: ddim`, or with
        settings, `sampler: { kind: ddim, steps: 20 }`.
        """);
    reference.headings.put(RunConfig.class, "A run: `lcsc train`, `lcsc search` and others");
    reference.headings.put(
        OwnSearchConfig.class, "A search of checkpoints of any network: `lcsc search`");
    List<Class<?>> done = new ArrayList<>();
    while (done.size() < reference.headings.size()) {
      // Grows while it is written: a section names others.
      Class<?> next = List.copyOf(reference.headings.keySet()).get(done.size());
      done.add(next);
      reference.page.append("\n## ").append(reference.headings.get(next)).append('\n');
      if (next.isRecord()) {
        reference.within = reference.headings.get(next);
        reference.section(next, defaults(next));
      } else {
        reference.family(next.asSubclass(Part.class));
      }
    }
    return reference.page.toString();
  }

  private <P extends Part> void family(Class<P> family) throws IOException {
    Family form = family.getAnnotation(Family.class);
    if (form != null && !form.standard().isEmpty()) {
      page.append("\nThe kind where none is named: `").append(form.standard()).append("`.\n");
    }
    for (P part : Parts.of(family).values()) {
      // Those of a stranger's jar are on the class path of some test runs.
      if (part.getClass().getName().startsWith("org.lcsc.")) {
        page.append("\n### ")
            .append(form == null ? "kind" : form.key())
            .append(": `")
            .append(part.kind())
            .append("`\n");
        within = "`" + part.kind() + "`";
        section(part.getClass(), (Record) part);
      }
    }
  }

  private void section(Class<?> type, Record defaults) throws IOException {
    RecordSource source = RecordSource.of(type);
    if (!source.summary().isEmpty()) {
      page.append('\n').append(source.summary()).append('\n');
    }
    if (type.getRecordComponents().length == 0) {
      return;
    }
    page.append("\n| key | value | default | what |\n|---|---|---|---|\n");
    for (RecordComponent component : type.getRecordComponents()) {
      String key = component.getName();
      String range = source.ranges().get(key);
      String standard = standard(component, defaults);
      page.append("| `")
          .append(key)
          .append("` | ")
          .append(value(component))
          .append(range == null ? "" : ", " + range)
          .append(" | ")
          .append(standard)
          .append(" | ")
          .append(meaning(source.meanings().getOrDefault(key, ""), !standard.equals("-")))
          .append(" |\n");
    }
  }

  /**
   * What a key means, as its reader wants it, who has no null to give.
   *
   * @param shown whether the default stands in a column of its own
   */
  private static String meaning(String text, boolean shown) {
    String meaning =
        text.replace("|", "\\|")
            .replaceFirst("(; )?default:? null$", "")
            .replaceAll("default null: |default: null, |(?<=; )null for ", "default: ");
    return shown ? meaning.replaceFirst("(; |^)default [^:;]*?((\\. )(?=[A-Z])|$)", "$3") : meaning;
  }

  private static Record defaults(Class<?> type) {
    try {
      return (Record) type.getConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }

  private static String standard(RecordComponent component, Record defaults) {
    Object value = null;
    try {
      value = defaults == null ? null : component.getAccessor().invoke(defaults);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
    if (value != null) {
      return value instanceof Record && !(value instanceof Part)
              || value instanceof List<?> list && list.stream().anyMatch(Record.class::isInstance)
          ? "its own defaults"
          : "`" + shown(value) + "`";
    }
    Class<?> type = component.getType();
    Family form = type.getAnnotation(Family.class);
    return component.isAnnotationPresent(OptionalKey.class)
        ? "-"
        : form != null && !form.standard().isEmpty() ? "`" + form.standard() + "`" : "*required*";
  }

  private static String shown(Object value) {
    if (value instanceof List<?> list) {
      return list.stream()
          .map(ConfigurationReference::shown)
          .collect(Collectors.joining(", ", "[", "]"));
    }
    return value instanceof Part part
        ? part.kind()
        : value instanceof Enum<?> constant ? YamlNames.of(constant) : value.toString();
  }

  private String value(RecordComponent component) {
    OrOneOf names = component.getAnnotation(OrOneOf.class);
    OrName named = component.getAnnotation(OrName.class);
    return type(component.getGenericType(), component.getName())
        + (names == null ? "" : ", or " + String.join(", ", names.value()))
        + (named == null ? "" : ", or the name of a class");
  }

  private String type(Type type, String key) {
    if (type instanceof ParameterizedType list) {
      return "list: " + type(list.getActualTypeArguments()[0], key);
    }
    Class<?> raw = (Class<?>) type;
    if (raw.isAnnotationPresent(ScalarOrList.class)) {
      return Arrays.stream(raw.getRecordComponents())
          .map(choice -> type(choice.getGenericType(), key))
          .collect(Collectors.joining(", or "));
    }
    if (raw.isEnum()) {
      return Arrays.stream(raw.getEnumConstants())
          .map(constant -> "`" + YamlNames.of((Enum<?>) constant) + "`")
          .collect(Collectors.joining(", "));
    }
    if (raw.isRecord() || Part.class.isAssignableFrom(raw)) {
      String name = "`" + key + "`" + (raw.isRecord() ? "" : ": kinds");
      headings.putIfAbsent(raw, headings.containsValue(name) ? name + " of " + within : name);
      String heading = headings.get(raw);
      return (raw.isRecord() ? "keys of [" : "one of [") + heading + "](#" + anchor(heading) + ")";
    }
    return switch (raw.getSimpleName()) {
      case "int", "Integer", "long", "Long" -> "whole number";
      case "double", "Double" -> "number";
      case "boolean", "Boolean" -> "`true`, `false`";
      default -> "text";
    };
  }

  /** As code hosts make it of a heading. */
  private static String anchor(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9 -]", "").replace(' ', '-');
  }
}
