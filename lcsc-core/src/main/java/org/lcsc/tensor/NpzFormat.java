package org.lcsc.tensor;

import java.io.IOException;
import java.nio.file.Path;
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
}
