package com.example.parts;

import java.util.Optional;
import java.util.SplittableRandom;
import org.lcsc.config.Kind;
import org.lcsc.config.Require;
import org.lcsc.datasets.DataSetSettings;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.datasets.Split;
import org.lcsc.image.ImageShape;

/**
 * A data set: grey images of horizontal stripes (class 0) and vertical ones (class 1).
 *
 * @param images number of images of a split, at least 2; default 64
 * @param pixels side in pixels, at least 4; default 8
 */
@Kind("stripes")
public record Stripes(int images, int pixels) implements DataSetSettings {

  public Stripes() {
    this(64, 8);
  }

  public Stripes {
    Require.atLeast("images", images, 2);
    Require.atLeast("pixels", pixels, 4);
  }

  @Override
  public Optional<Known> known() {
    return Optional.of(new Known(1, pixels, 2));
  }

  @Override
  public ImageDataSet load(Split split) {
    SplittableRandom random = new SplittableRandom(split.ordinal());
    byte[] bytes = new byte[images * pixels * pixels];
    int[] labels = new int[images];
    for (int i = 0; i < images; i++) {
      labels[i] = i % 2;
      int phase = random.nextInt(pixels);
      for (int p = 0; p < pixels * pixels; p++) {
        int along = labels[i] == 0 ? p / pixels : p % pixels;
        bytes[i * pixels * pixels + p] = (byte) ((along + phase) % 4 < 2 ? 20 : 230);
      }
    }
    return ImageDataSet.of("stripes", new ImageShape(1, pixels, pixels), bytes, 2, labels);
  }
}
