package org.lcsc.diffusion.released;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the name of a U-Net's layer says; see {@code UNetLayers}.
 *
 * @param way {@code down}, {@code middle} or {@code up}; null for what stands before and after
 * @param level resolution, 0 is the finest; 0 in the middle
 * @param block number of the residual block, {@code sample} for what changes the resolution, {@code
 *     pyramid} for the residual encoder; null where a level has one of its kind
 * @param attention whether it is part of an attention
 * @param part what it is in its block; null for a layer that is alone
 */
record LayerName(String way, int level, String block, boolean attention, String part) {

  static final String SAMPLE = "sample";
  static final String PYRAMID = "pyramid";
  static final String HEADS = "heads";

  private static final Pattern BLOCKS =
      Pattern.compile(
          "(down|up|middle)(\\d*)(?:_(\\d+|sample|pyramid))??(_attention)?"
              + "(?:_(norm0|conv0|time|norm1|conv1|shortcut|norm|heads|conv))?");

  static LayerName of(String layer) {
    Matcher m = BLOCKS.matcher(layer);
    if (!m.matches()) {
      return new LayerName(null, 0, null, false, layer);
    }
    int level = m.group(2).isEmpty() ? 0 : Integer.parseInt(m.group(2));
    return new LayerName(m.group(1), level, m.group(3), m.group(4) != null, m.group(5));
  }

  boolean isDown() {
    return "down".equals(way);
  }

  boolean isMiddle() {
    return "middle".equals(way);
  }

  boolean isSample() {
    return SAMPLE.equals(block);
  }

  int number() {
    return Integer.parseInt(block);
  }
}
