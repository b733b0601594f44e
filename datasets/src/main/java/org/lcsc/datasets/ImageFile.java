package org.lcsc.datasets;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * Decodes PNG, JPEG and BMP files to 8-bit planes of the largest centred square.
 *
 * <p>Alpha is ignored. Colour becomes grey by the luma of Rec. 601, 0.299 R + 0.587 G + 0.114 B.
 * EXIF orientation is not applied.
 */
final class ImageFile {

  private static final int MAX_SIDE = 1 << 15;
  private static final long MAX_PIXELS = 1L << 26;

  /** Width and height in pixels. */
  record Size(int width, int height) {}

  private interface Use<T> {
    T of(ImageReader reader) throws IOException;
  }

  private ImageFile() {}

  /** Reads the size from the file's header. */
  static Size size(Path file) throws IOException {
    return use(file, reader -> checkedSize(file, reader));
  }

  /**
   * Decodes the centred square.
   *
   * @param channels 1 for grey, 3 for red, green and blue
   * @return {@code channels x s x s} bytes where s is the shorter side
   */
  static byte[] square(Path file, int channels) throws IOException {
    return use(
        file,
        reader -> {
          checkedSize(file, reader);
          return planes(reader.read(0), channels);
        });
  }

  private static <T> T use(Path file, Use<T> use) throws IOException {
    try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
      if (in == null) {
        throw new DataSetException(file, "cannot be opened", "must be a readable file");
      }
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new DataSetException(file, "is no image", "must be PNG, JPEG or BMP");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        return use.of(reader);
      } finally {
        reader.dispose();
      }
    } catch (DataSetException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // The decoders answer damaged files with many kinds of runtime exceptions.
      throw new DataSetException(
          file + ": cannot be decoded (" + e + "); must be a whole 8-bit RGB or grey image", e);
    }
  }

  private static Size checkedSize(Path file, ImageReader reader) throws IOException {
    Size size = new Size(reader.getWidth(0), reader.getHeight(0));
    if (size.width < 1
        || size.height < 1
        || size.width > MAX_SIDE
        || size.height > MAX_SIDE
        || (long) size.width * size.height > MAX_PIXELS) {
      throw new DataSetException(
          file,
          "is " + size.width + "x" + size.height,
          "must be at most " + MAX_SIDE + " a side and " + MAX_PIXELS + " pixels");
    }
    // The decoded image takes up to 4 bytes a pixel for colour, the planes cut from it 3.
    HeapPixels.requireRoom(file, 7L * size.width * size.height);
    return size;
  }

  private static byte[] planes(BufferedImage image, int channels) {
    int side = Math.min(image.getWidth(), image.getHeight());
    int left = (image.getWidth() - side) / 2;
    int top = (image.getHeight() - side) / 2;
    int area = side * side;
    byte[] planes = new byte[Math.multiplyExact(channels, area)];
    int[] row = new int[side];
    for (int y = 0; y < side; y++) {
      readRow(image, left, top + y, row);
      for (int x = 0; x < side; x++) {
        int r = row[x] >> 16 & 0xff;
        int g = row[x] >> 8 & 0xff;
        int b = row[x] & 0xff;
        int at = y * side + x;
        if (channels == 1) {
          planes[at] = (byte) ((299 * r + 587 * g + 114 * b + 500) / 1000);
        } else {
          planes[at] = (byte) r;
          planes[area + at] = (byte) g;
          planes[2 * area + at] = (byte) b;
        }
      }
    }
    return planes;
  }

  /** Reads part of a row as 0xRRGGBB. */
  private static void readRow(BufferedImage image, int left, int y, int[] row) {
    Raster raster = image.getRaster();
    int bands = raster.getNumBands();
    boolean grey = bands <= 2 && !(image.getColorModel() instanceof IndexColorModel);
    if (!grey) {
      image.getRGB(left, y, row.length, 1, row, 0, row.length);
      return;
    }
    // getRGB would take grey samples for linear light and brighten them.
    int shift = raster.getDataBuffer().getDataType() == DataBuffer.TYPE_USHORT ? 8 : 0;
    raster.getSamples(left, y, row.length, 1, 0, row);
    for (int x = 0; x < row.length; x++) {
      row[x] = (row[x] >> shift) * 0x010101;
    }
  }
}
