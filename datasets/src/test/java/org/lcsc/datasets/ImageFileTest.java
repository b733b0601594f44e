package org.lcsc.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.assertj.core.data.Offset.offset;

import com.sun.management.UnixOperatingSystemMXBean;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Against the values that Pillow decodes, which {@code images/make.py} wrote down. */
class ImageFileTest {

  @TempDir Path directory;

  @ParameterizedTest
  @MethodSource("vectors")
  void decodesAsPillowDoesOrRefusesByName(String vector) throws IOException {
    String[] parts = vector.split(" ");
    Path file = directory.resolve(parts[0]);
    Files.write(file, resource(parts[0]));
    if (parts[1].equals("refused")) {
      assertThatThrownBy(() -> ImageFile.square(file, 3, null))
          .isInstanceOf(DataSetException.class)
          .hasMessageStartingWith(file + ": ")
          .message()
          .hasLineCount(1);
      return;
    }
    byte[] expected = HexFormat.of().parseHex(parts[2]);
    byte[] planes = ImageFile.square(file, 3, null).planes();
    int area = planes.length / 3;
    assertThat(planes).hasSameSizeAs(expected);
    for (int i = 0; i < planes.length; i++) {
      assertThat(planes[i % 3 * area + i / 3] & 0xff)
          .as("%s, pixel %d, channel %d", parts[0], i / 3, i % 3)
          .isCloseTo(expected[i] & 0xff, offset(Integer.parseInt(parts[1])));
    }
  }

  static Stream<String> vectors() throws IOException {
    return new String(resource("expected.txt"), StandardCharsets.US_ASCII).lines();
  }

  @Test
  void coloursAreAsStoredWhateverTheProfile() throws IOException {
    BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 64; i++) {
      image.setRGB(i % 8, i / 8, 0x804020 + 0x010203 * i);
    }
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    ImageIO.write(image, "jpg", plain);
    byte[] jpeg = plain.toByteArray();
    byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
    ByteArrayOutputStream profiled = new ByteArrayOutputStream();
    profiled.write(jpeg, 0, 2);
    int length = 16 + profile.length;
    profiled.write(new byte[] {(byte) 0xff, (byte) 0xe2, (byte) (length >> 8), (byte) length});
    profiled.writeBytes("ICC_PROFILE\0\1\1".getBytes(StandardCharsets.US_ASCII));
    profiled.writeBytes(profile);
    profiled.write(jpeg, 2, jpeg.length - 2);
    Path without = Files.write(directory.resolve("plain.jpg"), jpeg);
    Path with = Files.write(directory.resolve("profiled.jpg"), profiled.toByteArray());
    assertThat(ImageFile.square(with, 3, null).planes())
        .isEqualTo(ImageFile.square(without, 3, null).planes());
  }

  @Test
  void leavesNoFileOpen() throws IOException {
    Path file = directory.resolve("a.png");
    ImageIO.write(new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
    assumeThat(ManagementFactory.getOperatingSystemMXBean())
        .isInstanceOf(UnixOperatingSystemMXBean.class);
    long before = openFiles();
    for (int i = 0; i < 200; i++) {
      ImageFile.square(file, 3, null);
    }
    assertThat(openFiles() - before).isLessThan(100);
  }

  private static long openFiles() {
    return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getOpenFileDescriptorCount();
  }

  @Test
  void saysWhatIsRefused() throws IOException {
    refuses("cmyk.jpg", "is in colours other than RGB and grey, CMYK; must be RGB or grey");
    refuses("cut.jpg", "is damaged or cut off (");
    refuses("gif-inside.png", "is in the format gif; must be PNG, JPEG or BMP");
  }

  @Test
  void everyCutOfAJpegIsRefused() throws IOException {
    byte[] whole = resource("rgb444.jpg");
    Path file = directory.resolve("a.jpg");
    int refused = 0;
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      try {
        ImageFile.square(file, 3, null);
      } catch (DataSetException e) {
        refused++;
      }
    }
    assertThat(refused).as("cuts refused").isEqualTo(whole.length);
  }

  @Test
  void whatIsTransparentIsLaidOverTheBackground() throws IOException {
    BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0x40102030);
    Path file = directory.resolve("a.png");
    ImageIO.write(image, "png", file.toFile());
    assertThat(ImageFile.square(file, 3, null).transparent()).isTrue();
    assertThat(ImageFile.square(file, 3, null).planes()).containsExactly(0x10, 0x20, 0x30);
    // (64 * 16 + 191 * 255) / 255 = 195.02 and so on.
    assertThat(ImageFile.square(file, 3, 0xffffff).planes()).containsExactly(195, 199, 203);
    assertThat(ImageFile.square(file, 3, 0).planes()).containsExactly(4, 8, 12);
    Files.write(file, resource("rgb.png"));
    assertThat(ImageFile.square(file, 3, 0xffffff).transparent()).isFalse();
  }

  private static void chunk(ByteArrayOutputStream out, String type, byte[] data) {
    byte[] body =
        ByteBuffer.allocate(4 + data.length)
            .put(type.getBytes(StandardCharsets.US_ASCII))
            .put(data)
            .array();
    CRC32 sum = new CRC32();
    sum.update(body);
    out.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
    out.writeBytes(body);
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
  }

  /** A grey PNG of 2x2: black and another grey, that and black; the other is transparent. */
  private static byte[] greyPng(int bits, int grey) throws IOException {
    ByteArrayOutputStream rows = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(rows)) {
      int second = grey << 8 - 2 * bits;
      int first = grey << 8 - bits;
      deflater.write(new byte[] {0, (byte) second, 0, (byte) first});
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    png.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    chunk(png, "IHDR", new byte[] {0, 0, 0, 2, 0, 0, 0, 2, (byte) bits, 0, 0, 0, 0});
    chunk(png, "tRNS", new byte[] {0, (byte) grey});
    chunk(png, "IDAT", rows.toByteArray());
    chunk(png, "IEND", new byte[0]);
    return png.toByteArray();
  }

  /** The decoder of Java finds black alone. */
  @ParameterizedTest
  @CsvSource({"1, 1, 255", "2, 3, 255", "2, 1, 85", "4, 15, 255", "4, 2, 34"})
  void aGreyOfFewBitsMayBeTransparent(int bits, int grey, int of255) throws IOException {
    Path file = Files.write(directory.resolve("a.png"), greyPng(bits, grey));
    ImageFile.Square plain = ImageFile.square(file, 1, null);
    assertThat(plain.transparent()).isTrue();
    assertThat(plain.planes()).containsExactly(0, of255, of255, 0);
    ImageFile.Square laid = ImageFile.square(file, 3, 0x010203);
    assertThat(laid.planes()).containsExactly(0, 1, 1, 0, 0, 2, 2, 0, 0, 3, 3, 0);
  }

  private void refuses(String name, String fault) throws IOException {
    Path file = directory.resolve(name);
    Files.write(file, resource(name));
    assertThatThrownBy(() -> ImageFile.square(file, 3, null)).hasMessageContaining(fault);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = ImageFileTest.class.getResourceAsStream("images/" + name)) {
      return in.readAllBytes();
    }
  }
}
