package org.lcsc.cli.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.experiment.run.RunResults;
import org.lcsc.export.Recipe;
import org.lcsc.export.Versions;
import org.lcsc.objective.StageSeconds;

class CandidateResultTest {

  private static final String CONFIG =
      """
      dataset: { name: digits }
      model: { kind: diffusion, unet: { channels: 8, multipliers: [1], blocks: 1 } }
      training: { iterations: 4, batchSize: 4, learningRate: 1.0e-3, seed: 1 }
      lcsc: { window: 4, interval: 1, searchAt: [4] }
      output: run
      """;

  /** Else the candidate would have no such score, and be attempted again on every call. */
  @Test
  void aScoreThatIsNotFiniteIsOneStill(@TempDir Path root) throws IOException {
    Files.writeString(root.resolve("config.yaml"), CONFIG);
    try (RunDirectory run = RunDirectory.open(root)) {
      run.writeResults(new RunResults(4, null, false, List.of(search()), Versions.current()));
    }

    Map<String, Double> scores = CandidateResult.searches(root).get(0).scores();

    assertThat(scores)
        .containsEntry("LCSC FID", Double.NaN)
        .containsEntry("LCSC validation", Double.NaN)
        .containsEntry("EMA* FID", 5.0);
    Path file = root.resolve("candidate.json");
    CandidateResult result =
        new CandidateResult(
            "id", List.of("1"), Double.NaN, 1, scores, List.of(), null, Versions.current());
    result.write(file);
    assertThat(CandidateResult.read(file)).isEqualTo(result);
    // What earlier versions wrote does not tell what made it.
    String text = Files.readString(file);
    Files.writeString(
        file, text.replaceFirst("(?s),\\s*\"versions\" : \\{.*?\\},\\s*\"checksum\"[^}]*", ""));
    assertThat(CandidateResult.read(file).versions().commit()).isEqualTo("unknown");
  }

  private static RunResults.Search search() {
    return new RunResults.Search(
        4,
        "ema-0.9",
        "ema-0.9",
        "ema-0.9",
        List.of(),
        null,
        10,
        3,
        0,
        4,
        Double.NaN,
        0,
        StageSeconds.ZERO,
        1,
        new Recipe.Score("lcsc", "LCSC", 0, Double.POSITIVE_INFINITY, Map.of("FID", Double.NaN)),
        List.of(new Recipe.Score("ema-0.9", "EMA", 0.9, 5, Map.of("FID", 5.0))));
  }
}
