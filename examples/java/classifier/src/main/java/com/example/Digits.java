package com.example;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** 1,797 handwritten digits of 8x8 pixels, and a small network that tells them apart. */
final class Digits {

  private static final int PIXELS = 64;
  private static final int CLASSES = 10;

  private final INDArray pixels;
  private final INDArray labels;

  Digits() throws IOException {
    List<String> lines;
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Digits.class.getResourceAsStream("/digits.csv.gz")),
                StandardCharsets.US_ASCII))) {
      lines = reader.lines().toList();
    }
    pixels = Nd4j.create(DataType.FLOAT, lines.size(), PIXELS);
    labels = Nd4j.create(DataType.FLOAT, lines.size(), CLASSES);
    for (int row = 0; row < lines.size(); row++) {
      String[] values = lines.get(row).split(",");
      for (int i = 0; i < PIXELS; i++) {
        pixels.putScalar(row, i, Float.parseFloat(values[i]) / 16);
      }
      labels.putScalar(row, Integer.parseInt(values[PIXELS]), 1);
    }
  }

  /** To train with. */
  DataSetIterator training() {
    return rows(0, 1000, 50);
  }

  /** To search and stop by. */
  DataSetIterator validation() {
    return rows(1000, 1400, 400);
  }

  /** Seen by nobody before the end. */
  DataSetIterator test() {
    return rows(1400, 1797, 397);
  }

  private DataSetIterator rows(int from, int to, int batchSize) {
    DataSet part =
        new DataSet(
            pixels.get(NDArrayIndex.interval(from, to)),
            labels.get(NDArrayIndex.interval(from, to)));
    return new ListDataSetIterator<>(part.asList(), batchSize);
  }

  /** Untrained. */
  static MultiLayerNetwork network() {
    MultiLayerConfiguration configuration =
        new NeuralNetConfiguration.Builder()
            .seed(42)
            .updater(new Adam(3e-3))
            .list()
            .layer(new DenseLayer.Builder().nIn(PIXELS).nOut(32).activation(Activation.RELU).build())
            .layer(
                new OutputLayer.Builder(LossFunction.MCXENT)
                    .nIn(32)
                    .nOut(CLASSES)
                    .activation(Activation.SOFTMAX)
                    .build())
            .build();
    MultiLayerNetwork network = new MultiLayerNetwork(configuration);
    network.init();
    return network;
  }
}
