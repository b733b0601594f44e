package org.lcsc.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Iterator;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lcsc.image.ImageShape;
import org.lcsc.io.HostArrays;
import org.lcsc.metrics.FeatureStatistics;
import org.lcsc.metrics.PixelFeatures;
import org.lcsc.metrics.RandomProjectionFeatures;
import org.lcsc.objective.SeededNoise;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class FeatureExtractorsTest {

  private static final ImageShape SHAPE = new ImageShape(2, 6, 6);
  private static ComputationGraph graph;
  private static INDArray images;

  @BeforeAll
  static void build() {
    graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .activation(Activation.TANH)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(6, 6, 2))
                .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "in")
                .addLayer("features", new DenseLayer.Builder().nOut(5).build(), "conv")
                .addLayer(
                    "out",
                    new OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build(),
                    "features")
                .setOutputs("out")
                .build());
    graph.init();
    images = new SeededNoise(3).gaussian(0, 0, 7, 2, 6, 6);
  }

  private static GraphFeatureExtractor extractor(String layer, int batchSize) {
    return new GraphFeatureExtractor(graph, layer, "tiny", SHAPE, batchSize);
  }

  @Test
  void graphFeaturesAreTheLayersActivations() {
    GraphFeatureExtractor extractor = extractor("features", 100);
    assertThat(extractor.dimension()).isEqualTo(5);
    INDArray expected = graph.feedForward(new INDArray[] {images}, false).get("features");
    assertThat(extractor.extract(images).equalsWithEps(expected, 1e-6)).isTrue();
  }

  @Test
  void convolutionalActivationsAreAveragedOverPositions() {
    GraphFeatureExtractor extractor = extractor("conv", 100);
    assertThat(extractor.dimension()).isEqualTo(4);
    float[] activations =
        HostArrays.floats(graph.feedForward(new INDArray[] {images}, false).get("conv"));
    float[] features = HostArrays.floats(extractor.extract(images));
    for (int i = 0; i < features.length; i++) {
      double mean = 0;
      for (int j = 0; j < 16; j++) {
        mean += activations[i * 16 + j] / 16;
      }
      assertThat((double) features[i]).as("feature %d", i).isCloseTo(mean, within(1e-6));
    }
  }

  @Test
  void boundedBatchesGiveTheSameFeatures() {
    float[] whole = HostArrays.floats(extractor("features", 7).extract(images));
    for (int batch : new int[] {1, 3, 6}) {
      INDArray features = extractor("features", batch).extract(images);
      assertThat(features.shape()).containsExactly(7, 5);
      assertThat(HostArrays.floats(features))
          .usingComparatorWithPrecision(1e-6f)
          .containsExactly(whole);
    }
  }

  @Test
  void resultsAreDetachedFromWorkspaces() {
    assertThat(extractor("features", 3).extract(images).isAttached()).isFalse();
    RandomProjectionFeatures projection = new RandomProjectionFeatures(SHAPE, 3, 1);
    try (MemoryWorkspace workspace =
        Nd4j.getWorkspaceManager().getAndActivateWorkspace("FEATURES_TEST")) {
      assertThat(workspace.isScopeActive()).isTrue();
      assertThat(new PixelFeatures(SHAPE).extract(images).isAttached()).isFalse();
      assertThat(projection.extract(images).isAttached()).isFalse();
    }
  }

  @Test
  void idFollowsWeightsAndLayerButNotTrainingCounters() {
    String id = extractor("features", 3).id();
    assertThat(id).startsWith("tiny-features-");
    assertThat(extractor("features", 5).id()).isEqualTo(id);
    assertThat(extractor("conv", 3).id()).isNotEqualTo(id);
    ComputationGraph copy = new ComputationGraph(graph.getConfiguration().clone());
    copy.init(graph.params().dup(), false);
    copy.getConfiguration().setIterationCount(99);
    assertThat(new GraphFeatureExtractor(copy, "features", "tiny", SHAPE, 1).id()).isEqualTo(id);
    copy.params().putScalar(0, 0.123f);
    assertThat(new GraphFeatureExtractor(copy, "features", "tiny", SHAPE, 1).id()).isNotEqualTo(id);
  }

  @Test
  void graphMisfitsAreOneClearLine() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> extractor("features", 2).extract(Nd4j.zeros(1, 3, 6, 6)))
        .withMessageContaining("takes images [N, 2, 6, 6], got [1, 3, 6, 6]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> extractor("nowhere", 2))
        .withMessageContaining("no layer 'nowhere'")
        .withMessageContaining("features");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new GraphFeatureExtractor(graph, "features", "tiny", new ImageShape(3, 6, 6), 2))
        .withMessageContaining("3x6x6")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> extractor("features", 0))
        .withMessageContaining("batchSize must be at least 1, got 0");
  }

  @Test
  void neitherKeepsNorChangesTheGraph() {
    ComputationGraph other = new ComputationGraph(graph.getConfiguration().clone());
    other.init(graph.params().dup(), false);
    GraphFeatureExtractor extractor =
        new GraphFeatureExtractor(other, "features", "tiny", SHAPE, 10);
    INDArray before = extractor.extract(images);
    assertThat(other.params()).isEqualTo(graph.params());
    assertThat(other.output(images)[0]).isEqualTo(graph.output(images)[0]);
    other.params().addi(1);
    assertThat(extractor.extract(images)).isEqualTo(before);
  }

  @Test
  void pixelsAreTheImagesAndDoNotShareTheirMemory() {
    PixelFeatures pixels = new PixelFeatures(SHAPE);
    INDArray features = pixels.extract(images);
    assertThat(features.shape()).containsExactly(7, 72);
    assertThat(HostArrays.floats(features)).containsExactly(HostArrays.floats(images));
    assertThat(features.data().address()).isNotEqualTo(images.data().address());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pixels.extract(Nd4j.zeros(1, 2, 6, 5)))
        .withMessageContaining("got [1, 2, 6, 5]");
  }

  @Test
  void projectionIsLinearAndKeepsLengthsOnAverage() {
    RandomProjectionFeatures projection = new RandomProjectionFeatures(SHAPE, 400, 5);
    INDArray features = projection.extract(images);
    assertThat(features.shape()).containsExactly(7, 400);
    INDArray doubled = projection.extract(images.mul(2));
    assertThat(doubled.equalsWithEps(features.mul(2), 1e-5)).isTrue();
    double ratio = features.norm2Number().doubleValue() / images.norm2Number().doubleValue();
    assertThat(ratio * ratio * 72 / 400).isCloseTo(1, within(0.25));
    assertThat(new RandomProjectionFeatures(SHAPE, 400, 5).extract(images)).isEqualTo(features);
    assertThat(new RandomProjectionFeatures(SHAPE, 400, 6).extract(images)).isNotEqualTo(features);
  }

  @Test
  void statisticsOfAnIteratorOfBatches() {
    INDArray all = images;
    Iterator<INDArray> batches =
        List.of(all.get(NDArrayIndex.interval(0, 4)), all.get(NDArrayIndex.interval(4, 7)))
            .iterator();
    PixelFeatures pixels = new PixelFeatures(SHAPE);
    FeatureStatistics expected = new FeatureStatistics(pixels.dimension());
    expected.add(pixels.extract(images));
    assertThat(FeatureStatistics.of(pixels, batches).covariance())
        .containsExactly(expected.moments().covariance());
  }
}
