package org.lcsc.io;

import java.io.IOException;
import java.nio.file.Path;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Writes parameters as a model file that other programs read. Thread-safe. */
public interface ModelWriter {

  /** The ending of the files, for example {@code .zip}. */
  String suffix();

  /**
   * Writes a model, straight to the path; see {@link AtomicFiles#writeFile} for a file that is to
   * appear whole.
   *
   * @param file is replaced where it exists
   * @param parameters P elements; not modified
   * @param iteration updates applied
   * @throws IOException where the file cannot be written
   */
  void write(Path file, INDArray parameters, long iteration) throws IOException;
}
