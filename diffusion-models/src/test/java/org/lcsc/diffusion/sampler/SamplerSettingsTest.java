package org.lcsc.diffusion.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lcsc.config.ConfigException;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Parts;
import org.lcsc.config.YamlConfig;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;

class SamplerSettingsTest {

  private static final SampledModel CHAIN =
      new SampledModel.Chain(NoiseSchedule.linear(1000), Prediction.EPSILON);

  /** A file with a sampler. */
  public record Run(SamplerSettings sampler) {}

  private static SamplerSettings yaml(String text) throws ConfigException {
    return YamlConfig.parse("x.yaml", "sampler: " + text, Run.class).sampler();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ kind: dpm-solver++, order: 3, steps: 15, spacing: log-snr }"
            + "| 15 | DPM-Solver++(linear(1000), epsilon, multistep, order 3, 15 steps, log-snr)",
        "{ kind: dpm-solver, order: 2, steps: 8, method: singlestep, spacing: time-uniform,"
            + " solverType: taylor, denoiseToZero: true }"
            + "| 9 | DPM-Solver(linear(1000), epsilon, singlestep, order 2, 8 steps, time-uniform,"
            + " taylor, denoise to zero)",
        "{ kind: dpm-solver, order: 2, steps: 8, lowerOrderFinal: true }"
            + "| 8 | DPM-Solver(linear(1000), epsilon, multistep, order 2, 8 steps, log-snr, lower"
            + " order final)",
        "dpm-solver++"
            + "| 15 | DPM-Solver++(linear(1000), epsilon, multistep, order 3, 15 steps, log-snr)",
        "{ steps: 7 }"
            + "| 7 | DPM-Solver++(linear(1000), epsilon, multistep, order 3, 7 steps, log-snr)",
        "{ kind: ddim, steps: 20, eta: 0.5 }"
            + "| 20 | DDIM(linear(1000), epsilon, 20 steps, eta 0.5)",
        "{ kind: ddim, steps: 15, spacing: quadratic, clip: true }"
            + "| 15 | DDIM(linear(1000), epsilon, 15 steps, eta 0.0, clip)",
        "ddpm | 1000 | DDPM(linear(1000), epsilon, 1000 steps, fixed-large, clip)",
        "{ kind: ddpm, steps: 100, clip: false, variance: fixed-small }"
            + "| 100 | DDPM(linear(1000), epsilon, 100 steps, fixed-small)",
        "{ kind: heun, steps: 20 }"
            + "| 39 | Heun(20 steps, sigma 80.00 to 0.01000) of linear(1000), epsilon"
      })
  void buildsFromYaml(String text, int evaluations, String description) throws ConfigException {
    Sampler sampler = yaml(text).of(CHAIN);
    assertThat(sampler).hasToString(description);
    assertThat(sampler.evaluations()).isEqualTo(evaluations);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "euler | sampler: unknown value (euler)",
        "{ kind: dpm-solver, eta: 0.5 } | sampler.eta: unknown key",
        "{ kind: heun, spacing: log-snr } | sampler.spacing: unknown key",
        "{ kind: dpm-solver, spacing: uniform } | sampler.spacing: unknown value (uniform) ",
        "{ kind: dpm-solver, method: both } | sampler.method: unknown value (both)",
        "{ kind: dpm-solver, order: 2, steps: 8, method: singlestep, lowerOrderFinal: true } |"
            + " sampler.lowerOrderFinal: has no effect with method: singlestep (true), allowed:",
        "{ kind: dpm-solver, order: 4 } | sampler.order: out of range (4), allowed: 1 to 3",
        "{ kind: dpm-solver, steps: 2 } | sampler.steps: too few for method: multistep of order 3",
        "{ kind: ddim, steps: 0 } | sampler.steps: too small (0), allowed: 1 or more",
        "{ kind: heun, steps: 1 } | sampler.steps: out of range (1), allowed: 2 to 100000",
        "{ kind: ddim, eta: 2 } | sampler.eta: out of range (2.0)",
        "{ kind: ddpm, spacing: quadratic } | sampler.spacing: not for kind: ddpm (quadratic)",
        "{ kind: ddpm, variance: learned } | sampler.variance: unknown value (learned)",
        "{ kind: heun, churn: -1 } | sampler.churn: negative (-1.0)",
        "{ kind: ddim, batchSize: 0 } | sampler.batchSize: out of range (0)",
        "{ kind: flow, steps: 0 } | sampler.steps: out of range (0), allowed: 1 to 100000",
        "{ kind: flow, method: rk4 } | sampler.method: unknown value (rk4)",
        "{ kind: flow, shift: 0 } | sampler.shift: not a positive number (0.0)"
      })
  void refusesWithOneLine(String text, String message) {
    assertThatThrownBy(() -> yaml(text))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("x.yaml: " + message.strip())
        .hasMessageNotContaining("\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ kind: ddim, steps: 501 } | spacing: uniform cannot visit exactly so many of the model's"
            + " 1000 steps (501), allowed: 500 or 1000",
        "{ kind: ddim, spacing: strided, steps: 600 } | spacing: strided cannot visit exactly so"
            + " many of the model's 1000 steps (600), allowed: 500 or 1000",
        "{ kind: ddim, spacing: quadratic, steps: 600 } | spacing: quadratic cannot visit exactly",
        "{ kind: ddim, spacing: even, steps: 1 } | spacing: even cannot visit exactly so many of"
            + " the model's 1000 steps (1), allowed: 2",
        "{ kind: ddpm, steps: 1 } | spacing: even cannot visit exactly so many of the model's 1000"
            + " steps (1), allowed: 2",
        "{ kind: ddim, steps: 2000 } | ddim cannot visit more steps than the model has (2000,"
            + " model.steps 1000), allowed: 2 to 1000",
        "{ kind: ddim, steps: 1 } | spacing: uniform cannot visit exactly so many of the model's"
            + " 1000 steps (1), allowed: 2"
      })
  void stepsMustFitTheChain(String text, String message) throws ConfigException {
    SamplerSettings settings = yaml(text);
    assertThatThrownBy(() -> settings.of(CHAIN))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageStartingWith("steps: " + message);
  }

  /** The number that is printed is the number of evaluations. */
  @Test
  void aSamplerVisitsExactlyTheStepsThatItIsGiven() {
    for (Timesteps.Spacing spacing : Timesteps.Spacing.values()) {
      int met = 0;
      for (int steps = 1; steps <= 100; steps++) {
        DdimSampler.Settings settings = new DdimSampler.Settings(steps, spacing, 0, false, 1, null);
        SampledModel chain = new SampledModel.Chain(NoiseSchedule.linear(100), Prediction.EPSILON);
        try {
          assertThat(settings.of(chain).evaluations()).as("%s", settings).isEqualTo(steps);
          met++;
        } catch (InvalidValueException e) {
          assertThat(e.key()).isEqualTo("steps");
        }
      }
      assertThat(met).as("%s", spacing).isGreaterThan(7);
    }
  }

  @Test
  void everyKindIsWrittenAndReadBack() throws ConfigException {
    for (SamplerSettings settings : Parts.of(SamplerSettings.class).values()) {
      Run run = new Run(settings);
      assertThat(YamlConfig.parse("x.yaml", YamlConfig.toYaml(run), Run.class)).isEqualTo(run);
      assertThat(settings.batchSize()).isEqualTo(128);
    }
  }
}
