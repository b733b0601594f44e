package org.lcsc.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.lcsc.checkpoint.RandomParameters.random;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Memory, mapped files, saving and restoring. */
class CheckpointStorageTest {

  private static final int P = 40_003;

  @TempDir Path directory;

  private static CheckpointWindowBuilder builder(CheckpointDataType type) {
    return CheckpointWindow.builder(P).window(50).interval(10).dataType(type);
  }

  private static void fill(CheckpointWindow window, int count) {
    for (int n = 1; n <= count; n++) {
      window.record(10L * n, random(P, n));
    }
  }

  private static void assertSame(CheckpointWindow actual, CheckpointWindow expected) {
    assertThat(actual.iterations()).containsExactly(expected.iterations());
    for (int k = 0; k < expected.size(); k++) {
      assertThat(actual.checkpoint(k).toFloatVector())
          .as("checkpoint %d", k)
          .isEqualTo(expected.checkpoint(k).toFloatVector());
    }
  }

  @ParameterizedTest(name = "{0} in segments of {1} bytes")
  @CsvSource({
    "FLOAT32, 1073741824",
    "FLOAT32, 40000",
    "FLOAT32, 500000",
    "BFLOAT16, 1073741824",
    "BFLOAT16, 12345",
    "FLOAT16, 333333"
  })
  void aMappedWindowEqualsOneInMemoryBitForBit(CheckpointDataType type, int segmentBytes) {
    Path file = directory.resolve("window.bin");
    try (CheckpointWindow memory = builder(type).inMemory().segmentBytes(segmentBytes).build();
        CheckpointWindow mapped = builder(type).mapped(file).segmentBytes(segmentBytes).build()) {
      fill(memory, 8);
      fill(mapped, 8);
      assertThat(file).hasSize(mapped.bytes());
      assertSame(mapped, memory);
      double[][] coefficients = {{0.1, 0.2, 0.3, 0.1, 0.3}, {2, -1, 0.5, -1, 0.5}};
      INDArray first = Nd4j.create(DataType.FLOAT, 2, P);
      INDArray second = Nd4j.create(DataType.FLOAT, 2, P);
      memory.merge(coefficients, first);
      mapped.merge(coefficients, second);
      assertThat(second.data().asFloat()).isEqualTo(first.data().asFloat());
      assertThat(mapped.dot(random(P, 99))).containsExactly(memory.dot(random(P, 99)));
    }
  }

  @Test
  void storedValuesDoNotDependOnTheSegmentSize() {
    List<int[]> sizes = new ArrayList<>();
    CheckpointWindowBuilder builder =
        builder(CheckpointDataType.FLOAT32)
            .storage(
                segments -> {
                  sizes.add(segments);
                  return new OffHeapStorage(segments);
                });
    try (CheckpointWindow one = builder.build();
        CheckpointWindow many = builder.segmentBytes(3_000).build()) {
      assertThat(sizes.get(0)).hasSize(1);
      assertThat(sizes.get(1)).hasSizeGreaterThan(200);
      assertThat(sizes).allSatisfy(s -> assertThat(IntStream.of(s).sum()).isEqualTo(one.bytes()));
      fill(one, 7);
      fill(many, 7);
      assertSame(many, one);
    }
  }

  @Test
  void tooManyCheckpointsForASegmentAreNamed() {
    assertThatThrownBy(() -> builder(CheckpointDataType.FLOAT32).segmentBytes(19).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("5 checkpoints are too many");
  }

  @Test
  void closingAMappedWindowDeletesItsFile() {
    Path file = directory.resolve("deep/window.bin");
    CheckpointWindow window = builder(CheckpointDataType.FLOAT32).mapped(file).build();
    fill(window, 2);
    assertThat(file).exists();
    window.close();
    assertThat(file).doesNotExist();
  }

  @Test
  void closingFreesMemoryAtOnce() {
    long before = Pointer.physicalBytes();
    CheckpointWindow window =
        CheckpointWindow.builder(10_000_000).window(5).interval(1).inMemory().build();
    INDArray parameters = Nd4j.create(DataType.FLOAT, 10_000_000);
    for (int n = 1; n <= 5; n++) {
      window.record(n, parameters);
    }
    parameters.close();
    long filled = Pointer.physicalBytes();
    window.close();
    assertThat(filled - before).as("200 MB were in use").isGreaterThan(150_000_000);
    assertThat(filled - Pointer.physicalBytes()).as("they are back").isGreaterThan(150_000_000);
  }

  @Test
  void aStaleFileIsOverwritten() throws IOException {
    Path file = Files.writeString(directory.resolve("window.bin"), "left by a killed run");
    try (CheckpointWindow window = builder(CheckpointDataType.FLOAT32).mapped(file).build()) {
      fill(window, 1);
      assertThat(window.checkpoint(0)).isEqualTo(random(P, 1));
    }
  }

  @Test
  void twoWindowsCannotShareAFile() {
    Path file = directory.resolve("window.bin");
    try (CheckpointWindow window = builder(CheckpointDataType.FLOAT32).mapped(file).build()) {
      fill(window, 1);
      assertThatThrownBy(() -> builder(CheckpointDataType.FLOAT32).mapped(file).build())
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining(file + " is in use by another window");
      assertThat(window.checkpoint(0)).as("untouched").isEqualTo(random(P, 1));
    }
  }

  @Test
  void aFileTooLargeForTheDiskIsRefusedBeforeTraining() {
    Path file = directory.resolve("window.bin");
    assertThatThrownBy(
            () ->
                CheckpointWindow.builder(1L << 30).window(1 << 20).interval(1).mapped(file).build())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("needs 4,503,599,627,370,496 bytes");
    assertThat(file).doesNotExist();
  }

  @Test
  void aDirectoryCannotBeMapped() {
    assertThatThrownBy(() -> builder(CheckpointDataType.FLOAT32).mapped(directory).build())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("cannot map checkpoint window " + directory + ": it is a directory");
    assertThat(directory).exists();
  }

  @Test
  void aWindowLargerThanTheMachineIsRefusedBeforeTraining() {
    assertThatThrownBy(() -> CheckpointWindow.builder(1L << 30).window(1 << 12).interval(1).build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("17,592,186,044,416 bytes");
  }

  @ParameterizedTest
  @EnumSource(CheckpointDataType.class)
  void aSavedWindowIsRestoredExactly(CheckpointDataType type) throws IOException {
    Path file = directory.resolve("saved.bin");
    try (CheckpointWindow window = builder(type).build();
        CheckpointWindow restored = builder(type).mapped(directory.resolve("map")).build()) {
      fill(window, 8);
      window.save(file);
      restored.restore(file);
      assertSame(restored, window);
      restored.record(90, random(P, 9));
      assertThat(restored.iterations()).containsExactly(50, 60, 70, 80, 90);
    }
  }

  @Test
  void aSmallerWindowRestoresTheNewest() throws IOException {
    Path file = directory.resolve("saved.bin");
    try (CheckpointWindow window = builder(CheckpointDataType.FLOAT32).build();
        CheckpointWindow smaller = CheckpointWindow.builder(P).window(20).interval(10).build()) {
      fill(window, 4);
      window.save(file);
      smaller.restore(file);
      assertThat(smaller.iterations()).containsExactly(30, 40);
      assertThat(smaller.checkpoint(0)).isEqualTo(random(P, 3));
    }
  }

  /** Float32 sums depend on their order, which is that of the slots. */
  @ParameterizedTest
  @EnumSource(CheckpointDataType.class)
  void aRestoredWindowMergesToTheSameBitsNowAndLater(CheckpointDataType type) throws IOException {
    Path file = directory.resolve("saved.bin");
    try (CheckpointWindow window = builder(type).build();
        CheckpointWindow restored = builder(type).build()) {
      fill(window, 8);
      window.save(file);
      assertThat(restored.restore(file)).isEmpty();
      double[][] coefficients = {{0.3, -1.7, 0.9, 1.1, 0.4}, {2, -0.1, 0.7, -1.9, 0.3}};
      for (int n = 9; n <= 12; n++) {
        INDArray expected = Nd4j.create(2, P);
        INDArray actual = Nd4j.create(2, P);
        window.merge(coefficients, expected);
        restored.merge(coefficients, actual);
        assertThat(actual.data().asFloat()).isEqualTo(expected.data().asFloat());
        window.record(10L * n, random(P, n));
        restored.record(10L * n, random(P, n));
      }
    }
  }

  @Test
  void windowsThatCannotBeRestoredAreRefused() throws IOException {
    Path file = directory.resolve("saved.bin");
    try (CheckpointWindow window = builder(CheckpointDataType.FLOAT32).build();
        CheckpointWindow restored = builder(CheckpointDataType.FLOAT32).build();
        CheckpointWindow other = CheckpointWindow.builder(3).window(2).interval(1).build()) {
      fill(window, 3);
      window.save(file);
      byte[] bytes = Files.readAllBytes(file);
      assertThatThrownBy(() -> other.restore(file))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "cannot restore checkpoint window "
                  + file
                  + ": its checkpoints have 40003 parameters, those of this window 3");
      bytes[53] ^= 1; // the second checkpoint is of iteration 21 now
      Files.write(file, bytes);
      assertThatThrownBy(() -> restored.restore(file)).hasMessageEndingWith("checksum is wrong");
      Files.write(file, java.util.Arrays.copyOf(bytes, 40));
      assertThatThrownBy(() -> restored.restore(file)).hasMessageEndingWith("it is cut short");
      assertThat(restored.size()).isZero();
      Files.writeString(file, "not a window at all");
      assertThatThrownBy(() -> restored.restore(file))
          .hasMessageEndingWith("it is not a saved checkpoint window of this version");
      assertThatThrownBy(() -> restored.restore(directory.resolve("none")))
          .hasMessageEndingWith("none: no such file");
      fill(restored, 1);
      assertThatThrownBy(() -> restored.restore(file)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aDamagedCheckpointIsNamedAndLeftOut() throws IOException {
    Path file = directory.resolve("saved.bin");
    try (CheckpointWindow window = builder(CheckpointDataType.FLOAT32).build()) {
      fill(window, 3);
      window.save(file);
    }
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    try (CheckpointWindow restored = builder(CheckpointDataType.FLOAT32).build()) {
      assertThat(restored.restore(file)).containsExactly(20L);
      assertThat(restored.iterations()).containsExactly(10, 30);
      assertThat(restored.checkpoint(1)).isEqualTo(random(P, 3));
      restored.record(40, random(P, 4));
      assertThat(restored.iterations()).containsExactly(10, 30, 40);
    }
    Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 9));
    try (CheckpointWindow restored = builder(CheckpointDataType.FLOAT32).build()) {
      assertThat(restored.restore(file)).containsExactly(20L, 30L);
      assertThat(restored.iterations()).containsExactly(10);
    }
  }
}
