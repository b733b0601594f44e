package org.lcsc.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.apache.commons.io.function.IORunnable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cut off and bit-flipped files, by the hundred, of every format that the loaders read. */
class HostileFilesTest {

  private static final long SEED = 4;
  private static final int RECORDS = 3;
  private static final int RECORD_BYTES = 3073;

  @TempDir private Path directory;

  /** Loads damaged variants: each is read or refused in one line. */
  private static void damage(Path file, int cases, IORunnable load) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(SEED);
    for (int i = 0; i < cases; i++) {
      byte[] damaged = whole.clone();
      for (int flips = i % 5; flips > 0; flips--) {
        // Headers decide more than content does.
        int at = random.nextInt(random.nextBoolean() ? Math.min(64, whole.length) : whole.length);
        // Of a zip file they are at its end.
        at = random.nextInt(4) == 0 ? whole.length - 1 - at : at;
        damaged[at] ^= (byte) (1 << random.nextInt(8));
      }
      int length = i % 5 == 0 ? random.nextInt(whole.length) : whole.length;
      Files.write(file, Arrays.copyOf(damaged, length));
      try {
        load.run();
      } catch (IOException e) {
        assertThat(e.getMessage()).as("case %d", i).isNotNull();
        assertThat(e.getMessage().lines()).as("case %d: %s", i, e.getMessage()).hasSize(1);
      }
    }
    Files.write(file, whole);
    load.run();
  }

  @Test
  void damagedIdxFiles() throws IOException {
    byte[] images = TestFiles.idx(TestFiles.noise(1, 80), 5, 4, 4);
    byte[] labels = TestFiles.idx(new byte[] {0, 3, 1, 2, 3}, 5);
    for (String ending : new String[] {"", ".gz"}) {
      Path at = Files.createDirectory(directory.resolve("idx" + ending));
      boolean packed = !ending.isEmpty();
      for (String name : new String[] {IdxLoader.TRAIN_IMAGES, IdxLoader.TEST_IMAGES}) {
        Files.write(at.resolve(name + ending), packed ? TestFiles.gzip(images) : images);
      }
      for (String name : new String[] {IdxLoader.TRAIN_LABELS, IdxLoader.TEST_LABELS}) {
        Files.write(at.resolve(name + ending), packed ? TestFiles.gzip(labels) : labels);
      }
      IORunnable load = () -> new DataSets.Idx(at.toString(), null, false).load(Split.TRAIN);
      damage(at.resolve(IdxLoader.TRAIN_IMAGES + ending), 400, load);
      damage(at.resolve(IdxLoader.TRAIN_LABELS + ending), 200, load);
    }
  }

  @Test
  void damagedCifarArchives() throws IOException {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    for (String name : new String[] {"1", "2", "3", "4", "5"}) {
      tar.write(member("cifar-10-batches-bin/data_batch_" + name + ".bin"));
    }
    tar.write(member("cifar-10-batches-bin/test_batch.bin"));
    tar.write(new byte[1024]);
    Path archive = directory.resolve("cifar-10-binary.tar.gz");
    Cifar10Loader loader = new Cifar10Loader(directory.resolve("cache"), new Downloader(), RECORDS);
    IORunnable load = () -> loader.load(Specs.of("cifar10", archive), Split.ALL);
    Files.write(archive, TestFiles.gzip(tar.toByteArray()));
    damage(archive, 150, load);
    // The archive's own headers, behind an intact gzip.
    Random random = new Random(SEED);
    for (int i = 0; i < 100; i++) {
      byte[] damaged = tar.toByteArray();
      damaged[random.nextInt(512)] ^= (byte) (1 << random.nextInt(8));
      Files.write(archive, TestFiles.gzip(damaged));
      try {
        load.run();
      } catch (DataSetException e) {
        assertThat(e.getMessage().lines()).hasSize(1);
      }
    }
  }

  @Test
  void damagedCifarFiles() throws IOException {
    Path at = Files.createDirectory(directory.resolve("cifar"));
    Path batch = at.resolve("test_batch.bin");
    byte[] records = TestFiles.noise(7, RECORDS * RECORD_BYTES);
    for (int i = 0; i < RECORDS; i++) {
      records[i * RECORD_BYTES] = (byte) (9 - i);
    }
    Files.write(batch, records);
    Cifar10Loader loader = new Cifar10Loader(directory.resolve("cache"), new Downloader(), RECORDS);
    damage(batch, 300, () -> loader.load(Specs.of("cifar10", at), Split.TEST));
  }

  /** 128 MiB of zeros, a thousand to one, behind a header of a few images or of many. */
  @Test
  void idxFilesThatUnpackToFarMoreAreNotUnpacked() throws IOException {
    Path images = directory.resolve(IdxLoader.TRAIN_IMAGES + ".gz");
    Files.write(directory.resolve(IdxLoader.TRAIN_LABELS), TestFiles.idx(new byte[] {0, 1, 2}, 3));
    for (int[] dimensions : new int[][] {{3, 4, 4}, {1 << 27, 4, 4}}) {
      try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(images))) {
        out.write(TestFiles.idx(new byte[0], dimensions));
        byte[] zeros = new byte[1 << 20];
        for (int i = 0; i < 128; i++) {
          out.write(zeros);
        }
      }
      assertThat(Files.size(images)).isLessThan(1 << 18);
      long before = allocated();
      assertThatThrownBy(
              () -> new DataSets.Idx(directory.toString(), null, false).load(Split.TRAIN))
          .isInstanceOf(DataSetException.class)
          .message()
          .hasLineCount(1);
      assertThat(allocated() - before).isLessThan(32L << 20);
    }
  }

  /** Bytes that this thread has allocated so far. */
  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  /** A picture of 8,192 a side in a file of some kilobytes: a pixel's room is asked for first. */
  @Test
  void picturesThatUnpackToFarMoreAreRefusedOrFit() throws IOException {
    Path folder = Files.createDirectory(directory.resolve("bombs"));
    Path file = folder.resolve("a.png");
    ImageIO.write(
        new BufferedImage(8192, 8192, BufferedImage.TYPE_BYTE_BINARY), "png", file.toFile());
    assertThat(Files.size(file)).isLessThan(1 << 16);
    DataSetSpec spec = Specs.folder(folder, 8, 3);
    long before = allocated();
    try {
      new FolderLoader(directory.resolve("cache"), null).load(spec, Split.TRAIN);
    } catch (DataSetException e) {
      assertThat(e.getMessage().lines()).hasSize(1);
    }
    // The square's three planes, and the rows as they are unpacked.
    assertThat(allocated() - before).isLessThan(8L * 8192 * 8192);
  }

  private static byte[] member(String name) {
    byte[] content = TestFiles.noise(name.hashCode(), RECORDS * RECORD_BYTES);
    for (int i = 0; i < RECORDS; i++) {
      content[i * RECORD_BYTES] = (byte) i;
    }
    return TestFiles.tarMember(name, '0', content);
  }

  @Test
  void archivesWriteNothingOutsideWhateverTheirNames() throws IOException {
    Path inner = Files.createDirectories(directory.resolve("a/b"));
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    for (String name : new String[] {"../../data_batch_1.bin", "/tmp/../data_batch_2.bin"}) {
      tar.write(member(name));
    }
    tar.write(new byte[1024]);
    Path archive = inner.resolve("cifar-10-binary.tar.gz");
    Files.write(archive, TestFiles.gzip(tar.toByteArray()));
    Cifar10Loader loader = new Cifar10Loader(inner.resolve("cache"), new Downloader(), RECORDS);
    assertThatThrownBy(() -> loader.load(Specs.of("cifar10", archive), Split.TRAIN))
        .isInstanceOf(DataSetException.class)
        .hasMessageContaining("holds no data_batch_3.bin");
    try (Stream<Path> files = Files.walk(directory)) {
      assertThat(files.filter(Files::isRegularFile)).containsExactly(archive);
    }
  }

  @Test
  void archivesThatUnpackForeverEndSoon() throws IOException {
    Path archive = directory.resolve("cifar-10-binary.tar.gz");
    // A member that claims the most a header can, over zeros without end, some 1,000 to 1.
    byte[] header = Arrays.copyOf(TestFiles.tarMember("big", '0', new byte[0]), 512);
    try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(archive))) {
      byte[] huge = "77777777777".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
      System.arraycopy(huge, 0, header, 124, huge.length);
      Arrays.fill(header, 148, 156, (byte) ' ');
      int sum = 0;
      for (byte b : header) {
        sum += b & 0xff;
      }
      byte[] digits =
          String.format("%06o\0 ", sum).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
      System.arraycopy(digits, 0, header, 148, digits.length);
      out.write(header);
      for (int i = 0; i < 64; i++) {
        out.write(new byte[1 << 16]);
      }
    }
    Cifar10Loader loader = new Cifar10Loader(directory.resolve("cache"), new Downloader(), RECORDS);
    assertThatThrownBy(() -> loader.load(Specs.of("cifar10", archive), Split.TRAIN))
        .isInstanceOf(DataSetException.class)
        .hasMessageContaining("has a member of 8589934591 bytes");
  }

  @Test
  void damagedPictures() throws IOException {
    Path folder = Files.createDirectory(directory.resolve("pictures"));
    BufferedImage image = new BufferedImage(12, 12, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(SEED);
    for (int i = 0; i < 144; i++) {
      image.setRGB(i % 12, i / 12, random.nextInt(1 << 24));
    }
    for (String format : new String[] {"png", "jpg", "bmp"}) {
      Path file = folder.resolve("a." + format);
      assertThat(ImageIO.write(image, format, file.toFile())).isTrue();
      FolderLoader loader = new FolderLoader(directory.resolve("cache"), null);
      DataSetSpec spec = Specs.folder(folder, 8, 3);
      damage(file, 150, () -> loader.load(spec, Split.TRAIN));
      Files.delete(file);
    }
  }

  @Test
  void damagedImageNetArchives() throws IOException {
    Path at = Files.createDirectory(directory.resolve("imagenet"));
    Map<String, byte[]> members = new LinkedHashMap<>();
    members.put("data.npy", TestFiles.npy("|u1", "(2, 12288)", TestFiles.noise(2, 2 * 12288)));
    members.put("labels.npy", TestFiles.npy("<i8", "(2,)", TestFiles.longs(1, 1000)));
    Path file = at.resolve("val_data.npz");
    TestFiles.zip(file, members);
    DataSetSpec spec = Specs.of("imagenet64", at);
    DataSetLoader loader = new ImageNet64Loader(directory.resolve("cache"));
    damage(file, 1000, () -> loader.load(spec, Split.TEST));
  }
}
