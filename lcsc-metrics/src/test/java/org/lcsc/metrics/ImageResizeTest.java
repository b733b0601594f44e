package org.lcsc.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lcsc.image.ImageResize;
import org.lcsc.image.ImageResize.Filter;
import org.lcsc.io.HostArrays;

class ImageResizeTest {

  private static final int HEIGHT = 7;
  private static final int WIDTH = 10;

  private static float[] resized(Filter filter, int height, int width, boolean bytes)
      throws IOException {
    float[] image = HostArrays.floats(CommittedFeatures.array("resize.npz", "image"));
    return new ImageResize(HEIGHT, WIDTH, height, width, filter, bytes).apply(image);
  }

  private static void compare(String expected, float[] actual, double tolerance)
      throws IOException {
    double[] values = CommittedFeatures.values("resize.npz", expected);
    assertThat(actual).hasSize(values.length);
    for (int i = 0; i < values.length; i++) {
      assertThat((double) actual[i])
          .as("%s, pixel %d", expected, i)
          .isCloseTo(values[i], within(tolerance));
    }
  }

  @ParameterizedTest
  @CsvSource({"up, 16, 13", "down, 3, 4", "mixed, 5, 21"})
  void agreesWithPyTorchAndPillow(String label, int height, int width) throws IOException {
    for (Filter filter : Filter.values()) {
      String name = filter.name().toLowerCase(Locale.ROOT).replace('_', '-') + "-" + label;
      compare(name, resized(filter, height, width, false), 2e-5);
      if (name.contains("antialias")) {
        compare("pillow-float-" + name, resized(filter, height, width, false), 1e-4);
        compare("pillow-bytes-" + name, resized(filter, height, width, true), 0);
      }
    }
  }

  @Test
  void theSameSizeChangesNothing() throws IOException {
    float[] image = HostArrays.floats(CommittedFeatures.array("resize.npz", "image"));
    for (Filter filter : Filter.values()) {
      assertThat(resized(filter, HEIGHT, WIDTH, false)).as("%s", filter).isEqualTo(image);
    }
  }

  @Test
  void everyPlaneIsResizedByItself() {
    float[] planes = {0, 0, 0, 0, 8, 8, 8, 8};
    float[] result = new ImageResize(2, 2, 3, 3, Filter.BILINEAR, false).apply(planes);
    assertThat(result).hasSize(18).startsWith(0, 0, 0).endsWith(8, 8, 8);
  }

  @Test
  void badSizesAreRefused() {
    assertThatThrownBy(() -> new ImageResize(2, 2, 0, 3, Filter.BILINEAR, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 x 2 to 0 x 3");
    assertThatThrownBy(
            () -> new ImageResize(2, 2, 3, 3, Filter.BILINEAR, false).apply(new float[5]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got 5");
  }
}
