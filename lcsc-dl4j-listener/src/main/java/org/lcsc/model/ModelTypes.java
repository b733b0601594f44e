package org.lcsc.model;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.lcsc.io.Text;
import org.nd4j.shade.jackson.core.JsonFactory;
import org.nd4j.shade.jackson.core.JsonParser;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.core.JsonToken;

/**
 * Which classes a network's configuration may name. The JSON of a Deeplearning4j network says of
 * each layer, loss, updater and so on which class it is, and reading it creates them; a file from a
 * stranger could name any class on the class path. So only those of the packages {@code
 * org.deeplearning4j}, {@code org.nd4j} and {@code org.lcsc} are taken, and those that were allowed
 * by {@link #allow} or are listed, with commas, in the system property {@code lcsc.model.packages}.
 *
 * <p>Thread-safe.
 */
public final class ModelTypes {

  /** Lists packages to allow besides. */
  public static final String PROPERTY = "lcsc.model.packages";

  /** Deeper than any configuration, far shallower than the stack. */
  private static final int DEEPEST = 200;

  private static final Pattern PACKAGE =
      Pattern.compile("[A-Za-z_$][\\w$]*(\\.[A-Za-z_$][\\w$]*)*");

  /** A qualified name, perhaps of an array, and whatever follows it. */
  private static final Pattern QUALIFIED =
      Pattern.compile("\\s*(?:\\[+L)?((?:[A-Za-z_$][\\w$]*\\.)+[A-Za-z_$][\\w$]*)");

  /** Where Jackson looks for class names in Deeplearning4j's configurations. */
  private static final String TYPE = "@class";

  /** The same for distributions; elsewhere a constant's name, such as FLOAT. */
  private static final List<String> TYPES = List.of("type", "class");

  private static final List<String> ALLOWED = new CopyOnWriteArrayList<>();

  static {
    for (String name : List.of("org.deeplearning4j", "org.nd4j", "org.lcsc")) {
      allow(name);
    }
    // A name that is none allows nothing; what is allowed stands in every refusal.
    Arrays.stream(System.getProperty(PROPERTY, "").split(","))
        .map(String::strip)
        .filter(name -> PACKAGE.matcher(name).matches())
        .forEach(ModelTypes::allow);
  }

  private ModelTypes() {}

  /**
   * Allows the classes of a package and of those below it, for as long as the process runs.
   *
   * @param packageName for example {@code com.example.layers}
   * @throws IllegalArgumentException where it is no package's name
   */
  public static void allow(String packageName) {
    if (!PACKAGE.matcher(Objects.requireNonNull(packageName, "packageName")).matches()) {
      throw new IllegalArgumentException(
          "a package must be named like com.example.layers, got '" + packageName + "'");
    }
    ALLOWED.add(packageName + ".");
  }

  /**
   * Checks every class name in a configuration, without loading a class.
   *
   * @param json of a ComputationGraph or a MultiLayerNetwork
   * @throws IOException if it is no JSON, nested too deeply, or names a class that is not allowed;
   *     the message is one line
   */
  public static void requireAllowed(String json) throws IOException {
    scan(json, true);
  }

  /** Fails where following the nesting could overflow the stack, or it is no JSON. */
  static void requireShallow(String json) throws IOException {
    scan(json, false);
  }

  private static void scan(String json, boolean types) throws IOException {
    int depth = 0;
    // Token by token: a tree would keep only one of two fields of the same name.
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        if (depth > DEEPEST) {
          throw new IOException(
              "configuration.json is nested too deeply, allowed are " + DEEPEST + " levels");
        }
        if (types && token == JsonToken.VALUE_STRING) {
          requireAllowed(parser.getCurrentName(), parser.getText());
        }
      }
    } catch (JsonProcessingException e) {
      throw new IOException("configuration.json is damaged", e);
    }
  }

  private static void requireAllowed(String field, String value) throws IOException {
    // Jackson takes a class name from such a field or, failing that, from an array's beginning.
    // Within an array there is no field.
    boolean isType = field != null && TYPES.contains(field);
    boolean isClass =
        TYPE.equals(field) || value.indexOf('.') >= 0 && (isType || isOnClassPath(value));
    boolean isAllowed =
        PACKAGE.matcher(value).matches() && ALLOWED.stream().anyMatch(value::startsWith);
    if (isClass && !isAllowed) {
      throw new IOException(
          Text.format(
              "configuration.json names the class '%s', allowed are those of %s (-D%s adds"
                  + " packages)",
              oneLine(value), packages(), PROPERTY));
    }
  }

  /** Looks for the class file; the class is not loaded. Of a generic type only the class counts. */
  private static boolean isOnClassPath(String value) {
    Matcher name = QUALIFIED.matcher(value);
    return name.lookingAt()
        && ModelTypes.class.getClassLoader().getResource(name.group(1).replace('.', '/') + ".class")
            != null;
  }

  private static String packages() {
    return String.join(
        ", ", ALLOWED.stream().map(name -> name.substring(0, name.length() - 1)).toList());
  }

  /**
   * Makes a graph's configuration of JSON that {@link #requireAllowed} has passed.
   *
   * @throws IOException if it names a class that is not allowed, or is no graph's configuration
   */
  public static ComputationGraphConfiguration graphConfiguration(String json) throws IOException {
    requireAllowed(json);
    ComputationGraphConfiguration configuration;
    try {
      configuration = ComputationGraphConfiguration.fromJson(json);
    } catch (RuntimeException | LinkageError | StackOverflowError e) {
      throw new IOException("configuration.json is no graph's (" + firstLine(e) + ")", e);
    }
    if (configuration.getNetworkInputs() == null || configuration.getVertices() == null) {
      throw new IOException("configuration.json is no graph's: it has no inputs or no vertices");
    }
    return configuration;
  }

  /**
   * Makes a MultiLayerNetwork's configuration of JSON that {@link #requireAllowed} has passed.
   *
   * @throws IOException if it names a class that is not allowed, or is no such configuration
   */
  static MultiLayerConfiguration multiLayerConfiguration(String json) throws IOException {
    requireAllowed(json);
    try {
      return MultiLayerConfiguration.fromJson(json);
    } catch (RuntimeException | LinkageError | StackOverflowError e) {
      throw new IOException(
          "configuration.json is no MultiLayerNetwork's (" + firstLine(e) + ")", e);
    }
  }

  static String firstLine(Throwable e) {
    return oneLine(Text.firstLine(e.getMessage() == null ? Text.reason(e) : e.getMessage()));
  }

  private static String oneLine(String text) {
    String line = text.replaceAll("[\\p{Cntrl}\\u2028\\u2029]", " ");
    return line.length() <= 200 ? line : line.substring(0, 200) + "...";
  }
}
