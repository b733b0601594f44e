package org.lcsc.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChecksummedFileTest {

  private static final long MAGIC = 0x1234_5678_9abc_def0L;

  @TempDir Path directory;

  @Test
  void readsBackWhatWasWritten() throws IOException {
    Path file = directory.resolve("state.bin");
    ChecksummedFile.write(file, MAGIC, out -> out.write(new byte[200_000]));
    ChecksummedFile.write(file, MAGIC, out -> out.writeUTF("hello"));
    assertThat(ChecksummedFile.<String>read(file, MAGIC, in -> in.readUTF())).isEqualTo("hello");
  }

  @Test
  void everyDamageIsFoundBeforeTheContentIsRead() throws IOException {
    Path file = directory.resolve("state.bin");
    ChecksummedFile.write(file, MAGIC, out -> out.writeUTF("hello"));
    byte[] bytes = Files.readAllBytes(file);
    for (int i = 0; i < bytes.length; i++) {
      byte[] flipped = bytes.clone();
      flipped[i] ^= 0x10;
      Files.write(file, flipped);
      refuses(
          file, i < Long.BYTES ? "of another kind, or of another version" : "checksum is wrong");
      Files.write(file, Arrays.copyOf(bytes, i));
      refuses(file, "");
    }
    refuses(directory.resolve("none"), "none: no such file");
  }

  private static void refuses(Path file, String message) {
    assertThatThrownBy(
            () ->
                ChecksummedFile.read(
                    file,
                    MAGIC,
                    in -> {
                      throw new AssertionError("read a damaged file");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(message)
        .message()
        .hasLineCount(1);
  }
}
