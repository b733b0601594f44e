package org.lcsc.metrics;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.lcsc.io.NpyArray;
import org.lcsc.io.NpzArchive;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Arrays of the files that src/test/python/metric_vectors.py made. */
public final class CommittedFeatures {

  private CommittedFeatures() {}

  /** A file beside the tests. */
  public static Path file(String name) {
    try {
      return Path.of(CommittedFeatures.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** An array of a file, as float. */
  public static INDArray array(String file, String name) throws IOException {
    try (NpzArchive archive = NpzArchive.open(file(file))) {
      NpyArray array = archive.read(name, 1 << 20);
      float[] values = new float[array.length()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) array.doubles()[i];
      }
      long[] shape = new long[array.shape().length];
      for (int i = 0; i < shape.length; i++) {
        shape[i] = array.shape()[i];
      }
      return Nd4j.create(values, shape, 'c');
    }
  }

  /** All values of an array, row-major. */
  public static double[] values(String file, String name) throws IOException {
    try (NpzArchive archive = NpzArchive.open(file(file))) {
      return archive.read(name, 1 << 20).doubles();
    }
  }

  /** The single value of an array. */
  public static double value(String file, String name) throws IOException {
    return values(file, name)[0];
  }
}
