package org.lcsc.cli.sweep;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lcsc.config.ConfigException;
import org.lcsc.config.InvalidValueException;
import org.lcsc.experiment.FeatureSpaces;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.Overrides;
import org.lcsc.experiment.TrainingRun;
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
   * @throws InvalidInputException where a mark lies beyond every budget, or something that one
   *     names cannot be used
   * @throws IOException where the data set's files are not there
   */
  public void check() throws IOException {
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
    if (study.evaluation() != null) {
      of(study.evaluation().set());
    }
    int budget = 0;
    for (List<StudyAxis.Case> point : points) {
      SweepPoint candidate = SweepPoint.of(point);
      budget = Math.max(budget, evaluations(candidate));
      check(candidate);
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
   * What the search of a candidate may spend.
   *
   * @return the largest number of evaluations
   * @throws ConfigException where its values make no configuration
   */
  int evaluations(SweepPoint point) throws ConfigException {
    if (study.mode() == Study.Mode.EMA) {
      rate(point);
    }
    return of(point.set()).lcsc().search().evaluations();
  }

  /** Refuses what running a candidate would refuse before it reads an image. */
  private void check(SweepPoint point) throws IOException {
    RunConfig config = of(point.set());
    if (study.mode() == Study.Mode.TRAIN) {
      TrainingRun.check(base(), config);
      return;
    }
    try {
      config.requireFeatures();
    } catch (InvalidValueException e) {
      throw new ConfigException(study.base(), e);
    }
    config.dataset().checkFiles();
    FeatureSpaces.check(config);
  }
}
