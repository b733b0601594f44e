package org.lcsc.listener;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.earlystopping.scorecalc.DataSetLossCalculator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.layers.LayerConstraint;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.objective.Objective;
import org.lcsc.search.config.SearchConfig;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.slf4j.LoggerFactory;

/** A small classifier, three overlapping clouds in the plane, trained with a noisy optimiser. */
final class Trainings {

  static final int BATCHES = 20;

  /** A brief search. */
  static final SearchConfig SEARCH = search(false);

  private static final int BATCH = 16;
  private static final int CLASSES = 3;

  private Trainings() {}

  static SearchConfig search(boolean warmStart) {
    List<Double> shares = new SearchConfig().shrinkage();
    return new SearchConfig(
        60, null, null, 10_000, null, 5, null, 5, shares, true, null, warmStart, null, null);
  }

  static MultiLayerNetwork network() {
    return network(0.05);
  }

  static MultiLayerNetwork network(double learningRate, LayerConstraint... constraints) {
    NeuralNetConfiguration.Builder builder =
        new NeuralNetConfiguration.Builder().seed(3).updater(new Adam(learningRate));
    if (constraints.length > 0) {
      builder.constrainWeights(constraints);
    }
    MultiLayerConfiguration configuration =
        builder
            .list()
            .layer(new DenseLayer.Builder().nIn(2).nOut(8).activation(Activation.TANH).build())
            .layer(
                new OutputLayer.Builder(LossFunction.MCXENT)
                    .nIn(8)
                    .nOut(CLASSES)
                    .activation(Activation.SOFTMAX)
                    .build())
            .build();
    MultiLayerNetwork network = new MultiLayerNetwork(configuration);
    network.init();
    return network;
  }

  static ComputationGraph graph() {
    return network().toComputationGraph();
  }

  /** {@link #BATCHES} batches of noisy samples. */
  static DataSetIterator data() {
    return new ListDataSetIterator<>(samples(1, BATCHES * BATCH).asList(), BATCH);
  }

  static DataSetIterator held(long seed, int count) {
    return new ListDataSetIterator<>(List.of(samples(seed, count)), count);
  }

  static DataSet samples(long seed, int count) {
    Random random = new Random(seed);
    float[][] features = new float[count][2];
    float[][] labels = new float[count][CLASSES];
    for (int i = 0; i < count; i++) {
      int label = random.nextInt(CLASSES);
      double angle = 2 * Math.PI * label / CLASSES;
      features[i][0] = (float) (Math.cos(angle) + 0.6 * random.nextGaussian());
      features[i][1] = (float) (Math.sin(angle) + 0.6 * random.nextGaussian());
      labels[i][label] = 1;
    }
    return new DataSet(Nd4j.createFromArray(features), Nd4j.createFromArray(labels));
  }

  static Objective loss(Model model, long seed, int count) {
    return ScoreCalculatorObjective.of(model, new DataSetLossCalculator(held(seed, count), true));
  }

  static CheckpointWindow window(Model model, int window, int interval) {
    return CheckpointWindow.builder(model.numParams()).window(window).interval(interval).build();
  }

  /** A listener that searches briefly, on other data than it validates on. */
  static LcscListenerBuilder listener(Model model, CheckpointWindow window) {
    return LcscListener.builder()
        .window(window)
        .emaRates(0.8, 0.95)
        .objective(loss(model, 11, 200))
        .validation(loss(model, 12, 200))
        .search(SEARCH);
  }

  static INDArray fit(Model model, int epochs) {
    if (model instanceof ComputationGraph graph) {
      graph.fit(data(), epochs);
    } else {
      ((MultiLayerNetwork) model).fit(data(), epochs);
    }
    return model.params();
  }

  /** What the listener logs while it follows a training. */
  static List<String> logged(Runnable training) {
    Logger logger = (Logger) LoggerFactory.getLogger(LcscListener.class);
    ListAppender<ILoggingEvent> events = new ListAppender<>();
    events.start();
    logger.addAppender(events);
    try {
      training.run();
    } finally {
      logger.detachAppender(events);
    }
    return events.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}
