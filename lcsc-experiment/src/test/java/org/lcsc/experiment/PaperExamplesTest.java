package org.lcsc.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.config.ConfigException;
import org.lcsc.diffusion.sampler.DpmSolver;
import org.lcsc.diffusion.unet.AdmConfig;
import org.lcsc.diffusion.unet.NcsnppConfig;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNetConfig;
import org.lcsc.diffusion.unet.UNetConfig.TimeConditioning;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.config.TrainingConfig;

/** The networks of the paper, from their lines in YAML. */
class PaperExamplesTest {

  private static final Path EXAMPLES = Path.of("..", "examples");

  private static NetworkBody example(String name) throws ConfigException {
    return RunConfig.read(EXAMPLES.resolve(name)).model().unet();
  }

  @Test
  void theExamplesHoldThePapersDiffusionModels() throws ConfigException {
    assertThat(example("cifar10-ddim.yaml"))
        .isEqualTo(
            new UNetConfig(
                128,
                List.of(1, 2, 2, 2),
                2,
                List.of(16),
                1,
                0.1,
                TimeConditioning.ADD,
                false,
                false,
                null,
                null,
                null));
    assertThat(example("imagenet64-iddpm.yaml"))
        .isEqualTo(
            new UNetConfig(
                128,
                List.of(1, 2, 3, 4),
                3,
                List.of(16, 8),
                4,
                0,
                TimeConditioning.SCALE_SHIFT,
                false,
                true,
                null,
                null,
                null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"cifar10-edm.yaml", "cifar10-cd.yaml", "cifar10-ct.yaml"})
  void cifar10ConsistencyModelsAreNcsnpp(String name) throws ConfigException {
    double dropout = name.contains("edm") ? 0.13 : 0;
    assertThat(example(name))
        .isEqualTo(
            new NcsnppConfig(128, List.of(2, 2, 2), 4, List.of(16), 1, dropout, false, null));
    assertThat(RunConfig.read(EXAMPLES.resolve(name)).toYaml())
        .contains("networkTime: quarter-log");
  }

  @ParameterizedTest
  @ValueSource(strings = {"imagenet64-edm.yaml", "imagenet64-cd.yaml", "imagenet64-ct.yaml"})
  void imageNet64ConsistencyModelsAreAdm(String name) throws ConfigException {
    AdmConfig adm = (AdmConfig) example(name);
    assertThat(adm)
        .isEqualTo(
            new AdmConfig(
                192, List.of(1, 2, 3, 4), 3, List.of(32, 16, 8), 64, adm.dropout(), true, null));
    assertThat(RunConfig.read(EXAMPLES.resolve(name)).toYaml())
        .contains("networkTime: thousandfold");
  }

  /** Tables 1 and 2 of the paper, and table 3 of consistency models. */
  @ParameterizedTest
  @CsvSource({
    "cifar10-cd.yaml, 400, 512, 4e-4, 50000",
    "cifar10-ct.yaml, 400, 512, 4e-4, 400000",
    "cifar10-cd-batch128.yaml, 400, 128, 4e-4, 100000",
    "cifar10-ct-batch128.yaml, 400, 128, 4e-4, 450000",
    "cifar10-cd-800-40k.yaml, 400, 512, 4e-4, 40000",
    "cifar10-ct-800-40k.yaml, 400, 128, 4e-4, 40000",
    "imagenet64-cd-600-20k.yaml, 200, 256, 8e-6, 20000",
    "imagenet64-cd.yaml, 200, 256, 8e-6, 150000",
    "imagenet64-ct.yaml, 200, 256, 8e-6, 600000"
  })
  void consistencyModelsAreTrainedAndSearchedAsInThePaper(
      String name, int checkpoints, int batch, double rate, int first) throws ConfigException {
    RunConfig config = RunConfig.read(EXAMPLES.resolve(name));
    assertThat(config.warnings()).isEmpty();
    assertThat(config.lcsc().checkpoints()).isEqualTo(checkpoints);
    assertThat(config.lcsc().search().evaluations()).isEqualTo(2000);
    assertThat(config.lcsc().search().samples()).isEqualTo(10_000);
    assertThat(config.lcsc().searchAt().get(0)).isEqualTo(first);
    assertThat(config.training().batchSize()).isEqualTo(batch);
    assertThat(config.training().learningRate()).isEqualTo(rate);
    assertThat(config.training().optimizer()).isEqualTo(TrainingConfig.Optimizer.RADAM);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cifar10-ddim.yaml", "imagenet64-iddpm.yaml"})
  void theExamplesSearchAsThePaperDoes(String name) throws ConfigException {
    RunConfig config = RunConfig.read(EXAMPLES.resolve(name));
    assertThat(config.warnings()).isEmpty();
    assertThat(config.lcsc().checkpoints()).isEqualTo(250);
    assertThat(config.lcsc().search().evaluations()).isEqualTo(2000);
    assertThat(((DpmSolver.PlusPlus) config.sampler()).lowerOrderFinal()).isFalse();
  }
}
