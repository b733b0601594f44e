package org.lcsc.diffusion.features;

import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.network.TruncatedGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.inverse.InvertMatrix;

/**
 * How much of the classes a linear map can tell from the features of a network that never saw
 * labels: ridge regression on one-hot labels over the training images. Stateless and thread-safe.
 */
final class LinearProbe {

  private static final int BATCH = 500;

  /** Penalty of the weights' squares, relative to the mean square of a feature. */
  private static final double RIDGE = 1e-4;

  private LinearProbe() {}

  /**
   * Share of held-out images that the map puts into the right class.
   *
   * @param network a network of {@link FeatureNetwork}
   * @param train images to fit the map to
   * @param test images held out
   * @return 0 to 1; NaN where the images have no labels
   */
  static double accuracy(ComputationGraph network, ImageDataSet train, ImageDataSet test) {
    if (!train.labelled() || !test.labelled()) {
      return Double.NaN;
    }
    ComputationGraph graph = TruncatedGraph.upTo(List.of(FeatureNetwork.FEATURES), network);
    INDArray gram = null;
    INDArray targets = null;
    for (int first = 0; first < train.size(); first += BATCH) {
      int count = Math.min(BATCH, train.size() - first);
      INDArray features = features(graph, train, first, count);
      INDArray labels = Nd4j.zeros(DataType.DOUBLE, count, train.classes());
      for (int i = 0; i < count; i++) {
        labels.putScalar(i, train.label(first + i), 1);
      }
      INDArray transposed = features.transpose();
      INDArray square = transposed.mmul(features);
      INDArray product = transposed.mmul(labels);
      gram = gram == null ? square : gram.addi(square);
      targets = targets == null ? product : targets.addi(product);
    }
    double ridge = RIDGE * Nd4j.diag(gram).meanNumber().doubleValue();
    gram.addi(Nd4j.eye(gram.size(0)).castTo(DataType.DOUBLE).muli(ridge));
    INDArray weights = InvertMatrix.invert(gram, false).mmul(targets);
    int right = 0;
    for (int first = 0; first < test.size(); first += BATCH) {
      int count = Math.min(BATCH, test.size() - first);
      int[] predicted = features(graph, test, first, count).mmul(weights).argMax(1).toIntVector();
      for (int i = 0; i < count; i++) {
        right += predicted[i] == test.label(first + i) ? 1 : 0;
      }
    }
    return (double) right / test.size();
  }

  /** Features and a constant, {@code [N, D + 1]} double. */
  private static INDArray features(ComputationGraph graph, ImageDataSet images, int first, int n) {
    INDArray features = graph.output(images.batch(first, n))[0].castTo(DataType.DOUBLE);
    return Nd4j.hstack(features, Nd4j.ones(DataType.DOUBLE, n, 1));
  }
}
