package org.lcsc.datasets;

import java.nio.file.Path;

/**
 * What a loader is asked for.
 *
 * @param name of the data set
 * @param path where the files are; null: the installed files, the cache, a download
 * @param side side in pixels that a folder's images are cropped and shrunk to; null: that they have
 * @param channels 1 or 3, of a folder
 * @param download whether missing files may be downloaded; null: they may
 */
record DataSetSpec(String name, Path path, Integer side, Integer channels, Boolean download) {

  /** A set by name alone. */
  static DataSetSpec of(String name) {
    return new DataSetSpec(name, null, null, null, null);
  }

  /** A set of files in a directory or archive. */
  static DataSetSpec of(String name, Path path) {
    return new DataSetSpec(name, path, null, null, null);
  }

  /** The same set with its images shrunk to {@code side x side}. */
  DataSetSpec withSide(int side) {
    return new DataSetSpec(name, path, side, channels, download);
  }

  /** The same folder read as grey (1) or colour (3) images. */
  DataSetSpec withChannels(int channels) {
    return new DataSetSpec(name, path, side, channels, download);
  }

  /** The same set, never downloaded. */
  DataSetSpec offline() {
    return new DataSetSpec(name, path, side, channels, false);
  }

  /** Whether missing files may be downloaded. */
  boolean mayDownload() {
    return download == null || download;
  }
}
