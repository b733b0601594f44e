package org.lcsc.experiment.config;

import static org.lcsc.io.Text.format;

import java.nio.file.Path;
import java.util.Objects;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Require;
import org.lcsc.listener.ObjectiveFactory;
import org.lcsc.search.config.LcscConfig;

/**
 * The configuration of a search of checkpoints of a network that this project does not know.
 *
 * <pre>{@code
 * objective: com.example.DigitsAccuracy
 * lcsc:
 *   window: 100
 *   interval: 4
 *   searchAt: [200]
 *   search: { evaluations: 60, strategy: evolution, seed: 7 }
 * output: runs/digits
 * }</pre>
 *
 * @param objective name of a class on the class path: a public {@link ObjectiveFactory} with a
 *     public constructor without parameters
 * @param lcsc the search, as in a training; when to search has no effect
 * @param output the run directory, relative to the working directory
 */
public record OwnSearchConfig(String objective, LcscConfig lcsc, String output) {

  /** The key that tells such a file from a {@link RunConfig}. */
  public static final String KEY = "objective";

  public OwnSearchConfig {
    Require.notBlank(KEY, objective);
    Objects.requireNonNull(lcsc, "lcsc");
    Require.notBlank("output", output);
  }

  /**
   * Makes the factory.
   *
   * @throws InvalidValueException where there is no such class, it is of another kind, or it fails
   */
  public ObjectiveFactory factory() {
    try {
      return Class.forName(objective)
          .asSubclass(ObjectiveFactory.class)
          .getConstructor()
          .newInstance();
    } catch (ReflectiveOperationException | ClassCastException | LinkageError e) {
      throw new InvalidValueException(
          KEY,
          format(
              "no usable class (%s: %s), allowed: a public class on the class path (LCSC_CLASSPATH)"
                  + " that implements %s, with a public constructor without parameters",
              objective,
              e.getCause() == null ? e : e.getCause(),
              ObjectiveFactory.class.getName()));
    }
  }

  /** The run directory. */
  public Path outputDirectory() {
    return Path.of(output);
  }
}
