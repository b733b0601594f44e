package org.lcsc.experiment.config;

import java.util.OptionalInt;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.config.YamlNames;

/**
 * Section {@code dataset}.
 *
 * @param name which data set
 * @param path its directory or archive; required by {@code idx}, {@code imagenet64} and {@code
 *     folder}, not taken by {@code digits}; default null: the installed files, the cache, a
 *     download
 * @param side side in pixels that images are shrunk to, 1 to 4096; default null: the side they have
 * @param channels 1 for grey or 3 for colour, only with {@code folder}; default null: 3
 * @param flip whether training mirrors each image left to right with probability one half; default
 *     false
 * @param download whether missing files may be downloaded; default true
 */
public record DatasetConfig(
    DatasetName name,
    @OptionalKey String path,
    @OptionalKey Integer side,
    @OptionalKey Integer channels,
    @OptionalKey Boolean flip,
    @OptionalKey Boolean download) {

  private static final int LARGEST_SIDE = 4096;

  /** Fills in the defaults and validates. */
  public DatasetConfig {
    if (path == null && name.needsPath()) {
      throw new InvalidValueException(
          "path", "missing, expected the directory of the files of " + YamlNames.of(name));
    }
    if (path != null) {
      Require.notBlank("path", path);
      if (name == DatasetName.DIGITS) {
        throw new InvalidValueException(
            "path", "has no effect with name: digits (" + path + "), the images are embedded");
      }
    }
    if (side != null) {
      int largest = name.side() > 0 ? name.side() : LARGEST_SIDE;
      Require.between("side", side, 1, largest);
    }
    if (channels != null) {
      if (name != DatasetName.FOLDER) {
        throw new InvalidValueException(
            "channels",
            "has no effect with name: "
                + YamlNames.of(name)
                + " ("
                + channels
                + "), allowed: only with name: folder");
      }
      if (channels != 1 && channels != 3) {
        throw new InvalidValueException(
            "channels", "unknown value (" + channels + "), allowed: 1 (grey) or 3 (colour)");
      }
    }
    flip = flip != null && flip;
    download = download == null || download;
  }

  /** The side of the images as far as it is known without the files. */
  public OptionalInt knownSide() {
    int known = side != null ? side : name.side();
    return known > 0 ? OptionalInt.of(known) : OptionalInt.empty();
  }
}
