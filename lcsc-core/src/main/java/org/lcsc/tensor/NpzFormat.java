package org.lcsc.tensor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.lcsc.config.Kind;

/** The kind {@code npz}: NumPy's zip file of named arrays. */
@Kind("npz")
public record NpzFormat() implements CheckpointFormat {

  @Override
  public String suffix() {
    return ".npz";
  }

  @Override
  public boolean reads(String name) {
    return name.endsWith(suffix());
  }

  @Override
  public TensorFile open(Path file) throws IOException {
    return NpzFile.open(file);
  }

  /**
   * Writes arrays, straight to the path; see {@link TensorFile#rewrite}.
   *
   * @throws IOException where a value cannot be read or the file not be written
   */
  public static void write(Path target, List<Tensor> arrays, TensorValues values)
      throws IOException {
    NpzFile.write(target, arrays, values);
  }
}
