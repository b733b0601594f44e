package org.lcsc.datasets;

import java.nio.file.Path;

/**
 * What a loader is asked for.
 *
 * @param name of the data set
 * @param path where the files are; null: the installed files, the cache, a download
 * @param side side in pixels that a folder's images are cropped and shrunk to; null: that they have
 * @param channels 1 or 3, of a folder
 * @param download whether missing files may be downloaded
 */
record DataSetSpec(String name, Path path, Integer side, int channels, boolean download) {

  /** Refuses a missing file that may not be downloaded. */
  void requireDownload(Path missing) throws DataSetException {
    if (!download) {
      throw new DataSetException(
          missing, "is missing", "put it there, give the path of a copy, or allow the download");
    }
  }
}
