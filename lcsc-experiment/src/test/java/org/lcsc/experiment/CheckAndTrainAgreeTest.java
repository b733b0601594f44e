package org.lcsc.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
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

  /** One of the wrong values now and then. */
  private <T> T mostly(List<T> right, List<T> wrong) {
    return any(random.nextInt(8) == 0 ? wrong : right);
  }

  private String chainSampler() {
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

  private String engine() {
    return mostly(List.of("", ", engine: onnxruntime"), List.of(", engine: onnxruntime-cuda"));
  }

  /** A kind of model with its sampler. */
  private String model(String unet) {
    return switch (random.nextInt(3)) {
      case 0 ->
          """
          model:
            kind: diffusion
            unet: %s
            noiseSchedule: %s
            steps: %d
          sampler: %s
          """
              .formatted(
                  unet,
                  any(List.of("linear", "cosine", "quadratic", "constant", "jsd", "sigmoid")),
                  any(List.of(2, 10, 50, 100, 1000)),
                  chainSampler());
      case 1 ->
          """
          model:
            kind: flow
            unet: %s
            times: %s
            coupling: %s
          %s
          sampler: { kind: %s, steps: %d%s }
          """
              .formatted(
                  unet,
                  any(List.of("uniform", "logit-normal", "{ kind: logit-normal, mean: -1 }")),
                  any(List.of("independent", "optimal-transport")),
                  mostly(List.of("", "  teacher: none.zip"), List.of("  teacherSteps: 4")),
                  mostly(List.of("flow", "heun"), List.of("ddim", "consistency")),
                  mostly(List.of(2, 5), List.of(0, 1)),
                  engine());
      default ->
          """
          model:
            kind: consistency-tuning
            unet: %s
            teacher: none.zip
            %s
            %s
            consistency: { stages: %d, weight: %s }
          sampler: { kind: consistency%s%s }
          """
              .formatted(
                  unet,
                  any(List.of("", "teacherKind: edm", "teacherKind: flow")),
                  mostly(List.of(""), List.of("sigmaData: 0.5", "networkTime: quarter-log")),
                  mostly(List.of(1, 8), List.of(30)),
                  any(List.of("edm", "inverse-gap")),
                  mostly(List.of("", ", sigmas: [2.0]"), List.of(", sigmas: [0.001]")),
                  engine());
    };
  }

  private String configuration() {
    boolean classes = random.nextInt(3) == 0;
    String unet =
        "{ channels: 8, multipliers: %s, blocks: 1, attention: %s, classConditional: %s }"
            .formatted(
                mostly(List.of("[1]", "[1, 2]"), List.of("[1, 2, 2, 2]")),
                mostly(List.of("[]"), List.of("[4]", "[8]")),
                classes);
    return """
    dataset: { name: digits, side: %d }
    %straining: { iterations: 8, batchSize: 4, learningRate: 1e-3%s }
    %sfeatures: [%s]
    lcsc:
      window: 4
      interval: 1
      searchAt: [8]
      search: { strategy: %s, evaluations: 8, samples: 8%s }%s
    output: runs/x
    """
        .formatted(
            mostly(List.of(4, 8), List.of(5, 6)),
            model(unet),
            classes || random.nextInt(8) == 0 ? any(List.of("", ", labelDropout: 0.1")) : "",
            classes || random.nextInt(8) == 0 ? any(List.of("", "guidance: { scale: 2 }\n")) : "",
            mostly(List.of("pixels", "random-projection"), List.of("pixles")),
            any(List.of("evolution", "gradient")),
            mostly(
                List.of("", ", shrinkage: [0.5, 0.2]", ", groups: encoder-middle-decoder"),
                List.of(
                    ", shrinkage: [1]",
                    ", timeRanges: 2",
                    ", timeRanges: [1.0]",
                    ", groups: [conv_in, nowhere]")),
            any(
                List.of(
                    "",
                    "",
                    "",
                    "",
                    "\n  objective: training-loss",
                    "\n  objective: { kind: training-loss, images: training }")));
  }

  @Test
  void whatIsCheckedLoads() throws IOException {
    Map<String, Integer> accepted = new TreeMap<>();
    for (int i = 0; i < CONFIGURATIONS; i++) {
      String yaml = configuration();
      RunConfig config;
      try {
        config = YamlConfig.parse("x.yaml", yaml, RunConfig.class);
        TrainingRun.check(Path.of("x.yaml"), config);
      } catch (ConfigException e) {
        assertThat(e.getMessage()).hasLineCount(1).matches("x\\.yaml: [a-z]\\w*[.\\[:].*");
        continue;
      }
      accepted.merge(config.model().kind(), 1, Integer::sum);
      assertThatCode(
              () -> {
                Experiment experiment = Experiment.loadFor(Path.of("x.yaml"), config);
                assertThat(experiment.sampler().noiseLevels())
                    .hasSize(config.sampler().of(config.model().sampled()).evaluations());
                experiment.batches(0, experiment.newNetwork(), experiment.untrainedTeacher());
              })
          .as(yaml)
          .doesNotThrowAnyException();
    }
    assertThat(accepted)
        .hasSize(3)
        .allSatisfy((kind, count) -> assertThat(count).isBetween(10, 90));
  }
}
