package org.lcsc.config;

import org.lcsc.io.Text;

/** Text of unknown origin, made fit for a one-line message. Stateless and thread-safe. */
public final class Printable {

  private static final int LONGEST = 60;

  private Printable() {}

  /** The text on one line, control characters escaped, cut to 60 characters. */
  public static String oneLine(String text) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < text.length() && line.length() < LONGEST; i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\n' -> line.append("\\n");
        case '\t' -> line.append("\\t");
        default -> {
          // U+2028 and U+2029 end a line for many readers, and format characters can reorder it.
          int type = Character.getType(c);
          boolean unsafe =
              Character.isISOControl(c)
                  || type == Character.LINE_SEPARATOR
                  || type == Character.PARAGRAPH_SEPARATOR
                  || type == Character.FORMAT;
          line.append(unsafe ? Text.format("\\u%04x", (int) c) : String.valueOf(c));
        }
      }
    }
    return line.length() >= LONGEST ? line.append("...").toString() : line.toString();
  }
}
