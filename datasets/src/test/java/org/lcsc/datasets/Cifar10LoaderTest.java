package org.lcsc.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Cifar10LoaderTest {

  private static final int RECORDS = 3;
  private static final int RECORD_BYTES = 3073;

  @TempDir Path directory;

  @Test
  void readsADirectory() throws IOException {
    writeBatches(directory);
    assertImages(directory);
  }

  @Test
  void readsTheDirectoryThatTheArchiveUnpacksTo() throws IOException {
    writeBatches(Files.createDirectory(directory.resolve("cifar-10-batches-bin")));
    assertImages(directory);
  }

  @Test
  void readsTheArchiveInWhateverOrder() throws IOException {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    tar.write(TestFiles.tarMember("cifar-10-batches-bin/", '5', new byte[0]));
    tar.write(TestFiles.tarMember("cifar-10-batches-bin/readme.html", '0', new byte[700]));
    tar.write(TestFiles.tarMember("cifar-10-batches-bin/test_batch.bin", '0', batch(9)));
    for (int i = 5; i >= 1; i--) {
      String name = "cifar-10-batches-bin/data_batch_" + i + ".bin";
      tar.write(TestFiles.tarMember(name, '0', batch(i)));
    }
    tar.write(new byte[1024]);
    Path archive = directory.resolve(Cifar10Loader.ARCHIVE);
    Files.write(archive, TestFiles.gzip(tar.toByteArray()));
    assertImages(archive);
    assertImages(directory);

    byte[] whole = Files.readAllBytes(archive);
    Files.write(archive, Arrays.copyOf(whole, whole.length / 2));
    refuses(archive, "is a damaged archive");
  }

  @Test
  void refusesADamagedArchive() throws IOException {
    byte[] member = TestFiles.tarMember("test_batch.bin", '0', batch(9));
    Path archive = directory.resolve("some.tar.gz");
    Files.write(archive, TestFiles.gzip(member));
    refuses(archive, "holds no data_batch_1.bin");

    byte[] misnamed = TestFiles.tarMember("data_batch_1.bin", '0', new byte[12]);
    Files.write(archive, TestFiles.gzip(misnamed));
    refuses(archive, "data_batch_1.bin: is 12 bytes long; must be 9219, 3 records of 3073");

    byte[] header = member.clone();
    header[0] ^= 1;
    Files.write(archive, TestFiles.gzip(header));
    refuses(archive, "damaged member header");

    Files.write(archive, new byte[100]);
    refuses(archive, "is a damaged archive");
  }

  @Test
  void refusesFilesOfAnotherLength() throws IOException {
    writeBatches(directory);
    Path file = directory.resolve("data_batch_4.bin");
    Files.write(file, Arrays.copyOf(batch(4), 9000));
    refuses(directory, file + ": is 9000 bytes long; must be 9219, 3 records of 3073");
    Files.delete(file);
    refuses(directory, file + ": is missing");
  }

  @Test
  void refusesLabelsOutOfRange() throws IOException {
    writeBatches(directory);
    byte[] bad = batch(2);
    bad[2 * RECORD_BYTES] = 10;
    Files.write(directory.resolve("data_batch_2.bin"), bad);
    refuses(directory, "data_batch_2.bin: label 10 of record 2; must be 0 to 9");
  }

  @Test
  void namesAPlaceWithoutTheSet() {
    refuses(directory, directory + ": holds no CIFAR-10");
    assertThatThrownBy(() -> loader().load(Specs.offline("cifar10"), Split.TRAIN))
        .isInstanceOf(DataSetException.class)
        .hasMessageContaining("cifar-10-binary.tar.gz: is missing; put it there");
  }

  private void assertImages(Path path) throws IOException {
    DataSetSpec spec = Specs.of("cifar10", path);
    ImageDataSet train = loader().load(spec, Split.TRAIN);
    assertThat(train).hasToString("cifar10: 15 images of 3x32x32, 10 classes");
    for (int i = 0; i < 15; i++) {
      byte[] file = batch(1 + i / RECORDS);
      int at = i % RECORDS * RECORD_BYTES;
      assertThat(train.label(i)).as("label %d", i).isEqualTo(file[at]);
      assertThat(train.pixels(i))
          .as("image %d", i)
          .isEqualTo(Arrays.copyOfRange(file, at + 1, at + RECORD_BYTES));
    }
    ImageDataSet test = loader().load(spec, Split.TEST);
    assertThat(test.size()).isEqualTo(RECORDS);
    assertThat(test.label(1)).isEqualTo(batch(9)[RECORD_BYTES]);
    ImageDataSet all = loader().load(spec, Split.ALL);
    assertThat(all.size()).isEqualTo(18);
    assertThat(all.batch(15, 3)).isEqualTo(test.batch(0, 3));
  }

  private void refuses(Path path, String fault) {
    assertThatThrownBy(() -> loader().load(Specs.of("cifar10", path), Split.TRAIN))
        .isInstanceOf(DataSetException.class)
        .hasMessageContaining(fault);
  }

  private Cifar10Loader loader() {
    return new Cifar10Loader(directory.resolve("cache"), new Downloader(), RECORDS);
  }

  private static void writeBatches(Path directory) throws IOException {
    for (int i = 1; i <= 5; i++) {
      Files.write(directory.resolve("data_batch_" + i + ".bin"), batch(i));
    }
    Files.write(directory.resolve("test_batch.bin"), batch(9));
  }

  private static byte[] batch(int number) {
    byte[] bytes = TestFiles.noise(number, RECORDS * RECORD_BYTES);
    for (int i = 0; i < RECORDS; i++) {
      bytes[i * RECORD_BYTES] = (byte) ((number + 4 * i) % 10);
    }
    return bytes;
  }
}
