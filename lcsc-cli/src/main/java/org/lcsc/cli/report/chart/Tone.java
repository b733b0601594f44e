package org.lcsc.cli.report.chart;

import java.util.Locale;

/**
 * The colours of charts, on light and on dark ground. The hues are those of Okabe and Ito, which
 * people with any colour vision tell apart; text has darker (on dark ground lighter) shades of
 * them, with a contrast of at least 4.5.
 */
public enum Tone {
  /** Vermilion: LCSC. */
  ORANGE("#d55e00", "#ff8c42", "#a84300", "#ffa066"),
  /** Averages. */
  BLUE("#0072b2", "#56b4e9", "#00598c", "#7cc6f0"),
  /** Another baseline. */
  GREEN("#009e73", "#2cc99a", "#00694d", "#4fd8ae"),
  /** Another baseline. */
  PURPLE("#b8558f", "#e39ac4", "#8f3a6c", "#ebb0d2"),
  /** Another baseline. */
  GOLD("#d08c00", "#f0c04a", "#7a5200", "#f3cc6b"),
  /** What is only context. */
  GREY("#7d8590", "#9aa4b0", "#59616b", "#a9b3bf"),
  /** Axes and words. */
  INK("#1f2328", "#e6e9ed", "#1f2328", "#e6e9ed"),
  /** Lines behind the data. */
  GRID("#e3e6ea", "#343a42", "#59616b", "#a9b3bf");

  /** How many there are for series, the first ones. */
  public static final int SERIES = INK.ordinal();

  private final String light;
  private final String dark;
  private final String lightText;
  private final String darkText;

  Tone(String light, String dark, String lightText, String darkText) {
    this.light = light;
    this.dark = dark;
    this.lightText = lightText;
    this.darkText = darkText;
  }

  /** The tone of a series by its number, from 0; they begin again after the last. */
  public static Tone of(int series) {
    return values()[series % SERIES];
  }

  /** Name in style sheets. */
  String css() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Colour of lines and areas on light ground, {@code #rrggbb}. */
  String light() {
    return light;
  }

  /** Colour of words on light ground, {@code #rrggbb}. */
  String lightText() {
    return lightText;
  }

  /** Definitions of the variables {@code --TONE} and {@code --TONE-text}. */
  static String variables(boolean onDark) {
    StringBuilder css = new StringBuilder();
    for (Tone tone : values()) {
      css.append("--").append(tone.css()).append(':').append(onDark ? tone.dark : tone.light);
      css.append(";--").append(tone.css()).append("-text:");
      css.append(onDark ? tone.darkText : tone.lightText).append(';');
    }
    return css.toString();
  }

  /** The rules by which marks find their colours; they need {@link #variables}. */
  static String rules() {
    StringBuilder css = new StringBuilder();
    for (Tone tone : values()) {
      String name = tone.css();
      css.append(".s-").append(name).append("{fill:none;stroke:var(--").append(name).append(")}");
      css.append(".f-").append(name).append("{fill:var(--").append(name).append(")}");
      css.append(".t-").append(name).append("{fill:var(--").append(name).append("-text)}\n");
    }
    return css.toString();
  }
}
