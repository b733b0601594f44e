package org.lcsc.cli.sweep;

import java.io.Serializable;
import java.util.List;

/**
 * The values of one candidate. Serializable, because Arbiter keeps candidates so.
 *
 * @param labels one per axis, in the order of the study
 * @param set the assignments of all axes
 */
record SweepPoint(List<String> labels, List<String> set) implements Serializable {

  private static final long serialVersionUID = 1;

  static SweepPoint of(List<StudyAxis.Case> values) {
    return new SweepPoint(
        values.stream().map(StudyAxis.Case::label).toList(),
        values.stream().flatMap(value -> value.set().stream()).toList());
  }
}
