package org.lcsc.experiment.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {

  private static final Clock CLOCK =
      Clock.fixed(Instant.ofEpochSecond(1_700_000_000), ZoneOffset.UTC);

  @TempDir private Path directory;

  /** The bytes that TensorBoard 2.21's own writer gives for the same events. */
  @Test
  void writesTensorBoardsBytes() throws Exception {
    try (EventFile events = EventFile.create(directory, 51, CLOCK)) {
      events.scalar("training/loss", 100, 0.25);
    }
    Path file = directory.resolve("events.out.tfevents.1700000000.lcsc.0");
    assertThat(HexFormat.of().formatHex(Files.readAllBytes(file))).isEqualTo(EXPECTED);
  }

  @Test
  void aSecondFileOfTheSameSecondIsAnother() throws Exception {
    EventFile.create(directory, 1, CLOCK).close();
    EventFile.create(directory, 1, CLOCK).close();
    try (var files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString()).sorted())
          .containsExactly(
              "events.out.tfevents.1700000000.lcsc.0", "events.out.tfevents.1700000000.lcsc.1");
    }
  }

  private static final String EXPECTED =
      "1800000000000000a37f4b220900000040fc54d9411a0d627261696e2e457665"
          + "6e743a32eced8f9d0f000000000000006d532b090900000040fc54d94110333a"
          + "020801d27823532300000000000000b09f77430900000040fc54d94110642a16"
          + "0a140a0d747261696e696e672f6c6f7373150000803e4e421c06";
}
