package org.lcsc.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Parts;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.diffusion.engine.AutoEngine;
import org.lcsc.diffusion.engine.SamplingEngine;
import org.lcsc.diffusion.layer.ImageLoss;
import org.lcsc.diffusion.layer.PerceptualDistance;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.diffusion.model.GenerativeModel;
import org.lcsc.diffusion.training.BatchSettings;
import org.lcsc.diffusion.training.GlobalNormClip;
import org.lcsc.diffusion.training.LearningRate;
import org.lcsc.diffusion.training.RAdam;
import org.lcsc.diffusion.training.TrainingBatches;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.config.TrainingConfig;
import org.lcsc.experiment.config.TrainingConfig.LossReduction;
import org.lcsc.io.NativeThreads;
import org.lcsc.network.FlatUpdater;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * Network and training batches of a configured model().
 *
 * @param config the run
 * @param images its training images
 */
record ModelSetup(RunConfig config, ImageDataSet images) {

  /** Images by which the faster engine is found. */
  private static final int PROBED = 16;

  private GenerativeModel model() {
    return config.model();
  }

  private ImageLoss loss() {
    return model().loss(images, config.training().lossReduction() == LossReduction.MEAN);
  }

  /** Reads what the loss needs besides the images, so that a mistake shows before a training. */
  void checkLoss() {
    PerceptualDistance distance = model().perceptual();
    if (distance != null) {
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
        t.decay());
  }

  /** A new network with its initial parameters. */
  ComputationGraph newNetwork() {
    return network(model().preconditioning(images), loss());
  }

  /** A network of the teacher's architecture: the same but for its preconditioning. */
  ComputationGraph newTeacher() {
    return network(model().teacherPreconditioning(images), new SquaredError());
  }

  private ComputationGraph network(Preconditioning preconditioning, ImageLoss loss) {
    ComputationGraphConfiguration configuration =
        UNet.configuration(
            model().unet(),
            shape(),
            preconditioning,
            loss,
            updater(),
            config.training().seed(),
            DataType.FLOAT);
    ComputationGraph network = new ComputationGraph(configuration);
    network.init();
    NativeThreads.choose(
        network.numParams(),
        (long) images.shape().height() * images.shape().width(),
        config.training().batchSize());
    FlatUpdater.attachTo(network);
    return network;
  }

  /** The configuration with the sampling engine that is the faster one here. */
  RunConfig decided() {
    SamplingEngine engine = config.sampler().engine();
    if (!(engine instanceof AutoEngine)) {
      return config;
    }
    ComputationGraph network = newNetwork();
    int count = Math.min(config.sampler().batchSize(), PROBED);
    List<INDArray> inputs = new ArrayList<>();
    inputs.add(
        Nd4j.ones(count, shape().channels(), images.shape().height(), images.shape().width()));
    inputs.add(Nd4j.ones(count, 1));
    if (network.getNumInputArrays() > inputs.size()) {
      inputs.add(Nd4j.ones(count, images.classes()));
    }
    SamplingEngine faster = engine.decided(network, inputs.toArray(INDArray[]::new));
    return config.with(Parts.with(config.sampler(), Map.of("engine", faster)));
  }

  /**
   * The training's batches.
   *
   * @param first updates already applied
   * @param network what is trained
   * @param teacher what is distilled; null for the other kinds
   */
  TrainingBatches batches(int first, ComputationGraph network, ComputationGraph teacher) {
    return model()
        .batches(
            settings().withIterations(first, config.training().iterations()), network, teacher);
  }

  /**
   * Batches made as those of the training, with noise levels that are spread evenly; of a model
   * whose loss compares networks.
   *
   * @param of the images
   */
  TrainingBatches lossBatches(ImageDataSet of, long seed) {
    return model()
        .measuredOn(images)
        .batches(settings().withImages(of).withSeed(seed).withSpreadLevels(true), null, null);
  }

  private BatchSettings settings() {
    TrainingConfig t = config.training();
    return BatchSettings.of(images)
        .withBatchSize(t.batchSize())
        .withFlip(config.dataset().flip())
        .withLabels(model().unet().classConditional())
        .withLabelDropout(t.labelDropout() == null ? 0 : t.labelDropout())
        .withSeed(t.seed());
  }

  private NetworkBody.Images shape() {
    return new NetworkBody.Images(
        images.shape().channels(), images.shape().height(), images.classes());
  }
}
