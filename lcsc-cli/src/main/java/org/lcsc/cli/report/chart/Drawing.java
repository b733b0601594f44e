package org.lcsc.cli.report.chart;

import java.util.List;

/**
 * A finished picture.
 *
 * @param width in pixels
 * @param height in pixels
 * @param title what it shows, for those who cannot see it
 * @param description what can be seen in it, likewise
 * @param marks from back to front
 */
public record Drawing(int width, int height, String title, String description, List<Mark> marks) {

  /** Keeps the marks as they are. */
  public Drawing {
    marks = List.copyOf(marks);
  }
}
