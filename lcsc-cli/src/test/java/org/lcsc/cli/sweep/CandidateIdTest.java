package org.lcsc.cli.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.config.YamlConfig;

/** A result is that of other inputs where a file that decides it is another. */
class CandidateIdTest {

  private static final String BASE =
      """
      dataset: { name: digits }
      model: { kind: diffusion, unet: { channels: 8, multipliers: [1], blocks: 1 } }
      training: { iterations: 4, batchSize: 4, learningRate: 1.0e-3, seed: 1, from: %s }
      lcsc: { window: 4, interval: 1, searchAt: [4] }
      output: run
      """;

  private static final String STUDY =
      """
      base: %s
      mode: train
      axes:
        - { key: training.seed, values: [1, 2] }
      output: none
      """;

  private static String id(Path base) throws IOException {
    Study study = YamlConfig.parse("study", STUDY.formatted(base), Study.class);
    return new CandidateWork(study).id(Candidates.point(new Candidates(study).next()));
  }

  @Test
  void aCandidateIsAnotherWhereItsFirstWeightsAre(@TempDir Path directory) throws IOException {
    Path from = directory.resolve("from.zip");
    Path base = directory.resolve("base.yaml");
    Files.writeString(base, BASE.formatted(from));
    String missing = id(base);
    Files.write(from, new byte[] {1});
    String first = id(base);
    Files.write(from, new byte[] {2});
    assertThat(List.of(missing, first, id(base))).doesNotHaveDuplicates();
    Files.write(from, new byte[] {1});
    assertThat(id(base)).isEqualTo(first);
  }
}
