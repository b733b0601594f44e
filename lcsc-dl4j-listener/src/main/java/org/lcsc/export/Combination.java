package org.lcsc.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;

/**
 * What one model of a recipe was merged with: coefficients for all parameters, or for groups of
 * them, or neither.
 *
 * @param coefficients one per checkpoint; empty with groups
 * @param groups that hold every parameter once, or empty
 */
record Combination(double[] coefficients, List<Recipe.Group> groups) {

  /**
   * Checks that there are coefficients of one kind, one per checkpoint and for all parameters.
   *
   * @param checkpoints number of checkpoints K
   * @param parameters number of parameters P
   * @throws IllegalArgumentException otherwise
   */
  void require(int checkpoints, long parameters) {
    Refuse.argument(
        coefficients.length != 0 && coefficients.length != checkpoints,
        "a recipe needs one coefficient per checkpoint or none, got %s for %s",
        coefficients.length,
        checkpoints);
    Refuse.argument(
        !groups.isEmpty() && coefficients.length > 0,
        "a recipe needs coefficients for all parameters or for groups of them, got both");
    for (Recipe.Group group : groups) {
      if (group.coefficients().length != checkpoints) {
        throw new IllegalArgumentException(
            Text.format(
                "group %s needs one coefficient per checkpoint, got %d for %d",
                group.name(), group.coefficients().length, checkpoints));
      }
    }
    if (!groups.isEmpty() && parameterGroups(parameters).parameters() != parameters) {
      throw new IllegalArgumentException(
          Text.format(
              "groups of a recipe must hold its %d parameters, got %d",
              parameters, parameterGroups(parameters).parameters()));
    }
  }

  /** Coefficients of every group, those of the first group first; a copy. */
  double[] all() {
    return groups.isEmpty()
        ? coefficients.clone()
        : groups.stream().flatMapToDouble(group -> Arrays.stream(group.coefficients())).toArray();
  }

  /**
   * The groups that {@link #all} are for; one of all parameters where there are none.
   *
   * @param parameters number of parameters P
   */
  ParameterGroups parameterGroups(long parameters) {
    if (groups.isEmpty()) {
      return ParameterGroups.whole(parameters);
    }
    List<ParameterGroups.Segment> segments = new ArrayList<>();
    for (int g = 0; g < groups.size(); g++) {
      for (long[] segment : groups.get(g).parameters()) {
        segments.add(new ParameterGroups.Segment(g, segment[0], segment[1]));
      }
    }
    segments.sort(Comparator.comparingLong(ParameterGroups.Segment::from));
    return new ParameterGroups(groups.stream().map(Recipe.Group::name).toList(), segments);
  }
}
