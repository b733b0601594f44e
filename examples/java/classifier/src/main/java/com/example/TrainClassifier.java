package com.example;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.deeplearning4j.earlystopping.scorecalc.ClassificationScoreCalculator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.listeners.CheckpointListener;
import org.lcsc.listener.LcscListener;
import org.lcsc.listener.StoppableIterator;
import org.nd4j.evaluation.classification.Evaluation;

/**
 * Trains a classifier until a combination of its checkpoints reaches the accuracy that lcsc.yaml
 * names, and loads that combination by Deeplearning4j alone.
 *
 * <pre>java -cp ... com.example.TrainClassifier lcsc.yaml OUTPUT</pre>
 *
 * <p>Runs on the calling thread.
 */
public final class TrainClassifier {

  private static final int EPOCHS = 30;

  private TrainClassifier() {}

  public static void main(String[] arguments) throws IOException {
    Path settings = Path.of(arguments[0]);
    Path output = Path.of(arguments[1]);
    Digits digits = new Digits();
    MultiLayerNetwork network = Digits.network();
    var accuracy =
        new ClassificationScoreCalculator(Evaluation.Metric.ACCURACY, digits.validation());
    try (LcscListener listener =
        LcscListener.from(settings, network, accuracy).output(output).build()) {
      // Deeplearning4j's own checkpoints, for a search afterwards by 'lcsc search'.
      Path directory = Files.createDirectories(output.resolve("checkpoints"));
      CheckpointListener checkpoints =
          new CheckpointListener.Builder(directory.toFile())
              .saveEveryNIterations(4)
              .keepLast(50)
              .deleteExisting(true)
              .build();
      network.setListeners(listener, checkpoints);
      network.fit(StoppableIterator.of(digits.training(), listener.stopSignal()), EPOCHS);
      if (!listener.stopSignal().isRequested()) {
        throw new IllegalStateException("the target was not reached in " + EPOCHS + " epochs");
      }
    }

    MultiLayerNetwork merged =
        MultiLayerNetwork.load(output.resolve("lcsc").resolve("best.zip").toFile(), false);
    System.out.printf(
        Locale.ROOT,
        "stopped after %d of %d iterations; accuracy on test images: last weights %.4f, LCSC"
            + " %.4f%n",
        network.getIterationCount(),
        EPOCHS * 20,
        network.evaluate(digits.test()).accuracy(),
        merged.evaluate(digits.test()).accuracy());
  }
}
