package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A training reads, writes and draws images without the temporary directory. */
@Timeout(300)
class TemporaryDirectoryTest {

  private static final String CONFIG =
      """
      dataset: { name: folder, path: %s }
      model: { kind: diffusion, unet: { channels: 4, multipliers: [1], blocks: 1 } }
      training: { iterations: 8, batchSize: 8, learningRate: 2.0e-3, seed: 3, saveEvery: 2 }
      sampler: { kind: ddim, steps: 2, batchSize: 40 }
      features: [random-projection, pixels]
      lcsc:
        window: 4
        interval: 1
        searchAt: [8]
        storage: { kind: mapped }
        search: { evaluations: 4, samples: 80, seed: 7, strategy: evolution }
        validation: { samples: 80, seed: 8 }
        report: { samples: 80, seed: 9 }
      output: %s
      """;

  @TempDir private Path directory;
  private Path config;
  private Path run;

  @BeforeEach
  void writeImages() throws IOException {
    Path images = Files.createDirectory(directory.resolve("images"));
    Random random = new Random(1);
    for (int i = 0; i < 40; i++) {
      BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
      for (int pixel = 0; pixel < 64; pixel++) {
        image.setRGB(pixel % 8, pixel / 8, random.nextInt(1 << 24));
      }
      String format = i % 2 == 0 ? "png" : "jpg";
      ImageIO.write(image, format, images.resolve(i + "." + format).toFile());
    }
    run = directory.resolve("run");
    config = Files.writeString(directory.resolve("c.yaml"), CONFIG.formatted(images, run));
  }

  private void trainsWith(Path temporary) throws Exception {
    Path log = directory.resolve("log");
    Process child =
        ChildProcess.start(log, List.of("-Djava.io.tmpdir=" + temporary), "train", config);
    assertThat(child.waitFor(240, TimeUnit.SECONDS)).isTrue();
    assertThat(child.exitValue()).as(Files.readString(log)).isZero();
    assertThat(run.resolve("report.html")).content().contains("data:image/png;base64,");
    assertThat(run.resolve("samples/compare-8.png")).isNotEmptyFile();
  }

  @Test
  void isNotMissed() throws Exception {
    Path missing = directory.resolve("missing");
    trainsWith(missing);
    assertThat(missing).doesNotExist();
  }

  @Test
  void mayBeFull() throws Exception {
    Path full = Files.createDirectory(directory.resolve("full"));
    try (Fault small = Fault.smallDisk(full, 1)) {
      Fault.fill(full);
      trainsWith(full);
      try (Stream<Path> files = Files.list(full)) {
        assertThat(files).hasSize(1);
      }
    }
  }
}
