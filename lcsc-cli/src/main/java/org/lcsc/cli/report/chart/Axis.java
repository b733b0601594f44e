package org.lcsc.cli.report.chart;

/**
 * An axis.
 *
 * @param label what is measured, with its unit
 * @param kind its division
 */
public record Axis(String label, Kind kind) {

  /** How values are laid out. */
  public enum Kind {
    /** Evenly. */
    LINEAR,
    /** By powers of ten where the values are positive and span more than a factor of ten. */
    AUTO
  }

  /** An even axis. */
  public static Axis linear(String label) {
    return new Axis(label, Kind.LINEAR);
  }

  /** An axis by powers of ten where that shows more. */
  public static Axis auto(String label) {
    return new Axis(label, Kind.AUTO);
  }
}
