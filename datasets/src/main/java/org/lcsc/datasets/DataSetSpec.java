package org.lcsc.datasets;

import java.nio.file.Path;
import java.util.List;

/**
 * Which data set to load, and how. Every component but the name may be null, which means its
 * default.
 *
 * @param name one of {@link #NAMES}
 * @param path where the files are: a directory, for cifar10 also the .tar.gz archive. Required by
 *     idx, imagenet64 and folder; not taken by digits, which is embedded. Default: the installed
 *     files, the cache, a download.
 * @param side side in pixels of the square images to deliver; larger images are shrunk by area
 *     averaging, those of a folder centre-cropped to squares first. Default: the side they have.
 * @param channels 1 for grey, 3 for colour; only for folder, where the default is 3
 * @param download whether missing files may be downloaded; default true
 */
public record DataSetSpec(
    String name, Path path, Integer side, Integer channels, Boolean download) {

  /** Every known name. */
  public static final List<String> NAMES =
      List.of("digits", "fashion-mnist", "mnist", "idx", "cifar10", "imagenet64", "folder");

  private static final List<String> NEED_PATH = List.of("idx", "imagenet64", "folder");
  private static final int MAX_SIDE = 4096;

  /**
   * @throws IllegalArgumentException where the name is unknown, a path is missing or not taken, the
   *     side is not 1 to 4096, or channels are not 1 or 3 or the set is not a folder
   */
  public DataSetSpec {
    if (name == null || !NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "data set name " + name + ": must be one of " + String.join(", ", NAMES));
    }
    if (path == null && NEED_PATH.contains(name)) {
      throw new IllegalArgumentException(
          "data set " + name + " has no path: must name the directory that holds its files");
    }
    if (path != null && name.equals("digits")) {
      throw new IllegalArgumentException(
          "data set digits, path " + path + ": must be absent, the images are embedded");
    }
    if (side != null && (side < 1 || side > MAX_SIDE)) {
      throw new IllegalArgumentException(
          "data set " + name + ", side " + side + ": must be 1 to " + MAX_SIDE);
    }
    if (channels != null && !name.equals("folder")) {
      throw new IllegalArgumentException(
          "data set " + name + ", channels " + channels + ": must be absent, only folder has it");
    }
    if (channels != null && channels != 1 && channels != 3) {
      throw new IllegalArgumentException(
          "data set folder, channels " + channels + ": must be 1 (grey) or 3 (colour)");
    }
  }

  /** A set by name alone. */
  public static DataSetSpec of(String name) {
    return new DataSetSpec(name, null, null, null, null);
  }

  /** A set of files in a directory or archive. */
  public static DataSetSpec of(String name, Path path) {
    return new DataSetSpec(name, path, null, null, null);
  }

  /** The same set with its images shrunk to {@code side x side}. */
  public DataSetSpec withSide(int side) {
    return new DataSetSpec(name, path, side, channels, download);
  }

  /** The same folder read as grey (1) or colour (3) images. */
  public DataSetSpec withChannels(int channels) {
    return new DataSetSpec(name, path, side, channels, download);
  }

  /** The same set, never downloaded. */
  public DataSetSpec offline() {
    return new DataSetSpec(name, path, side, channels, false);
  }

  /** Whether missing files may be downloaded. */
  boolean mayDownload() {
    return download == null || download;
  }
}
