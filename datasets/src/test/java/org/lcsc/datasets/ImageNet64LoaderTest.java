package org.lcsc.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageNet64LoaderTest {

  private static final int VALUES = 3 * 64 * 64;

  @TempDir Path directory;
  private Path cache;

  @BeforeEach
  void writeFiles() throws IOException {
    cache = directory.resolve("cache");
    write("train_data_batch_1.npz", 1, 1, 1000);
    write("train_data_batch_2.npz", 2, 7, 8, 9);
    write("val_data.npz", 3, 500);
  }

  @Test
  void mapsTheBatchesInOrder() throws IOException {
    ImageDataSet train = load(Split.TRAIN);
    assertThat(train).hasToString("imagenet64: 5 images of 3x64x64, 1000 classes");
    assertThat(train.labels(new int[] {0, 1, 2, 3, 4})).containsExactly(0, 999, 6, 7, 8);
    byte[] first = TestFiles.noise(1, 2 * VALUES);
    byte[] second = TestFiles.noise(2, 3 * VALUES);
    assertThat(train.pixels(1)).isEqualTo(Arrays.copyOfRange(first, VALUES, 2 * VALUES));
    assertThat(train.pixels(4)).isEqualTo(Arrays.copyOfRange(second, 2 * VALUES, 3 * VALUES));
    assertThat(load(Split.TEST).label(0)).isEqualTo(499);
    ImageDataSet all = load(Split.ALL);
    assertThat(all.size()).isEqualTo(6);
    assertThat(all.label(5)).isEqualTo(499);
    assertThat(all.pixels(5)).isEqualTo(load(Split.TEST).pixels(0));
  }

  @Test
  void equalsTheSameImagesInTheHeap() throws IOException {
    ImageDataSet mapped = load(Split.TRAIN);
    byte[] pixels = Arrays.copyOf(TestFiles.noise(1, 2 * VALUES), 5 * VALUES);
    System.arraycopy(TestFiles.noise(2, 3 * VALUES), 0, pixels, 2 * VALUES, 3 * VALUES);
    int[] labels = {0, 999, 6, 7, 8};
    ImageDataSet heap = ImageDataSet.of("heap", mapped.shape(), pixels, 1000, labels);
    assertThat(mapped.fingerprint()).isEqualTo(heap.fingerprint());
    assertThat(mapped.resizedTo(10).fingerprint()).isEqualTo(heap.resizedTo(10).fingerprint());
    assertThat(mapped.resizedTo(10).batch(1, 3)).isEqualTo(heap.resizedTo(10).batch(1, 3));
    assertThat(mapped.standardDeviation()).isEqualTo(heap.standardDeviation());
  }

  @Test
  void buildsTheCacheOnceAndAgainWhenTheFilesChange() throws IOException {
    String before = load(Split.TEST).fingerprint();
    Path built = cached().get(0);
    FileTime time = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(built, time);
    assertThat(load(Split.TEST).fingerprint()).isEqualTo(before);
    assertThat(Files.getLastModifiedTime(built)).as("the cache was used").isEqualTo(time);

    write("val_data.npz", 4, 500, 501);
    assertThat(load(Split.TEST).size()).isEqualTo(2);
    assertThat(cached()).hasSize(2);
  }

  @Test
  void buildsADamagedCacheAgain() throws IOException {
    String before = load(Split.TEST).fingerprint();
    Path built = cached().get(0);
    byte[] whole = Files.readAllBytes(built);
    for (byte[] damaged :
        List.of(
            Arrays.copyOf(whole, whole.length - 1),
            new byte[9],
            new byte[5000],
            negativeWidth(whole))) {
      Files.delete(built);
      Files.write(built, damaged);
      assertThat(load(Split.TEST).fingerprint()).isEqualTo(before);
      assertThat(Files.size(built)).isEqualTo(whole.length);
    }
  }

  @Test
  void threadsShareAMappedSet() throws IOException {
    ImageDataSet train = load(Split.TRAIN);
    byte[][] expected = IntStream.range(0, 5).mapToObj(train::pixels).toArray(byte[][]::new);
    long wrong =
        IntStream.range(0, 4000)
            .parallel()
            .filter(i -> !Arrays.equals(train.pixels(i % 5), expected[i % 5]))
            .count();
    assertThat(wrong).isZero();
  }

  @Test
  void refusesLabelsThatDoNotFit() throws IOException {
    write("val_data.npz", 3, 0);
    refuses(
        "val_data.npz: array 'labels': label 0.0 of image 0; must be a whole number, 1 to 1000");
    write("val_data.npz", 3, 1001);
    refuses("label 1001.0 of image 0");
    archive(npy("(2, 12288)", 2 * VALUES), TestFiles.npy("<i8", "(1,)", TestFiles.longs(1)));
    refuses("holds 2 images and 1 labels");
  }

  @Test
  void refusesHeadersThatDisagreeWithTheLength() throws IOException {
    byte[] label = TestFiles.npy("<i8", "(1,)", TestFiles.longs(1));
    archive(npy("(1, 12288)", VALUES - 1), label);
    refuses("array 'data': ends early");
    archive(npy("(1, 12288)", VALUES + 1), label);
    refuses("array 'data': data follows the array");
    archive(npy("(9000000, 12288)", VALUES), label);
    refuses("holds 9000000 images and 1 labels");
    archive(npy("(1, 12288)", VALUES), TestFiles.npy("<i8", "(9000000,)", TestFiles.longs(1)));
    refuses("array 'labels': 9000000 values in 136 bytes");
    archive(npy("(99999999999, 12288)", VALUES), label);
    refuses("shape (99999999999, 12288) is not readable");
    archive(npy("(1, 3072)", 3072), label);
    refuses("must be uint8 (n, 12288)");
  }

  @Test
  void refusesArraysOfAnotherKind() throws IOException {
    byte[] label = TestFiles.npy("<i8", "(1,)", TestFiles.longs(1));
    archive(TestFiles.npy("<f4", "(1, 12288)", new byte[4 * VALUES]), label);
    refuses("must be uint8 (n, 12288)");
    archive(TestFiles.npy("<i2", "(1, 12288)", new byte[2 * VALUES]), label);
    refuses("must be uint8 (n, 12288)");
    archive(new byte[30], label);
    refuses("no NumPy array: the magic bytes are missing");
    archive(TestFiles.npy("|O", "(1,)", new byte[8]), label);
    refuses("type '|O'");
    TestFiles.zip(directory.resolve("val_data.npz"), Map.of("labels.npy", label));
    refuses("holds no array 'data'");
  }

  @Test
  void refusesADamagedArchiveAndLeavesNoCache() throws IOException {
    Path file = directory.resolve("val_data.npz");
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 30));
    refuses("not a .npz archive");
    byte[] flipped = whole.clone();
    flipped[whole.length / 2] ^= 0x55;
    Files.write(file, flipped);
    assertThatThrownBy(() -> load(Split.TEST)).isInstanceOf(DataSetException.class);
    Files.delete(file);
    refuses(file + ": is missing");
    assertThat(cached()).isEmpty();
  }

  @Test
  void aMappingSpansSegments() throws IOException {
    byte[] content = TestFiles.noise(8, 100 + 7 * 10);
    Path file = Files.write(directory.resolve("pixels"), content);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (int segment : new int[] {1, 10, 25, 69, 70, 1000}) {
        MappedPixels pixels = MappedPixels.map(channel, 100, 7, 10, segment);
        byte[] image = new byte[12];
        for (int i = 0; i < 7; i++) {
          pixels.read(i, image, 2);
          assertThat(Arrays.copyOfRange(image, 2, 12))
              .as("image %d, segments of %d bytes", i, segment)
              .isEqualTo(Arrays.copyOfRange(content, 100 + 10 * i, 110 + 10 * i));
        }
      }
    }
  }

  /** A cache whose header is right but for the width. */
  private static byte[] negativeWidth(byte[] whole) {
    byte[] damaged = whole.clone();
    damaged[8 + 32 + 32 + 4 * Integer.BYTES] = -1;
    return damaged;
  }

  private void refuses(String fault) {
    assertThatThrownBy(() -> load(Split.TEST))
        .isInstanceOf(DataSetException.class)
        .hasMessageContaining(fault);
  }

  private ImageDataSet load(Split split) throws IOException {
    return new ImageNet64Loader(cache, 2).load(Specs.of("imagenet64", directory), split);
  }

  private List<Path> cached() throws IOException {
    if (!Files.exists(cache)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(cache)) {
      return files.toList();
    }
  }

  private void write(String name, long seed, long... labels) throws IOException {
    byte[] data =
        TestFiles.npy(
            "|u1", "(" + labels.length + ", 12288)", TestFiles.noise(seed, labels.length * VALUES));
    byte[] classes = TestFiles.npy("<i8", "(" + labels.length + ",)", TestFiles.longs(labels));
    TestFiles.zip(directory.resolve(name), Map.of("data.npy", data, "labels.npy", classes));
  }

  private void archive(byte[] data, byte[] labels) throws IOException {
    TestFiles.zip(
        directory.resolve("val_data.npz"), Map.of("data.npy", data, "labels.npy", labels));
  }

  private static byte[] npy(String shape, int bytes) {
    return TestFiles.npy("|u1", shape, new byte[bytes]);
  }
}
