package org.lcsc.experiment.config;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.lcsc.config.ConfigException;
import org.lcsc.config.Family;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Part;
import org.lcsc.config.Parts;
import org.lcsc.config.Require;
import org.lcsc.config.YamlConfig;
import org.lcsc.datasets.DataSetSettings;
import org.lcsc.diffusion.features.FeatureNetworkConfig.Architecture;
import org.lcsc.diffusion.features.FeatureNetworks;
import org.lcsc.diffusion.model.GenerativeModel;
import org.lcsc.diffusion.sampler.Guidance;
import org.lcsc.diffusion.sampler.SampledModel;
import org.lcsc.diffusion.sampler.SamplerSettings;
import org.lcsc.diffusion.training.TrainingLossSettings;
import org.lcsc.experiment.config.TrainingConfig.LossReduction;
import org.lcsc.image.ImageShape;
import org.lcsc.metrics.FeatureSource;
import org.lcsc.metrics.Metric;
import org.lcsc.metrics.objective.FidSettings;
import org.lcsc.metrics.objective.MeanFidSettings;
import org.lcsc.objective.ObjectiveSettings;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.config.EmaConfig;
import org.lcsc.search.config.LcscConfig;
import org.lcsc.search.config.SearchConfig;
import org.lcsc.search.config.TimeRangesConfig;
import org.lcsc.search.strategy.EvolutionarySearch;
import org.lcsc.tensor.StateDict;

/**
 * A whole configuration file: what to train, how to sample, which averages to keep, when to search,
 * where to write.
 *
 * <p>It is checked in three steps: each section by itself and against the others when it is read,
 * and against the images once they are loaded ({@link #checkImages}), where their side or labels
 * are not known before.
 *
 * @param dataset the images
 * @param model what is trained
 * @param training how
 * @param sampler how samples are drawn; default: what is usual for the model
 * @param guidance of a network that is given the class of its image, in every sample that is drawn;
 *     default null: none
 * @param ema the averages kept as baselines; default: as its keys say
 * @param features the feature spaces that FID is measured in, at least one: the first is searched
 *     in, with random projections of the pixels beside it; the second helps to choose on validation
 *     noise; the others are only reported. Each is a feature network's {@code .zip}, the state dict
 *     of a PyTorch network ({@code .pth}, {@code .pt}, {@code .safetensors}), the {@code .yaml} of
 *     an ONNX file, {@code pixels} or {@code random-projection}; default null: the networks of this
 *     library for the data set
 * @param metrics what an evaluation measures beside FID; default null: every metric there is
 * @param lcsc the search; default null: training without a search
 * @param output the run directory, relative to the working directory
 * @param tensorboard whether loss, learning rate and the searches' scores are written as
 *     TensorBoard event files too; default false
 */
public record RunConfig(
    DataSetSettings dataset,
    GenerativeModel model,
    TrainingConfig training,
    @OptionalKey SamplerSettings sampler,
    @OptionalKey Guidance guidance,
    @OptionalKey EmaConfig ema,
    @OptionalKey List<String> features,
    @OptionalKey List<Metric> metrics,
    @OptionalKey LcscConfig lcsc,
    String output,
    @OptionalKey Boolean tensorboard) {

  /** What a section {@code sampler} without a kind means. */
  private static final String STANDARD_SAMPLER =
      SamplerSettings.class.getAnnotation(Family.class).standard();

  /** Fills in the defaults and validates. */
  public RunConfig {
    training = training.of(model);
    Require.not(
        training.lossReduction() == LossReduction.SUM && !model.lossIsOfValues(),
        "training.lossReduction",
        "has no effect on a distance of whole images (sum), allowed: mean");
    Require.not(
        dataset.flip() && !model.learnsFromImages(),
        "dataset.flip",
        "has no effect with model.teacher, whose samples take the place of the images (true),"
            + " allowed: false");
    sampler = sampler == null ? model.usualSampler() : sampler;
    checkSampler(sampler, model);
    checkClasses("training.labelDropout", training.labelDropout(), model);
    checkClasses("guidance", guidance, model);
    int iterations = training.iterations();
    within("model", () -> model.checkTraining(iterations));
    ema = ema == null ? EmaConfig.DEFAULT : ema;
    if (features != null) {
      features = Require.distinct("features", features);
      for (int i = 0; i < features.size(); i++) {
        FeatureSource.named("features[" + i + "]", features.get(i));
      }
    }
    Require.path("output", output);
    dataset.known().ifPresent(known -> checkSide(model, known.side()));
    if (lcsc != null) {
      checkSearches(lcsc, training.iterations());
      TimeRanges ranges = timeRanges(lcsc.search(), sampler, model);
      // The first space is the one that is searched in.
      boolean opaque =
          features != null && !FeatureSource.named("features", features.get(0)).isDifferentiable();
      ObjectiveSettings objective =
          lcsc.objective() == null ? objective(lcsc.target()) : lcsc.objective();
      boolean differentiable = !objective.drawsSamples() || sampler.isDifferentiable() && !opaque;
      checkGradients(lcsc.search(), differentiable, opaque ? features.get(0) : sampler.kind());
      lcsc = lcsc.with(lcsc.search().decided(differentiable), objective, lcsc.keep());
      Require.not(
          objective.scoresFiles(),
          "lcsc.objective",
          "scores model files (%s), allowed in a training: a kind that scores its samples, such as"
              + " mean-fid",
          objective.kind());
      // Without names: the two that searches may see of this library's own.
      checkObjectives(lcsc, model, ranges, features == null ? 2 : features.size());
    }
  }

  private static void checkObjectives(
      LcscConfig lcsc, GenerativeModel model, TimeRanges ranges, int features) {
    boolean gradient = lcsc.search().strategy().wantsGradients();
    for (Map.Entry<String, ObjectiveSettings> leaf : lcsc.objective().leaves().entrySet()) {
      String key = "lcsc.objective" + leaf.getKey();
      if (leaf.getValue() instanceof MeanFidSettings mean) {
        within(key, () -> mean.check(gradient, features));
      } else if (leaf.getValue() instanceof TrainingLossSettings loss) {
        checkLoss(key, loss, ranges, model);
      }
    }
  }

  private static void checkLoss(
      String key, TrainingLossSettings loss, TimeRanges ranges, GenerativeModel model) {
    if (model.incomparableLoss().isPresent()) {
      throw new InvalidValueException(
          key,
          format(
              "%s is not for model.kind: %s, %s, allowed: an objective of samples such as mean-fid",
              loss.kind(), model.kind(), model.incomparableLoss().get()));
    }
    Require.not(
        ranges.size() > 1,
        "lcsc.search.timeRanges",
        "not possible with the objective %s, which scores one model at all noise levels, allowed:"
            + " only with objectives of samples",
        loss.kind());
  }

  /** A target that is not said to be of anything else is a FID. */
  private static ObjectiveSettings objective(Double target) {
    return target == null ? new MeanFidSettings() : new FidSettings();
  }

  /**
   * Reads a file.
   *
   * @throws ConfigException if it is missing, unreadable or wrong
   */
  public static RunConfig read(Path file) throws ConfigException {
    OwnSearchConfig.refuse(file);
    return YamlConfig.read(file, RunConfig.class).taught(file.toString());
  }

  /**
   * The same with what the model leaves to the configuration of its teacher, where that is there.
   *
   * @param name of this configuration, for messages
   * @throws ConfigException if that is wrong
   */
  public RunConfig taught(String name) throws ConfigException {
    String other = model.teacherConfig();
    if (model.teacherKinds().size() < 2 || other == null || !Files.exists(Path.of(other))) {
      return this;
    }
    GenerativeModel teacher = YamlConfig.read(Path.of(other), RunConfig.class).model();
    try {
      return with(model.taughtBy(teacher));
    } catch (InvalidValueException e) {
      throw new ConfigException(name, new InvalidValueException("model." + e.key(), e.problem()));
    }
  }

  /** What an evaluation measures beside FID. */
  public List<Metric> evaluationMetrics() {
    return metrics != null ? metrics : List.copyOf(Parts.of(Metric.class).values());
  }

  /** Whether a search is scored by the loss of some images. */
  public boolean scoresLossOf(TrainingLossSettings.Images images) {
    return lcsc != null
        && lcsc.objective().leaves().values().stream()
            .anyMatch(leaf -> leaf instanceof TrainingLossSettings loss && loss.images() == images);
  }

  /** The file again, with every default filled in. */
  public String toYaml() {
    return YamlConfig.toYaml(this);
  }

  /** The same with other settings of the model. */
  public RunConfig with(GenerativeModel other) {
    return with(other, sampler, lcsc);
  }

  /** The same with another sampler. */
  public RunConfig with(SamplerSettings other) {
    return with(model, other, lcsc);
  }

  /**
   * The same with another sampler, for models that are there already: a search's ranges of noise
   * levels, which are those of this sampler, are put aside.
   */
  public RunConfig sampledBy(SamplerSettings other) {
    return with(
        model,
        other,
        lcsc == null
            ? null
            : lcsc.with(lcsc.search().withoutTimeRanges(), lcsc.objective(), lcsc.keep()));
  }

  /**
   * The same, whose finished training leaves the checkpoints of its last window too.
   *
   * @throws InvalidValueException where there is no window
   */
  public RunConfig keepingWindow() {
    Require.not(lcsc == null, "lcsc", "missing, allowed: a window whose checkpoints to keep");
    if (lcsc.keeps(LcscConfig.Kept.WINDOW)) {
      return this;
    }
    List<LcscConfig.Kept> kept = new ArrayList<>(lcsc.keep() == null ? List.of() : lcsc.keep());
    kept.add(LcscConfig.Kept.WINDOW);
    return with(model, sampler, lcsc.with(lcsc.search(), lcsc.objective(), kept));
  }

  /**
   * The same, for evaluations alone, in other feature spaces: what a search needs of them is put
   * aside.
   */
  public RunConfig evaluatedIn(List<String> others) {
    return with(
        model,
        sampler,
        others,
        lcsc == null
            ? null
            : lcsc.with(
                lcsc.search().with(EvolutionarySearch.Parameters.DEFAULTS),
                new FidSettings(),
                lcsc.keep()));
  }

  private RunConfig with(GenerativeModel model, SamplerSettings sampler, LcscConfig lcsc) {
    return with(model, sampler, features, lcsc);
  }

  private RunConfig with(
      GenerativeModel model, SamplerSettings sampler, List<String> features, LcscConfig lcsc) {
    return new RunConfig(
        dataset,
        model,
        training,
        sampler,
        guidance,
        ema,
        features,
        metrics,
        lcsc,
        output,
        tensorboard);
  }

  /**
   * The ranges of noise levels that a search gives models of their own.
   *
   * @throws InvalidValueException where the sampler has no evaluations in one of them
   */
  public TimeRanges timeRanges(SearchConfig search) {
    return timeRanges(search, sampler, model);
  }

  private static TimeRanges timeRanges(
      SearchConfig search, SamplerSettings sampler, GenerativeModel model) {
    TimeRangesConfig ranges = search.timeRanges();
    if (ranges == null || Integer.valueOf(1).equals(ranges.count())) {
      return TimeRanges.ONE;
    }
    double[] levels = sampler.of(model.sampled()).noiseLevels();
    return Require.possible(
        "lcsc.search.timeRanges",
        () ->
            ranges.count() != null
                ? TimeRanges.equalShares(ranges.count(), levels)
                : new TimeRanges(ranges.boundaries()).requireUsed(levels));
  }

  /** How strongly samples are drawn towards their class. */
  public Guidance guidanceOrNone() {
    return guidance == null ? Guidance.everywhere(1) : guidance;
  }

  /** The run directory. */
  public Path outputDirectory() {
    return Path.of(output);
  }

  /**
   * Checks the network against the images that were loaded.
   *
   * @param side side of the images in pixels
   * @param classes number of classes, 0 where the images have no labels
   * @throws InvalidValueException if the network does not fit them
   */
  public void checkImages(int side, int classes) {
    checkSide(model, side);
    checkClasses(classes);
  }

  /** Refuses a model that is told classes by images without labels. */
  public void checkClasses(int classes) {
    Require.not(
        model.unet().classConditional() && classes < 1,
        "model.unet.classConditional",
        "the images of %s have no labels (true), allowed: false",
        dataset.kind());
  }

  /**
   * Refuses a search without a feature space to score in, before any image is read.
   *
   * @throws InvalidValueException where none is named and this library has none for the data set
   */
  public void requireFeatures() {
    if (lcsc == null || features != null) {
      return;
    }
    DataSetSettings.Known known = dataset.known().orElse(null);
    boolean exists =
        known == null || known.channels() == 0
            ? FeatureNetworks.names().stream().anyMatch(n -> n.startsWith(dataset.kind() + "-"))
            : FeatureNetworks.exists(
                dataset.kind(),
                new ImageShape(known.channels(), known.side(), known.side()),
                Architecture.FINE);
    Require.not(
        !exists,
        "features",
        "missing, this library has no feature network for dataset %s%s, allowed:"
            + " [random-projection], [pixels], the .yaml of an ONNX file, or the .zip of lcsc"
            + " train-features (--architecture masked for images without classes)",
        dataset.kind(),
        known == null ? "" : " at side " + known.side());
  }

  /**
   * Refuses a sampling engine that is not on this machine.
   *
   * @throws InvalidValueException with what is missing
   */
  public void requireEngine() {
    if (sampler.engine() != null) {
      within("sampler.engine", sampler.engine()::requireUsable);
    }
  }

  /** The files of the feature spaces that it names, by their keys. */
  public Map<String, String> featureFiles() {
    Map<String, String> named = new LinkedHashMap<>();
    for (int i = 0; features != null && i < features.size(); i++) {
      named.put("features[" + i + "]", features.get(i));
    }
    if (lcsc != null) {
      lcsc.objective()
          .featureSpaces()
          .forEach((key, text) -> named.put("lcsc.objective." + key, text));
    }
    named.values().removeIf(text -> FeatureSource.named("features", text).endings().isEmpty());
    return named;
  }

  /**
   * Files that decide the results beside this one and the images, by the keys that name them. A
   * teacher that is trained where it is missing is told by its configuration.
   */
  public Map<String, String> files() {
    Map<String, String> named = new LinkedHashMap<>(featureFiles());
    named.put(
        model.teacherConfig() == null ? "model.teacher" : "model.teacherConfig",
        model.teacherConfig() == null ? model.teacher() : model.teacherConfig());
    named.put("training.from", training.from());
    if (model.perceptual() != null) {
      named.put("model.consistency.backbone.file", model.perceptual().file());
      named.put("model.consistency.backbone.weights", model.perceptual().weights());
    }
    named.values().removeIf(Objects::isNull);
    return named;
  }

  /**
   * The files that hold what one of {@link #files} is: it alone, or with the weights that it names.
   *
   * @throws IOException where it cannot be read
   */
  public List<Path> parts(String file) throws IOException {
    if (!featureFiles().containsValue(file)) {
      return StateDict.files(Path.of(file));
    }
    List<Path> parts = new ArrayList<>(List.of(Path.of(file)));
    parts.addAll(FeatureSource.named("features", file).weights());
    return parts;
  }

  /** Files and directories that it reads. */
  public Collection<String> inputs() {
    Collection<String> named = new ArrayList<>(files().values());
    named.add(model.teacher());
    named.add(dataset.path());
    named.removeIf(Objects::isNull);
    return named;
  }

  /**
   * Files that are named and not there, one line each, with the key in front. They may come later,
   * or be on another machine.
   */
  public List<String> missingFiles() {
    Map<String, String> named = files();
    if (model.teacher() != null && isThere(model.teacher())) {
      named.remove("model.teacherConfig");
    }
    if (dataset.path() != null) {
      named.put("dataset.path", dataset.path());
    }
    return named.entrySet().stream()
        .filter(entry -> !isThere(entry.getValue()))
        .map(entry -> entry.getKey() + ": no such file (" + entry.getValue() + ")")
        .toList();
  }

  /** Those of them that {@code features} names, by their keys. */
  public Map<String, String> missingFeatures() {
    Map<String, String> named = featureFiles();
    named.entrySet().removeIf(e -> !e.getKey().startsWith("features[") || isThere(e.getValue()));
    return named;
  }

  private static boolean isThere(String file) {
    return Files.exists(Path.of(file));
  }

  /** What works but may not be meant, one line each, with the key in front. */
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    model.warnings().forEach(warning -> warnings.add("model." + warning));
    if (guidance != null
        && training.labelDropout() == null
        && training.from() == null
        && model.teacher() == null) {
      warnings.add(
          "guidance: the network never learns to do without the class, set training.labelDropout");
    }
    if (lcsc == null) {
      warnings.add("lcsc: absent, training runs without a search");
      return warnings;
    }
    List<Integer> searches = lcsc.schedule().within(training.iterations());
    if (lcsc.window() > searches.get(0)) {
      warnings.add(
          "lcsc.window: larger than the first search iteration ("
              + lcsc.window()
              + ", first search at "
              + searches.get(0)
              + "), that search combines only "
              + searches.get(0) / lcsc.interval()
              + " of "
              + lcsc.checkpoints()
              + " checkpoints");
    }
    int last = searches.get(searches.size() - 1);
    if (last < training.iterations()) {
      warnings.add(
          format(
              "lcsc.searchAt: the last search (%s) is before the end of training (%s), later"
                  + " checkpoints are never searched",
              last, training.iterations()));
    }
    return warnings;
  }

  private static void checkGradients(SearchConfig search, boolean differentiable, String by) {
    if (search.strategy() != null && search.strategy().wantsGradients() && !differentiable) {
      throw new InvalidValueException(
          "lcsc.search.strategy",
          format(
              "%s is not possible here: no gradients through %s, allowed: a strategy without"
                  + " gradients, clip: false, another first feature space",
              search.strategy().kind(), by));
    }
  }

  private static void checkClasses(String key, Object value, GenerativeModel model) {
    Require.not(
        value != null && !model.unet().classConditional(),
        key,
        "has no effect without classes (%s), allowed: only with model.unet.classConditional: true",
        value);
  }

  private static void checkSide(GenerativeModel model, int side) {
    within("model.unet", () -> model.unet().checkSide(side));
  }

  private static void checkSampler(SamplerSettings sampler, GenerativeModel model) {
    SampledModel sampled = model.sampled();
    if (!sampler.fits(sampled)) {
      List<String> fitting =
          Parts.of(SamplerSettings.class).values().stream()
              .filter(other -> other.fits(sampled))
              .map(Part::kind)
              .toList();
      throw new InvalidValueException(
          "sampler.kind",
          format(
              "not for model.kind: %s (%s%s), allowed: %s",
              model.kind(),
              sampler.kind(),
              sampler.kind().equals(STANDARD_SAMPLER) ? ", which a section without kind means" : "",
              String.join(", ", fitting)));
    }
    within("sampler", () -> sampler.of(sampled));
  }

  /** Lets a mistake in a section be told by its place in the file. */
  private static void within(String section, Runnable check) {
    try {
      check.run();
    } catch (InvalidValueException e) {
      throw new InvalidValueException(section + "." + e.key(), e.problem());
    } catch (IllegalArgumentException e) {
      throw new InvalidValueException(section, e.getMessage());
    }
  }

  private static void checkSearches(LcscConfig lcsc, int iterations) {
    String allowed = "), allowed: at most training.iterations (" + iterations + ")";
    if (lcsc.searchAt() == null) {
      if (lcsc.startAt() > iterations) {
        String key = lcsc.startAt().equals(lcsc.every()) ? "lcsc.every" : "lcsc.startAt";
        throw new InvalidValueException(
            key, "the first search is after the end of training (" + lcsc.startAt() + allowed);
      }
      return;
    }
    for (int i = 0; i < lcsc.searchAt().size(); i++) {
      if (lcsc.searchAt().get(i) > iterations) {
        throw new InvalidValueException(
            "lcsc.searchAt[" + i + "]",
            "after the end of training (" + lcsc.searchAt().get(i) + allowed);
      }
    }
  }
}
