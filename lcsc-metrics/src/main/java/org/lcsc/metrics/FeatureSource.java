package org.lcsc.metrics;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Part;
import org.lcsc.config.Parts;
import org.lcsc.image.ImageShape;
import org.lcsc.io.Text;

/**
 * The settings of a feature space. One is named by its kind, or by a file where it reads one: key
 * {@code features} of a configuration lists such names. Implementations are immutable records; one
 * that reads a file has it as its component {@code file}.
 */
public interface FeatureSource extends Part {

  /**
   * The space of a name.
   *
   * @param key what the message calls the name
   * @param text a kind, or a file of one of their {@link #endings}
   * @throws InvalidValueException where it is neither
   */
  static FeatureSource named(String key, String text) {
    Map<String, FeatureSource> kinds = Parts.of(FeatureSource.class);
    Map<String, FeatureSource> allowed = new TreeMap<>();
    for (FeatureSource source : kinds.values()) {
      for (String ending : source.endings()) {
        if (text.toLowerCase(Locale.ROOT).endsWith(ending)) {
          return Parts.with(source, Map.of("file", text));
        }
        allowed.put("FILE" + ending, source);
      }
      if (source.endings().isEmpty()) {
        if (text.equals(source.kind())) {
          return source;
        }
        allowed.put(source.kind(), source);
      }
    }
    throw new InvalidValueException(
        key,
        Text.format(
            "unknown feature space (%s), allowed: %s", text, String.join(", ", allowed.keySet())));
  }

  /** How the names of its files end; none where it reads none. */
  default List<String> endings() {
    return List.of();
  }

  /**
   * The files that its own file names, such as weights, and that decide its features too.
   *
   * @throws IOException where one that names others cannot be read
   */
  default List<Path> weights() throws IOException {
    return List.of();
  }

  /** Whether its features have a gradient with respect to the images. */
  default boolean isDifferentiable() {
    return true;
  }

  /**
   * Short name, for tables.
   *
   * @throws IOException where it stands in a file that cannot be read
   */
  default String name() throws IOException {
    return kind().replace('-', ' ');
  }

  /**
   * Opens the space.
   *
   * @param shape shape of the images
   * @throws IOException where a file is missing or wrong
   * @throws IllegalArgumentException where it takes other images
   */
  FeatureExtractor open(ImageShape shape) throws IOException;

  /**
   * Refuses what {@link #open} refuses.
   *
   * @param shape shape of the images
   * @throws IOException where a file is missing or wrong
   * @throws IllegalArgumentException where it takes other images
   */
  default void check(ImageShape shape) throws IOException {
    if (open(shape) instanceof Closeable opened) {
      opened.close();
    }
  }
}
