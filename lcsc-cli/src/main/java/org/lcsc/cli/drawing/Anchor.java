package org.lcsc.cli.drawing;

/** Where a text stands from its point. */
public enum Anchor {
  START,
  MIDDLE,
  END
}
