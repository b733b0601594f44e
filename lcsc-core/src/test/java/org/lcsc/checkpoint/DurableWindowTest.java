package org.lcsc.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.lcsc.checkpoint.RandomParameters.random;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A mapped window whose file a saved state refers to. */
class DurableWindowTest {

  private static final int P = 20_011;
  private static final double[] COEFFICIENTS = {0.3, -1.7, 0.9, 1.5};

  @TempDir Path directory;

  private static CheckpointWindowBuilder builder(CheckpointDataType type) {
    return CheckpointWindow.builder(P).window(4).interval(1).dataType(type);
  }

  private CheckpointWindow durable(CheckpointDataType type, String name, int spare) {
    return builder(type).durable(directory.resolve(name), spare).build();
  }

  private CheckpointWindow durable() {
    return durable(CheckpointDataType.FLOAT32, "window.bin", 2);
  }

  private CheckpointArchive archive() {
    return new CheckpointArchive(directory.resolve("archive"));
  }

  private static void record(CheckpointWindow window, int from, int to) {
    for (int n = from; n <= to; n++) {
      window.record(n, random(P, n));
    }
  }

  private byte[] save(CheckpointWindow window) throws IOException {
    ByteArrayOutputStream index = new ByteArrayOutputStream();
    archive().save(window, new DataOutputStream(index));
    archive().saved(window);
    return index.toByteArray();
  }

  private List<Long> restore(CheckpointWindow window, byte[] index) throws IOException {
    return archive().restore(window, new DataInputStream(new ByteArrayInputStream(index)));
  }

  /** A killed process is a window closed after more was recorded than the state knows. */
  @ParameterizedTest
  @EnumSource(CheckpointDataType.class)
  void whatIsRecordedAfterTheStateDoesNotTouchIt(CheckpointDataType type) throws IOException {
    for (int saved : new int[] {2, 4, 5, 9}) {
      byte[] index;
      try (CheckpointWindow window = durable(type, "window.bin", 2)) {
        record(window, 1, saved);
        index = save(window);
        for (int n = saved + 1; !window.overwritesSaved(); n++) {
          record(window, n, n);
        }
      }
      assertThat(directory.resolve("archive")).as("nothing is saved twice").doesNotExist();
      try (CheckpointWindow window = durable(type, "window.bin", 2);
          CheckpointWindow undisturbed = durable(type, "undisturbed.bin", 2)) {
        assertThat(restore(window, index)).isEmpty();
        record(undisturbed, 1, saved);
        assertThat(window.checksums()).containsExactly(undisturbed.checksums());
        record(window, saved + 1, 11);
        record(undisturbed, saved + 1, 11);
        assertThat(window.iterations()).containsExactly(8, 9, 10, 11);
        assertThat(window.merge(COEFFICIENTS).toFloatVector())
            .isEqualTo(undisturbed.merge(COEFFICIENTS).toFloatVector());
      }
    }
  }

  @Test
  void saysWhenTheStateIsToBeSaved() throws IOException {
    try (CheckpointWindow window = durable()) {
      record(window, 1, 7);
      assertThat(window.overwritesSaved()).as("there is no state yet").isFalse();
      save(window);
      record(window, 8, 8);
      assertThat(window.overwritesSaved()).isFalse();
      record(window, 9, 9);
      assertThat(window.overwritesSaved()).as("both spare slots are used").isTrue();
      save(window);
      assertThat(window.overwritesSaved()).isFalse();
    }
  }

  @Test
  void checkpointsOverwrittenAllTheSameAreNamedAndLeftOut() throws IOException {
    byte[] index;
    try (CheckpointWindow window = durable()) {
      record(window, 1, 6);
      index = save(window);
      record(window, 7, 10);
    }
    try (CheckpointWindow window = durable()) {
      assertThat(restore(window, index)).containsExactly(3L, 4L);
      assertThat(window.iterations()).containsExactly(5, 6);
      assertThat(window.checkpoint(0)).isEqualTo(random(P, 5));
    }
  }

  /** NaN times the coefficient zero is NaN: a damaged checkpoint must not reach the product. */
  @Test
  void aCheckpointDamagedToNaNIsLeftOutAndSpoilsNoMerge() throws IOException {
    Path file = directory.resolve("window.bin");
    byte[] index;
    try (CheckpointWindow window = durable()) {
      record(window, 1, 3);
      index = save(window);
    }
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      // Parameter 0 of slot 1, in a first tile of 6 slots and 16,384 parameters.
      bytes.seek(16_384L * Float.BYTES);
      bytes.write(new byte[] {-1, -1, -1, -1});
    }
    try (CheckpointWindow window = durable()) {
      assertThat(restore(window, index)).containsExactly(2L);
      float[] merged = window.merge(new double[] {0.25, 0.75}).toFloatVector();
      float first = random(P, 1).getFloat(0);
      assertThat(merged[0]).isEqualTo(0.25f * first + 0.75f * random(P, 3).getFloat(0));
    }
  }

  @Test
  void aMissingFileAndAnotherSizeAreTold() throws IOException {
    byte[] index;
    try (CheckpointWindow window = durable()) {
      record(window, 1, 5);
      index = save(window);
    }
    try (CheckpointWindow window = durable(CheckpointDataType.FLOAT32, "other.bin", 3)) {
      assertThatThrownBy(() -> restore(window, index))
          .isInstanceOf(IOException.class)
          .hasMessage("its window has 6 slots for 4 checkpoints, this one 7 for 4");
    }
    Files.delete(directory.resolve("window.bin"));
    try (CheckpointWindow window = durable()) {
      assertThat(restore(window, index)).containsExactly(2L, 3L, 4L, 5L);
    }
  }

  @Test
  void aFileOfAnotherWindowIsRefusedAndKept() throws IOException {
    byte[] index;
    try (CheckpointWindow window = durable()) {
      record(window, 1, 5);
      index = save(window);
    }
    assertThatThrownBy(() -> durable(CheckpointDataType.FLOAT32, "window.bin", 3))
        .hasMessageContaining("bytes, this window would have");
    try (CheckpointWindow window = durable()) {
      assertThat(restore(window, index)).as("lost").isEmpty();
    }
  }

  @Test
  void theFileKeepsItsSizeHoweverOftenTheRingGoesRound() throws IOException {
    Path file = directory.resolve("window.bin");
    try (CheckpointWindow window = durable()) {
      assertThat(window.bytes()).isEqualTo(6L * P * Float.BYTES);
      for (int n = 1; n <= 30; n++) {
        record(window, n, n);
        assertThat(file).hasSize(window.bytes());
      }
    }
    assertThat(file).as("durable").hasSize(6L * P * Float.BYTES);
    Path scratch = directory.resolve("scratch.bin");
    try (CheckpointWindow window = builder(CheckpointDataType.BFLOAT16).mapped(scratch).build()) {
      record(window, 1, 30);
      assertThat(scratch).hasSize(4L * P * Short.BYTES);
      assertThat(window.iterations()).containsExactly(27, 28, 29, 30);
    }
  }

  /** The bounds of the three data types, whatever the storage. */
  @ParameterizedTest
  @EnumSource(CheckpointDataType.class)
  void everyStorageMergesWithinTheRoundingOfItsType(CheckpointDataType type) {
    // Relative rounding to 24, 8 and 11 significant bits, and the float32 sum of four terms.
    double unit =
        switch (type) {
          case FLOAT32 -> 0;
          case BFLOAT16 -> 0x1p-8;
          case FLOAT16 -> 0x1p-11;
        };
    try (CheckpointWindow memory = builder(type).inMemory().build();
        CheckpointWindow mapped = builder(type).mapped(directory.resolve("mapped")).build();
        CheckpointWindow durable = durable(type, "window.bin", 2)) {
      for (CheckpointWindow window : List.of(memory, mapped, durable)) {
        record(window, 1, 9);
      }
      float[] inMemory = memory.merge(COEFFICIENTS).toFloatVector();
      assertThat(mapped.merge(COEFFICIENTS).toFloatVector()).isEqualTo(inMemory);
      float[] inDurable = durable.merge(COEFFICIENTS).toFloatVector();
      float[][] checkpoints = new float[4][];
      for (int k = 0; k < 4; k++) {
        checkpoints[k] = random(P, 6 + k).toFloatVector();
        assertThat(durable.checkpoint(k)).isEqualTo(memory.checkpoint(k));
      }
      double worst = 0;
      for (int i = 0; i < P; i++) {
        double exact = 0;
        double magnitude = 0;
        for (int k = 0; k < 4; k++) {
          exact += COEFFICIENTS[k] * checkpoints[k][i];
          magnitude += Math.abs(COEFFICIENTS[k] * checkpoints[k][i]);
        }
        // Values below the smallest normal float16 are rounded to multiples of 2^-24.
        double bound = magnitude * (unit + 4 * 0x1p-24) + (unit > 0 ? 5 * 0x1p-25 : 0);
        assertThat((double) inMemory[i]).isBetween(exact - bound, exact + bound);
        assertThat((double) inDurable[i]).isBetween(exact - bound, exact + bound);
        worst = Math.max(worst, Math.abs(inMemory[i] - exact));
      }
      if (type != CheckpointDataType.FLOAT32) {
        assertThat(worst).as("the type does round").isGreaterThan(unit / 10);
      }
    }
  }
}
