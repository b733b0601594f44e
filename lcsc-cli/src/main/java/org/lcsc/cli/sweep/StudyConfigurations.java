package org.lcsc.cli.sweep;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lcsc.config.ConfigException;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.Overrides;
import org.lcsc.experiment.config.RunConfig;

/**
 * The configurations of a study's candidates. Immutable and thread-safe.
 *
 * @param study the study
 */
public record StudyConfigurations(Study study) {

  /** The file that the axes change. */
  Path base() {
    return Path.of(study.base());
  }

  /**
   * Looks whether the candidates of a grid can be run; those of other generators are not known
   * before.
   *
   * @throws ConfigException where the values of one make no configuration
   * @throws InvalidInputException where a mark lies beyond every budget
   */
  public void check() throws ConfigException {
    if (study.generator().kind() != Study.Generator.Kind.GRID) {
      return;
    }
    List<List<StudyAxis.Case>> points = List.of(List.of());
    for (StudyAxis axis : study.axes()) {
      List<List<StudyAxis.Case>> longer = new ArrayList<>();
      for (List<StudyAxis.Case> point : points) {
        for (StudyAxis.Case value : axis.listed()) {
          List<StudyAxis.Case> next = new ArrayList<>(point);
          next.add(value);
          longer.add(next);
        }
      }
      points = longer;
    }
    int budget = 0;
    for (List<StudyAxis.Case> point : points) {
      budget = Math.max(budget, check(SweepPoint.of(point)));
    }
    for (int mark : study.marks() == null ? List.<Integer>of() : study.marks()) {
      if (mark > budget) {
        throw new InvalidInputException(
            "marks: out of range (" + mark + "), allowed: 1 to the evaluations, " + budget);
      }
    }
  }

  /** The base with the study's assignments and these. */
  RunConfig of(List<String> more) throws ConfigException {
    List<String> all = new ArrayList<>(study.set());
    more.stream().filter(s -> !isRate(s)).forEach(all::add);
    RunConfig config = Overrides.read(base(), all);
    if (config.lcsc() == null) {
      throw new ConfigException(study.base(), "lcsc: missing, a study needs its settings");
    }
    return config;
  }

  private static boolean isRate(String assignment) {
    return assignment.startsWith(StudyAxis.EMA_RATE + "=");
  }

  double rate(SweepPoint point) {
    String text =
        point.set().stream()
            .filter(StudyConfigurations::isRate)
            .map(s -> s.substring(StudyAxis.EMA_RATE.length() + 1))
            .findFirst()
            .orElse("");
    try {
      double rate = Double.parseDouble(text);
      if (rate >= 0 && rate < 1) {
        return rate;
      }
    } catch (NumberFormatException e) {
      // Refused below.
    }
    throw new InvalidInputException(
        StudyAxis.EMA_RATE + ": not a rate (" + text + "), allowed: 0 to less than 1");
  }

  /**
   * Looks whether a candidate can be run.
   *
   * @return the largest number of evaluations that its search may spend
   * @throws ConfigException where its values make no configuration
   */
  int check(SweepPoint point) throws ConfigException {
    if (study.mode() == Study.Mode.EMA) {
      rate(point);
    }
    return of(point.set()).lcsc().search().evaluations();
  }
}
