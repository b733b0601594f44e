package org.lcsc.diffusion.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.dataformat.yaml.YAMLFactory;

class SamplerSpecTest {

  private static SamplerSpec yaml(String text) throws JsonProcessingException {
    return new ObjectMapper(new YAMLFactory()).readValue(text, SamplerSpec.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ kind: dpm-solver++, order: 3, steps: 15, spacing: log-snr }"
            + "| 15 | DPM-Solver++(linear(1000), epsilon, multistep, order 3, 15 steps, log-snr)",
        "{ kind: dpm-solver, order: 2, steps: 8, method: singlestep, spacing: time-uniform,"
            + " solverType: taylor, lowerOrderFinal: true, denoiseToZero: true }"
            + "| 9 | DPM-Solver(linear(1000), epsilon, singlestep, order 2, 8 steps, time-uniform,"
            + " taylor, lower order final, denoise to zero)",
        "{ kind: dpm-solver++ }"
            + "| 15 | DPM-Solver++(linear(1000), epsilon, multistep, order 3, 15 steps, log-snr)",
        "{ kind: ddim, steps: 15, eta: 0.5 }"
            + "| 16 | DDIM(linear(1000), epsilon, 16 steps, eta 0.5)",
        "{ kind: ddim, steps: 15, spacing: quadratic, clip: true }"
            + "| 15 | DDIM(linear(1000), epsilon, 15 steps, eta 0.0, clip X0_AND_EPSILON)",
        "{ kind: ddpm } | 1000 | DDPM(linear(1000), epsilon, 1000 steps, fixed-large, clip)",
        "{ kind: ddpm, steps: 100, clip: false, variance: fixed-small }"
            + "| 100 | DDPM(linear(1000), epsilon, 100 steps, fixed-small)",
        "{ kind: heun, steps: 20 }"
            + "| 39 | Heun(20 steps, sigma 80.00 to 0.01000) of linear(1000), epsilon"
      })
  void buildsFromYaml(String text, int evaluations, String description)
      throws JsonProcessingException {
    Sampler sampler = yaml(text).build(NoiseSchedule.linear(1000), Prediction.EPSILON);
    assertThat(sampler).hasToString(description);
    assertThat(sampler.evaluations()).isEqualTo(evaluations);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ kind: euler } | sampler.kind must be one of ddpm, ddim, dpm-solver, dpm-solver++, heun,"
            + " but is euler",
        "{ steps: 5 } | sampler.kind must be one of",
        "{ kind: dpm-solver, eta: 0.5 } | sampler.eta has no meaning for kind dpm-solver, but is"
            + " 0.5",
        "{ kind: heun, spacing: log-snr } | sampler.spacing has no meaning for kind heun",
        "{ kind: dpm-solver, spacing: uniform } | sampler.spacing must be one of log-snr,"
            + " time-uniform, time-quadratic, but is uniform",
        "{ kind: dpm-solver, method: both } | sampler.method must be one of multistep, singlestep,"
            + " singlestep-fixed, but is both",
        "{ kind: dpm-solver, order: 4 } | must be 1, 2 or 3, but is 4",
        "{ kind: dpm-solver, steps: 2 } | order 3 needs at least 3 steps, but steps is 2",
        "{ kind: ddim, steps: 0 } | sampler.steps of ddim must be at least 1, but is 0",
        "{ kind: heun, steps: 1 } | sampler.steps of heun must be at least 2, but is 1",
        "{ kind: ddim, eta: 2 } | sampler.eta must be in [0, 1], but is 2.0",
        "{ kind: ddpm, spacing: quadratic } | even, uniform, strided, but is quadratic",
        "{ kind: ddpm, variance: learned } | sampler.variance must be one of fixed-large,"
            + " fixed-small, but is learned",
        "{ kind: heun, churn: -1 } | sampler.churn must be at least 0, but is -1.0"
      })
  void refusesWithOneLine(String text, String message) {
    assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> yaml(text)))
        .rootCause()
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void stepsMustFitTheChain() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> SamplerSpec.of("ddim", 200).build(NoiseSchedule.linear(100), Prediction.EPSILON))
        .withMessage("number of sampling steps must be in [1, 100], but is 200");
  }

  @Test
  void isWrittenAndReadBack() throws JsonProcessingException {
    ObjectMapper mapper = new ObjectMapper(new YAMLFactory());
    for (String kind : SamplerSpec.KINDS) {
      SamplerSpec spec = SamplerSpec.of(kind);
      assertThat(mapper.readValue(mapper.writeValueAsString(spec), SamplerSpec.class))
          .isEqualTo(spec);
    }
    assertThat(SamplerSpec.dpmSolverPlusPlus(15)).isEqualTo(SamplerSpec.of("dpm-solver++"));
  }
}
