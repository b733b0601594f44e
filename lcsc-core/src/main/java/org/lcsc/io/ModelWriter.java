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

  /**
   * Reads the derivatives of a score by the parameters, from a file of a model's tensors.
   *
   * @param file of this {@link #suffix}; a tensor that it lacks does not change the score
   * @param gradient float32 {@code [P]}, overwritten
   * @throws IOException where it cannot be read, has none of the tensors or others, or is not
   *     finite; also where models are no files of named tensors
   */
  default void readGradient(Path file, INDArray gradient) throws IOException {
    throw new IOException("gradients are read of files of named tensors alone");
  }
}
