package org.lcsc.cli.report.chart;

import java.util.List;
import org.lcsc.io.Refuse;

/**
 * A field of a chart with a vertical axis of its own.
 *
 * @param y the vertical axis
 * @param layers what is shown, from back to front
 * @param height of the field in pixels, at least 40
 */
public record Panel(Axis y, List<Layer> layers, int height) {

  public Panel {
    layers = List.copyOf(layers);
    Refuse.argument(height < 40, "height of a panel must be at least 40, got %s", height);
  }

  /** The series among the layers. */
  List<Series> series() {
    return layers.stream().filter(Series.class::isInstance).map(Series.class::cast).toList();
  }
}
