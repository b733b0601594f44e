package org.lcsc.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads plain arrays from NumPy's {@code .npz} files. Pickled objects are refused. Stateless.
 *
 * <p>Stateless and thread-safe.
 */
public final class NumpyArchive {

  /** Largest number of elements of a vector. */
  private static final int MAX_LENGTH = 1 << 20;

  private NumpyArchive() {}

  /**
   * Reads numbered vectors: {@code prefix0}, {@code prefix1} ...
   *
   * @param file the archive
   * @param prefix what the arrays' names begin with
   * @param count how many
   * @return their values; axes of length 1 do not matter
   * @throws IOException where the file is missing, damaged or without such an array
   */
  public static List<float[]> vectors(Path file, String prefix, int count) throws IOException {
    List<float[]> vectors = new ArrayList<>();
    try (NpzArchive archive = NpzArchive.open(file)) {
      for (int i = 0; i < count; i++) {
        NpyArray array = archive.read(prefix + i, MAX_LENGTH);
        int axes = 0;
        for (int extent : array.shape()) {
          axes += extent == 1 ? 0 : 1;
        }
        if (axes > 1) {
          throw new IOException(
              file + ": " + prefix + i + " must be a vector, got shape " + array.shapeText());
        }
        double[] values = array.doubles();
        float[] floats = new float[values.length];
        for (int k = 0; k < floats.length; k++) {
          floats[k] = (float) values[k];
        }
        vectors.add(floats);
      }
    }
    return vectors;
  }
}
