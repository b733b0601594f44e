package org.lcsc.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.image.ImageShape;
import org.lcsc.io.Sha256;

class IdxLoaderTest {

  private static final byte[] PIXELS = TestFiles.noise(3, 5 * 4 * 4);
  private static final byte[] LABELS = {0, 3, 1, 2, 3};

  @TempDir Path directory;

  @BeforeEach
  void writeFiles() throws IOException {
    write(IdxLoader.TRAIN_IMAGES + ".gz", TestFiles.gzip(TestFiles.idx(PIXELS, 5, 4, 4)));
    write(IdxLoader.TRAIN_LABELS + ".gz", TestFiles.gzip(TestFiles.idx(LABELS, 5)));
    byte[] two = Arrays.copyOf(PIXELS, 2 * 16);
    write(IdxLoader.TEST_IMAGES, TestFiles.idx(two, 2, 4, 4));
    write(IdxLoader.TEST_LABELS, TestFiles.idx(new byte[] {6, 0}, 2));
  }

  @Test
  void readsPackedAndPlainFiles() throws IOException {
    ImageDataSet train = load(Split.TRAIN);
    assertThat(train.size()).isEqualTo(5);
    assertThat(train.shape()).isEqualTo(new ImageShape(1, 4, 4));
    assertThat(train.pixels(4)).isEqualTo(Arrays.copyOfRange(PIXELS, 64, 80));
    assertThat(train.labels(new int[] {0, 1, 2, 3, 4})).containsExactly(0, 3, 1, 2, 3);
    assertThat(train.classes()).as("of both splits").isEqualTo(7);
    ImageDataSet test = load(Split.TEST);
    assertThat(test.size()).isEqualTo(2);
    assertThat(test.label(0)).isEqualTo(6);
    ImageDataSet all = load(Split.ALL);
    assertThat(all.size()).isEqualTo(7);
    assertThat(all.pixels(6)).isEqualTo(test.pixels(1));
    assertThat(all.label(5)).isEqualTo(6);
  }

  @Test
  void shrinksOnRequestAndNeverEnlarges() throws IOException {
    String path = directory.toString();
    assertThat(new DataSets.Idx(path, 2, false).load(Split.TRAIN).shape())
        .isEqualTo(new ImageShape(1, 2, 2));
    assertThatThrownBy(() -> new DataSets.Idx(path, 5, false).load(Split.TRAIN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("side: out of range (5), allowed: 1 to 4");
  }

  @Test
  void aPublishedNameVouchesForTheContent() {
    assertThatThrownBy(
            () -> new DataSets.Mnist(directory.toString(), null, false, false).load(Split.TRAIN))
        .isInstanceOf(DataSetException.class)
        .hasMessageContaining(IdxLoader.TRAIN_LABELS)
        .hasMessageContaining("its content has SHA-256");
  }

  @Test
  void acceptsContentOfTheRightHash() throws IOException {
    Path plain = write("plain", TestFiles.idx(PIXELS, 5, 4, 4));
    String hash = Sha256.of(plain);
    IdxFile.verify(directory.resolve(IdxLoader.TRAIN_IMAGES + ".gz"), hash);
    assertThat(IdxFile.images(directory.resolve(IdxLoader.TRAIN_IMAGES + ".gz"), hash).count())
        .isEqualTo(5);
    assertThatThrownBy(() -> IdxFile.verify(plain, hash.replace(hash.charAt(0), 'x')))
        .isInstanceOf(DataSetException.class);
  }

  @Test
  void refusesTruncatedImages() throws IOException {
    refusesImages(TestFiles.idx(Arrays.copyOf(PIXELS, 79), 5, 4, 4), "is truncated");
    refusesImages(
        TestFiles.gzip(TestFiles.idx(Arrays.copyOf(PIXELS, 79), 5, 4, 4)), "is truncated");
    refusesImages(new byte[] {0, 0, 8}, "is truncated");
    refusesImages(new byte[0], "is truncated");
  }

  @Test
  void refusesDamagedCompression() throws IOException {
    byte[] whole = TestFiles.gzip(TestFiles.idx(PIXELS, 5, 4, 4));
    refusesImages(Arrays.copyOf(whole, whole.length - 6), "is truncated");
    byte[] flipped = whole.clone();
    flipped[flipped.length - 6] ^= 1;
    refusesImages(flipped, "is a damaged gzip file");
  }

  @Test
  void refusesTheWrongMagic() throws IOException {
    refusesImages(TestFiles.idx(LABELS, 5), "begins with 0x00000801");
  }

  @Test
  void refusesBytesAfterTheLastImage() throws IOException {
    refusesImages(TestFiles.idx(Arrays.copyOf(PIXELS, 81), 5, 4, 4), "more bytes than its header");
  }

  @Test
  void refusesAbsurdSizesWithoutAllocatingThem() throws IOException {
    refusesImages(TestFiles.idx(PIXELS, 5, 1 << 20, 4), "images of 1048576x4");
    refusesImages(TestFiles.idx(PIXELS, 5, 4, 0), "images of 4x0");
    refusesImages(TestFiles.idx(PIXELS, -5, 4, 4), "-5 items");
    refusesImages(TestFiles.idx(PIXELS, 0, 4, 4), "0 items");
    refusesImages(
        TestFiles.idx(PIXELS, Integer.MAX_VALUE, 4096, 4096), "over half of the Java heap");
    refusesImages(TestFiles.idx(PIXELS, 10_000_000, 4, 4), "is truncated");
  }

  @Test
  void refusesCountsThatDisagree() throws IOException {
    Files.delete(directory.resolve(IdxLoader.TRAIN_LABELS + ".gz"));
    write(IdxLoader.TRAIN_LABELS, TestFiles.idx(new byte[4], 4));
    assertThatThrownBy(() -> load(Split.TRAIN))
        .isInstanceOf(DataSetException.class)
        .hasMessageContaining("holds 4 labels; must hold 5, one per image of");
  }

  @Test
  void refusesLabelsOutsideThePublishedClasses() throws IOException {
    Files.delete(directory.resolve(IdxLoader.TRAIN_LABELS + ".gz"));
    Path labels = write(IdxLoader.TRAIN_LABELS, TestFiles.idx(new byte[] {0, 0, 10, 0, 0}, 5));
    Map<String, String> content = Map.of(IdxLoader.TRAIN_LABELS, Sha256.of(labels));
    IdxLoader loader =
        new IdxLoader(
            new IdxLoader.Source(content, List.of()), List.of(), directory, new Downloader());
    assertThatThrownBy(() -> loader.load(Specs.of("mnist", directory), Split.TRAIN))
        .isInstanceOf(DataSetException.class)
        .hasMessageContaining("label 10 of image 2; must be 0 to 9");
  }

  @Test
  void namesAMissingFile() throws IOException {
    Files.delete(directory.resolve(IdxLoader.TEST_IMAGES));
    assertThatThrownBy(() -> load(Split.TEST))
        .isInstanceOf(DataSetException.class)
        .hasMessageContaining("holds no t10k-images-idx3-ubyte.gz");
  }

  @Test
  void staysOfflineWhenTold() {
    Path cache = directory.resolve("cache");
    IdxLoader loader = new IdxLoader(IdxLoader.Source.ANY, List.of(), cache, new Downloader());
    assertThatThrownBy(() -> loader.load(Specs.offline("mnist"), Split.TRAIN))
        .isInstanceOf(DataSetException.class)
        .hasMessageContaining("train-images-idx3-ubyte.gz: is missing; put it there");
    assertThat(cache).doesNotExist();
  }

  @Test
  void readsTheInstalledFashionMnist() throws IOException {
    Path installed = Path.of("/usr/share/datasets/fashion-mnist");
    assumeThat(installed).isDirectory();
    DataSets.FashionMnist data = new DataSets.FashionMnist(null, null, false, false);
    ImageDataSet test = data.load(Split.TEST);
    assertThat(test).hasToString("fashion-mnist: 10000 images of 1x28x28, 10 classes");
    int[] counts = new int[10];
    for (int i = 0; i < test.size(); i++) {
      counts[test.label(i)]++;
    }
    assertThat(counts).containsOnly(1000);
    ImageDataSet train = data.load(Split.TRAIN);
    assertThat(train.size()).isEqualTo(60_000);
    // The published mean and deviation of the training pixels, in [0, 1]: 0.2860 and 0.3530.
    double sum = 0;
    for (int i = 0; i < train.size(); i++) {
      for (byte pixel : train.pixels(i)) {
        sum += pixel & 0xff;
      }
    }
    assertThat(sum / 255 / train.size() / train.shape().length()).isBetween(0.28595, 0.28605);
    assertThat(train.standardDeviation() / 2).isBetween(0.35295, 0.35305);
    assertThat(new DataSets.FashionMnist(null, 14, false, false).load(Split.TEST).shape())
        .isEqualTo(new ImageShape(1, 14, 14));
  }

  private void refusesImages(byte[] content, String fault) throws IOException {
    Path file = write("bad", content);
    assertThatThrownBy(() -> IdxFile.images(file, null))
        .isInstanceOf(DataSetException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(fault)
        .message()
        .doesNotContain("\n");
  }

  private ImageDataSet load(Split split) throws IOException {
    return new DataSets.Idx(directory.toString(), null, false).load(split);
  }

  private Path write(String name, byte[] content) throws IOException {
    return Files.write(directory.resolve(name), content);
  }
}
