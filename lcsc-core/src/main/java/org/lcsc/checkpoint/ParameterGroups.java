package org.lcsc.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;

/**
 * A partition of a flat parameter vector {@code [P]} into named groups: in a merge, every group has
 * coefficients of its own. A group is any number of segments of consecutive parameters.
 *
 * <p>The coefficients of one candidate are then {@code G * K} reals, those of the first group
 * first; each group's sum to 1. Immutable and thread-safe.
 *
 * @param names of the groups, distinct, G of them
 * @param segments ascending, without gaps, from parameter 0 to P; every group has at least one, and
 *     neighbours are of different groups
 */
public record ParameterGroups(List<String> names, List<Segment> segments) {

  /** Name of the only group where there are no others. */
  public static final String ALL = "all";

  /**
   * Consecutive parameters of one group.
   *
   * @param group its index
   * @param from first parameter
   * @param to the parameter after the last
   */
  public record Segment(int group, long from, long to) {}

  /** Checks the partition and joins neighbouring segments of the same group. */
  public ParameterGroups {
    names = List.copyOf(names);
    if (names.stream().distinct().count() < names.size()) {
      throw new IllegalArgumentException("names of groups must be distinct, got " + names);
    }
    boolean[] used = new boolean[names.size()];
    List<Segment> joined = new ArrayList<>();
    long at = 0;
    for (Segment segment : segments) {
      Objects.checkIndex(segment.group(), names.size());
      if (segment.from() != at || segment.to() <= at) {
        throw new IllegalArgumentException(
            Text.format(
                "segments must follow one another without gaps: expected one from %d on, got %d to"
                    + " %d",
                at, segment.from(), segment.to()));
      }
      at = segment.to();
      used[segment.group()] = true;
      Segment last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
      if (last != null && last.group() == segment.group()) {
        joined.set(joined.size() - 1, new Segment(last.group(), last.from(), at));
      } else {
        joined.add(segment);
      }
    }
    for (int group = 0; group < used.length; group++) {
      Refuse.argument(!used[group], "group %s has no parameters", names.get(group));
    }
    Refuse.argument(joined.isEmpty(), "groups need at least one parameter, got none");
    segments = List.copyOf(joined);
  }

  /**
   * All parameters in one group.
   *
   * @param parameters P, at least 1
   */
  public static ParameterGroups whole(long parameters) {
    return new ParameterGroups(List.of(ALL), List.of(new Segment(0, 0, parameters)));
  }

  /** Number of groups G. */
  public int size() {
    return names.size();
  }

  /** Number of parameters P. */
  public long parameters() {
    return segments.get(segments.size() - 1).to();
  }

  /** The names, and a hash of the partition, to tell two of them apart. */
  public String description() {
    // Not the records' own hash, which may differ between versions of Java.
    int hash =
        segments.stream().map(s -> List.of((long) s.group(), s.from(), s.to())).toList().hashCode();
    return Text.format("%s, partition %x", String.join(", ", names), hash);
  }

  /** The segments of a group, ascending. */
  public List<Segment> segmentsOf(int group) {
    Objects.checkIndex(group, size());
    return segments.stream().filter(segment -> segment.group() == group).toList();
  }
}
