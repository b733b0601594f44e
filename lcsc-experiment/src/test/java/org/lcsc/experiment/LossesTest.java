package org.lcsc.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.config.ConfigException;
import org.lcsc.config.YamlConfig;
import org.lcsc.diffusion.training.TrainingLoss;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.objective.Objective;
import org.lcsc.objective.TimeRanges;

/** A search that is scored by the loss of held-out images. */
class LossesTest {

  private static RunConfig config(String dataset, String objective) throws ConfigException {
    return YamlConfig.parse(
        "x.yaml",
        """
        dataset: %s
        model:
          kind: edm
          unet: { channels: 8, multipliers: [1], blocks: 1, attention: [] }
        training: { iterations: 8, batchSize: 8, learningRate: 1e-3 }
        features: [pixels]
        lcsc:
          window: 4
          interval: 1
          searchAt: [8]
          search: { evaluations: 8, samples: 30, seed: 7 }
          objective: %s
        output: runs/x
        """
            .formatted(dataset, objective),
        RunConfig.class);
  }

  private static final String DIGITS = "{ name: digits, side: 4 }";

  @Test
  void everyNoiseSetScoresWithNoiseOfItsOwn() throws IOException {
    Experiment experiment = Experiment.loadFor(Path.of("x.yaml"), config(DIGITS, "training-loss"));
    ComputationGraph network = experiment.newNetwork();
    Objective searched = experiment.searched(network, experiment.config().lcsc().search());
    assertThat(searched).isInstanceOf(TrainingLoss.class);
    assertThat(searched.name()).isEqualTo("training-loss");
    double score = searched.evaluate(network.params()).score();
    assertThat(score)
        .isEqualTo(
            experiment.objective(network, 7, 30, TimeRanges.ONE).evaluate(network.params()).score())
        .isNotEqualTo(
            experiment
                .objective(network, 8, 30, TimeRanges.ONE)
                .evaluate(network.params())
                .score());

    Experiment seen =
        Experiment.loadFor(
            Path.of("x.yaml"), config(DIGITS, "{ kind: training-loss, images: training }"));
    Objective training = seen.objective(network, 7, 30, TimeRanges.ONE);
    assertThat(training.name()).isEqualTo("training-loss, training images");
    assertThat(training.evaluate(network.params()).score()).isNotEqualTo(score);
  }

  @Test
  void saysThatThereAreNoHeldOutImages(@TempDir Path folder) throws IOException {
    for (int i = 0; i < 3; i++) {
      BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_GRAY);
      image.setRGB(i, 1, 0xffffff);
      ImageIO.write(image, "png", folder.resolve(i + ".png").toFile());
    }
    String dataset = "{ name: folder, path: '" + folder + "', channels: 1 }";
    RunConfig config = config(dataset, "training-loss");
    String message =
        "x.yaml: lcsc.objective.images: no held-out images ("
            + folder
            + ": has no test images; must hold the directory train and one of test, val, valid,"
            + " validation), allowed: training";
    assertThatThrownBy(() -> TrainingRun.check(Path.of("x.yaml"), config)).hasMessage(message);
    assertThatThrownBy(() -> Experiment.loadFor(Path.of("x.yaml"), config)).hasMessage(message);
    RunConfig seen = config(dataset, "{ kind: training-loss, images: training }");
    TrainingRun.check(Path.of("x.yaml"), seen);
    Experiment.loadFor(Path.of("x.yaml"), seen);
  }
}
