package org.lcsc.cli.landscape;

import java.awt.Color;
import java.util.ArrayList;
import java.util.List;

/**
 * Colours and contour levels of scores, on a logarithmic scale where they span more than a factor
 * of three. The colours are viridis (van der Walt and Smith 2015), whose lightness grows evenly, so
 * that it reads in grey and with colour-blindness; the brightest is the best score.
 */
final class ScoreColours {

  static final Color NONE = new Color(0xdddddd);

  /** Viridis at eleven even steps. */
  private static final int[] VIRIDIS = {
    0x440154, 0x482475, 0x414487, 0x355f8d, 0x2a788e, 0x21918c, 0x22a884, 0x44bf70, 0x7ad151,
    0xbddf26, 0xfde725
  };

  private static final int MOST_LEVELS = 9;
  private static final double[] STEPS = {1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8};

  private final double low;
  private final double high;
  private final boolean logarithmic;

  /**
   * A scale.
   *
   * @param finite scores, ascending; may be empty
   */
  ScoreColours(double[] finite) {
    low = finite.length == 0 ? 0 : finite[0];
    double top = finite.length == 0 ? 1 : finite[finite.length - 1];
    high = top > low ? top : low + 1;
    logarithmic = low > 0 && high / low > 3;
  }

  double low() {
    return low;
  }

  double high() {
    return high;
  }

  /** On the scale, on which colours and contours are interpolated. */
  double scaled(double score) {
    return logarithmic ? Math.log(score) : score;
  }

  /** From 0, the best score, to 1. */
  double position(double scaled) {
    return (scaled - scaled(low)) / (scaled(high) - scaled(low));
  }

  /** The score at a position of 0 to 1. */
  double at(double position) {
    double scaled = scaled(low) + position * (scaled(high) - scaled(low));
    return logarithmic ? Math.exp(scaled) : scaled;
  }

  /** The colour of a scaled score; grey for none. */
  Color colour(double scaled) {
    if (!Double.isFinite(scaled)) {
      return NONE;
    }
    double place = (1 - Math.max(0, Math.min(1, position(scaled)))) * (VIRIDIS.length - 1);
    int below = Math.min(VIRIDIS.length - 2, (int) place);
    double share = place - below;
    int a = VIRIDIS[below];
    int b = VIRIDIS[below + 1];
    return new Color(mix(a >> 16, b >> 16, share), mix(a >> 8, b >> 8, share), mix(a, b, share));
  }

  private static int mix(int a, int b, double share) {
    return (int) Math.round((a & 0xff) * (1 - share) + (b & 0xff) * share);
  }

  /** Round scores between the ends, ascending. */
  List<Double> levels() {
    List<Double> levels = new ArrayList<>();
    if (logarithmic) {
      for (int power = (int) Math.floor(Math.log10(low)); Math.pow(10, power) < high; power++) {
        for (double step : STEPS) {
          addInside(levels, step * Math.pow(10, power));
        }
      }
      while (levels.size() > MOST_LEVELS) {
        // Every other one, the best kept: there the map is worth reading closely.
        List<Double> fewer = new ArrayList<>();
        for (int i = 0; i < levels.size(); i += 2) {
          fewer.add(levels.get(i));
        }
        levels = fewer;
      }
      return levels;
    }
    double raw = (high - low) / 5;
    double power = Math.pow(10, Math.floor(Math.log10(raw)));
    double step =
        power * (raw / power < 1.5 ? 1 : raw / power < 3 ? 2 : raw / power < 7.5 ? 5 : 10);
    for (long i = (long) Math.ceil(low / step); i * step < high; i++) {
      // By the whole number that a small step divides: 10.2 and not 10.200000000000001.
      addInside(levels, step < 1 ? i / (double) Math.round(1 / step) : i * step);
    }
    return levels;
  }

  private void addInside(List<Double> levels, double level) {
    if (level > low && level < high) {
      levels.add(level);
    }
  }
}
