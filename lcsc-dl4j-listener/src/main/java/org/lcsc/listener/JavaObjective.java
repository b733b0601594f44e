package org.lcsc.listener;

import java.io.IOException;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Kind;
import org.lcsc.config.Require;
import org.lcsc.io.Text;
import org.lcsc.objective.CandidateFiles;
import org.lcsc.objective.Objective;
import org.lcsc.objective.ObjectiveSettings;

/**
 * The kind {@code java} of an objective: a class of the user's.
 *
 * @param name of a class on the class path: a public {@link ObjectiveFactory} with a public
 *     constructor without parameters
 */
@Kind("java")
public record JavaObjective(String name) implements ObjectiveSettings {

  /** Without the name, which is required. */
  public JavaObjective() {
    this(null);
  }

  /** Checks that there is a name. */
  public JavaObjective {
    Require.notBlank("name", name);
  }

  @Override
  public boolean scoresFiles() {
    return true;
  }

  /**
   * {@inheritDoc}
   *
   * @throws InvalidValueException where there is no such class, it is of another kind, or it fails
   */
  @Override
  public Objective create(Inputs inputs) throws IOException {
    return factory().create(inputs.service(CandidateFiles.class).seed(), inputs.samples());
  }

  private ObjectiveFactory factory() {
    try {
      return Class.forName(name).asSubclass(ObjectiveFactory.class).getConstructor().newInstance();
    } catch (ReflectiveOperationException | ClassCastException | LinkageError e) {
      throw new InvalidValueException(
          "objective",
          Text.format(
              "no usable class (%s: %s), allowed: a public class on the class path (LCSC_CLASSPATH)"
                  + " that implements %s, with a public constructor without parameters",
              name, e.getCause() == null ? e : e.getCause(), ObjectiveFactory.class.getName()));
    }
  }
}
