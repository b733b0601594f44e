package org.lcsc.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lcsc.config.ConfigException;
import org.lcsc.config.YamlConfig;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.metrics.objective.MultiFid;

class FeatureSpacesTest {

  private static List<String> names(String features) throws IOException, ConfigException {
    RunConfig config =
        YamlConfig.parse(
            "x.yaml",
            """
            dataset: { name: digits, side: 4 }
            model:
              kind: diffusion
              unet: { channels: 8, multipliers: [1], blocks: 1, attention: [] }
            training: { iterations: 2, batchSize: 4, learningRate: 1e-3 }
            output: runs/x
            """
                + features,
            RunConfig.class);
    return Experiment.load(config).spaces().stream().map(MultiFid.Space::name).toList();
  }

  @Test
  void scoresCarryTheNameOfASpaceThatTheUserNames() throws IOException {
    assertThat(names("features: [random-projection, pixels]\n"))
        .containsExactly("FID (random projection)", "FID (pixels)");
  }

  @Test
  void scoresAreComparedByThePlaceOfTheirSpace() {
    Map<String, Double> scores = new LinkedHashMap<>();
    scores.put("FID (random projection)", 3.0);
    scores.put("FID (pixels)", 2.0);
    scores.put("FID (inception)", 1.0);
    assertThat(FeatureSpaces.byPlace(scores))
        .containsExactly(
            Map.entry("FID", 3.0),
            Map.entry("FID (2nd space)", 2.0),
            Map.entry("FID (3rd space)", 1.0));
  }
}
