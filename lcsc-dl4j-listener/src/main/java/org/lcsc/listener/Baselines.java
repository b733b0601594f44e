package org.lcsc.listener;

import java.util.Arrays;
import org.lcsc.averaging.EmaCoefficients;
import org.lcsc.config.Require;
import org.lcsc.io.Refuse;

/**
 * What a search is compared with beside the last weights, the EMAs over all updates, the uniform
 * average, power-function averages and LAWA over the window, which always are.
 *
 * @param emaGrid rates of averages over the window, in [0, 1) and distinct, which are first
 *     candidates of the search too; null for 10 rates with horizons from half the interval between
 *     checkpoints to twice the window's span, in geometric steps
 * @param greedySoup evenly spaced checkpoints tried for a greedy soup ({@link
 *     org.lcsc.search.strategy.GreedySoup}), at least 2, which takes up to twice as many
 *     evaluations beside the search's; 0 for none
 */
public record Baselines(double[] emaGrid, int greedySoup) {

  /** How many power-function averages over the window there are. */
  public static final int POWER_AVERAGES = WindowBaselines.POWER_WIDTHS.length;

  /** How many reconstructions of {@link org.lcsc.averaging.PostHocEma} there are. */
  public static final int POST_HOC_AVERAGES = ModelComparison.POST_HOC_WIDTHS.length;

  /** The usual grid and no soup. */
  public static final Baselines DEFAULT = new Baselines(null, 0);

  public Baselines {
    Refuse.argument(
        emaGrid != null && emaGrid.length == 0, "emaGrid must have a rate or be null, got none");
    emaGrid = emaGrid == null ? null : distinct("emaGrid", emaGrid);
    if (greedySoup != 0) {
      Require.atLeast("greedySoup", greedySoup, 2);
    }
  }

  /** The same with a soup of so many ingredients. */
  public Baselines withGreedySoup(int ingredients) {
    return new Baselines(emaGrid, Require.atLeast("greedySoup", ingredients, 2));
  }

  /**
   * Checks rates.
   *
   * @param name of the setting, for messages
   * @return a copy
   * @throws IllegalArgumentException where two are equal or one is not in [0, 1)
   */
  static double[] distinct(String name, double... rates) {
    if (Arrays.stream(rates).distinct().count() < rates.length) {
      throw new IllegalArgumentException(
          name + " must differ from each other, got " + Arrays.toString(rates));
    }
    for (double rate : rates) {
      EmaCoefficients.of(rate, new long[] {1});
    }
    return rates.clone();
  }
}
