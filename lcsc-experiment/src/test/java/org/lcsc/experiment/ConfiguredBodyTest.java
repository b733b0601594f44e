package org.lcsc.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.config.ConfigException;
import org.lcsc.config.YamlConfig;
import org.lcsc.diffusion.unet.AdmConfig;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.SongUNetConfig;
import org.lcsc.experiment.config.ModelConfig;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.config.TrainingConfig;
import org.lcsc.experiment.config.UNetConfig;

/** The networks of the paper, from their lines in YAML. */
class ConfiguredBodyTest {

  private static final Path EXAMPLES = Path.of("..", "examples");

  private static NetworkBody cifar10(String yaml) throws ConfigException {
    return ConfiguredBody.of(YamlConfig.parse("x.yaml", yaml, UNetConfig.class), 3, 32, 10);
  }

  private static NetworkBody example(String name, int side, int classes) throws ConfigException {
    RunConfig config = RunConfig.read(EXAMPLES.resolve(name));
    return ConfiguredBody.of(config.model().unet(), 3, side, classes);
  }

  @Test
  void theExamplesHoldThePapersDiffusionModels() throws ConfigException {
    assertThat(example("cifar10-ddim.yaml", 32, 10))
        .isEqualTo(org.lcsc.diffusion.unet.UNetConfig.ddimCifar10());
    assertThat(example("imagenet64-iddpm.yaml", 64, 1000))
        .isEqualTo(org.lcsc.diffusion.unet.UNetConfig.iddpmImageNet64());
  }

  @Test
  void theArchitecturesAreThePapersConsistencyModels() throws ConfigException {
    String levels = "channels: 128, multipliers: [2, 2, 2], blocks: 4, attention: [16]";
    assertThat(cifar10("{ architecture: ncsnpp, " + levels + " }"))
        .isEqualTo(SongUNetConfig.ncsnppCifar10());
    assertThat(cifar10("{ architecture: ddpmpp, " + levels + " }"))
        .isEqualTo(SongUNetConfig.ddpmppCifar10());
    assertThat(
            cifar10(
                "{ architecture: ncsnpp, "
                    + levels
                    + ", heads: 2, dropout: 0.13, classConditional: true }"))
        .isEqualTo(SongUNetConfig.ncsnppCifar10().with(2, 0.13, 10));
    UNetConfig adm =
        YamlConfig.parse(
            "x.yaml",
            "{ architecture: adm, channels: 192, multipliers: [1, 2, 3, 4], blocks: 3,"
                + " attention: [32, 16, 8], classConditional: true }",
            UNetConfig.class);
    assertThat(ConfiguredBody.of(adm, 3, 64, 1000)).isEqualTo(AdmConfig.imageNet64());
  }

  @ParameterizedTest
  @ValueSource(strings = {"cifar10-edm.yaml", "cifar10-cd.yaml", "cifar10-ct.yaml"})
  void cifar10ConsistencyModelsAreNcsnpp(String name) throws ConfigException {
    double dropout = name.contains("edm") ? 0.13 : 0;
    assertThat(example(name, 32, 10)).isEqualTo(SongUNetConfig.ncsnppCifar10().with(1, dropout, 0));
    assertThat(RunConfig.read(EXAMPLES.resolve(name)).model().networkTime())
        .isEqualTo(ModelConfig.NetworkTimeKind.QUARTER_LOG);
  }

  @ParameterizedTest
  @ValueSource(strings = {"imagenet64-edm.yaml", "imagenet64-cd.yaml", "imagenet64-ct.yaml"})
  void imageNet64ConsistencyModelsAreAdm(String name) throws ConfigException {
    NetworkBody body = example(name, 64, 1000);
    AdmConfig paper = AdmConfig.imageNet64();
    assertThat(body).isInstanceOf(AdmConfig.class);
    assertThat(((AdmConfig) body).channels()).isEqualTo(paper.channels());
    assertThat(((AdmConfig) body).multipliers()).isEqualTo(paper.multipliers());
    assertThat(((AdmConfig) body).attention()).isEqualTo(paper.attention());
    assertThat(((AdmConfig) body).blocks()).isEqualTo(paper.blocks());
    assertThat(body.classes()).isEqualTo(1000);
    assertThat(RunConfig.read(EXAMPLES.resolve(name)).model().networkTime())
        .isEqualTo(ModelConfig.NetworkTimeKind.THOUSANDFOLD);
  }

  /** Tables 1 and 2 of the paper, and table 3 of consistency models. */
  @ParameterizedTest
  @CsvSource({
    "cifar10-cd.yaml, 400, 512, 4e-4, 50000",
    "cifar10-ct.yaml, 400, 512, 4e-4, 400000",
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
    assertThat(config.sampler().lowerOrderFinal()).isFalse();
  }
}
