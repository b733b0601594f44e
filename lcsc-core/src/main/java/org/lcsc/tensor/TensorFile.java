package org.lcsc.tensor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * An open file of named tensors. Only what describes them is in memory; values are read when asked
 * for. Not thread-safe.
 */
public interface TensorFile extends TensorValues, AutoCloseable {

  /** The tensors, in the order of the file; names are unique. */
  List<Tensor> tensors();

  /** Texts that the file holds beside the tensors; empty where its format has none. */
  Map<String, String> metadata();

  /** Names of tensors that share values with each other, such as tied weights, set by set. */
  default List<List<String>> tied() {
    return List.of();
  }

  /**
   * Writes a file of the same format with the same tensors and all else that this one holds, but
   * with other values. Straight to the path: a caller that wants the file whole or not at all
   * passes through {@link org.lcsc.io.AtomicFiles#writeFile}.
   *
   * @param target is replaced where it exists; another file than this
   * @throws IOException where a value cannot be read or the file not be written
   */
  void rewrite(Path target, TensorValues values) throws IOException;

  @Override
  void close() throws IOException;
}
