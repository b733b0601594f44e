package org.lcsc.tensor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.lcsc.config.Kind;

/**
 * The kind {@code torch}: the zip file of PyTorch's {@code torch.save}, since version 1.6, of plain
 * tensors in dictionaries and lists.
 */
@Kind("torch")
public record TorchFormat() implements CheckpointFormat {

  private static final List<String> SUFFIXES = List.of(".pt", ".pth", ".ckpt", ".bin");

  @Override
  public String suffix() {
    return SUFFIXES.get(0);
  }

  @Override
  public boolean reads(String name) {
    return SUFFIXES.stream().anyMatch(name::endsWith);
  }

  @Override
  public TensorFile open(Path file) throws IOException {
    return TorchFile.open(file);
  }
}
