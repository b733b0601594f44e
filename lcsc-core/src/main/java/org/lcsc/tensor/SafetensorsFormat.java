package org.lcsc.tensor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.lcsc.config.Kind;

/**
 * The kind {@code safetensors}: an 8-byte length, a JSON header, the values; or the index of a
 * model in several such files, {@code NAME.safetensors.index.json}.
 */
@Kind("safetensors")
public record SafetensorsFormat() implements CheckpointFormat {

  static final String SUFFIX = ".safetensors";
  static final String INDEX = ".safetensors.index.json";

  @Override
  public String suffix() {
    return SUFFIX;
  }

  @Override
  public boolean reads(String name) {
    return name.endsWith(SUFFIX) || name.endsWith(INDEX);
  }

  @Override
  public TensorFile open(Path file) throws IOException {
    return file.toString().endsWith(INDEX)
        ? ShardedSafetensors.open(file)
        : SafetensorsFile.open(file);
  }

  @Override
  public List<Path> files(Path file) throws IOException {
    return file.toString().endsWith(INDEX)
        ? ShardedSafetensors.files(file)
        : CheckpointFormat.super.files(file);
  }
}
