package org.lcsc.cli.report.chart;

/**
 * About how wide words are, the same on every machine: a layout must not depend on the fonts of the
 * machine that makes it, since another one shows it.
 */
final class TextWidth {

  private static final String NARROW = "iljtfrI.,:;'|!()[] -";
  private static final String WIDE = "mwMW%—@";

  private TextWidth() {}

  /** Width in pixels of a text in a usual sans-serif font, rather too much than too little. */
  static double of(String text, double size) {
    double width = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (NARROW.indexOf(c) >= 0) {
        width += 0.36;
      } else if (WIDE.indexOf(c) >= 0) {
        width += 0.96;
      } else {
        width += Character.isUpperCase(c) ? 0.72 : 0.64;
      }
    }
    return width * size;
  }
}
