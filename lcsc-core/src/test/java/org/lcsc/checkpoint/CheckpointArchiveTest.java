package org.lcsc.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.lcsc.checkpoint.RandomParameters.random;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointArchiveTest {

  private static final int P = 20_011;

  @TempDir Path directory;

  private static CheckpointWindow window() {
    return CheckpointWindow.builder(P).window(4).interval(1).build();
  }

  private static byte[] save(CheckpointArchive archive, CheckpointWindow window)
      throws IOException {
    ByteArrayOutputStream index = new ByteArrayOutputStream();
    archive.save(window, new DataOutputStream(index));
    return index.toByteArray();
  }

  private static DataInputStream stream(byte[] index) {
    return new DataInputStream(new ByteArrayInputStream(index));
  }

  private List<String> files() throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void writesEachCheckpointOnceAndRestoresTheSameBits() throws IOException {
    try (CheckpointWindow window = window();
        CheckpointWindow restored = window()) {
      CheckpointArchive archive = new CheckpointArchive(directory);
      for (int n = 1; n <= 5; n++) {
        window.record(n, random(P, n));
      }
      save(archive, window);
      FileTime past = FileTime.fromMillis(0);
      Files.setLastModifiedTime(directory.resolve("iteration-3.bin"), past);
      window.record(6, random(P, 6));
      byte[] index = save(archive, window);
      assertThat(Files.getLastModifiedTime(directory.resolve("iteration-3.bin"))).isEqualTo(past);
      // What the state before lists is still there until the new one is in place.
      assertThat(files()).contains("iteration-2.bin");
      archive.saved(window);
      assertThat(files())
          .containsExactly(
              "iteration-3.bin", "iteration-4.bin", "iteration-5.bin", "iteration-6.bin");

      assertThat(new CheckpointArchive(directory).restore(restored, stream(index))).isEmpty();
      double[] coefficients = {0.3, -1.7, 0.9, 1.5};
      assertThat(restored.merge(coefficients).toFloatVector())
          .isEqualTo(window.merge(coefficients).toFloatVector());
      assertThat(restored.iterations()).containsExactly(3, 4, 5, 6);
    }
  }

  @Test
  void filesOfAnotherTrainingAreReplaced() throws IOException {
    try (CheckpointWindow one = window();
        CheckpointWindow other = window();
        CheckpointWindow restored = window()) {
      one.record(1, random(P, 1));
      save(new CheckpointArchive(directory), one);
      other.record(1, random(P, 2));
      byte[] index = save(new CheckpointArchive(directory), other);
      new CheckpointArchive(directory).restore(restored, stream(index));
      assertThat(restored.checkpoint(0)).isEqualTo(random(P, 2));
    }
  }

  @Test
  void damagedAndMissingCheckpointsAreLeftOut() throws IOException {
    byte[] index;
    try (CheckpointWindow window = window()) {
      for (int n = 1; n <= 4; n++) {
        window.record(n, random(P, n));
      }
      index = save(new CheckpointArchive(directory), window);
    }
    Path damaged = directory.resolve("iteration-2.bin");
    byte[] bytes = Files.readAllBytes(damaged);
    bytes[bytes.length / 2] ^= 4;
    Files.write(damaged, bytes);
    Files.delete(directory.resolve("iteration-3.bin"));
    Path cut = directory.resolve("iteration-4.bin");
    Files.write(cut, java.util.Arrays.copyOf(Files.readAllBytes(cut), 1000));
    try (CheckpointWindow restored = window()) {
      CheckpointArchive archive = new CheckpointArchive(directory);
      assertThat(archive.restore(restored, stream(index))).containsExactly(2L, 3L, 4L);
      assertThat(restored.iterations()).containsExactly(1);
      // Trained again, it is written again.
      restored.record(2, random(P, 2));
      save(archive, restored);
      assertThat(Files.readAllBytes(damaged)).isNotEqualTo(bytes);
    }
  }

  @Test
  void anIndexOfAnotherWindowIsRefused() throws IOException {
    byte[] index;
    try (CheckpointWindow window = window()) {
      window.record(1, random(P, 1));
      index = save(new CheckpointArchive(directory), window);
    }
    try (CheckpointWindow other = CheckpointWindow.builder(3).capacity(2).build()) {
      CheckpointArchive archive = new CheckpointArchive(directory);
      assertThatThrownBy(() -> archive.restore(other, stream(index)))
          .isInstanceOf(IOException.class)
          .hasMessage("its checkpoints have 20011 parameters, those of this window 3");
      assertThat(other.size()).isZero();
    }
  }
}
