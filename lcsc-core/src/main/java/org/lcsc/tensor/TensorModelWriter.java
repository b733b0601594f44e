package org.lcsc.tensor;

import java.io.IOException;
import java.nio.file.Path;
import org.lcsc.io.HostMemory;
import org.lcsc.io.ModelWriter;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Writes parameters as files like a checkpoint, which stays open: it may be deleted meanwhile.
 * Thread-safe.
 */
public final class TensorModelWriter implements ModelWriter, AutoCloseable {

  private final CheckpointFormat format;
  private final TensorFile like;
  private final TensorLayout layout;

  TensorModelWriter(CheckpointFormat format, TensorFile like, TensorLayout layout) {
    this.format = format;
    this.like = like;
    this.layout = layout;
  }

  @Override
  public String suffix() {
    return format.suffix();
  }

  @Override
  public synchronized void write(Path file, INDArray parameters, long iteration)
      throws IOException {
    if (parameters.length() != layout.parameters()) {
      throw new IllegalArgumentException(
          "the model has " + layout.parameters() + " parameters, got " + parameters.length());
    }
    try (HostMemory memory = HostMemory.read(parameters)) {
      like.rewrite(file, layout.model(memory, like));
    }
  }

  @Override
  public void readGradient(Path file, INDArray gradient) throws IOException {
    try (TensorFile content = CheckpointFormat.openAny(file)) {
      layout.readGradient(file, content, gradient);
    }
  }

  @Override
  public void close() throws IOException {
    like.close();
  }
}
