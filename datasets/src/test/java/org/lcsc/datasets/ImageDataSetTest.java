package org.lcsc.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.lcsc.image.ImageShape;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class ImageDataSetTest {

  private static final ImageShape SHAPE = new ImageShape(2, 2, 3);
  private static final int[] LABELS = {1, 0, 2, 1};

  private final byte[] pixels = TestFiles.noise(11, 4 * SHAPE.length());
  private final ImageDataSet images = ImageDataSet.of("four", SHAPE, pixels, 3, LABELS);

  @Test
  void describesItself() {
    assertThat(images.size()).isEqualTo(4);
    assertThat(images.shape()).isEqualTo(SHAPE);
    assertThat(images.classes()).isEqualTo(3);
    assertThat(images.label(2)).isEqualTo(2);
    assertThat(images.labels(new int[] {3, 1})).containsExactly(1, 0);
    assertThat(images).hasToString("four: 4 images of 2x2x3, 3 classes");
  }

  @Test
  void aBatchHoldsPixelsScaledToMinusOneToOne() {
    INDArray batch = images.batch(new int[] {3, 0, 3});
    assertThat(batch.shape()).containsExactly(3, 2, 2, 3);
    assertThat(batch.dataType()).isEqualTo(DataType.FLOAT);
    assertThat(batch.ordering()).isEqualTo('c');
    for (int n = 0; n < 3; n++) {
      int image = n == 1 ? 0 : 3;
      for (int c = 0; c < 2; c++) {
        for (int y = 0; y < 2; y++) {
          for (int x = 0; x < 3; x++) {
            assertThat(batch.getFloat(n, c, y, x))
                .as("image %d, channel %d, row %d, column %d", image, c, y, x)
                .isCloseTo(value(image, c, y, x), within(1e-6f));
          }
        }
      }
    }
  }

  @Test
  void theExtremePixelsBecomeMinusOneAndOneExactly() {
    byte[] extremes = {0, (byte) 255};
    float[] values =
        ImageDataSet.of("extremes", new ImageShape(1, 1, 2), extremes, 0, null)
            .batch(0, 1)
            .data()
            .asFloat();
    assertThat(values).containsExactly(-1f, 1f);
  }

  @Test
  void aFlagMirrorsItsImageLeftToRight() {
    INDArray batch = images.batch(new int[] {1, 2}, new boolean[] {true, false});
    for (int c = 0; c < 2; c++) {
      for (int y = 0; y < 2; y++) {
        for (int x = 0; x < 3; x++) {
          assertThat(batch.getFloat(0, c, y, x)).isCloseTo(value(1, c, y, 2 - x), within(1e-6f));
          assertThat(batch.getFloat(1, c, y, x)).isCloseTo(value(2, c, y, x), within(1e-6f));
        }
      }
    }
    assertThat(images.pixels(1)).as("the stored image").isEqualTo(part(1, 1));
  }

  @Test
  void consecutiveImagesEqualTheirIndices() {
    assertThat(images.batch(1, 2)).isEqualTo(images.batch(new int[] {1, 2}));
  }

  @Test
  void oneSetFollowsAnother() {
    ImageDataSet both = set(1, 3).followedBy(set(0, 2));
    assertThat(both.batch(0, 5)).isEqualTo(images.batch(new int[] {1, 2, 3, 0, 1}));
    assertThat(both.labels(new int[] {0, 3, 4})).containsExactly(0, 1, 0);
  }

  private ImageDataSet set(int first, int count) {
    int[] labels = Arrays.copyOfRange(LABELS, first, first + count);
    return ImageDataSet.of("part", SHAPE, part(first, count), 3, labels);
  }

  @Test
  void theFingerprintIsOfTheContentAlone() {
    String fingerprint = images.fingerprint();
    assertThat(fingerprint).matches("[0-9a-f]{64}").isEqualTo(FINGERPRINT);
    assertThat(ImageDataSet.of("another name", SHAPE, pixels, 3, LABELS).fingerprint())
        .isEqualTo(fingerprint);
    byte[] changed = pixels.clone();
    changed[changed.length - 1] ^= 1;
    assertThat(ImageDataSet.of("four", SHAPE, changed, 3, LABELS).fingerprint())
        .as("one pixel changed")
        .isNotEqualTo(fingerprint);
    assertThat(ImageDataSet.of("four", SHAPE, pixels, 3, new int[] {1, 0, 2, 0}).fingerprint())
        .as("one label changed")
        .isNotEqualTo(fingerprint);
    assertThat(ImageDataSet.of("four", new ImageShape(2, 3, 2), pixels, 3, LABELS).fingerprint())
        .as("another shape")
        .isNotEqualTo(fingerprint);
    assertThat(ImageDataSet.of("four", SHAPE, pixels, 0, null).fingerprint())
        .as("no labels")
        .isNotEqualTo(fingerprint);
  }

  @Test
  void laterChangesOfTheCallersArraysDoNotShow() {
    byte[] mine = pixels.clone();
    int[] labels = LABELS.clone();
    ImageDataSet set = ImageDataSet.of("mine", SHAPE, mine, 3, labels);
    mine[0] ^= 1;
    labels[0] = 2;
    set.pixels(0)[0] ^= 1;
    assertThat(set.pixels(0)).isEqualTo(part(0, 1));
    assertThat(set.label(0)).isEqualTo(LABELS[0]);
  }

  @Test
  void theDeviationIsThatOfTheScaledValues() {
    float[] values = images.batch(0, 4).data().asFloat();
    double sum = 0;
    double squares = 0;
    for (float value : values) {
      sum += value;
      squares += (double) value * value;
    }
    double mean = sum / values.length;
    assertThat(images.standardDeviation())
        .isCloseTo(Math.sqrt(squares / values.length - mean * mean), within(1e-6));
  }

  @Test
  void shrinksSquareImagesAndKeepsTheirLabels() {
    byte[] square = {0, 10, 20, 30, 1, 1, 1, 1};
    ImageDataSet set =
        ImageDataSet.of("squares", new ImageShape(1, 2, 2), square, 5, new int[] {4, 3});
    ImageDataSet small = set.resizedTo(1);
    assertThat(small.shape()).isEqualTo(new ImageShape(1, 1, 1));
    assertThat(small.pixels(0)).containsExactly(15);
    assertThat(small.pixels(1)).containsExactly(1);
    assertThat(small.label(0)).isEqualTo(4);
    assertThat(set.resizedTo(2)).isSameAs(set);
    assertThatThrownBy(() -> set.resizedTo(3)).hasMessageContaining("must be 1 to 2");
    assertThatThrownBy(() -> images.resizedTo(1)).hasMessageContaining("2x2x3 are not square");
  }

  @Test
  void setsLargerThanOneChunkReadBack() {
    ImageShape shape = new ImageShape(1, 1024, 1024);
    byte[] content = new byte[18 * shape.length()];
    for (int i = 0; i < 18; i++) {
      content[i * shape.length()] = (byte) i;
      content[(i + 1) * shape.length() - 1] = (byte) -i;
    }
    ImageDataSet large = ImageDataSet.of("large", shape, content, 0, null);
    for (int i = 0; i < 18; i++) {
      byte[] image = large.pixels(i);
      assertThat(image[0]).isEqualTo((byte) i);
      assertThat(image[image.length - 1]).isEqualTo((byte) -i);
    }
  }

  @Test
  void refusesBadArguments() {
    assertThatThrownBy(() -> images.batch(new int[] {4}))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("image 4 of data set four: must be 0 to 3");
    assertThatThrownBy(() -> images.batch(new int[] {-1})).hasMessageContaining("image -1");
    assertThatThrownBy(() -> images.batch(new int[0])).hasMessageContaining("must hold 1 to");
    assertThatThrownBy(() -> images.batch(3, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> images.batch(1, Integer.MAX_VALUE))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> images.batch(1, 0)).hasMessageContaining("count 0");
    assertThatThrownBy(() -> images.batch(new int[] {1}, new boolean[2]))
        .hasMessage("flip.length 2: must be 1, one per image");
    assertThatThrownBy(() -> images.read(new int[] {1}, null, new float[11]))
        .hasMessage("target.length 11: must be at least 12");
    assertThatThrownBy(() -> ImageDataSet.of("x", SHAPE, new byte[13], 0, null))
        .hasMessageContaining("multiple of 12");
    assertThatThrownBy(() -> ImageDataSet.of("x", SHAPE, new byte[12], 2, new int[] {2}))
        .hasMessage("label 2 of image 0: must be 0 to 1");
    assertThatThrownBy(() -> ImageDataSet.of("x", SHAPE, new byte[12], 2, new int[2]))
        .hasMessageContaining("labels.length 2");
    assertThatThrownBy(() -> new ImageShape(0, 1, 1)).hasMessageContaining("0x1x1");
    assertThatThrownBy(() -> new ImageShape(3, 1 << 16, 1 << 16)).hasMessageContaining("at most");
  }

  @Test
  void aSetWithoutLabelsSaysSo() {
    ImageDataSet plain = ImageDataSet.of("plain", SHAPE, pixels, 7, null);
    assertThat(plain.labelled()).isFalse();
    assertThat(plain.classes()).isZero();
    assertThatThrownBy(() -> plain.label(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("data set plain has no labels");
  }

  private float value(int image, int channel, int row, int column) {
    int at = ((image * 2 + channel) * 2 + row) * 3 + column;
    return (pixels[at] & 0xff) / 127.5f - 1f;
  }

  private byte[] part(int first, int count) {
    int values = SHAPE.length();
    return Arrays.copyOfRange(pixels, first * values, (first + count) * values);
  }

  private static final String FINGERPRINT =
      "4e9e2efb31504e7003f8baded859b9b920c5a6ba4033f15db2c1af02ab9faede";
}
