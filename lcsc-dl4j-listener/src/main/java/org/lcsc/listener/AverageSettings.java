package org.lcsc.listener;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.lcsc.averaging.EmaCoefficients;
import org.lcsc.averaging.ExponentialMovingAverage;
import org.lcsc.io.Refuse;

/** What a {@link LcscListenerBuilder} gathers of the moving averages: begun, or gone on with. */
final class AverageSettings {

  private double[] rates = {};
  private List<ExponentialMovingAverage> resumed = List.of();
  private ListenerState state;

  void rates(double... rates) {
    this.rates = distinct("emaRates", rates);
  }

  void resume(List<ExponentialMovingAverage> averages) {
    distinct("resume", averages.stream().mapToDouble(ExponentialMovingAverage::rate).toArray());
    resumed = List.copyOf(averages);
  }

  void resume(ListenerState state) {
    this.state = Objects.requireNonNull(state, "state");
  }

  /**
   * Checks what excludes each other.
   *
   * @throws IllegalArgumentException where both rates and averages are given, or the rates are not
   *     those of the state
   */
  void require() {
    Refuse.argument(
        rates.length > 0 && !resumed.isEmpty(), "emaRates and resume exclude each other, got both");
    if (state != null) {
      state.requireRates(rates);
    }
  }

  /** Rates of averages that begin with the training; none where the state has its averages. */
  double[] begun() {
    // Without averages the state is of before the first update.
    return state == null || state.averages().isEmpty() ? rates : new double[0];
  }

  /** Averages to continue with, beside those of the state. */
  List<ExponentialMovingAverage> resumed() {
    return resumed;
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
