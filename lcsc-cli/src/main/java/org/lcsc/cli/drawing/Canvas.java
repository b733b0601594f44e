package org.lcsc.cli.drawing;

import java.awt.Color;
import java.awt.image.BufferedImage;

/** What a picture is drawn on: pixels or SVG. Lengths are points, y grows downward. */
public interface Canvas {

  /** A filled and outlined polygon of corners {@code {x, y}}; either colour may be null. */
  void polygon(double[][] corners, Color fill, Color stroke, double width);

  /** A filled and outlined circle; either colour may be null. */
  void circle(double x, double y, double radius, Color fill, Color stroke, double width);

  /** A straight line. */
  void line(double x1, double y1, double x2, double y2, Color color, double width);

  /** A text on its base line. */
  void text(double x, double y, String text, double size, Anchor anchor, Color color);

  /** A text that reads upward. */
  void upward(double x, double y, String text, double size, Color color);

  /** A picture stretched over a rectangle. */
  void image(BufferedImage image, double x, double y, double width, double height);

  /** A filled and outlined rectangle; either colour may be null. */
  default void rectangle(
      double x, double y, double width, double height, Color fill, Color stroke, double line) {
    double[][] corners = {{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}};
    polygon(corners, fill, stroke, line);
  }
}
