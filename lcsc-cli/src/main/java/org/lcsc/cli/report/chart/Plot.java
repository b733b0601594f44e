package org.lcsc.cli.report.chart;

/** A picture of numbers, drawn for a width. */
public sealed interface Plot permits Chart, BarChart {

  /** Short, for file names and references. */
  String name();

  /** What it shows. */
  String title();

  /** What can be seen in it, in words. */
  String description();

  /**
   * Draws it.
   *
   * @param width in pixels, at least 240
   * @param titled whether the title is part of the picture
   */
  Drawing draw(int width, boolean titled);
}
