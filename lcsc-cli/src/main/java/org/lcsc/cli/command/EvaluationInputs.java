package org.lcsc.cli.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongConsumer;
import org.lcsc.config.Parts;
import org.lcsc.datasets.DataSetSettings;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.datasets.Split;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.InvalidInputException;
import org.lcsc.experiment.LoadedModel;
import org.lcsc.experiment.evaluation.ImageScorer;
import org.lcsc.experiment.evaluation.ImageSource;
import org.lcsc.experiment.evaluation.ReferenceImages;
import org.lcsc.experiment.evaluation.Scores;
import org.lcsc.image.ImageShape;
import org.lcsc.io.Sha256;
import org.lcsc.metrics.FeatureMoments;
import org.lcsc.metrics.Metric;
import org.lcsc.metrics.NumpyImages;
import org.lcsc.objective.DifferentiableSampleGenerator;
import org.lcsc.objective.TimeRanges;

/** What is to be evaluated: models, folders of images and NumPy archives. Not thread-safe. */
final class EvaluationInputs {

  /** One input, scored at a noise seed. */
  private interface Input {

    Scores score(ImageScorer scorer, long seed, LongConsumer progress) throws IOException;
  }

  private final List<Path> paths;
  private final List<String> names;
  private final int samples;
  private final ModelOptions.Loaded loaded;
  private final ReferenceImages images;
  private final Map<Path, LoadedModel> modelFiles = new LinkedHashMap<>();
  private final List<Input> inputs = new ArrayList<>();
  private final Map<TimeRanges, DifferentiableSampleGenerator> generators = new HashMap<>();
  private ImageShape shape;

  private EvaluationInputs(
      List<Path> paths, int samples, ModelOptions.Loaded loaded, ReferenceImages images) {
    this.paths = paths;
    this.names = LoadedModel.names(paths);
    this.samples = samples;
    this.loaded = loaded;
    this.images = images;
    this.shape = images == null ? null : images.shape();
  }

  /**
   * Looks at the files that the user named.
   *
   * @throws IOException where one is missing or wrong
   */
  static EvaluationInputs resolve(ModelOptions models, EvaluationOptions options, int samples)
      throws IOException {
    List<Path> paths = models.paths();
    List<Path> modelFiles = paths.stream().filter(EvaluationInputs::isModel).toList();
    if (modelFiles.isEmpty()) {
      models.requireNoSampler();
    }
    ModelOptions.Loaded loaded =
        modelFiles.isEmpty() && !models.hasConfiguration()
            ? null
            : models.load(modelFiles, options::withoutMissing);
    DataSetSettings spec = options.dataset();
    ReferenceImages images = null;
    if (spec != null) {
      try {
        images = ReferenceImages.load(spec);
      } catch (IllegalArgumentException e) {
        throw new InvalidInputException(e);
      }
    } else if (loaded != null) {
      images = ReferenceImages.of(loaded.experiment());
    } else if (!options.hasReference()) {
      throw new InvalidInputException(
          paths.get(0)
              + ": nothing to compare with, needed: --dataset NAME, --config FILE or --reference"
              + " FILE.npz");
    }
    EvaluationInputs inputs = new EvaluationInputs(paths, samples, loaded, images);
    if (loaded != null) {
      inputs.requireShape(Path.of("the models"), loaded.experiment().images().shape());
      for (int i = 0; i < modelFiles.size(); i++) {
        inputs.modelFiles.put(modelFiles.get(i), loaded.models().get(i));
      }
    }
    for (Path path : paths) {
      inputs.add(path);
    }
    return inputs;
  }

  /** What is measured beside FID. */
  List<Metric> metrics() {
    return loaded == null
        ? List.copyOf(Parts.of(Metric.class).values())
        : loaded.experiment().config().evaluationMetrics();
  }

  /** The feature spaces that the models' configuration names. */
  List<String> features() {
    List<String> features = loaded == null ? null : loaded.experiment().config().features();
    return features == null ? List.of() : features;
  }

  private static boolean isModel(Path path) {
    return !Files.isDirectory(path) && !isNumpy(path);
  }

  private static boolean isNumpy(Path path) {
    return path.toString().toLowerCase(Locale.ROOT).endsWith(".npz");
  }

  private void add(Path path) throws IOException {
    if (modelFiles.containsKey(path)) {
      LoadedModel model = modelFiles.get(path);
      Experiment experiment = loaded.experiment();
      inputs.add(
          (scorer, seed, progress) -> {
            DifferentiableSampleGenerator generator =
                generators.computeIfAbsent(
                    model.ranges(), ranges -> experiment.generator(loaded.network(), ranges));
            int batch = Math.min(samples, experiment.sampleBatch());
            return scorer.score(
                ImageSource.ofModel(generator, model.parameters(), seed, samples, batch), progress);
          });
    } else if (Files.isDirectory(path)) {
      Integer channels = shape == null ? null : shape.channels();
      ImageDataSet folder =
          EvaluationOptions.dataset("folder", path, null, channels).load(Split.ALL);
      requireShape(path, folder.shape());
      ImageSource source = ImageSource.ofFolder(path.toString(), folder, samples);
      inputs.add((scorer, seed, progress) -> scorer.score(source, progress));
    } else if (InvalidInputException.reading(() -> NumpyImages.isStatistics(path))) {
      FeatureMoments moments = InvalidInputException.reading(() -> FeatureMoments.read(path));
      inputs.add(
          (scorer, seed, progress) -> {
            try {
              return scorer.score(moments);
            } catch (IllegalArgumentException e) {
              throw new InvalidInputException(path + ": " + e.getMessage());
            }
          });
    } else {
      NumpyImages archive = InvalidInputException.reading(() -> NumpyImages.open(path));
      requireShape(path, archive.shape());
      ImageSource source = ImageSource.ofNumpy(path.toString(), archive, samples);
      inputs.add((scorer, seed, progress) -> scorer.score(source, progress));
    }
  }

  private void requireShape(Path path, ImageShape found) {
    if (shape == null) {
      shape = found;
    }
    if (!shape.equals(found)) {
      throw new InvalidInputException(
          path + ": images of " + found + ", but those to compare with are " + shape);
    }
  }

  /** The real images to compare with; null where only published statistics are known. */
  ReferenceImages images() {
    return images;
  }

  /**
   * Shape of all images.
   *
   * @throws InvalidInputException where there are none at all, only statistics
   */
  ImageShape shape() {
    if (shape == null) {
      throw new InvalidInputException(
          paths.get(0) + ": statistics alone say no feature space, needed: --dataset NAME");
    }
    return shape;
  }

  /** The models' experiment, or null. */
  Experiment experiment() {
    return loaded == null ? null : loaded.experiment();
  }

  /** Short names, in order. */
  List<String> names() {
    return names;
  }

  /** Whether every input is a model. */
  boolean allModels() {
    return paths.stream().allMatch(modelFiles::containsKey);
  }

  /** File, and for a model the hash of its parameters. */
  Map<String, Object> describe(int input) {
    Map<String, Object> entry = new LinkedHashMap<>();
    Path path = paths.get(input);
    entry.put("file", path.toString());
    if (modelFiles.containsKey(path)) {
      entry.put("sha256", Sha256.of(modelFiles.get(path).parameters()));
    }
    return entry;
  }

  /**
   * Scores an input.
   *
   * @param seed of the noise, for models
   * @param progress receives the number of images of every batch
   * @throws IOException where images cannot be read
   */
  Scores score(int input, ImageScorer scorer, long seed, LongConsumer progress) throws IOException {
    try {
      return inputs.get(input).score(scorer, seed, progress);
    } catch (UncheckedIOException e) {
      throw new InvalidInputException(e);
    }
  }
}
