package org.lcsc.listener;

import java.util.Arrays;
import java.util.Objects;
import org.lcsc.averaging.EmaCoefficients;

/** What a {@link LcscListenerBuilder} gathers of the moving averages: begun, or gone on with. */
final class AverageSettings {

  private double[] rates = {};
  private ListenerState state;

  void rates(double... rates) {
    this.rates = distinct("emaRates", rates);
  }

  void resume(ListenerState state) {
    this.state = Objects.requireNonNull(state, "state");
  }

  /**
   * Checks the rates.
   *
   * @throws IllegalArgumentException where they are not those of the state
   */
  void require() {
    if (state != null) {
      state.requireRates(rates);
    }
  }

  /** Rates of averages that begin with the training; none where the state has its averages. */
  double[] begun() {
    // Without averages the state is of before the first update.
    return state == null || state.averages().isEmpty() ? rates : new double[0];
  }

  /** What a killed training left, or null. */
  ListenerState state() {
    return state;
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
