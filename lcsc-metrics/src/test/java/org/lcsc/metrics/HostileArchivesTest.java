package org.lcsc.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.io.function.IOConsumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.io.NpzArchive;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What an {@code .npz} archive from a stranger may try: statistics, images, vectors. */
class HostileArchivesTest {

  private static final long SEED = 9;

  /** What reading an archive of some kilobytes may allocate. */
  private static final long MOST_BYTES = 32L << 20;

  @TempDir Path directory;

  /** Loading ND4J takes more than any file may. */
  @BeforeAll
  static void loadNd4j() {
    Nd4j.create(1);
  }

  private static void images(Path file) throws IOException {
    Iterator<INDArray> batches = NumpyImages.open(file).batches(Integer.MAX_VALUE, 4);
    while (batches.hasNext()) {
      batches.next().close();
    }
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  /** The message with which a file is refused, or null where it is read. */
  private static String refusal(Path file, IOConsumer<Path> read) {
    long before = allocated();
    String message = null;
    try {
      read.accept(file);
    } catch (IOException | UncheckedIOException e) {
      message = String.valueOf(e.getMessage());
      assertThat(message.lines()).as(message).hasSize(1);
      assertThat(message).contains(file.getFileName().toString()).doesNotEndWith("null");
    }
    assertThat(allocated() - before).as("bytes allocated").isLessThan(MOST_BYTES);
    return message;
  }

  private static byte[] npy(String type, String shape, byte[] content) {
    String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
    header += " ".repeat(63 - (10 + header.length()) % 64) + "\n";
    ByteArrayOutputStream array = new ByteArrayOutputStream();
    array.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    array.write(header.length());
    array.write(header.length() >> 8);
    array.writeBytes(header.getBytes(StandardCharsets.ISO_8859_1));
    array.writeBytes(content);
    return array.toByteArray();
  }

  private Path zip(String file, String member, byte[] content, long zeros) throws IOException {
    Path path = directory.resolve(file);
    try (OutputStream out = Files.newOutputStream(path);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry(member));
      zip.write(content);
      byte[] block = new byte[1 << 16];
      for (long left = zeros; left > 0; left -= block.length) {
        zip.write(block, 0, (int) Math.min(left, block.length));
      }
    }
    return path;
  }

  private static byte[] noise(int count) {
    byte[] bytes = new byte[count];
    new Random(SEED).nextBytes(bytes);
    return bytes;
  }

  /** Cut off and bit-flipped: read or refused; images only to the pixels that were written. */
  private void damage(Path file, int cases, IOConsumer<Path> read) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(SEED);
    int refused = 0;
    for (int i = 0; i < cases; i++) {
      byte[] damaged = whole.clone();
      for (int flips = i % 4; flips > 0; flips--) {
        // Headers, at either end of a zip file, decide more than content does.
        int at = random.nextInt(random.nextBoolean() ? 160 : whole.length);
        at = random.nextBoolean() ? at : whole.length - 1 - at;
        damaged[at] ^= (byte) (1 << random.nextInt(8));
      }
      int length = i % 4 == 0 ? random.nextInt(whole.length) : whole.length;
      Files.write(file, Arrays.copyOf(damaged, length));
      refused += refusal(file, read) == null ? 0 : 1;
    }
    assertThat(refused).as("refused of " + cases).isGreaterThan(cases / 3);
    Files.write(file, whole);
    read.accept(file);
  }

  @Test
  void damagedStatistics() throws IOException {
    Path file = directory.resolve("statistics.npz");
    Gaussians.streamed(Gaussians.rows(1, 20, 6, 2)).write(file);
    damage(file, 1000, FeatureMoments::read);
  }

  @Test
  void damagedImages() throws IOException {
    damage(
        zip("images.npz", "arr_0.npy", npy("|u1", "9, 4, 4, 3", noise(9 * 48)), 0),
        1000,
        HostileArchivesTest::images);
  }

  @Test
  void damagedVectors() throws IOException {
    damage(
        zip("vectors.npz", "lin0.npy", npy("<f4", "1, 40, 1, 1", new byte[160]), 0),
        500,
        file -> NpzArchive.vectors(file, "lin", 1));
  }

  @Test
  void everyPixelIsUnderTheChecksum() throws IOException {
    byte[] array = npy("|u1", "9, 4, 4, 3", noise(9 * 48));
    Path file = directory.resolve("stored.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.setLevel(0);
      zip.putNextEntry(new ZipEntry("arr_0.npy"));
      zip.write(array);
    }
    byte[] bytes = Files.readAllBytes(file);
    bytes[300] ^= 1;
    Files.write(file, bytes);
    assertThat(refusal(file, HostileArchivesTest::images)).contains("checksum");
  }

  @Test
  void shapesAtTheLimitsOfNumbersAreRefusedBeforeMemoryIsTaken() throws IOException {
    for (String shape :
        new String[] {
          "2147483647, 2147483647, 2147483647, 3",
          "1, 2147483647, 2147483647",
          "1, 65536, 65536, 1",
          "1, 3, 20000, 20000",
          "2147483647, 4, 4, 1",
          "-1, 4, 4",
          "0, 4, 4",
          "9223372036854775808, 4, 4",
          "4, 4, 0, 3"
        }) {
      Path file = zip("shape.npz", "arr_0.npy", npy("|u1", shape, new byte[64]), 0);
      assertThat(refusal(file, HostileArchivesTest::images)).as(shape).isNotNull();
    }
    for (String shape :
        new String[] {
          "8192, 8192", "65536, 65536", "2147483647,", "2147483647, 2147483647, 4", "-2,", "0,"
        }) {
      Path file = zip("shape.npz", "mu.npy", npy("<f8", shape, new byte[64]), 0);
      assertThat(refusal(file, FeatureMoments::read)).as(shape).isNotNull();
      file = zip("shape.npz", "lin0.npy", npy("<f8", shape, new byte[64]), 0);
      assertThat(refusal(file, f -> NpzArchive.vectors(f, "lin", 1))).as(shape).isNotNull();
    }
  }

  @Test
  void whatUnpacksToFarMoreIsNotUnpacked() throws IOException {
    long zeros = 200L << 20;
    Path mean = zip("bomb.npz", "mu.npy", npy("<f8", "6,", new byte[48]), zeros);
    assertThat(Files.size(mean)).isLessThan(1 << 20);
    assertThat(refusal(mean, FeatureMoments::read)).contains("data follows the array");
    Path vectors = zip("bomb.npz", "lin0.npy", npy("<f8", "26214400,", new byte[0]), zeros);
    assertThat(refusal(vectors, f -> NpzArchive.vectors(f, "lin", 1)))
        .contains("exceeds 1048576 elements");
    Path images = zip("bomb.npz", "arr_0.npy", npy("|u1", "1, 14480, 14480", new byte[0]), zeros);
    assertThat(refusal(images, HostileArchivesTest::images)).contains("14480");
  }

  @Test
  void namesOfMembersLeadNowhere() throws IOException {
    Path inner = Files.createDirectories(directory.resolve("a/b"));
    for (String name : new String[] {"../../outside", "/tmp/../outside", "..\\..\\outside", ""}) {
      Path file = zip("a/b/names.npz", name + ".npy", npy("|u1", "2, 4, 4", noise(32)), 0);
      images(file);
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> FeatureMoments.read(file))
          .withMessageContaining("holds no array 'mu'");
      try (Stream<Path> files = Files.walk(directory)) {
        assertThat(files.filter(Files::isRegularFile)).containsExactly(file);
      }
    }
    assertThat(inner).isDirectory();
  }

  @Test
  void imagesAreFoundBesideStatistics() throws IOException {
    Path file = directory.resolve("both.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (String member : new String[] {"mu", "sigma", "arr_0"}) {
        zip.putNextEntry(new ZipEntry(member + ".npy"));
        zip.write(
            member.equals("arr_0")
                ? npy("|u1", "2, 4, 4, 3", noise(2 * 48))
                : npy("<f8", member.equals("mu") ? "1," : "1, 1", new byte[8]));
      }
    }
    assertThat(NumpyImages.isStatistics(file)).isFalse();
    assertThat(NumpyImages.open(file).size()).isEqualTo(2);
    images(file);
    assertThat(FeatureMoments.read(file).dimension()).isEqualTo(1);
  }
}
