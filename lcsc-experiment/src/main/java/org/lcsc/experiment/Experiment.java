package org.lcsc.experiment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.ConfigException;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Require;
import org.lcsc.consistency.ConsistencySampler;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.datasets.Split;
import org.lcsc.diffusion.engine.AutoEngine;
import org.lcsc.diffusion.engine.SamplingEngine;
import org.lcsc.diffusion.sampler.Sampler;
import org.lcsc.diffusion.sampler.SamplerAdjoint;
import org.lcsc.diffusion.sampler.UNetSamples;
import org.lcsc.diffusion.training.LearningRate;
import org.lcsc.diffusion.training.TrainingBatches;
import org.lcsc.diffusion.training.TrainingLossSettings;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.metrics.DifferentiableFeatureExtractor;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.metrics.FrechetDistance;
import org.lcsc.metrics.PrecisionRecall;
import org.lcsc.metrics.objective.FidSettings;
import org.lcsc.metrics.objective.MultiFid;
import org.lcsc.metrics.objective.VarietyGuard;
import org.lcsc.model.ParameterGrouping;
import org.lcsc.objective.DifferentiableSampleGenerator;
import org.lcsc.objective.ImageSamples;
import org.lcsc.objective.Objective;
import org.lcsc.objective.ObjectiveSettings;
import org.lcsc.objective.PartialObjective;
import org.lcsc.objective.RememberedSamples;
import org.lcsc.objective.Safeguard;
import org.lcsc.objective.SampleGenerator;
import org.lcsc.objective.SeededNoise;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.config.NoiseSetConfig;
import org.lcsc.search.config.SearchConfig;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A configured run with its data loaded: what the commands train, sample and score with. Features
 * and their reference statistics (of the training images) are made when first asked for. Not
 * thread-safe.
 */
public final class Experiment {

  /** Noise sets on which a search's combination is compared with the best baseline. */
  public static final int NOISE_SETS = 4;

  private final RunConfig config;
  private final ImageDataSet images;
  private final ModelSetup setup;
  private final Sampler sampler;
  private final FeatureSpaces spaces;
  private final Losses losses;
  private BooleanSupplier cancelled = () -> false;

  private Experiment(RunConfig config, ImageDataSet images, FeaturesListener listener) {
    this.images = images;
    this.setup = new ModelSetup(config, images);
    this.config = setup.decided();
    this.sampler = config.sampler().of(config.model().sampled());
    this.spaces = new FeatureSpaces(config, images, listener);
    this.losses = new Losses(setup, this::proceed);
  }

  /**
   * Loads the data of a run.
   *
   * @throws IOException where the data cannot be had
   * @throws org.lcsc.config.InvalidValueException where the configuration does not fit the data
   */
  public static Experiment load(RunConfig config) throws IOException {
    return load(config, FeaturesListener.NONE);
  }

  private static Experiment load(RunConfig config, FeaturesListener listener) throws IOException {
    config.requireEngine();
    ImageDataSet images = config.dataset().load(Split.TRAIN);
    if (images.shape().height() != images.shape().width()) {
      throw new InvalidInputException(
          images.name() + ": expected square images, got " + images.shape());
    }
    config.checkImages(images.shape().height(), images.classes());
    return new Experiment(config, images, listener);
  }

  /**
   * Loads the data of a command's configuration file, with mistakes told as that file's.
   *
   * @param file the configuration's file, for messages
   * @throws IOException where the data cannot be had
   */
  public static Experiment loadFor(Path file, RunConfig config) throws IOException {
    return loadFor(file, config, FeaturesListener.NONE);
  }

  /**
   * The same.
   *
   * @param listener is called while statistics of the images are made
   */
  public static Experiment loadFor(Path file, RunConfig config, FeaturesListener listener)
      throws IOException {
    try {
      config.requireFeatures();
      Experiment experiment = load(config, listener);
      experiment.setup.checkLoss();
      if (config.lcsc() != null) {
        // Before hours of training, not after.
        experiment.requireGradients();
        requireGroups(config, experiment::newNetwork);
        requireEngine(config, experiment::newNetwork);
        experiment.reference();
        experiment.requireObjectives();
      }
      return experiment;
    } catch (InvalidValueException e) {
      throw new ConfigException(file.toString(), e);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(e);
    }
  }

  /** Refuses a sampler or features that the configured search cannot differentiate. */
  private void requireGradients() {
    SearchConfig search = config.lcsc().search();
    if (search.strategy().wantsGradients() && config.lcsc().objective().drawsSamples()) {
      try {
        SamplerAdjoint.of(sampler);
        DifferentiableFeatureExtractor.require(features());
      } catch (IllegalArgumentException e) {
        throw new InvalidValueException(
            "lcsc.search.strategy",
            search.strategy().kind() + " is not possible here: " + e.getMessage());
      }
    }
  }

  /**
   * Refuses objectives that the configured search cannot use: made once more where racing, a file
   * of a feature space or held-out images may not fit, since making them takes time.
   */
  private void requireObjectives() throws IOException {
    SearchConfig search = config.lcsc().search();
    boolean files =
        config.featureFiles().keySet().stream().anyMatch(key -> key.startsWith("lcsc.objective"));
    boolean heldOut = config.scoresLossOf(TrainingLossSettings.Images.HELD_OUT);
    if (search.racing() == null && !files && !heldOut) {
      return;
    }
    ComputationGraph network = newNetwork();
    Objective searched = searched(network, search);
    if (search.racing() != null) {
      Require.possible("lcsc.search.racing", () -> PartialObjective.require(searched));
    }
    NoiseSetConfig validation = config.lcsc().validation();
    objective(network, validation.seed(), validation.samples(), TimeRanges.ONE);
  }

  /** Refuses a network that the sampling engine does not take; auto is then decided for another. */
  static void requireEngine(RunConfig config, Supplier<ComputationGraph> network) {
    SamplingEngine engine = config.sampler().engine();
    if (engine != null && !(engine instanceof AutoEngine)) {
      Require.possible(
          "sampler.engine",
          () -> {
            engine.open(network.get()).close();
            return engine;
          });
    }
  }

  /** Refuses groups of a search that the network does not have. */
  static void requireGroups(RunConfig config, Supplier<ComputationGraph> network) {
    SearchConfig search = config.lcsc().search();
    if (search.groups() != null) {
      Require.possible(
          "lcsc.search.groups",
          () -> ParameterGrouping.configured(search.groups()).of(network.get()));
    }
  }

  /** The configuration. */
  public RunConfig config() {
    return config;
  }

  /** The training images. */
  public ImageDataSet images() {
    return images;
  }

  /**
   * Loads the images held out from training.
   *
   * @throws org.lcsc.datasets.DataSetException where the data set has none
   * @throws IOException where they cannot be read
   */
  public ImageDataSet heldOut() throws IOException {
    return config.dataset().load(Split.TEST);
  }

  /** The sampler. */
  public Sampler sampler() {
    return sampler;
  }

  private SamplingEngine engine() {
    return Objects.requireNonNullElse(config.sampler().engine(), new SamplingEngine.Dl4j());
  }

  /**
   * How samples are drawn, in words: the sampler, what guides it, and the engine if one is named.
   */
  public String sampling() {
    String engine =
        config.sampler().engine() == null ? "" : ", by " + config.sampler().engine().kind();
    return sampler + (config.guidance() == null ? "" : ", " + config.guidance()) + engine;
  }

  /** A new network with its initial parameters. */
  public ComputationGraph newNetwork() {
    return setup.newNetwork();
  }

  /**
   * The teacher of a distillation.
   *
   * @return null for the other kinds of models
   * @throws InvalidInputException if its file is missing or of another architecture
   */
  public ComputationGraph teacher() {
    if (config.model().teacher() == null) {
      return null;
    }
    ComputationGraph teacher = setup.newTeacher();
    teacher.setParams(weights("model.teacher", config.model().teacher(), teacher));
    return teacher;
  }

  /**
   * A network of the teacher's architecture with random weights, which takes as long as the
   * teacher.
   *
   * @return null for models that are not distilled
   */
  public ComputationGraph untrainedTeacher() {
    return config.model().teacher() == null ? null : setup.newTeacher();
  }

  /**
   * Sets a network to where the training starts: the parameters of {@code training.from}, else
   * those of the teacher, else its own.
   *
   * @param network a new network of this experiment
   * @param teacher of a distillation, else null
   * @throws InvalidInputException if a file is missing or of another architecture
   */
  public void start(ComputationGraph network, ComputationGraph teacher) {
    String from = config.training().from();
    if (from != null) {
      network.setParams(weights("training.from", from, network));
    } else if (teacher != null) {
      // By name: only so is the order of the flat parameters no matter.
      teacher.paramTable().forEach(network::setParam);
    }
  }

  private INDArray weights(String key, String file, ComputationGraph network) {
    return InitialWeights.parameters(
        key, Path.of(file), config.model(), network, images.shape().height());
  }

  /** The learning rate over the training. */
  public LearningRate learningRate() {
    return setup.learningRate();
  }

  /**
   * The training's batches.
   *
   * @param first updates already applied
   * @param network what is trained
   * @param teacher of a distillation, else null
   */
  public TrainingBatches batches(int first, ComputationGraph network, ComputationGraph teacher) {
    return setup.batches(first, network, teacher);
  }

  /** A sample generator on a copy of a network; its samples are clipped to [-1, 1]. */
  public DifferentiableSampleGenerator generator(ComputationGraph network) {
    return generator(network, TimeRanges.ONE);
  }

  /** A sample generator on a copy of a network, whose parameters may differ between ranges. */
  public DifferentiableSampleGenerator generator(ComputationGraph network, TimeRanges ranges) {
    return generator(network, sampler, ranges);
  }

  /**
   * A sample generator of a consistency model with other noise levels after the first.
   *
   * @param sigmas descending
   * @param ranges that parameters may be of
   */
  public DifferentiableSampleGenerator generator(
      ComputationGraph network, List<Double> sigmas, TimeRanges ranges) {
    ConsistencySampler.Settings settings = (ConsistencySampler.Settings) config.sampler();
    return generator(network, settings.withSigmas(sigmas).of(config.model().sampled()), ranges);
  }

  private DifferentiableSampleGenerator generator(
      ComputationGraph network, Sampler with, TimeRanges ranges) {
    int classes = config.model().unet().classConditional() ? images.classes() : 0;
    return ImageSamples.clipped(
        new UNetSamples(
            network, with, images.shape(), classes, ranges, config.guidanceOrNone(), engine()),
        this::proceed);
  }

  private void proceed() {
    if (cancelled.getAsBoolean()) {
      throw new CancellationException("interrupted between two batches");
    }
  }

  /**
   * Once this is true, all that draws samples or measures a loss ends by a {@link
   * CancellationException}.
   */
  public void cancelledBy(BooleanSupplier asked) {
    cancelled = asked;
  }

  /** Images per sampling pass. */
  public int sampleBatch() {
    return config.sampler().batchSize();
  }

  /** The feature space of the search. */
  public FeatureExtractor features() {
    return spaces.extractors().get(0);
  }

  /** Statistics of the training images in the feature space of the search. */
  public FrechetDistance.Reference reference() throws IOException {
    return spaces().get(0).reference();
  }

  /**
   * The feature spaces with the statistics of the training images in them, that of the search
   * first; see {@link FeatureSpaces}.
   */
  public List<MultiFid.Space> spaces() throws IOException {
    return spaces.withReferences();
  }

  /**
   * FID on a noise set in every space, with an evaluation network of its own.
   *
   * @param ranges that parameters may be of, beside single models
   */
  public MultiFid report(ComputationGraph network, long seed, int samples, TimeRanges ranges)
      throws IOException {
    return new MultiFid(
        eightBit(network, ranges),
        new SeededNoise(seed),
        samples,
        Math.min(samples, sampleBatch()),
        spaces());
  }

  /** FID on a noise set, with an evaluation network of its own. */
  public Objective fid(ComputationGraph network, long seed, int samples) throws IOException {
    return objective(
        new FidSettings(), network, eightBit(network, TimeRanges.ONE), seed, samples, 0, false);
  }

  /**
   * The configured objective on a noise set, with an evaluation network of its own.
   *
   * @param ranges that parameters may be of, beside single models
   */
  public Objective objective(ComputationGraph network, long seed, int samples, TimeRanges ranges)
      throws IOException {
    return objective(network, eightBit(network, ranges), seed, samples);
  }

  /**
   * The configured objective on a noise set.
   *
   * @param network gives the architecture
   * @param generator draws the samples, as they are read back from a file of 8 bits
   */
  Objective objective(ComputationGraph network, SampleGenerator generator, long seed, int samples)
      throws IOException {
    return objective(config.lcsc().objective(), network, generator, seed, samples, 0, true);
  }

  private ImageSamples eightBit(ComputationGraph network, TimeRanges ranges) {
    return ImageSamples.eightBit(generator(network, ranges));
  }

  /**
   * Samples that several may look at: models that are scored on a part of them, on all, and by the
   * {@link #variety} of them, are sampled once, as far as {@link RememberedSamples} has the memory.
   */
  SampleGenerator shared(ComputationGraph network, TimeRanges ranges) {
    return new RememberedSamples(eightBit(network, ranges));
  }

  /**
   * The configured objective on the search noise, with a gradient where the strategy needs one.
   *
   * @throws IllegalArgumentException where it needs one and the features have none
   */
  public Objective searched(ComputationGraph network, SearchConfig search) throws IOException {
    TimeRanges ranges = config.timeRanges(search);
    int gradientSamples = search.strategy().wantsGradients() ? search.samplesOfGradient() : 0;
    return objective(
        config.lcsc().objective(),
        network,
        // Rounded samples would make steps of what a gradient descends.
        gradientSamples > 0 ? generator(network, ranges) : eightBit(network, ranges),
        search.seed(),
        search.samples(),
        gradientSamples,
        false);
  }

  private Objective objective(
      ObjectiveSettings kind,
      ComputationGraph network,
      SampleGenerator generator,
      long seed,
      int samples,
      int gradientSamples,
      boolean deciding)
      throws IOException {
    return kind.create(
        new ObjectiveSettings.Inputs(
            generator,
            new SeededNoise(seed),
            samples,
            Math.min(samples, sampleBatch()),
            gradientSamples,
            deciding,
            List.of(spaces, losses.of(network))));
  }

  /**
   * Refuses combinations that draw less variety than EMA*, on validation noise in the space of the
   * search.
   *
   * @param generator draws the samples, as they are read back from a file of 8 bits
   */
  Safeguard variety(SampleGenerator generator) throws IOException {
    NoiseSetConfig validation = config.lcsc().validation();
    INDArray real = spaces.features(Math.min(validation.samples(), VarietyGuard.MOST_IMAGES));
    if (real.size(0) <= PrecisionRecall.DEFAULT_NEIGHBOURS) {
      return Safeguard.NONE;
    }
    return new VarietyGuard(
        generator, new SeededNoise(validation.seed()), sampleBatch(), spaces.extractor(), real);
  }

  /** Configuration, images and teacher as a text: what two parts of one training share. */
  public String identity() throws IOException {
    return new Provenance(config, images).identity();
  }

  /** What a recipe tells of the data and the configuration. */
  public Map<String, Object> provenance() throws IOException {
    return new Provenance(config, images).entries(spaces.extractors(), sampling());
  }
}
