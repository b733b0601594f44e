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

  /**
   * Refuses a place that does not hold the files of a part, without reading one.
   *
   * @param spec with a path that is there
   * @param split the training images or the test images
   * @throws IOException as {@link #load}
   */
  default void requireFiles(DataSetSpec spec, Split split) throws IOException {}
}
