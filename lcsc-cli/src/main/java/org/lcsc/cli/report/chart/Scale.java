package org.lcsc.cli.report.chart;

import static org.lcsc.io.Text.format;

import java.util.ArrayList;
import java.util.List;

/**
 * Where values stand along an axis, and the values it is marked at: multiples of 1, 2 or 5 times a
 * power of ten. Immutable and thread-safe.
 *
 * @param min smallest value on the axis
 * @param max largest value on the axis
 * @param isLog whether it goes by powers of ten
 * @param ticks the marked values, ascending
 */
public record Scale(double min, double max, boolean isLog, List<Double> ticks) {

  /** Values that span less than this factor are laid out evenly. */
  private static final double LOG_FROM = 10;

  private static final double[] FEW = {1};
  private static final double[] SOME = {1, 3};
  private static final double[] MANY = {1, 2, 5};

  /**
   * A scale for values.
   *
   * @param kind its division
   * @param min smallest finite value
   * @param max largest finite value; where it is min, some room is made around it
   * @param count how many ticks there is room for
   * @param rounded whether the ends move out to ticks or halfway between two
   */
  public static Scale of(Axis.Kind kind, double min, double max, int count, boolean rounded) {
    if (!(max >= min)) {
      return of(kind, 0, 1, count, rounded);
    }
    if (kind == Axis.Kind.AUTO && min > 0 && max / min > LOG_FROM) {
      return logarithmic(min, max, count);
    }
    double from = min;
    double to = max;
    if (from == to) {
      double room = from == 0 ? 1 : Math.abs(from) * 0.1;
      from -= room;
      to += room;
    }
    double step = step((to - from) / Math.max(1, count));
    if (rounded) {
      // To half a step: to a whole one, half of the field may be empty.
      from = Math.floor(2 * from / step + 1e-9) * step / 2;
      to = Math.ceil(2 * to / step - 1e-9) * step / 2;
    }
    List<Double> ticks = new ArrayList<>();
    for (long i = (long) Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; i++) {
      ticks.add(round(i * step));
    }
    return new Scale(from, to, false, ticks);
  }

  private static Scale logarithmic(double min, double max, int count) {
    double from = min / Math.pow(max / min, 0.04);
    double to = max * Math.pow(max / min, 0.04);
    double decades = Math.log10(to / from);
    int every = (int) Math.max(1, Math.ceil(decades / Math.max(1, count)));
    List<Double> ticks = logTicks(from, to, every, decades * 3 <= count ? MANY : FEW);
    if (ticks.size() < 2) {
      ticks = logTicks(from, to, every, SOME);
    }
    return new Scale(from, to, true, ticks);
  }

  private static List<Double> logTicks(double from, double to, int every, double[] steps) {
    List<Double> ticks = new ArrayList<>();
    for (int e = (int) Math.floor(Math.log10(from)); e <= Math.ceil(Math.log10(to)); e++) {
      for (double step : steps) {
        double tick = round(step * Math.pow(10, e));
        if (tick >= from && tick <= to && Math.floorMod(e, every) == 0) {
          ticks.add(tick);
        }
      }
    }
    return ticks;
  }

  /** The smallest of 1, 2, 5 times a power of ten that is at least the raw step. */
  private static double step(double raw) {
    double power = Math.pow(10, Math.floor(Math.log10(raw)));
    for (double step : MANY) {
      if (step * power >= raw * (1 - 1e-9)) {
        return step * power;
      }
    }
    return 10 * power;
  }

  /** Without the dust of binary arithmetic. */
  private static double round(double value) {
    return Double.parseDouble(format("%." + Numbers.DIGITS + "g", value));
  }

  /** Place of a value, 0 at the start of the axis to 1 at its end. */
  double position(double value) {
    return isLog ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
  }
}
