package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.lcsc.datasets.DataSets;
import org.lcsc.datasets.Split;
import org.lcsc.diffusion.features.FeatureNetworks;
import org.lcsc.diffusion.features.FeatureTraining;
import org.lcsc.image.ImageShape;

class TrainFeaturesCommandTest extends CommandLineTest {

  @Test
  void trainsMeasuresAndWritesANetwork() throws IOException {
    Path target = directory.resolve("networks");
    succeeds("train-features", "--dataset", "digits", "--epochs", 1, "--seed", 5, "--out", target);

    try (var files = Files.list(target)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("digits-8.zip", "digits-8.properties");
    }
    FeatureNetworks.Trained network = FeatureNetworks.read(target.resolve("digits-8.zip"));
    double accuracy =
        FeatureTraining.accuracy(network.graph(), new DataSets.Digits().load(Split.TEST));
    assertThat(network.card().testAccuracy()).isEqualTo(accuracy).isGreaterThan(0.2);
    assertThat(network.card().command())
        .isEqualTo("lcsc train-features --dataset digits --epochs 1 --seed 5 --out DIR");
    assertThat(out.toString())
        .contains(
            "test accuracy", String.format(Locale.ROOT, "%.2f %%", 100 * accuracy), "digits-8.zip");
    assertThat(err.toString()).contains("training 23/23 100%");
    refuses(
        target.resolve("digits-8.zip") + ": exists already, allowed: --force to replace it",
        "train-features",
        "--dataset",
        "digits",
        "--out",
        target);
  }

  /** Nothing is held out of a folder, and its images need no classes. */
  @Test
  void aFolderWithoutClassesGetsFeaturesOfAnAutoencoder() throws IOException {
    Path images = Files.createDirectory(directory.resolve("images"));
    for (int i = 0; i < 70; i++) {
      BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
      image.setRGB(i % 8, i / 9, 0xff8000);
      ImageIO.write(image, "png", images.resolve(i + ".png").toFile());
    }
    Path target = directory.resolve("networks");
    Object[] arguments = {
      "train-features",
      "--dataset",
      "folder",
      "--path",
      images,
      "--side",
      "8",
      "--epochs",
      "1",
      "--architecture",
      "masked",
      "--out",
      target
    };
    succeeds(arguments);
    try (var files = Files.list(target)) {
      Path model =
          files.filter(file -> file.toString().endsWith("-8-masked.zip")).findFirst().orElseThrow();
      FeatureNetworks.Trained network = FeatureNetworks.read(model);
      assertThat(network.card().shape()).isEqualTo(new ImageShape(3, 8, 8));
      assertThat(network.card().testImages()).isZero();
      assertThat(network.extractor().dimension()).isEqualTo(128);
    }
    arguments[10] = "fine";
    assertThat(lcsc(arguments)).isEqualTo(2);
    assertThat(err.toString()).contains("has no labels").contains("the masked architecture");
  }

  @Test
  void wrongArgumentsAreOneLineAndExitCode2() {
    refuses(
        "name: unknown value (digit)", "train-features", "--dataset", "digit", "--out", directory);
    refuses(
        "epochs: expected at least 1, got 0",
        "train-features",
        "--dataset",
        "digits",
        "--epochs",
        0,
        "--out",
        directory);
    refuses(
        "side: out of range (16)",
        "train-features",
        "--dataset",
        "digits",
        "--side",
        16,
        "--out",
        directory);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void anUnusableDirectoryIsFoundBeforeTheTraining() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    assertThat(lcsc("train-features", "--dataset", "digits", "--out", file)).isNotEqualTo(0);
    assertThat(err.toString()).hasLineCount(1).contains(file.toString());
  }
}
