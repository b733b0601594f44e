package org.lcsc.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.image.ImageShape;
import org.slf4j.LoggerFactory;

class FolderLoaderTest {

  @TempDir Path directory;

  @Test
  void readsColourPlanesInTheOrderOfTheNames() throws IOException {
    write("b.png", filled(BufferedImage.TYPE_INT_RGB, 2, 2, 0x010203));
    write("a.bmp", filled(BufferedImage.TYPE_3BYTE_BGR, 2, 2, 0xff8000));
    Files.writeString(directory.resolve("notes.txt"), "no image");
    Files.writeString(directory.resolve(".hidden.png"), "no image");
    ImageDataSet images = load(spec());
    assertThat(images).hasToString("folder: 2 images of 3x2x2, no labels");
    assertThat(images.pixels(0))
        .containsExactly(255, 255, 255, 255, 128, 128, 128, 128, 0, 0, 0, 0);
    assertThat(images.pixels(1)).containsExactly(1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
  }

  @Test
  void namesAnImageThatItMayNotRead() throws IOException {
    write("a.png", filled(BufferedImage.TYPE_INT_RGB, 1, 1, 0));
    write("b.png", filled(BufferedImage.TYPE_INT_RGB, 1, 1, 0));
    Path secret = directory.resolve("b.png");
    assumeThat(secret.toFile().setReadable(false) && !Files.isReadable(secret)).isTrue();
    assertThatThrownBy(() -> load(spec())).hasMessage(secret + ": permission denied");
  }

  @Test
  void keepsRowsAndColumns() throws IOException {
    BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB);
    image.setRGB(1, 0, 0x00ff00);
    image.setRGB(0, 1, 0x0000ff);
    write("a.png", image);
    assertThat(load(spec()).pixels(0)).containsExactly(0, 0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0);
  }

  @Test
  void greyIsTheLumaOfColour() throws IOException {
    write("a.png", filled(BufferedImage.TYPE_INT_RGB, 1, 1, 0x64c832));
    // 0.299 * 100 + 0.587 * 200 + 0.114 * 50 = 153
    assertThat(load(Specs.folder(directory, null, 1)).pixels(0)).containsExactly(153);
  }

  @Test
  void greyFilesKeepTheirValues() throws IOException {
    for (int type : new int[] {BufferedImage.TYPE_BYTE_GRAY, BufferedImage.TYPE_USHORT_GRAY}) {
      BufferedImage image = new BufferedImage(1, 1, type);
      int scale = type == BufferedImage.TYPE_BYTE_GRAY ? 1 : 256;
      image.getRaster().setSample(0, 0, 0, 77 * scale);
      write("a.png", image);
      assertThat(load(Specs.folder(directory, null, 1)).pixels(0))
          .as("type %d", type)
          .containsExactly(77);
      assertThat(load(spec()).pixels(0)).as("type %d", type).containsExactly(77, 77, 77);
    }
  }

  @Test
  void transparencyIsIgnored() throws IOException {
    write("a.png", filled(BufferedImage.TYPE_INT_ARGB, 1, 1, 0x40102030));
    assertThat(load(spec()).pixels(0)).containsExactly(0x10, 0x20, 0x30);
  }

  @Test
  void saysWhatIsPassedOver() throws IOException {
    write("a.png", filled(BufferedImage.TYPE_INT_RGB, 2, 2, 0x010203));
    for (String name : new String[] {"b.webp", "c.WEBP", "d.tif", "README"}) {
      Files.writeString(directory.resolve(name), "not read");
    }
    Files.createSymbolicLink(directory.resolve("e.png"), directory.resolve("nowhere.png"));
    Files.writeString(directory.resolve(".hidden"), "not counted");
    assertThat(warnings(() -> load(spec())))
        .containsExactly(
            directory
                + ": passed over 5 entries (1 .tif, 2 .webp, 1 link that leads nowhere, 1 without"
                + " an ending); PNG, JPEG and BMP are read");
    Files.delete(directory.resolve("a.png"));
    refuses(spec(), directory + ": holds no image (but 5 entries (1 .tif, 2 .webp,");
  }

  @Test
  void saysHowManyImagesAreTransparent() throws IOException {
    write("a.png", filled(BufferedImage.TYPE_INT_ARGB, 2, 2, 0x40102030));
    write("b.png", filled(BufferedImage.TYPE_INT_ARGB, 2, 2, 0xff102030));
    assertThat(warnings(() -> load(spec())))
        .containsExactly(
            directory
                + ": 1 images are transparent in places; there the colours are taken as they are,"
                + " often black, unless dataset.background names a colour");
    assertThat(warnings(() -> loader(0).load(spec(), Split.TRAIN))).hasSize(1);
    FolderLoader white = new FolderLoader(cache(), 0xffffff, 0);
    assertThat(warnings(() -> white.load(spec(), Split.TRAIN))).isEmpty();
    ImageDataSet laid = white.load(spec(), Split.TRAIN);
    assertThat(laid.pixels(0)[0] & 0xff).isEqualTo(195);
    assertThat(laid.pixels(1)[0] & 0xff).isEqualTo(0x10);
  }

  @Test
  void saysHowManyImagesAskToBeTurned() throws IOException {
    for (String name : new String[] {"a.jpg", "b.jpg", "c.jpg", "d.png", "e.jpg"}) {
      write(name, filled(BufferedImage.TYPE_INT_RGB, 8, 8, 0x102030));
    }
    ImageDataSet before = load(spec());
    assertThat(warnings(() -> load(spec()))).isEmpty();
    insert("a.jpg", 2, segment(exif(ByteOrder.BIG_ENDIAN, 6)));
    insert("b.jpg", 2, segment(exif(ByteOrder.LITTLE_ENDIAN, 8)));
    insert("c.jpg", 2, segment(exif(ByteOrder.LITTLE_ENDIAN, 1)));
    // After the signature and the header.
    insert("d.png", 33, chunk(exif(ByteOrder.BIG_ENDIAN, 3)));
    insert("e.jpg", 2, segment(new byte[] {'M', 'M', 0, 42, 127}));
    assertThat(warnings(() -> load(spec())))
        .containsExactly(
            directory
                + ": 3 images have an EXIF orientation, by which viewers turn or mirror them; they"
                + " are taken as their pixels are stored");
    for (int i = 0; i < before.size(); i++) {
      assertThat(load(spec()).pixels(i)).isEqualTo(before.pixels(i));
    }
  }

  /** TIFF with two entries, the second of which is the orientation. */
  private static byte[] exif(ByteOrder order, int orientation) {
    ByteBuffer tiff = ByteBuffer.allocate(8 + 2 + 2 * 12 + 4).order(order);
    tiff.putShort((short) (order == ByteOrder.BIG_ENDIAN ? 0x4d4d : 0x4949));
    tiff.putShort((short) 42).putInt(8).putShort((short) 2);
    tiff.putShort((short) 0x0100).putShort((short) 3).putInt(1).putInt(0);
    tiff.putShort((short) 0x0112).putShort((short) 3).putInt(1).putShort((short) orientation);
    return tiff.array();
  }

  private static byte[] segment(byte[] tiff) {
    ByteBuffer bytes = ByteBuffer.allocate(2 + 2 + 6 + tiff.length);
    bytes.putShort((short) 0xffe1).putShort((short) (2 + 6 + tiff.length));
    return bytes.put("Exif\0\0".getBytes(StandardCharsets.ISO_8859_1)).put(tiff).array();
  }

  private static byte[] chunk(byte[] tiff) {
    ByteBuffer bytes = ByteBuffer.allocate(4 + 4 + tiff.length + 4);
    bytes.putInt(tiff.length).put("eXIf".getBytes(StandardCharsets.ISO_8859_1)).put(tiff);
    CRC32 sum = new CRC32();
    sum.update(bytes.array(), 4, 4 + tiff.length);
    return bytes.putInt((int) sum.getValue()).array();
  }

  private void insert(String name, int at, byte[] part) throws IOException {
    Path file = directory.resolve(name);
    byte[] old = Files.readAllBytes(file);
    byte[] both =
        ByteBuffer.allocate(old.length + part.length)
            .put(old, 0, at)
            .put(part)
            .put(old, at, old.length - at)
            .array();
    Files.write(file, both);
  }

  /** What is logged meanwhile. */
  private static List<String> warnings(ThrowableAssert.ThrowingCallable work) {
    Logger logger = (Logger) LoggerFactory.getLogger(FolderLoader.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try {
      assertThatCode(work).doesNotThrowAnyException();
    } finally {
      logger.detachAppender(log);
    }
    return log.list.stream()
        .filter(event -> event.getLevel() == Level.WARN)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  @Test
  void paletteImagesBecomeColour() throws IOException {
    BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_INDEXED);
    image.setRGB(0, 0, 0xff0000);
    write("a.png", image);
    assertThat(load(spec()).pixels(0)).containsExactly(255, 0, 0);
  }

  @Test
  void readsJpeg() throws IOException {
    write("a.JPG", filled(BufferedImage.TYPE_INT_RGB, 16, 16, 0x808080));
    assertThat(load(spec()).shape()).isEqualTo(new ImageShape(3, 16, 16));
    for (byte pixel : load(spec()).pixels(0)) {
      assertThat(pixel & 0xff).isBetween(126, 130);
    }
  }

  @Test
  void cropsTheCentreThenShrinks() throws IOException {
    // 8x4, black but for the four columns of the centre, whose halves are 100 and 201.
    BufferedImage image = new BufferedImage(8, 4, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < 4; y++) {
      for (int x = 2; x < 6; x++) {
        image.getRaster().setSample(x, y, 0, x < 4 ? 100 : y < 2 ? 200 : 202);
      }
    }
    write("a.png", image);
    ImageDataSet images = load(Specs.folder(directory, 2, 1));
    assertThat(images.shape()).isEqualTo(new ImageShape(1, 2, 2));
    assertThat(images.pixels(0)).containsExactly(100, 200, 100, 202);
  }

  @Test
  void directoriesAreClassesInTheOrderOfTheirNames() throws IOException {
    writeClasses(directory);
    ImageDataSet images = load(spec());
    assertThat(images.classes()).isEqualTo(2);
    assertThat(images.labels(new int[] {0, 1, 2})).containsExactly(0, 1, 1);
    assertThat(images.pixels(1)[0]).isEqualTo((byte) 2);
  }

  @Test
  void trainAndTestAreSplits() throws IOException {
    writeClasses(Files.createDirectory(directory.resolve("train")));
    Path test = Files.createDirectory(directory.resolve("test"));
    writeClasses(test);
    Files.delete(test.resolve("dog/2.png"));
    assertThat(loader(1 << 20).load(spec(), Split.TRAIN).size()).isEqualTo(3);
    assertThat(loader(1 << 20).load(spec(), Split.TEST).size()).isEqualTo(2);
    assertThat(loader(1 << 20).load(spec(), Split.ALL).labels(new int[] {2, 3, 4}))
        .containsExactly(1, 0, 1);
  }

  @Test
  void withoutTestTheValidationImagesAreHeldOut() throws IOException {
    writeClasses(Files.createDirectory(directory.resolve("train")));
    assertThat(load(spec()).classes()).as("train alone").isEqualTo(2);
    assertThatThrownBy(() -> loader(1 << 20).load(spec(), Split.TEST))
        .hasMessageStartingWith(directory + ": has no test images");
    Path validation = Files.createDirectory(directory.resolve("val"));
    writeClasses(validation);
    Files.delete(validation.resolve("dog/2.png"));
    assertThat(load(spec()).size()).isEqualTo(3);
    assertThat(loader(1 << 20).load(spec(), Split.TEST).size()).isEqualTo(2);
    assertThat(loader(1 << 20).load(spec(), Split.ALL).size()).isEqualTo(5);
    assertThat(warnings(() -> load(spec()))).isEmpty();
    writeClasses(Files.createDirectory(directory.resolve("test")));
    assertThat(loader(1 << 20).load(spec(), Split.TEST).size()).isEqualTo(3);
    assertThat(warnings(() -> load(spec())))
        .containsExactly(
            directory
                + ": passed over 1 images and directories beside train and test (the first is"
                + " val)");
  }

  @Test
  void aClassMayBeNamedTrain() throws IOException {
    for (String name : new String[] {"bus", "train"}) {
      Files.createDirectory(directory.resolve(name));
      write(name + "/a.png", filled(BufferedImage.TYPE_INT_RGB, 2, 2, 1));
    }
    assertThat(load(spec()).classes()).isEqualTo(2);
  }

  @Test
  void refusesSplitsWhoseClassesHaveOtherNames() throws IOException {
    writeClasses(Files.createDirectory(directory.resolve("train")));
    Path test = Files.createDirectory(directory.resolve("test"));
    writeClasses(test);
    Files.move(test.resolve("dog"), test.resolve("fox"));
    for (Split split : new Split[] {Split.TEST, Split.ALL}) {
      assertThatThrownBy(() -> loader(1 << 20).load(spec(), split))
          .isInstanceOf(DataSetException.class)
          .hasMessage(
              test
                  + ": its class 2 is fox, in train it is dog; must have the class directories of"
                  + " train, by the same names");
    }
    Files.move(test.resolve("cat"), directory.resolve("train/ant"));
    assertThatThrownBy(() -> loader(1 << 20).load(spec(), Split.TEST))
        .hasMessageStartingWith(test + ": its class 1 is fox, in train it is ant; ");
    assertThat(loader(1 << 20).load(spec(), Split.TRAIN).classes()).isEqualTo(3);
  }

  @Test
  void anyOtherDirectoryHasNoTestSplit() throws IOException {
    writeClasses(directory);
    assertThatThrownBy(() -> loader(1 << 20).load(spec(), Split.TEST))
        .isInstanceOf(DataSetException.class)
        .hasMessage(
            directory
                + ": has no test images; must hold the directory train and one of test, val, valid,"
                + " validation");
  }

  @Test
  void largeSetsAreMapped() throws IOException {
    writeClasses(directory);
    ImageDataSet heap = load(spec());
    ImageDataSet mapped = loader(0).load(spec(), Split.TRAIN);
    assertThat(cache()).isDirectory();
    assertThat(mapped.fingerprint()).isEqualTo(heap.fingerprint());
    assertThat(mapped.batch(0, 3)).isEqualTo(heap.batch(0, 3));
    assertThat(loader(0).load(spec(), Split.TRAIN).fingerprint()).isEqualTo(heap.fingerprint());
    write("dog/3.png", filled(BufferedImage.TYPE_INT_RGB, 2, 2, 0));
    assertThat(loader(0).load(spec(), Split.TRAIN).size()).as("after a change").isEqualTo(4);
  }

  /** Every square that can be decoded. */
  @Test
  void largeImagesAreMapped() throws IOException {
    int side = 4100;
    write("a.png", new BufferedImage(side, side, BufferedImage.TYPE_BYTE_GRAY));
    ImageDataSet mapped = loader(0).load(Specs.folder(directory, null, 1), Split.TRAIN);
    assertThat(mapped.shape()).isEqualTo(new ImageShape(1, side, side));
  }

  @Test
  void refusesFilesThatAreNoImages() throws IOException {
    Path file = Files.writeString(directory.resolve("a.png"), "no image at all");
    refuses(spec(), file + ": is no image; must be PNG, JPEG or BMP");
  }

  @Test
  void refusesTruncatedImages() throws IOException {
    BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, 32, 32, new Random(1).ints(1024).toArray(), 0, 32);
    write("a.png", image);
    Path file = directory.resolve("a.png");
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    refuses(spec(), file + ": cannot be decoded");
  }

  @Test
  void refusesHeadersThatPromiseMoreThanMemory() throws IOException {
    Path file = Files.write(directory.resolve("a.png"), pngHeader(30_000, 30_000));
    refuses(Specs.folder(directory, 8, 3), file + ": is 30000x30000; must be at most");
  }

  @Test
  void refusesImagesThatAreTooSmall() throws IOException {
    write("a.png", filled(BufferedImage.TYPE_INT_RGB, 5, 4, 0));
    refuses(Specs.folder(directory, 5, 3), "its shorter side is 4 pixels; must be at least 5");
  }

  @Test
  void asksForASideWhereSizesDiffer() throws IOException {
    write("a.png", filled(BufferedImage.TYPE_INT_RGB, 4, 4, 0));
    write("b.png", filled(BufferedImage.TYPE_INT_RGB, 5, 5, 0));
    refuses(spec(), "b.png: is 5x5; without a side all images must be squares of one size");
  }

  @Test
  void refusesDirectoriesThatAreUnclear() throws IOException {
    refuses(spec(), directory + ": holds no image; must hold either");
    refuses(Specs.of("folder", directory.resolve("x")), "is no directory");
    writeClasses(directory);
    write("a.png", filled(BufferedImage.TYPE_INT_RGB, 2, 2, 0));
    refuses(spec(), directory + ": holds both images and directories");
    Files.delete(directory.resolve("a.png"));
    Files.createDirectory(directory.resolve("empty"));
    refuses(spec(), "empty: holds no image; every class directory must hold some");
  }

  private void refuses(DataSetSpec spec, String fault) {
    assertThatThrownBy(() -> load(spec))
        .isInstanceOf(DataSetException.class)
        .hasMessageContaining(fault)
        .message()
        .doesNotContain("\n");
  }

  private ImageDataSet load(DataSetSpec spec) throws IOException {
    return loader(1 << 20).load(spec, Split.TRAIN);
  }

  private FolderLoader loader(long maxHeapBytes) {
    return new FolderLoader(cache(), null, maxHeapBytes);
  }

  /** Hidden, lest it be taken for a class. */
  private Path cache() {
    return directory.resolve(".cache");
  }

  private DataSetSpec spec() {
    return Specs.of("folder", directory);
  }

  private void writeClasses(Path root) throws IOException {
    Path cat = Files.createDirectory(root.resolve("cat"));
    Path dog = Files.createDirectory(root.resolve("dog"));
    write(cat.resolve("9.png"), filled(BufferedImage.TYPE_INT_RGB, 2, 2, 0x010101));
    write(dog.resolve("1.png"), filled(BufferedImage.TYPE_INT_RGB, 2, 2, 0x020202));
    write(dog.resolve("2.png"), filled(BufferedImage.TYPE_INT_RGB, 2, 2, 0x030303));
  }

  private void write(String name, BufferedImage image) throws IOException {
    write(directory.resolve(name), image);
  }

  private static void write(Path file, BufferedImage image) throws IOException {
    String name = file.getFileName().toString();
    String format = name.substring(name.lastIndexOf('.') + 1);
    assertThat(ImageIO.write(image, format, file.toFile())).as("a writer of %s", format).isTrue();
  }

  private static BufferedImage filled(int type, int width, int height, int rgb) {
    BufferedImage image = new BufferedImage(width, height, type);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, rgb);
      }
    }
    return image;
  }

  /** A PNG signature and IHDR of 8-bit colour, with nothing behind them. */
  private static byte[] pngHeader(int width, int height) {
    ByteBuffer file = ByteBuffer.allocate(8 + 25);
    file.putLong(0x89504e470d0a1a0aL).putInt(13).putInt(0x49484452).putInt(width).putInt(height);
    file.put(new byte[] {8, 2, 0, 0, 0});
    CRC32 crc = new CRC32();
    crc.update(file.array(), 12, 17);
    return file.putInt((int) crc.getValue()).array();
  }
}
