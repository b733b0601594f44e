package org.lcsc.cli.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.experiment.InvalidInputException;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class SampleGridTest {

  private static final int WHITE = 0xffffff;

  @TempDir Path directory;

  private static int grey(int value) {
    return value << 16 | value << 8 | value;
  }

  private static int rgb(BufferedImage image, int x, int y) {
    return image.getRGB(x, y) & 0xffffff;
  }

  private static INDArray images(int n, int c, int h, int w, float... values) {
    return Nd4j.createFromArray(values).reshape('c', n, c, h, w);
  }

  @Test
  void mapsValuesToBytes() throws IOException {
    INDArray images = images(1, 1, 1, 8, -1, 0, 1, -2, 2, 0.5f, Float.NaN, -0.999f);
    Path file = directory.resolve("values.png");
    new SampleGrid(1, 0, 1).write(file, images);

    BufferedImage png = ImageIO.read(file.toFile());
    assertThat(png.getWidth()).isEqualTo(8);
    assertThat(png.getHeight()).isEqualTo(1);
    int[] expected = {0, 127, 255, 0, 255, 191, 0, 0};
    for (int x = 0; x < expected.length; x++) {
      assertThat(rgb(png, x, 0)).as("pixel %d", x).isEqualTo(grey(expected[x]));
    }
  }

  @Test
  void laysImagesOutRowByRowWithPaddingAndScale() {
    // Five images of 1 x 2 pixels, each with its own two values.
    float[] values = new float[10];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i * 10 + 0.5f) / 127.5f - 1;
    }
    BufferedImage grid = new SampleGrid(3, 2, 4).draw(images(5, 1, 1, 2, values));

    assertThat(grid.getWidth()).isEqualTo(3 * (2 * 4 + 2) + 2);
    assertThat(grid.getHeight()).isEqualTo(2 * (4 + 2) + 2);
    for (int n = 0; n < 5; n++) {
      int left = 2 + n % 3 * 10;
      int top = 2 + n / 3 * 6;
      assertThat(rgb(grid, left, top)).as("image %d", n).isEqualTo(grey(20 * n));
      assertThat(rgb(grid, left + 3, top + 3)).as("image %d", n).isEqualTo(grey(20 * n));
      assertThat(rgb(grid, left + 4, top)).as("image %d", n).isEqualTo(grey(20 * n + 10));
      assertThat(rgb(grid, left + 8, top)).as("right of image %d", n).isEqualTo(WHITE);
      assertThat(rgb(grid, left, top - 1)).as("above image %d", n).isEqualTo(WHITE);
    }
    assertThat(rgb(grid, 2 + 2 * 10, 2 + 6)).as("no sixth image").isEqualTo(WHITE);
  }

  @Test
  void drawsColours() {
    INDArray images = images(1, 3, 1, 2, 1, -1, -1, 1, 0, -1);
    BufferedImage grid = new SampleGrid(1, 0, 1).draw(images);
    assertThat(rgb(grid, 0, 0)).isEqualTo(0xff007f);
    assertThat(rgb(grid, 1, 0)).isEqualTo(0x00ff00);
  }

  @Test
  void drawsViewsOtherOrdersAndTypesAlike() {
    INDArray large = Nd4j.linspace(DataType.FLOAT, -1, 0.03, 64).reshape('c', 4, 1, 4, 4);
    INDArray view =
        large.get(
            NDArrayIndex.interval(1, 3),
            NDArrayIndex.all(),
            NDArrayIndex.interval(1, 3),
            NDArrayIndex.interval(2, 4));
    SampleGrid grid = new SampleGrid(2, 1, 1);
    BufferedImage expected = grid.draw(view.dup('c'));

    for (INDArray same : List.of(view, view.dup('f'), view.castTo(DataType.DOUBLE))) {
      BufferedImage actual = grid.draw(same);
      for (int y = 0; y < expected.getHeight(); y++) {
        for (int x = 0; x < expected.getWidth(); x++) {
          assertThat(rgb(actual, x, y)).as("(%d, %d)", x, y).isEqualTo(rgb(expected, x, y));
        }
      }
    }
    assertThat(rgb(expected, 1, 1)).isEqualTo(grey((int) ((-1 + 22 * 0.03 + 1) * 127.5)));
  }

  @Test
  void putsGridsBesideEachOther() throws IOException {
    SampleGrid grid = new SampleGrid(2, 1, 8);
    INDArray black = images(2, 1, 2, 2, -1, -1, -1, -1, -1, -1, -1, -1);
    INDArray grey = black.add(1);
    Path file = directory.resolve("beside.png");
    grid.writeSideBySide(
        file,
        List.of(new SampleGrid.Captioned("EMA", black), new SampleGrid.Captioned("LCSC", grey)));

    BufferedImage png = ImageIO.read(file.toFile());
    int width = grid.draw(black).getWidth();
    assertThat(png.getWidth()).isEqualTo(2 * width + 16);
    assertThat(rgb(png, 1, 21)).isEqualTo(0);
    assertThat(rgb(png, width + 8, 30)).as("gap").isEqualTo(WHITE);
    assertThat(rgb(png, width + 16 + 1, 21)).isEqualTo(grey(127));
    assertThat(darkPixels(png, 0, width)).as("left caption").isPositive();
    assertThat(darkPixels(png, width + 16, png.getWidth())).as("right caption").isPositive();
  }

  private static long darkPixels(BufferedImage image, int from, int to) {
    long dark = 0;
    for (int y = 0; y < 20; y++) {
      for (int x = from; x < to; x++) {
        dark += (rgb(image, x, y) & 0xff) < 128 ? 1 : 0;
      }
    }
    return dark;
  }

  @Test
  void fitsTheNumberOfImages() {
    assertThat(SampleGrid.fitting(64, 8)).isEqualTo(new SampleGrid(8, 2, 4));
    assertThat(SampleGrid.fitting(10, 64)).isEqualTo(new SampleGrid(4, 2, 1));
  }

  @Test
  void refusesWhatIsNoImage() {
    SampleGrid grid = new SampleGrid(2, 1, 1);
    assertThatThrownBy(() -> grid.draw(Nd4j.create(2, 2, 4, 4)))
        .hasMessage(
            "images of shape [2, 2, 4, 4]: must be [N, C, H, W] with N at least 1 and C 1 or 3");
    assertThatThrownBy(() -> grid.draw(Nd4j.create(4, 4)))
        .hasMessage("images of shape [4, 4]: must be [N, C, H, W] with N at least 1 and C 1 or 3");
    assertThatThrownBy(() -> new SampleGrid(0, 1, 1))
        .hasMessage("columns: too small (0), allowed: 1 or more");
  }

  @Test
  void leavesNothingBehindWhereTheFileCannotBeWritten() throws IOException {
    Path inTheWay = Files.createDirectory(directory.resolve("dir.png"));
    assertThatThrownBy(() -> new SampleGrid(1, 0, 1).write(inTheWay, Nd4j.create(1, 1, 2, 2)))
        .isInstanceOf(IOException.class);
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactly(inTheWay);
    }
  }

  @Test
  void refusesAPictureThatNoMemoryHolds() {
    assertThatCode(() -> SampleGrid.fitting(10_000, 32).requireFits(2, 10_000, 32))
        .doesNotThrowAnyException();
    for (int[] countColumnsScale :
        new int[][] {{100_000_000, 10_000, 4}, {64, 8, 1_000_000}, {1 << 30, 1, 1}}) {
      SampleGrid grid = new SampleGrid(countColumnsScale[1], 2, countColumnsScale[2]);
      assertThatThrownBy(() -> grid.requireFits(1, countColumnsScale[0], 8))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("is too large, allowed: at most 67108864 pixels");
    }
  }
}
