package org.lcsc.datasets;

import java.nio.file.Path;

/** What the loaders' tests ask for. */
final class Specs {

  private Specs() {}

  static DataSetSpec of(String name) {
    return of(name, null);
  }

  static DataSetSpec of(String name, Path path) {
    return new DataSetSpec(name, path, null, 3, true);
  }

  static DataSetSpec offline(String name) {
    return new DataSetSpec(name, null, null, 3, false);
  }

  static DataSetSpec folder(Path path, Integer side, int channels) {
    return new DataSetSpec("folder", path, side, channels, true);
  }
}
