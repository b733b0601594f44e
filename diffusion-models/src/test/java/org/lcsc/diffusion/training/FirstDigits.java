package org.lcsc.diffusion.training;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.stream.IntStream;
import org.lcsc.datasets.DataSets;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.datasets.Split;

/** The first training images of the digits, for tests that have no time for all of them. */
public final class FirstDigits {

  private FirstDigits() {}

  /** So many of them, with their labels. */
  public static ImageDataSet of(int count) throws IOException {
    ImageDataSet all = new DataSets.Digits().load(Split.TRAIN);
    ByteArrayOutputStream pixels = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      pixels.writeBytes(all.pixels(i));
    }
    int[] labels = all.labels(IntStream.range(0, count).toArray());
    return ImageDataSet.of("digits", all.shape(), pixels.toByteArray(), all.classes(), labels);
  }
}
