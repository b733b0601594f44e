package org.lcsc.tensor;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The kind {@code safetensors}: an 8-byte length, a JSON header, the values; or the index of a
 * model in several such files, {@code NAME.safetensors.index.json}.
 */
public record SafetensorsFormat() implements CheckpointFormat {

  static final String SUFFIX = ".safetensors";
  static final String INDEX = ".safetensors.index.json";

  @Override
  public String kind() {
    return "safetensors";
  }

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
}
