package org.lcsc.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lcsc.config.ConfigException;
import org.lcsc.config.YamlConfig;
import org.lcsc.experiment.config.RunConfig;

/** What {@code check} accepts {@code train} accepts, over random configurations. */
class CheckAndTrainAgreeTest {

  private static final int CONFIGURATIONS = 300;

  private final Random random = new Random(5);

  private <T> T any(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  private String sampler() {
    int steps = any(List.of(1, 2, 3, 5, 7, 10, 20, 50, 51, 60, 99, 100, 101));
    return switch (random.nextInt(4)) {
      case 0 ->
          "{ kind: ddim, steps: %d, spacing: %s, clip: %s }"
              .formatted(
                  steps,
                  any(List.of("uniform", "quadratic", "even", "strided")),
                  random.nextBoolean());
      case 1 ->
          "{ kind: ddpm, steps: %d, spacing: %s }"
              .formatted(steps, any(List.of("uniform", "even", "strided")));
      case 2 ->
          "{ kind: %s, steps: %d, order: %d, method: %s }"
              .formatted(
                  any(List.of("dpm-solver", "dpm-solver++")),
                  steps,
                  1 + random.nextInt(3),
                  any(List.of("multistep", "singlestep", "singlestep-fixed")));
      default -> "{ kind: heun, steps: %d }".formatted(steps);
    };
  }

  private String configuration() {
    return """
    dataset: { name: digits, side: %d }
    model:
      kind: diffusion
      unet: { channels: 8, multipliers: %s, blocks: 1, attention: %s }
      noiseSchedule: %s
      steps: %d
    training: { iterations: 8, batchSize: 4, learningRate: 1e-3 }
    sampler: %s
    features: [%s]
    lcsc:
      window: 4
      interval: 1
      searchAt: [8]
      search: { strategy: %s, evaluations: 8, samples: 8 }
    output: runs/x
    """
        .formatted(
            any(List.of(4, 6, 8)),
            any(List.of("[1]", "[1, 2]", "[1, 2, 2]")),
            any(List.of("[]", "[4]", "[8]")),
            any(List.of("linear", "cosine", "quadratic", "constant", "jsd", "sigmoid")),
            any(List.of(2, 10, 50, 100, 1000)),
            sampler(),
            any(List.of("pixels", "random-projection", "pixles")),
            any(List.of("evolution", "gradient")));
  }

  @Test
  void whatIsCheckedLoads() throws IOException {
    int accepted = 0;
    for (int i = 0; i < CONFIGURATIONS; i++) {
      String yaml = configuration();
      RunConfig config;
      try {
        config = YamlConfig.parse("x.yaml", yaml, RunConfig.class);
      } catch (ConfigException e) {
        assertThat(e.getMessage()).hasLineCount(1).matches("x\\.yaml: [a-z]\\w*[.\\[:].*");
        continue;
      }
      accepted++;
      assertThat(Experiment.load(config).sampler().noiseLevels())
          .as(yaml)
          .hasSize(config.sampler().of(config.model().sampled()).evaluations());
    }
    assertThat(accepted).isBetween(20, CONFIGURATIONS - 20);
  }
}
