package org.lcsc.cli.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Parts;
import org.lcsc.config.Require;
import org.lcsc.datasets.DataSetSettings;
import org.lcsc.experiment.FeaturesListener;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.evaluation.ImageScorer;
import org.lcsc.experiment.evaluation.MetricSpaces;
import org.lcsc.metrics.FeatureMoments;
import org.lcsc.metrics.InceptionScore;
import org.lcsc.metrics.Metric;
import org.lcsc.metrics.Metrics;
import org.lcsc.metrics.onnx.OnnxLpips;
import picocli.CommandLine.Option;

/** What images are compared with, and by which metrics. */
final class EvaluationOptions {

  @Option(
      names = "--dataset",
      paramLabel = "NAME",
      description =
          "Real images to compare with. Default: those of the models' configuration. One of"
              + " digits, fashion-mnist, mnist, idx, cifar10, imagenet64, folder.")
  private String dataset;

  @Option(
      names = "--dataset-path",
      paramLabel = "DIR",
      description = "Where the data set's files are.")
  private Path datasetPath;

  @Option(
      names = "--side",
      paramLabel = "PIXELS",
      description = "Side of the data set's images; larger ones are shrunk.")
  private Integer side;

  @Option(
      names = "--channels",
      paramLabel = "N",
      description = "1 or 3, for --dataset folder. Default: 3.")
  private Integer channels;

  @Option(
      names = "--features",
      paramLabel = "SPACE",
      description =
          "Another feature space, in the same pass: pixels, random-projection, a NETWORK.zip of"
              + " train-features, the weights of a PyTorch network, or the YAML of an ONNX file. May"
              + " be given several times; a configuration's features are measured too.")
  private List<String> features = List.of();

  @Option(
      names = "--reference",
      paramLabel = "FILE.npz",
      description =
          "Published statistics (mu, sigma), in place of those of the training images, for FID in"
              + " the first space of their dimension.")
  private Path reference;

  @Option(
      names = "--lpips",
      paramLabel = "FILE.yaml",
      description = "Network of LPIPS, for the mean distance between samples.")
  private Path lpips;

  @Option(
      names = "--splits",
      paramLabel = "N",
      defaultValue = "" + InceptionScore.DEFAULT_SPLITS,
      description = "Splits of the Inception Score. Default: ${DEFAULT-VALUE}.")
  private int splits;

  @Option(
      names = "--neighbours",
      paramLabel = "K",
      description = "Neighbours of precision and recall. Default: those of the configuration, 3.")
  private Integer neighbours;

  @Option(
      names = "--memorisation",
      negatable = true,
      description =
          "Compare distances to the nearest training images with those of held-out images."
              + " Default: where there are at most 20,000 training images.")
  private Boolean memorisation;

  private final List<String> leftOut = new ArrayList<>();

  /** An evaluation, with what must be closed after it. */
  record Opened(ImageScorer scorer, OnnxLpips lpips) implements AutoCloseable {

    @Override
    public void close() {
      if (lpips != null) {
        lpips.close();
      }
    }
  }

  /** The data set that the user named, or null. */
  DataSetSettings dataset() {
    if (dataset == null) {
      String given =
          datasetPath != null
              ? "--dataset-path"
              : side != null ? "--side" : channels != null ? "--channels" : null;
      InvalidInputException.when(given != null, "%s: has no effect without --dataset", given);
      return null;
    }
    return dataset(dataset, datasetPath, side, channels);
  }

  /**
   * A data set of options.
   *
   * @param name its kind
   * @param path where its files are, or null
   * @param side that its images are shrunk to, or null
   * @param channels of a folder, or null
   */
  static DataSetSettings dataset(String name, Path path, Integer side, Integer channels) {
    Map<String, Object> keys = new HashMap<>();
    keys.put("path", path == null ? null : path.toString());
    keys.put("side", side);
    keys.put("channels", channels);
    try {
      return Parts.with(Parts.named(DataSetSettings.class, "name", name), keys);
    } catch (InvalidValueException e) {
      throw new InvalidInputException("--dataset: " + e.getMessage());
    }
  }

  /** The metrics of the models' configuration, or all, with the neighbours of the option. */
  private List<Metric> metrics(EvaluationInputs inputs) {
    InvalidInputException.when(
        neighbours != null
            && inputs.metrics().stream().noneMatch(Metrics.PrecisionAndRecall.class::isInstance),
        "--neighbours: has no effect (%s), the configuration's metrics leave precision-recall out",
        neighbours);
    try {
      return inputs.metrics().stream()
          .map(
              metric ->
                  neighbours != null && metric instanceof Metrics.PrecisionAndRecall
                      ? new Metrics.PrecisionAndRecall(neighbours)
                      : metric)
          .toList();
    } catch (InvalidValueException e) {
      throw new InvalidInputException("--neighbours: " + e.problem());
    }
  }

  /**
   * A configuration with the feature spaces of the options in place of those whose files are not
   * here; the same where the options name none.
   */
  RunConfig withoutMissing(RunConfig config) {
    Map<String, String> missing = config.missingFeatures();
    if (features.isEmpty() || missing.isEmpty()) {
      return config;
    }
    missing.forEach((key, file) -> leftOut.add(key + ": left out, no such file (" + file + ")"));
    return config.evaluatedIn(
        Stream.concat(config.features().stream(), features.stream())
            .filter(space -> !missing.containsValue(space))
            .distinct()
            .toList());
  }

  /** What of the configuration is not measured, and why, one line each. */
  List<String> leftOut() {
    return leftOut;
  }

  /** Whether there are published statistics. */
  boolean hasReference() {
    return reference != null;
  }

  /**
   * Opens feature spaces and extracts what is to be known of the real images.
   *
   * @param seed of the metrics' random draws
   * @param listener is called meanwhile
   * @throws IOException where a file is missing or wrong
   */
  Opened open(EvaluationInputs inputs, long seed, FeaturesListener listener) throws IOException {
    Require.atLeast("--splits", splits, 1);
    List<Metric> metrics = metrics(inputs);
    FeatureMoments published =
        reference == null
            ? null
            : InvalidInputException.reading(() -> FeatureMoments.read(reference));
    OnnxLpips perceptual =
        lpips == null ? null : InvalidInputException.reading(() -> OnnxLpips.open(lpips));
    try {
      MetricSpaces spaces = new MetricSpaces(inputs.images(), inputs.shape(), listener);
      inputs.features().stream()
          .filter(text -> !features.contains(text))
          .forEach(text -> spaces.add("features", text));
      features.forEach(text -> spaces.add("--features", text));
      ImageScorer scorer =
          new ImageScorer(
              spaces.build(published, reference, memorisation),
              perceptual,
              new ImageScorer.Settings(splits, metrics, seed));
      return new Opened(scorer, perceptual);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(e);
    }
  }
}
