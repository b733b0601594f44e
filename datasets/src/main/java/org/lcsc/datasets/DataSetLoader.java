package org.lcsc.datasets;

import java.io.IOException;

/** Loads one kind of data set. Thread-safe. */
@FunctionalInterface
interface DataSetLoader {

  /**
   * @return the images; {@link DataSets} shrinks them to the wanted side
   * @throws IOException where files are missing, damaged or of another form
   */
  ImageDataSet load(DataSetSpec spec, Split split) throws IOException;
}
