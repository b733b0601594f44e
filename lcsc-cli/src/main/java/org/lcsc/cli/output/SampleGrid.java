package org.lcsc.cli.output;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.lcsc.config.Require;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.image.PixelValues;
import org.lcsc.image.Png;
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.HostArrays;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Draws images {@code [N, C, H, W]} in [-1, 1] as a PNG grid, row by row from the top left. A value
 * x becomes the byte trunc(127.5 (x + 1)), clipped to 0 and 255; NaN becomes 0.
 *
 * @param columns images per row, at least 1
 * @param padding white pixels around every image, at least 0
 * @param scale side in pixels of one image pixel, at least 1
 */
public record SampleGrid(int columns, int padding, int scale) {

  private static final Logger LOG = LoggerFactory.getLogger(SampleGrid.class);

  private static final Color BACKGROUND = Color.WHITE;
  private static final int CAPTION_HEIGHT = 20;
  private static final int GAP = 16;
  private static final int MOST_PIXELS = 1 << 26;

  /** A grid with the caption that stands above it. */
  public record Captioned(String caption, INDArray images) {}

  public SampleGrid {
    Require.atLeast("columns", columns, 1);
    Require.atLeast("padding", padding, 0);
    Require.atLeast("scale", scale, 1);
  }

  /**
   * A nearly square grid, scaled so that small images can be seen.
   *
   * @param count number of images
   * @param side their side in pixels
   */
  public static SampleGrid fitting(int count, int side) {
    int columns = Math.max(1, (int) Math.ceil(Math.sqrt(count)));
    return new SampleGrid(columns, 2, Math.max(1, 32 / side));
  }

  /**
   * Refuses a picture that would not fit into memory, before its images are made.
   *
   * @param grids how many stand side by side
   * @param count images of each
   * @param side of an image in pixels
   * @throws InvalidInputException where it has more than {@value #MOST_PIXELS} pixels
   */
  public void requireFits(int grids, int count, int side) {
    long tile = (long) side * scale + padding;
    long width = Math.min(columns, count) * tile + padding;
    long height = (count + columns - 1L) / columns * tile + padding;
    InvalidInputException.when(
        (double) width * height * grids > MOST_PIXELS,
        "a picture of %s images a model, %s in a row, each drawn %s pixels wide, is too large,"
            + " allowed: at most %s pixels",
        count,
        Math.min(columns, count),
        (long) side * scale,
        MOST_PIXELS);
  }

  /**
   * Writes one grid.
   *
   * @param file the PNG file; appears whole or not at all
   * @param images {@code [N, C, H, W]} with N at least 1 and C 1 (grey) or 3 (colour)
   */
  public void write(Path file, INDArray images) throws IOException {
    writePng(file, draw(images));
  }

  /**
   * Writes several grids beside each other, each under its caption.
   *
   * @param file the PNG file; appears whole or not at all
   * @param grids at least one
   */
  public void writeSideBySide(Path file, List<Captioned> grids) throws IOException {
    writePng(file, drawSideBySide(grids));
  }

  /** Draws one grid; see {@link #write}. */
  public BufferedImage draw(INDArray images) {
    long[] shape = images.shape();
    Refuse.argument(
        shape.length != 4 || shape[0] < 1 || (shape[1] != 1 && shape[1] != 3),
        "images of shape %s: must be [N, C, H, W] with N at least 1 and C 1 or 3",
        Arrays.toString(shape));
    int count = (int) shape[0];
    int channels = (int) shape[1];
    int height = (int) shape[2];
    int width = (int) shape[3];
    int across = Math.min(columns, count);
    int down = (count + columns - 1) / columns;
    BufferedImage grid =
        blank(
            across * (width * scale + padding) + padding,
            down * (height * scale + padding) + padding);
    float[] values = HostArrays.floats(images);
    int[] tile = new int[height * width * scale * scale];
    for (int n = 0; n < count; n++) {
      render(values, n * channels * height * width, channels, height, width, tile);
      int x = padding + n % columns * (width * scale + padding);
      int y = padding + n / columns * (height * scale + padding);
      grid.setRGB(x, y, width * scale, height * scale, tile, 0, width * scale);
    }
    return grid;
  }

  /** Draws several grids; see {@link #writeSideBySide}. */
  public BufferedImage drawSideBySide(List<Captioned> grids) {
    List<BufferedImage> drawn = grids.stream().map(grid -> draw(grid.images())).toList();
    int height = drawn.stream().mapToInt(BufferedImage::getHeight).max().orElseThrow();
    int width = drawn.stream().mapToInt(BufferedImage::getWidth).sum() + GAP * (drawn.size() - 1);
    BufferedImage all = blank(width, height + CAPTION_HEIGHT);
    Graphics2D graphics = all.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setColor(Color.BLACK);
    int x = 0;
    for (int i = 0; i < drawn.size(); i++) {
      graphics.drawImage(drawn.get(i), x, CAPTION_HEIGHT, null);
      caption(graphics, grids.get(i).caption(), x + padding, drawn.get(i).getWidth() - padding);
      x += drawn.get(i).getWidth() + GAP;
    }
    graphics.dispose();
    return all;
  }

  private void render(float[] values, int first, int channels, int height, int width, int[] tile) {
    int plane = height * width;
    for (int y = 0; y < height * scale; y++) {
      for (int x = 0; x < width * scale; x++) {
        int at = first + y / scale * width + x / scale;
        int red = PixelValues.toByte(values[at]);
        int green = channels == 1 ? red : PixelValues.toByte(values[at + plane]);
        int blue = channels == 1 ? red : PixelValues.toByte(values[at + 2 * plane]);
        tile[y * width * scale + x] = red << 16 | green << 8 | blue;
      }
    }
  }

  private static BufferedImage blank(int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(BACKGROUND);
    graphics.fillRect(0, 0, width, height);
    graphics.dispose();
    return image;
  }

  /**
   * Draws a caption in the largest size that fits the grid's width. A Java runtime without fonts,
   * as in many containers, draws the images all the same.
   */
  private static void caption(Graphics2D graphics, String text, int x, int width) {
    try {
      int size = 14;
      graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, size));
      while (size > 7 && graphics.getFontMetrics().stringWidth(text) > width) {
        graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, --size));
      }
      graphics.setClip(x, 0, width, CAPTION_HEIGHT);
      graphics.drawString(text, x, CAPTION_HEIGHT - 5);
      graphics.setClip(null);
    } catch (LinkageError | InternalError | RuntimeException e) {
      LOG.warn("no captions: this Java finds no fonts ({})", e.toString());
    }
  }

  private static void writePng(Path file, BufferedImage image) throws IOException {
    AtomicFiles.write(file, out -> Png.write(image, out));
  }
}
