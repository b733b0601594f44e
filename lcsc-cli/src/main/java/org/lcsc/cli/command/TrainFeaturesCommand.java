package org.lcsc.cli.command;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lcsc.cli.output.Durations;
import org.lcsc.cli.output.ProgressBar;
import org.lcsc.cli.output.TextTable;
import org.lcsc.datasets.DataSetSettings;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.datasets.Split;
import org.lcsc.diffusion.features.FeatureNetworkCard;
import org.lcsc.diffusion.features.FeatureNetworkConfig.Architecture;
import org.lcsc.diffusion.features.FeatureNetworks;
import org.lcsc.diffusion.features.FeatureTraining;
import org.lcsc.diffusion.features.FeatureTrainingConfig;
import org.lcsc.experiment.InvalidInputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains a feature network for FID and writes it with its measured test accuracy. */
@Command(
    name = "train-features",
    description = {
      "Train a small classifier or autoencoder whose features FID is measured in.",
      "Writes DATASET-SIDE.zip and DATASET-SIDE.properties, which holds its test accuracy"
          + " (DATASET-SIDE-coarse and -masked for these architectures)."
    })
final class TrainFeaturesCommand extends TextCommand {

  @Option(
      names = "--dataset",
      required = true,
      paramLabel = "NAME",
      description = "Data set: digits, fashion-mnist, mnist, idx, cifar10, imagenet64, folder.")
  private String dataset;

  @Option(
      names = "--path",
      paramLabel = "DIR",
      description = "Where the data set's files are; default: installed, cached or downloaded.")
  private Path path;

  @Option(
      names = "--side",
      paramLabel = "PIXELS",
      description = "Side of the images; larger ones are shrunk. Default: the side they have.")
  private Integer side;

  @Option(
      names = "--channels",
      paramLabel = "N",
      description = "Channels of a folder's images, 1 or 3. Default: 3.")
  private Integer channels;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Passes over the images. Default: 480,000 images seen, in 5 to 30 epochs.")
  private Integer epochs;

  @Option(
      names = "--architecture",
      paramLabel = "NAME",
      defaultValue = "fine",
      description = {
        "fine (3x3 kernels), coarse (5x5, from the first on at half the size: a second network,"
            + " independent of the first) or masked (an autoencoder, which needs no labels)."
            + " Default: ${DEFAULT-VALUE}."
      })
  private String architecture;

  @Option(names = "--seed", defaultValue = "1", description = "Seed. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Where to write the two files.")
  private Path out;

  @Option(names = "--force", description = "Replace a network of that name.")
  private boolean force;

  @Override
  int run() throws IOException {
    ImageDataSet train;
    ImageDataSet test;
    FeatureTrainingConfig config;
    FeatureTraining training;
    String name;
    try {
      DataSetSettings data = EvaluationOptions.dataset(dataset, path, side, channels);
      train = data.load(Split.TRAIN);
      // Without labels there is nothing to measure on held-out images.
      test = train.labelled() ? data.load(Split.TEST) : null;
      int passes = epochs == null ? FeatureTrainingConfig.defaultEpochs(train.size()) : epochs;
      config = new FeatureTrainingConfig(passes, seed);
      Architecture kind = Architecture.of(architecture);
      training = new FeatureTraining(train, config, kind);
      name = FeatureNetworkCard.name(dataset, train.shape(), kind);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(e);
    }

    // Before minutes of training, not after.
    OutputFile.check("--out", out.resolve(name + ".zip"), ".zip", force);
    Files.createDirectories(out);
    long start = System.nanoTime();
    FeatureNetworks.Trained network;
    try (ProgressBar bar = progress("training", "it", training.iterations())) {
      network =
          training.run(
              test,
              dataset,
              commandLine(config),
              (iteration, loss) -> bar.update(iteration, format("loss %.4f", loss)));
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    Path file = FeatureNetworks.write(out, network);
    print(network.card(), seconds, file);
    return 0;
  }

  /** What was run, defaults filled in; without the directory, which changes nothing. */
  private String commandLine(FeatureTrainingConfig config) {
    return format(
        "lcsc train-features --dataset %s%s%s%s%s --epochs %s --seed %s --out DIR",
        dataset,
        path == null ? "" : " --path " + path,
        side == null ? "" : " --side " + side,
        channels == null ? "" : " --channels " + channels,
        architecture.equals("fine") ? "" : " --architecture " + architecture,
        config.epochs(),
        config.seed());
  }

  private void print(FeatureNetworkCard card, double seconds, Path file) {
    TextTable table =
        new TextTable(
            "network", "test accuracy", "test images", "features", "parameters", "epochs", "time");
    table.row(
        card.name(),
        card.testImages() == 0 ? "-" : format("%.2f %%", 100 * card.testAccuracy()),
        card.testImages(),
        card.dimension(),
        card.parameters(),
        card.epochs(),
        Durations.clock(seconds));
    out().print(table.toText());
    written(file);
  }
}
