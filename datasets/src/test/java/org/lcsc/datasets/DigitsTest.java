package org.lcsc.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.lcsc.image.ImageShape;

class DigitsTest {

  /** The class histogram that the repository publishes for optdigits.tes. */
  private static final int[] PUBLISHED = {178, 182, 177, 183, 181, 182, 181, 179, 174, 180};

  /** The first image of optdigits.tes, a zero. */
  private static final int[] FIRST = {
    0, 0, 5, 13, 9, 1, 0, 0,
    0, 0, 13, 15, 10, 15, 5, 0,
    0, 3, 15, 2, 0, 11, 8, 0,
    0, 4, 12, 0, 0, 8, 8, 0,
    0, 5, 8, 0, 0, 9, 8, 0,
    0, 4, 11, 0, 1, 12, 7, 0,
    0, 2, 14, 5, 10, 12, 0, 0,
    0, 0, 6, 13, 10, 0, 0, 0,
  };

  @Test
  void holdsThePublishedImages() throws IOException {
    ImageDataSet digits = load(Split.ALL);
    assertThat(digits.size()).isEqualTo(1797);
    assertThat(digits.shape()).isEqualTo(new ImageShape(1, 8, 8));
    assertThat(histogram(digits)).isEqualTo(PUBLISHED);
    assertThat(digits.label(0)).isZero();
    assertThat(digits.label(1796)).isEqualTo(8);
    byte[] first = digits.pixels(0);
    for (int i = 0; i < FIRST.length; i++) {
      assertThat(first[i] & 0xff)
          .as("pixel %d", i)
          .isEqualTo((int) Math.floor(FIRST[i] * 255 / 16.0 + 0.5));
    }
  }

  @Test
  void theSplitsDivideEveryClassInTheSameProportion() throws IOException {
    ImageDataSet train = load(Split.TRAIN);
    ImageDataSet test = load(Split.TEST);
    assertThat(train.size()).isEqualTo(1501);
    assertThat(test.size()).isEqualTo(296);
    int[] held = histogram(test);
    int[] kept = histogram(train);
    for (int c = 0; c < 10; c++) {
      assertThat(held[c]).as("class %d", c).isEqualTo(PUBLISHED[c] / 6);
      assertThat(held[c] + kept[c]).as("class %d", c).isEqualTo(PUBLISHED[c]);
    }
  }

  @Test
  void theSplitsShareNoImage() throws IOException {
    ImageDataSet all = load(Split.ALL);
    ImageDataSet train = load(Split.TRAIN);
    ImageDataSet test = load(Split.TEST);
    int trained = 0;
    int tested = 0;
    for (int i = 0; i < all.size(); i++) {
      byte[] image = all.pixels(i);
      if (trained < train.size() && Arrays.equals(image, train.pixels(trained))) {
        trained++;
      } else if (tested < test.size() && Arrays.equals(image, test.pixels(tested))) {
        tested++;
      }
    }
    assertThat(trained).isEqualTo(train.size());
    assertThat(tested).isEqualTo(test.size());
  }

  @Test
  void shrinks() throws IOException {
    ImageDataSet small = new DataSets.Digits(4, false).load(Split.TRAIN);
    assertThat(small.shape()).isEqualTo(new ImageShape(1, 4, 4));
    assertThat(small.size()).isEqualTo(1501);
    // Pixels 5, 13, 13, 15 of the first image: 80, 207, 207, 239, whose mean is 183.25.
    assertThat(small.pixels(0)[1] & 0xff).isEqualTo(183);
  }

  private static ImageDataSet load(Split split) throws IOException {
    return new DataSets.Digits().load(split);
  }

  private static int[] histogram(ImageDataSet images) {
    int[] counts = new int[images.classes()];
    for (int i = 0; i < images.size(); i++) {
      counts[images.label(i)]++;
    }
    return counts;
  }
}
