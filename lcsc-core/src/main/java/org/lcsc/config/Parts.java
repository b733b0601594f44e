package org.lcsc.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;
import org.lcsc.io.Text;

/**
 * The kinds of a family of {@link Part}s that are on the class path, found by {@link
 * ServiceLoader}.
 *
 * <p>Stateless and thread-safe.
 */
public final class Parts {

  private static final Family USUAL = Usual.class.getAnnotation(Family.class);

  @Family
  private interface Usual extends Part {}

  private Parts() {}

  /**
   * The kinds of a family.
   *
   * @param family the interface
   * @return every kind's settings with their defaults, by kind in alphabetical order
   * @throws IllegalStateException where a class cannot be loaded or two classes are of one kind, in
   *     one line
   */
  public static <P extends Part> SortedMap<String, P> of(Class<P> family) {
    SortedMap<String, P> kinds = new TreeMap<>();
    try {
      for (P part : ServiceLoader.load(family)) {
        P other = kinds.putIfAbsent(part.kind(), part);
        if (other != null) {
          throw new IllegalStateException(
              Text.format(
                  "two classes are of the kind %s: %s and %s, allowed: one on the class path",
                  part.kind(), other.getClass().getName(), part.getClass().getName()));
        }
      }
    } catch (ServiceConfigurationError e) {
      throw new IllegalStateException(Text.oneLine(e.getMessage()), e);
    }
    return kinds;
  }

  /**
   * One kind with its default settings.
   *
   * @param family the interface
   * @param key what the message calls the value
   * @param kind the name of the kind
   * @throws InvalidValueException where there is none, with the names of all
   */
  public static <P extends Part> P named(Class<P> family, String key, String kind) {
    SortedMap<String, P> kinds = of(family);
    P part = kinds.get(kind);
    if (part == null) {
      String allowed = Suggestion.of(kind, List.copyOf(kinds.keySet()));
      throw new InvalidValueException(
          key, "unknown value (" + Printable.oneLine(kind) + ")" + allowed);
    }
    return part;
  }

  /**
   * A part with other values of some of its keys.
   *
   * @param part the part
   * @param values by key; null values are passed over
   * @throws InvalidValueException where it has no such key, refuses a value, or lacks one
   */
  public static <P extends Part> P with(P part, Map<String, ?> values) {
    RecordComponent[] components = part.getClass().getRecordComponents();
    List<String> keys = Arrays.stream(components).map(RecordComponent::getName).toList();
    values.forEach(
        (key, value) -> {
          if (value != null && !keys.contains(key)) {
            throw new InvalidValueException(
                key,
                Text.format(
                    "has no effect with %s: %s (%s)",
                    family(part.getClass()).key(), part.kind(), value));
          }
        });
    Object[] arguments = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      Object given = values.get(keys.get(i));
      arguments[i] = given != null ? given : YamlWriter.get((Record) part, components[i]);
      if (arguments[i] == null && !components[i].isAnnotationPresent(OptionalKey.class)) {
        throw new InvalidValueException(keys.get(i), "missing");
      }
    }
    @SuppressWarnings("unchecked")
    Class<P> type = (Class<P>) part.getClass();
    return made(type, components, arguments);
  }

  /**
   * A record of these components.
   *
   * @throws IllegalArgumentException where its constructor refuses them
   * @throws IllegalStateException where that fails otherwise or cannot be called
   */
  static <R> R made(Class<R> type, RecordComponent[] components, Object[] arguments) {
    try {
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      return type.getDeclaredConstructor(types).newInstance(arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        throw refused;
      }
      throw new IllegalStateException(type + " failed to validate", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " is not a public record", e);
    }
  }

  /** Whether a type is a family. */
  static boolean isFamily(Class<?> type) {
    return type.isInterface() && Part.class.isAssignableFrom(type);
  }

  /** How a family, or the family that a part belongs to, stands in a file. */
  static Family family(Class<?> type) {
    Family own = type.getAnnotation(Family.class);
    for (Class<?> parent : type.getInterfaces()) {
      own = own != null || !Part.class.isAssignableFrom(parent) ? own : family(parent);
    }
    return own == null ? USUAL : own;
  }
}
