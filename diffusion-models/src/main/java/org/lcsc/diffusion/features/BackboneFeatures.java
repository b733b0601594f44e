package org.lcsc.diffusion.features;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.lcsc.config.Kind;
import org.lcsc.diffusion.backbone.Backbone;
import org.lcsc.diffusion.backbone.BackboneKind;
import org.lcsc.image.ImageShape;
import org.lcsc.io.Refuse;
import org.lcsc.metrics.ClassifyingExtractor;
import org.lcsc.metrics.DifferentiableFeatureExtractor;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.metrics.FeatureSource;
import org.lcsc.network.GraphFeatureExtractor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Features of a published network ({@link Backbone}), with their gradient: images are made its
 * input a few at a time. Not thread-safe.
 */
public class BackboneFeatures implements DifferentiableFeatureExtractor {

  /**
   * The space of a published network.
   *
   * @param file its state dict
   */
  @Kind("state-dict")
  public record Settings(String file) implements FeatureSource {

    /** Without a file, which has no default. */
    public Settings() {
      this(null);
    }

    @Override
    public List<String> endings() {
      return List.of(".pth", ".pt", ".safetensors");
    }

    @Override
    public String name() throws IOException {
      return Backbone.kind(Path.of(file)).kind();
    }

    @Override
    public FeatureExtractor open(ImageShape shape) throws IOException {
      return of(Backbone.read(Path.of(file)), shape);
    }

    @Override
    public void check(ImageShape shape) throws IOException {
      requireChannels(Backbone.check(Path.of(file)), shape);
    }
  }

  /** Bounds the activations that a gradient through Inception keeps to about a gigabyte. */
  private static final int BATCH = 8;

  private final BackboneKind kind;
  private final ImageShape shape;
  private final GraphFeatureExtractor network;

  private BackboneFeatures(BackboneKind kind, ImageShape shape, GraphFeatureExtractor network) {
    this.kind = kind;
    this.shape = shape;
    this.network = network;
  }

  /**
   * The features of a network.
   *
   * @param shape of the images
   * @return a {@link ClassifyingExtractor} where the network has classes
   * @throws IllegalArgumentException where the network takes no such images
   */
  public static BackboneFeatures of(Backbone backbone, ImageShape shape) {
    BackboneKind kind = backbone.kind();
    requireChannels(kind, shape);
    int side = kind.input().side();
    ImageShape inner = new ImageShape(kind.input().channels(), side, side);
    if (kind.probabilities() == null) {
      return new BackboneFeatures(
          kind,
          shape,
          new GraphFeatureExtractor(backbone.graph(), kind.features(), kind.kind(), inner, BATCH));
    }
    return new Classifying(
        kind,
        shape,
        GraphFeatureExtractor.classifying(
            backbone.graph(), kind.features(), kind.probabilities(), kind.kind(), inner, BATCH));
  }

  private static void requireChannels(BackboneKind kind, ImageShape shape) {
    Refuse.argument(
        shape.channels() != 1 && shape.channels() != kind.input().channels(),
        "%s: takes images of 1 or %s channels, got %s",
        kind.kind(),
        kind.input().channels(),
        shape);
  }

  @Override
  public String id() {
    return network.id();
  }

  @Override
  public int dimension() {
    return network.dimension();
  }

  /** What a batch of images gives, row by row. */
  @FunctionalInterface
  private interface Pass {
    void run(INDArrayIndex rows, INDArray input);
  }

  private void inBatches(INDArray images, Pass pass) {
    shape.check(images, id());
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      for (long from = 0; from < images.size(0); from += BATCH) {
        INDArrayIndex rows = NDArrayIndex.interval(from, Math.min(images.size(0), from + BATCH));
        pass.run(rows, kind.input().of(images.get(rows), DataType.FLOAT));
      }
    }
  }

  private static INDArray empty(long... shape) {
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      return Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
    }
  }

  @Override
  public INDArray extract(INDArray images) {
    INDArray features = empty(images.size(0), dimension());
    inBatches(images, (rows, input) -> features.get(rows).assign(network.extract(input)));
    return features;
  }

  @Override
  public INDArray backpropagate(INDArray images, INDArray epsilon) {
    INDArray gradient = empty(images.shape());
    inBatches(
        images,
        (rows, input) -> {
          INDArray inner = network.backpropagate(input, epsilon.get(rows));
          gradient.get(rows).assign(kind.input().transposed(inner, images.get(rows)));
        });
    return gradient;
  }

  private static final class Classifying extends BackboneFeatures implements ClassifyingExtractor {

    private final ClassifyingExtractor network;

    Classifying(BackboneKind kind, ImageShape shape, ClassifyingExtractor network) {
      super(kind, shape, (GraphFeatureExtractor) network);
      this.network = network;
    }

    @Override
    public int classes() {
      return network.classes();
    }

    @Override
    public Outputs extractAll(INDArray images) {
      INDArray features = empty(images.size(0), dimension());
      INDArray probabilities = empty(images.size(0), classes());
      super.inBatches(
          images,
          (rows, input) -> {
            Outputs outputs = network.extractAll(input);
            features.get(rows).assign(outputs.features());
            probabilities.get(rows).assign(outputs.probabilities());
          });
      return new Outputs(features, probabilities);
    }
  }
}
