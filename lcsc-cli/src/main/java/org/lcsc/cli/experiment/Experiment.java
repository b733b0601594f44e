package org.lcsc.cli.experiment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.cli.CommandFailure;
import org.lcsc.cli.config.DatasetConfig;
import org.lcsc.cli.config.ModelKind;
import org.lcsc.cli.config.RunConfig;
import org.lcsc.cli.config.SamplerConfig;
import org.lcsc.cli.config.TrainingConfig;
import org.lcsc.config.ConfigException;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.SearchConfig;
import org.lcsc.config.YamlNames;
import org.lcsc.datasets.DataSetSpec;
import org.lcsc.datasets.DataSets;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.datasets.Split;
import org.lcsc.diffusion.features.FeatureNetworks;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.diffusion.layer.TimeEmbedding;
import org.lcsc.diffusion.sampler.Sampler;
import org.lcsc.diffusion.sampler.SamplerAdjoint;
import org.lcsc.diffusion.sampler.SamplerSpec;
import org.lcsc.diffusion.sampler.UNetSamples;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.lcsc.diffusion.training.DiffusionBatches;
import org.lcsc.diffusion.training.GlobalNormClip;
import org.lcsc.diffusion.training.LearningRate;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.diffusion.unet.UNetConfig;
import org.lcsc.metrics.DifferentiableFeatureExtractor;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.metrics.FeatureMoments;
import org.lcsc.metrics.FeatureStatistics;
import org.lcsc.metrics.FrechetDistance;
import org.lcsc.metrics.ReferenceStatisticsCache;
import org.lcsc.objective.DifferentiableSampleGenerator;
import org.lcsc.objective.FeatureObjective;
import org.lcsc.objective.FidObjective;
import org.lcsc.objective.Objective;
import org.lcsc.objective.SeededNoise;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * A configured run with its data loaded: what the commands train, sample and score with. Features
 * and their reference statistics (of the training images) are made when first asked for. Not
 * thread-safe.
 */
public final class Experiment {

  /** Images per forward pass of the feature extractor over the data set. */
  private static final int REFERENCE_BATCH = 500;

  private final RunConfig config;
  private final ImageDataSet images;
  private final NoiseSchedule schedule;
  private final Prediction prediction;
  private final Sampler sampler;
  private FeatureExtractor features;
  private FrechetDistance.Reference reference;

  private Experiment(RunConfig config, ImageDataSet images, Sampler sampler) {
    this.config = config;
    this.images = images;
    this.schedule = schedule(config);
    this.prediction = Prediction.of(YamlNames.of(config.model().prediction()));
    this.sampler = sampler;
  }

  /**
   * Loads the data of a run.
   *
   * @throws IOException where the data cannot be had
   * @throws org.lcsc.config.InvalidValueException where the configuration does not fit the data
   */
  public static Experiment load(RunConfig config) throws IOException {
    config.requireKind(List.of(ModelKind.DIFFUSION));
    ImageDataSet images = DataSets.load(spec(config.dataset()), Split.TRAIN);
    if (images.shape().height() != images.shape().width()) {
      throw CommandFailure.badInput(
          images.name() + ": expected square images, got " + images.shape());
    }
    config.checkImages(images.shape().height(), images.classes());
    return new Experiment(config, images, sampler(config));
  }

  private static DataSetSpec spec(DatasetConfig d) {
    return new DataSetSpec(
        YamlNames.of(d.name()),
        d.path() == null ? null : Path.of(d.path()),
        d.side(),
        d.channels(),
        d.download());
  }

  /**
   * Loads the data of a command's configuration file, with mistakes told as that file's.
   *
   * @param file the configuration's file, for messages
   * @throws IOException where the data cannot be had
   */
  public static Experiment loadFor(Path file, RunConfig config) throws IOException {
    try {
      Experiment experiment = load(config);
      if (config.lcsc() != null) {
        // Before hours of training, not after.
        experiment.reference();
        experiment.requireGradients();
      }
      return experiment;
    } catch (InvalidValueException e) {
      throw new ConfigException(file.toString(), e);
    } catch (IllegalArgumentException e) {
      throw CommandFailure.badInput(List.of(e));
    }
  }

  /** Refuses a sampler or features that the configured search cannot differentiate. */
  private void requireGradients() {
    SearchConfig search = config.lcsc().search();
    if (SearchSettings.wantsGradients(search)) {
      try {
        SamplerAdjoint.of(sampler);
        DifferentiableFeatureExtractor.require(features());
      } catch (IllegalArgumentException e) {
        throw new InvalidValueException(
            "lcsc.search.strategy",
            YamlNames.of(search.strategy()) + " is not possible here: " + e.getMessage());
      }
    }
  }

  private static NoiseSchedule schedule(RunConfig config) {
    return NoiseSchedule.of(YamlNames.of(config.model().noiseSchedule()), config.model().steps());
  }

  private static Sampler sampler(RunConfig config) {
    SamplerConfig s = config.sampler();
    return new SamplerSpec(
            YamlNames.of(s.kind()),
            s.steps(),
            s.order(),
            name(s.method()),
            name(s.spacing()),
            name(s.solverType()),
            s.lowerOrderFinal(),
            s.denoiseToZero(),
            s.eta(),
            s.clip(),
            name(s.variance()),
            s.churn())
        .build(schedule(config), Prediction.of(YamlNames.of(config.model().prediction())));
  }

  private static String name(Enum<?> value) {
    return value == null ? null : YamlNames.of(value);
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
    return DataSets.load(spec(config.dataset()), Split.TEST);
  }

  /** The sampler. */
  public Sampler sampler() {
    return sampler;
  }

  /** A new network with its initial parameters. */
  public ComputationGraph newNetwork() {
    ComputationGraph network =
        new ComputationGraph(
            UNet.configuration(
                unet(), new SquaredError(), updater(), config.training().seed(), DataType.FLOAT));
    network.init();
    return network;
  }

  private UNetConfig unet() {
    var u = config.model().unet();
    boolean scaleShift =
        u.timeEmbedding() == org.lcsc.cli.config.UNetConfig.TimeEmbedding.SCALE_SHIFT;
    return new UNetConfig(
        images.shape().channels(),
        images.shape().height(),
        u.channels(),
        u.multipliers(),
        u.blocks(),
        u.attention(),
        u.heads(),
        scaleShift ? UNetConfig.TimeConditioning.SCALE_SHIFT : UNetConfig.TimeConditioning.ADD,
        scaleShift ? TimeEmbedding.Form.COS_SIN : TimeEmbedding.Form.SIN_COS,
        scaleShift ? 1e-5 : 1e-6,
        u.dropout(),
        u.classConditional() ? images.classes() : 0,
        u.zeroInit());
  }

  private IUpdater updater() {
    IUpdater adam = Adam.builder().learningRateSchedule(learningRate()).build();
    Double clip = config.training().gradientClip();
    return clip == null ? adam : new GlobalNormClip(adam, clip);
  }

  /** The learning rate over the training. */
  public LearningRate learningRate() {
    TrainingConfig t = config.training();
    return new LearningRate(
        t.learningRate(),
        t.finalLearningRate() == null ? t.learningRate() : t.finalLearningRate(),
        t.warmup(),
        t.iterations(),
        LearningRate.Decay.valueOf(t.decay().name()));
  }

  /** The training's batches from iteration {@code first} on. */
  public DiffusionBatches batches(int first) {
    TrainingConfig t = config.training();
    return DiffusionBatches.builder(images, schedule, prediction)
        .batchSize(t.batchSize())
        .flip(config.dataset().flip())
        .labelled(config.model().unet().classConditional())
        .iterations(first, t.iterations())
        .seed(t.seed())
        .build();
  }

  /** A sample generator on a copy of a network. */
  public DifferentiableSampleGenerator generator(ComputationGraph network) {
    int classes = config.model().unet().classConditional() ? images.classes() : 0;
    return new UNetSamples(network, sampler, images.shape(), classes);
  }

  /** Images per sampling pass. */
  public int sampleBatch() {
    return config.sampler().batchSize();
  }

  /** The feature space of the data set. */
  public FeatureExtractor features() {
    if (features == null) {
      features = FeatureNetworks.forDataSet(YamlNames.of(config.dataset().name()), metricsShape());
    }
    return features;
  }

  private org.lcsc.metrics.ImageShape metricsShape() {
    return new org.lcsc.metrics.ImageShape(
        images.shape().channels(), images.shape().height(), images.shape().width());
  }

  /** Statistics of the training images in the feature space. */
  public FrechetDistance.Reference reference() throws IOException {
    if (reference == null) {
      FeatureExtractor extractor = features();
      FeatureMoments moments =
          new ReferenceStatisticsCache(cacheDirectory())
              .get(
                  new ReferenceStatisticsCache.Key(
                      images.fingerprint(), extractor.id(), "train, none"),
                  () -> FeatureStatistics.of(extractor, batchesOf(images)));
      reference = FrechetDistance.against(moments);
    }
    return reference;
  }

  private static Path cacheDirectory() {
    String cache = System.getenv("LCSC_CACHE");
    return cache != null && !cache.isBlank()
        ? Path.of(cache, "statistics")
        : Path.of(System.getProperty("user.home"), ".cache", "lcsc", "statistics");
  }

  private static Iterator<INDArray> batchesOf(ImageDataSet images) {
    int batches = (images.size() + REFERENCE_BATCH - 1) / REFERENCE_BATCH;
    return IntStream.range(0, batches)
        .mapToObj(
            b -> {
              int first = b * REFERENCE_BATCH;
              return images.batch(first, Math.min(REFERENCE_BATCH, images.size() - first));
            })
        .iterator();
  }

  /** FID on a noise set, with an evaluation network of its own. */
  public Objective fid(ComputationGraph network, long seed, int samples) throws IOException {
    return new FidObjective(
        generator(network),
        new SeededNoise(seed),
        samples,
        Math.min(samples, sampleBatch()),
        features(),
        reference());
  }

  /**
   * FID on the search noise, with a gradient where the strategy needs one.
   *
   * @throws IllegalArgumentException where it needs one and the features have none
   */
  public Objective searched(ComputationGraph network, SearchConfig search) throws IOException {
    if (!SearchSettings.wantsGradients(search)) {
      return fid(network, search.seed(), search.samples());
    }
    return new FeatureObjective(
        generator(network),
        new SeededNoise(search.seed()),
        search.samples(),
        Math.min(search.samples(), sampleBatch()),
        DifferentiableFeatureExtractor.require(features()),
        reference());
  }

  /** What a recipe tells of the data and the configuration. */
  public Map<String, Object> provenance() throws IOException {
    Map<String, Object> provenance = new LinkedHashMap<>();
    provenance.put("dataset", images.name());
    provenance.put("datasetFingerprint", images.fingerprint());
    provenance.put("images", images.size());
    provenance.put("shape", images.shape().toString());
    provenance.put("features", features().id());
    provenance.put("sampler", sampler.toString());
    provenance.put("config", config.toYaml());
    return provenance;
  }
}
