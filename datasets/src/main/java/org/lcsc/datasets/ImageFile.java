package org.lcsc.datasets;

import java.awt.color.ColorSpace;
import java.awt.color.ICC_ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.apache.commons.io.function.IOFunction;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/**
 * Decodes PNG, JPEG and BMP files to 8-bit planes of the largest centred square, with the values
 * that Pillow's {@code Image.open(file).convert("RGB")} gives: no colour profile, gamma or EXIF
 * orientation is applied. Of 16 bits the upper 8 are taken, where Pillow makes all that is above
 * 255 white in grey. A file that is cut off, CMYK, or of another format is refused by name.
 *
 * <p>Where there is alpha, colours are taken as they are, or laid over a background. Colour becomes
 * grey by the luma of Rec. 601, 0.299 R + 0.587 G + 0.114 B.
 */
final class ImageFile {

  private static final int MAX_SIDE = 1 << 15;

  /** Side of the largest square that is decoded. */
  static final int MAX_SQUARE = 1 << 13;

  private static final long MAX_PIXELS = (long) MAX_SQUARE * MAX_SQUARE;
  private static final String PNG_METADATA = "javax_imageio_png_1.0";
  private static final List<String> FORMATS = List.of("png", "jpeg", "bmp");

  /** Width and height in pixels. */
  record Size(int width, int height) {}

  /**
   * A decoded square.
   *
   * @param planes {@code channels x s x s} bytes where s is the shorter side
   * @param transparent whether a pixel of it is not opaque
   * @param turned whether the file asks to be shown turned or mirrored, which it is not
   */
  record Square(byte[] planes, boolean transparent, boolean turned) {}

  private ImageFile() {}

  /** Reads the size from the file's header. */
  static Size size(Path file) throws IOException {
    return use(file, reader -> checkedSize(file, reader));
  }

  /**
   * Decodes the centred square.
   *
   * @param channels 1 for grey, 3 for red, green and blue
   * @param background 0xRRGGBB to lay what is transparent over; null to take the colours as they
   *     are
   */
  static Square square(Path file, int channels, Integer background) throws IOException {
    return use(
        file,
        reader -> {
          checkedSize(file, reader);
          requireKnownColours(file, reader);
          List<String> warnings = new ArrayList<>();
          reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
          BufferedImage image = reader.read(0, asStored(reader));
          for (String warning : warnings) {
            // The JPEG decoder fills what it does not find with grey.
            if (isDamage(warning)) {
              throw new DataSetException(
                  file, "is damaged or cut off (" + warning + ")", "must be a whole image");
            }
          }
          boolean turned = ExifOrientation.of(file) != ExifOrientation.UPRIGHT;
          return planes(image, channels, background, transparentGrey(reader, image), turned);
        });
  }

  /**
   * The grey, 0 to 255, that is transparent in a PNG file of fewer than 8 bits, where there is one;
   * else -1. The decoder finds black alone: it compares the file's value with the scaled one.
   */
  private static int transparentGrey(ImageReader reader, BufferedImage image) throws IOException {
    boolean greyAndAlpha = image.getRaster().getNumBands() == 2;
    if (!greyAndAlpha || !reader.getFormatName().equalsIgnoreCase("png")) {
      return -1;
    }
    Node root = reader.getImageMetadata(0).getAsTree(PNG_METADATA);
    int bits = Integer.parseInt(attribute(root, "IHDR", "bitDepth"));
    String grey = attribute(root, "tRNS_Grayscale", "gray");
    int most = (1 << bits) - 1;
    return grey == null || bits >= 8 ? -1 : (Integer.parseInt(grey) & most) * 255 / most;
  }

  /** Of the first element of that name; null without one. */
  private static String attribute(Node root, String element, String name) {
    NodeList found = ((Element) root).getElementsByTagName(element);
    return found.getLength() == 0 ? null : ((Element) found.item(0)).getAttribute(name);
  }

  /** Else the JPEG decoder converts the colours of a file with a profile. */
  private static ImageReadParam asStored(ImageReader reader) throws IOException {
    ImageReadParam param = reader.getDefaultReadParam();
    for (Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0); types.hasNext(); ) {
      ImageTypeSpecifier type = types.next();
      ColorSpace colours = type.getColorModel().getColorSpace();
      if (colours instanceof ICC_ColorSpace && !colours.isCS_sRGB() && type.getNumBands() == 3) {
        param.setDestination(type.createBufferedImage(reader.getWidth(0), reader.getHeight(0)));
        return param;
      }
    }
    return param;
  }

  /** Bytes between two segments harm nothing, nor does a colour profile that is not used. */
  private static boolean isDamage(String warning) {
    String text = warning.toLowerCase(Locale.ROOT);
    return text.contains("corrupt") && !text.contains("extraneous")
        || text.contains("premature")
        || text.contains("truncated");
  }

  private static <T> T use(Path file, IOFunction<ImageReader, T> use) throws IOException {
    // By Path and held in memory: a File cannot spell every name, and a cache may find no room.
    // Both are closed: an image stream leaves its source open.
    try (InputStream source = Files.newInputStream(file);
        ImageInputStream in = new MemoryCacheImageInputStream(source)) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new DataSetException(file, "is no image", "must be PNG, JPEG or BMP");
      }
      ImageReader reader = readers.next();
      try {
        String format = reader.getFormatName().toLowerCase(Locale.ROOT);
        if (!FORMATS.contains(format)) {
          throw new DataSetException(
              file, "is in the format " + format, "must be PNG, JPEG or BMP");
        }
        reader.setInput(in, true, true);
        return use.apply(reader);
      } finally {
        reader.dispose();
      }
    } catch (DataSetException e) {
      throw e;
    } catch (AccessDeniedException e) {
      throw new DataSetException(file + ": permission denied", e);
    } catch (IOException | RuntimeException e) {
      // The decoders answer damaged files with many kinds of runtime exceptions.
      throw new DataSetException(
          file + ": cannot be decoded (" + e + "); must be a whole 8-bit RGB or grey image", e);
    }
  }

  /** How printing inks look depends on a profile, of which every program makes something else. */
  private static void requireKnownColours(Path file, ImageReader reader) throws IOException {
    Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0);
    int type = types.hasNext() ? types.next().getColorModel().getColorSpace().getType() : -1;
    if (type != ColorSpace.TYPE_RGB && type != ColorSpace.TYPE_GRAY) {
      throw new DataSetException(
          file,
          "is in colours other than RGB and grey" + (type == ColorSpace.TYPE_CMYK ? ", CMYK" : ""),
          "must be RGB or grey");
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

  private static Square planes(
      BufferedImage image, int channels, Integer background, int transparentGrey, boolean turned) {
    int side = Math.min(image.getWidth(), image.getHeight());
    int left = (image.getWidth() - side) / 2;
    int top = (image.getHeight() - side) / 2;
    int area = side * side;
    byte[] planes = new byte[Math.multiplyExact(channels, area)];
    boolean transparent = false;
    int[] row = new int[side];
    for (int y = 0; y < side; y++) {
      readRow(image, left, top + y, row);
      for (int x = 0; x < side; x++) {
        if (transparentGrey >= 0) {
          row[x] = row[x] & 0xffffff | ((row[x] & 0xff) == transparentGrey ? 0 : 0xff << 24);
        }
        int alpha = row[x] >>> 24;
        transparent |= alpha < 255;
        int colour = background == null || alpha == 255 ? row[x] : over(row[x], background, alpha);
        int r = colour >> 16 & 0xff;
        int g = colour >> 8 & 0xff;
        int b = colour & 0xff;
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
    return new Square(planes, transparent, turned);
  }

  private static int over(int colour, int background, int alpha) {
    int result = 0;
    for (int shift = 0; shift < 24; shift += 8) {
      int mixed = alpha * (colour >> shift & 0xff) + (255 - alpha) * (background >> shift & 0xff);
      result |= (2 * mixed + 255) / 510 << shift;
    }
    return result;
  }

  /**
   * Reads part of a row as 0xAARRGGBB. Samples are taken from the raster where it has them: getRGB
   * would apply profiles, take grey for linear light, and round 16 bits otherwise.
   */
  private static void readRow(BufferedImage image, int left, int y, int[] row) {
    ColorModel colours = image.getColorModel();
    Raster raster = image.getRaster();
    int type = raster.getTransferType();
    if (!(colours instanceof ComponentColorModel)
        || type != DataBuffer.TYPE_BYTE && type != DataBuffer.TYPE_USHORT) {
      image.getRGB(left, y, row.length, 1, row, 0, row.length);
      return;
    }
    int shift = type == DataBuffer.TYPE_USHORT ? 8 : 0;
    int bands = raster.getNumBands();
    int alpha = colours.hasAlpha() ? bands - 1 : -1;
    int[] samples = raster.getPixels(left, y, row.length, 1, (int[]) null);
    for (int x = 0; x < row.length; x++) {
      int at = x * bands;
      int r = samples[at] >> shift;
      int g = bands > 2 ? samples[at + 1] >> shift : r;
      int b = bands > 2 ? samples[at + 2] >> shift : r;
      int a = alpha < 0 ? 255 : samples[at + alpha] >> shift;
      row[x] = a << 24 | r << 16 | g << 8 | b;
    }
  }
}
