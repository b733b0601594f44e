package org.lcsc.cli.sweep;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The values of one candidate. Serializable, because Arbiter keeps candidates so.
 *
 * @param labels one per axis, in the order of the study
 * @param set the assignments of all axes
 */
record SweepPoint(ArrayList<String> labels, ArrayList<String> set) implements Serializable {

  private static final long serialVersionUID = 1;

  static SweepPoint of(List<Axis.Value> values) {
    ArrayList<String> labels = new ArrayList<>();
    ArrayList<String> set = new ArrayList<>();
    for (Axis.Value value : values) {
      labels.add(value.label());
      set.addAll(value.set());
    }
    return new SweepPoint(labels, set);
  }
}
