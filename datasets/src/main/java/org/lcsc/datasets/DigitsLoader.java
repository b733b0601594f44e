package org.lcsc.datasets;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.lcsc.image.ImageShape;

/**
 * The embedded digits: the test part of "Optical Recognition of Handwritten Digits" by E. Alpaydin
 * and C. Kaynak (1998), UCI Machine Learning Repository, doi.org/10.24432/C50P49, CC BY 4.0.
 *
 * <p>1,797 images of 1x8x8; a value v of 0 to 16 becomes the pixel round(v * 255 / 16). Of every
 * class, in the file's order, each sixth image belongs to the test split: 1,501 images to train on
 * and 296 held out, both with the classes in equal proportion. ALL keeps the file's order instead
 * of joining the two.
 */
final class DigitsLoader implements DataSetLoader {

  private static final String RESOURCE = "digits.csv.gz";
  private static final ImageShape SHAPE = new ImageShape(1, 8, 8);
  private static final int IMAGES = 1797;
  private static final int CLASSES = 10;
  private static final int MAX_VALUE = 16;
  private static final int TEST_EVERY = 6;

  @Override
  public ImageDataSet load(DataSetSpec spec, Split split) throws IOException {
    byte[] pixels = new byte[IMAGES * SHAPE.length()];
    int[] labels = new int[IMAGES];
    int[] seen = new int[CLASSES];
    int count = 0;
    try (InputStream resource = DigitsLoader.class.getResourceAsStream(RESOURCE)) {
      if (resource == null) {
        throw new DataSetException(RESOURCE, "is not on the class path", "must be in this library");
      }
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(new GZIPInputStream(resource), StandardCharsets.US_ASCII));
      for (int number = 1; number <= IMAGES; number++) {
        labels[count] = parse(lines.readLine(), number, pixels, count * SHAPE.length());
        boolean test = ++seen[labels[count]] % TEST_EVERY == 0;
        if (split == Split.ALL || test == (split == Split.TEST)) {
          count++;
        }
      }
    }
    HeapPixels.Writer writer = new HeapPixels.Writer(SHAPE.length());
    for (int i = 0; i < count; i++) {
      writer.append(pixels, i * SHAPE.length());
    }
    int[] kept = Arrays.copyOf(labels, count);
    return new ImageDataSet("digits", SHAPE, CLASSES, writer.finish(), count, kept, null);
  }

  /** Reads one image to {@code at} and returns its class. */
  private static int parse(String line, int number, byte[] pixels, int at) throws IOException {
    String[] fields = line == null ? new String[0] : line.split(",", -1);
    if (fields.length != SHAPE.length() + 1) {
      throw new DataSetException(
          RESOURCE, "line " + number + " has " + fields.length + " fields", "must have 65");
    }
    for (int i = 0; i < SHAPE.length(); i++) {
      int value = within(fields[i], MAX_VALUE, number);
      pixels[at + i] = (byte) Math.round(value * 255.0 / MAX_VALUE);
    }
    return within(fields[SHAPE.length()], CLASSES - 1, number);
  }

  private static int within(String field, int most, int number) throws IOException {
    int value;
    try {
      value = Integer.parseInt(field);
    } catch (NumberFormatException e) {
      value = -1;
    }
    if (value < 0 || value > most) {
      throw new DataSetException(
          RESOURCE, "line " + number + " has the value " + field, "must be 0 to " + most);
    }
    return value;
  }
}
