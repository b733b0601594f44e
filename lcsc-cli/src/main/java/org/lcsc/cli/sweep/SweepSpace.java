package org.lcsc.cli.sweep;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.arbiter.optimize.api.ParameterSpace;
import org.deeplearning4j.arbiter.optimize.parameter.continuous.ContinuousParameterSpace;
import org.deeplearning4j.arbiter.optimize.parameter.discrete.DiscreteParameterSpace;

/**
 * A study's axes as a parameter space of Arbiter. An axis of a single value is no leaf: Arbiter's
 * grid numbers such leaves but leaves them out of its candidates, which would shift all others.
 */
@SuppressWarnings("rawtypes") // Arbiter's own signatures
final class SweepSpace implements ParameterSpace<SweepPoint> {

  private final List<Axis> axes;

  /** By axis; null where the axis has one value. */
  private final List<ParameterSpace<?>> leaves = new ArrayList<>();

  /**
   * A space.
   *
   * @param grid whether ranges are divided into values
   */
  SweepSpace(List<Axis> axes, boolean grid) {
    this.axes = axes;
    for (Axis axis : axes) {
      if (axis.isRange() && !grid) {
        leaves.add(new ContinuousParameterSpace(0, 1));
      } else {
        List<Axis.Value> values = axis.listed();
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
          places.add(i);
        }
        leaves.add(values.size() == 1 ? null : new DiscreteParameterSpace<>(places));
      }
    }
  }

  @Override
  public SweepPoint getValue(double[] parameters) {
    List<Axis.Value> values = new ArrayList<>();
    for (int i = 0; i < axes.size(); i++) {
      Axis axis = axes.get(i);
      ParameterSpace<?> leaf = leaves.get(i);
      if (leaf == null) {
        values.add(axis.listed().get(0));
      } else {
        Object value = leaf.getValue(parameters);
        values.add(
            value instanceof Integer place ? axis.listed().get(place) : axis.at((Double) value));
      }
    }
    return SweepPoint.of(values);
  }

  @Override
  public int numParameters() {
    return collectLeaves().size();
  }

  @Override
  public List<ParameterSpace> collectLeaves() {
    List<ParameterSpace> all = new ArrayList<>();
    leaves.stream().filter(leaf -> leaf != null).forEach(all::add);
    return all;
  }

  @Override
  public Map<String, ParameterSpace> getNestedSpaces() {
    Map<String, ParameterSpace> nested = new LinkedHashMap<>();
    for (int i = 0; i < axes.size(); i++) {
      if (leaves.get(i) != null) {
        nested.put(axes.get(i).key(), leaves.get(i));
      }
    }
    return nested;
  }

  @Override
  public boolean isLeaf() {
    return false;
  }

  @Override
  public void setIndices(int... indices) {
    throw new UnsupportedOperationException("only leaves have indices");
  }
}
