package org.lcsc.search.strategy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * A line search by values and slopes for the strong Wolfe conditions (Nocedal and Wright, Numerical
 * Optimization, 2nd edition, Algorithms 3.5 and 3.6), one trial at a time. An infinite value counts
 * as too far.
 */
final class WolfeLineSearch {

  /** Sufficient decrease. */
  private static final double DECREASE = 1e-4;

  /** Share of the first slope that may be left: loose, for trials are dear and curvature is not. */
  private static final double CURVATURE = 0.9;

  private static final double MOST_GROWTH = 4;

  /** A trial keeps this share of the interval from its ends. */
  private static final double MARGIN = 0.1;

  /** What a trial came to. */
  enum Outcome {
    /** Good: the conditions hold. */
    DONE,
    /** Not good enough, and better than every trial before it. */
    BETTER,
    /** Of no use but for the bracket. */
    WORSE
  }

  private record Point(double t, double value, double slope) {}

  private final double startValue;
  private final double startSlope;
  private Point low;
  private Point high;
  private double t;
  private int trials;

  /**
   * Starts at 0, with the first trial at {@code t}.
   *
   * @param slope of the value with respect to t, below 0
   */
  WolfeLineSearch(double value, double slope, double t) {
    this.startValue = value;
    this.startSlope = slope;
    this.t = t;
    this.low = new Point(0, value, slope);
  }

  /** The trial to be made. */
  double trial() {
    return t;
  }

  /** Trials received so far. */
  int trials() {
    return trials;
  }

  /** Takes value and slope at the trial, and moves on to the next where it is not good enough. */
  Outcome tell(double value, double slope) {
    trials++;
    Point point = new Point(t, value, slope);
    boolean tooHigh = !(value <= startValue + DECREASE * t * startSlope) || value >= low.value;
    Outcome outcome = Outcome.WORSE;
    if (tooHigh) {
      high = point;
    } else if (Math.abs(slope) <= -CURVATURE * startSlope) {
      return Outcome.DONE;
    } else {
      double towards = high == null ? 1 : high.t - low.t;
      if (slope * towards >= 0) {
        high = low;
      }
      low = point;
      outcome = Outcome.BETTER;
    }
    t = high == null ? extrapolated() : interpolated();
    return outcome;
  }

  private double extrapolated() {
    return MOST_GROWTH * low.t;
  }

  /** The minimum of the cubic through both ends, kept away from them. */
  private double interpolated() {
    double width = high.t - low.t;
    double share = 0.5;
    if (Double.isFinite(high.value)) {
      double d1 = low.slope + high.slope - 3 * (high.value - low.value) / width;
      double square = d1 * d1 - low.slope * high.slope;
      double d2 = Math.copySign(Math.sqrt(Math.max(0, square)), width);
      share = 1 - (high.slope + d2 - d1) / (high.slope - low.slope + 2 * d2);
    } else {
      share = MARGIN;
    }
    if (!(share >= MARGIN)) {
      share = MARGIN;
    }
    return low.t + Math.min(share, 1 - MARGIN) * width;
  }

  void write(DataOutputStream out) throws IOException {
    for (double value : new double[] {startValue, startSlope, low.t, low.value, low.slope, t}) {
      out.writeDouble(value);
    }
    out.writeBoolean(high != null);
    if (high != null) {
      for (double value : new double[] {high.t, high.value, high.slope}) {
        out.writeDouble(value);
      }
    }
    out.writeInt(trials);
  }

  static WolfeLineSearch read(DataInputStream in) throws IOException {
    double value = in.readDouble();
    double slope = in.readDouble();
    Point low = new Point(in.readDouble(), in.readDouble(), in.readDouble());
    WolfeLineSearch search = new WolfeLineSearch(value, slope, in.readDouble());
    search.low = low;
    if (in.readBoolean()) {
      search.high = new Point(in.readDouble(), in.readDouble(), in.readDouble());
    }
    search.trials = in.readInt();
    return search;
  }
}
