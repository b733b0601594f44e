package org.lcsc.listener;

import java.util.ArrayList;
import java.util.List;
import org.lcsc.averaging.EmaCoefficients;
import org.lcsc.averaging.LawaCoefficients;
import org.lcsc.averaging.PowerEmaCoefficients;
import org.lcsc.listener.ScoredModel.Kind;

/** The averages over a window that a search is compared with: combinations that need no search. */
final class WindowBaselines {

  /** Relative widths of the power-function averages over the window; 0.05 and 0.10 are EDM2's. */
  static final double[] POWER_WIDTHS = {0.05, 0.1, 0.2};

  private WindowBaselines() {}

  /**
   * Exponential averages of all rates, power-function averages, the latest checkpoints (LAWA), and
   * all of them (uniform); not scored yet.
   *
   * @param iterations of the checkpoints, ascending
   * @param rates ascending
   */
  static List<ScoredModel> of(long[] iterations, double[] rates) {
    List<ScoredModel> baselines = new ArrayList<>();
    for (double rate : rates) {
      baselines.add(
          ScoredModel.unscored(Kind.WINDOW_EMA, rate, EmaCoefficients.of(rate, iterations)));
    }
    // A checkpoint of the initial weights lies outside every power-function average.
    for (double width : iterations[0] > 0 ? POWER_WIDTHS : new double[0]) {
      baselines.add(
          ScoredModel.unscored(
              Kind.WINDOW_POWER, width, PowerEmaCoefficients.of(width, iterations)));
    }
    for (int newest : LawaCoefficients.grid(iterations.length)) {
      baselines.add(
          ScoredModel.unscored(Kind.LAWA, newest, LawaCoefficients.of(newest, iterations.length)));
    }
    int all = iterations.length;
    baselines.add(ScoredModel.unscored(Kind.UNIFORM, LawaCoefficients.of(all, all)));
    return baselines;
  }
}
