package org.lcsc.cli.sweep;

/**
 * What repetitions come to.
 *
 * @param n how many
 * @param mean NaN of none
 * @param deviation the standard deviation of a sample, by n - 1; NaN of fewer than two
 */
record Spread(int n, double mean, double deviation) {

  static Spread of(double... values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    double mean = sum / values.length;
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    int n = values.length;
    return new Spread(n, mean, n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1)));
  }

  /** Mean and deviation; a dash for none. */
  @Override
  public String toString() {
    if (n == 0) {
      return "-";
    }
    return SweepTables.number(mean) + (n == 1 ? "" : " \u00b1 " + SweepTables.number(deviation));
  }
}
