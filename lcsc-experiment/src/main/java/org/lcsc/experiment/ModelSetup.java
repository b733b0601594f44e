package org.lcsc.experiment;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.YamlNames;
import org.lcsc.consistency.ConsistencyBatches;
import org.lcsc.consistency.ConsistencyCurriculum;
import org.lcsc.consistency.ConsistencyDistillation;
import org.lcsc.consistency.ConsistencySampler;
import org.lcsc.consistency.ConsistencyTraining;
import org.lcsc.consistency.ImprovedConsistencyTraining;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.diffusion.layer.AbsoluteError;
import org.lcsc.diffusion.layer.ImageLoss;
import org.lcsc.diffusion.layer.PerceptualDistance;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.layer.PseudoHuber;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.diffusion.sampler.HeunSampler;
import org.lcsc.diffusion.sampler.Sampler;
import org.lcsc.diffusion.sampler.SamplerSpec;
import org.lcsc.diffusion.schedule.KarrasSigmas;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.lcsc.diffusion.training.BatchSettings;
import org.lcsc.diffusion.training.DiffusionBatches;
import org.lcsc.diffusion.training.EdmBatches;
import org.lcsc.diffusion.training.GlobalNormClip;
import org.lcsc.diffusion.training.LearningRate;
import org.lcsc.diffusion.training.RAdam;
import org.lcsc.diffusion.training.TrainingBatches;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.experiment.config.BackboneConfig;
import org.lcsc.experiment.config.ConsistencyConfig;
import org.lcsc.experiment.config.ModelConfig;
import org.lcsc.experiment.config.ModelKind;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.config.SamplerConfig;
import org.lcsc.experiment.config.TrainingConfig;
import org.lcsc.experiment.config.TrainingConfig.LossReduction;
import org.lcsc.network.FlatUpdater;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;

/** Network, training batches and sampler of each kind of model. */
final class ModelSetup {

  private final RunConfig config;
  private final ModelConfig model;
  private final ImageDataSet images;
  private final NetworkBody unet;

  /**
   * A setup.
   *
   * @param config the run
   * @param images its training images
   * @param unet the network's shape
   */
  ModelSetup(RunConfig config, ImageDataSet images, NetworkBody unet) {
    this.config = config;
    this.model = config.model();
    this.images = images;
    this.unet = unet;
  }

  /** The configured standard deviation of the data, or the measured one. */
  private double sigmaData() {
    return model.sigmaData() == null ? images.standardDeviation() : model.sigmaData();
  }

  private Preconditioning.NetworkTime networkTime() {
    return Preconditioning.NetworkTime.valueOf(model.networkTime().name());
  }

  private Preconditioning edm() {
    return Preconditioning.edm(sigmaData(), networkTime());
  }

  /** How the network becomes what is sampled; null for a bare network. */
  private Preconditioning preconditioning() {
    return switch (model.kind()) {
      case DIFFUSION -> null;
      case EDM -> edm();
      case CONSISTENCY_DISTILLATION, CONSISTENCY_TRAINING ->
          Preconditioning.consistency(sigmaData(), networkTime());
    };
  }

  private ImageLoss loss() {
    boolean mean = config.training().lossReduction() == LossReduction.MEAN;
    ConsistencyConfig consistency = model.consistency();
    if (consistency == null) {
      return new SquaredError(mean);
    }
    return switch (consistency.distance()) {
      case L2 -> new SquaredError(mean);
      case L1 -> new AbsoluteError(mean);
      case PSEUDO_HUBER ->
          new PseudoHuber(
              consistency.huberConstant() == null
                  ? ImprovedConsistencyTraining.pseudoHuberConstant(images.shape().length())
                  : consistency.huberConstant());
      case LPIPS -> perceptual(consistency.backbone());
    };
  }

  private static PerceptualDistance perceptual(BackboneConfig b) {
    return new PerceptualDistance(
        b.file(),
        b.layers(),
        b.weights(),
        b.side() == null ? 0 : b.side(),
        array(b.mean()),
        array(b.deviation()));
  }

  private static double[] array(List<Double> values) {
    return values == null ? null : values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Reads what the loss needs besides the images, so that a mistake shows before a training. */
  void checkLoss() {
    if (loss() instanceof PerceptualDistance distance) {
      distance.check(images.shape().channels(), images.shape().height(), images.shape().width());
    }
  }

  private IUpdater updater() {
    TrainingConfig t = config.training();
    IUpdater updater =
        switch (t.optimizer()) {
          case ADAM -> Adam.builder().learningRateSchedule(learningRate()).build();
          case RADAM -> new RAdam(learningRate());
        };
    return t.gradientClip() == null ? updater : new GlobalNormClip(updater, t.gradientClip());
  }

  /** The learning rate over the training. */
  LearningRate learningRate() {
    TrainingConfig t = config.training();
    return new LearningRate(
        t.learningRate(),
        t.finalLearningRate() == null ? t.learningRate() : t.finalLearningRate(),
        t.warmup(),
        t.iterations(),
        LearningRate.Decay.valueOf(t.decay().name()));
  }

  /** A new network with its initial parameters. */
  ComputationGraph newNetwork() {
    return network(preconditioning(), loss());
  }

  /** A network of the teacher's architecture: the same but for its preconditioning. */
  ComputationGraph newTeacher() {
    return network(edm(), new SquaredError());
  }

  private ComputationGraph network(Preconditioning preconditioning, ImageLoss loss) {
    ComputationGraphConfiguration configuration =
        UNet.configuration(
            unet, preconditioning, loss, updater(), config.training().seed(), DataType.FLOAT);
    ComputationGraph network = new ComputationGraph(configuration);
    network.init();
    FlatUpdater.attachTo(network);
    return network;
  }

  /**
   * The training's batches.
   *
   * @param first updates already applied
   * @param network what is trained
   * @param teacher what is distilled; null for the other kinds
   */
  TrainingBatches batches(int first, ComputationGraph network, ComputationGraph teacher) {
    TrainingConfig t = config.training();
    BatchSettings settings =
        BatchSettings.of(images)
            .withBatchSize(t.batchSize())
            .withFlip(config.dataset().flip())
            .withLabels(model.unet().classConditional())
            .withIterations(first, t.iterations())
            .withSeed(t.seed());
    return switch (model.kind()) {
      case DIFFUSION -> new DiffusionBatches(settings, schedule(), prediction());
      case EDM -> new EdmBatches(settings, edm(), EdmBatches.LogNormal.EDM);
      case CONSISTENCY_DISTILLATION ->
          ConsistencyBatches.distillation(settings, curriculum(), network, teacher);
      case CONSISTENCY_TRAINING -> ConsistencyBatches.training(settings, curriculum(), network);
    };
  }

  private ConsistencyCurriculum curriculum() {
    ConsistencyConfig c = model.consistency();
    int iterations = config.training().iterations();
    if (model.kind() == ModelKind.CONSISTENCY_DISTILLATION) {
      return new ConsistencyDistillation(c.levels(), c.targetRate(), iterations);
    }
    return switch (c.curriculum()) {
      case ORIGINAL -> new ConsistencyTraining(c.s0(), c.s1(), c.mu0(), iterations);
      case IMPROVED ->
          new ImprovedConsistencyTraining(
              c.s0(), c.s1(), c.logMean(), c.logDeviation(), iterations);
    };
  }

  private NoiseSchedule schedule() {
    return NoiseSchedule.of(YamlNames.of(model.noiseSchedule()), model.steps());
  }

  private Prediction prediction() {
    return Prediction.of(YamlNames.of(model.prediction()));
  }

  /** The sampler. */
  Sampler sampler() {
    return sampler(config.sampler());
  }

  /** The sampler of a consistency model with other noise levels after the first. */
  Sampler sampler(List<Double> sigmas) {
    return sampler(config.sampler().withSigmas(sigmas));
  }

  private Sampler sampler(SamplerConfig s) {
    return switch (model.kind()) {
      case DIFFUSION ->
          new SamplerSpec(
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
              .build(schedule(), prediction());
      case EDM ->
          new HeunSampler(
              KarrasSigmas.edm(s.steps()),
              new HeunSampler.Churn(s.churn(), 0, Double.POSITIVE_INFINITY, 1));
      case CONSISTENCY_DISTILLATION, CONSISTENCY_TRAINING -> consistency(s);
    };
  }

  private static Sampler consistency(SamplerConfig s) {
    ConsistencySampler sampler = ConsistencySampler.multistep(array(s.sigmas()));
    return s.clip() ? sampler.clipped() : sampler;
  }

  private static String name(Enum<?> value) {
    return value == null ? null : YamlNames.of(value);
  }
}
