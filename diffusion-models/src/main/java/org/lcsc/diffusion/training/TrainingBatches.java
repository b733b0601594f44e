package org.lcsc.diffusion.training;

import java.util.Arrays;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.SplittableRandom;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.datasets.ShuffledIndices;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.image.ImageShape;
import org.lcsc.objective.NoiseSource;
import org.lcsc.objective.SeededNoise;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.MultiDataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Training batches of a {@link UNet}, for {@code ComputationGraph.fit(MultiDataSetIterator)}.
 *
 * <p>Images, flips, times and noise of iteration n are functions of the seed and n alone, and draw
 * from separate streams. So a training resumed at iteration n continues bit for bit. One pass of
 * the iterator is the whole training; it cannot be reset, and it is not prefetched, so that a
 * stopped training trains nothing more and a batch may depend on the network's parameters. Not
 * thread-safe.
 */
public abstract class TrainingBatches implements MultiDataSetIterator {

  private static final long serialVersionUID = 1;

  /** Stream of the one number per example that decides its noise level. */
  protected static final int LEVEL_STREAM = 1;

  private static final int NOISE_STREAM = 0;

  /** Stream that decides which labels are left out. */
  private static final int LABEL_STREAM = Integer.MAX_VALUE;

  private final transient BatchSettings settings;
  private final transient ShuffledIndices order;
  private final transient NoiseSource noise;

  /** The next, so how many updates have been fed so far. */
  private int iteration;

  private transient MultiDataSetPreProcessor preProcessor;

  /** Batches of some settings. */
  protected TrainingBatches(BatchSettings settings) {
    this.settings = Objects.requireNonNull(settings, "settings");
    iteration = settings.first();
    SplittableRandom seeds = new SplittableRandom(settings.seed());
    order = new ShuffledIndices(seeds.nextLong(), settings.images().size(), settings.batchSize());
    SeededNoise independent = new SeededNoise(seeds.nextLong());
    noise = settings.spreadLevels() ? new SpreadNoise(independent, LEVEL_STREAM) : independent;
  }

  /**
   * The batch that makes the update from iteration {@code n} to {@code n + 1}.
   *
   * @param n at least 0
   */
  public abstract MultiDataSet batch(int n);

  /** What the batches are made by. */
  public final BatchSettings settings() {
    return settings;
  }

  @Override
  public final boolean hasNext() {
    return iteration < settings.last();
  }

  @Override
  public final MultiDataSet next() {
    if (!hasNext()) {
      throw new NoSuchElementException("training ended after " + settings.last() + " iterations");
    }
    MultiDataSet batch = batch(iteration++);
    if (preProcessor != null) {
      preProcessor.preProcess(batch);
    }
    return batch;
  }

  /** The clean images of iteration n, {@code [N, C, H, W]}. */
  protected final INDArray images(int n) {
    ImageDataSet images = settings.images();
    int[] indices = order.batch(n);
    return settings.flip() ? images.batch(indices, order.flips(n)) : images.batch(indices);
  }

  /** Gaussian noise of iteration n, {@code [N, C, H, W]}. */
  protected final INDArray imageNoise(int n) {
    ImageShape shape = settings.images().shape();
    return noise.gaussian(
        NOISE_STREAM,
        first(n),
        settings.batchSize(),
        shape.channels(),
        shape.height(),
        shape.width());
  }

  /** One Gaussian number per example of iteration n. */
  protected final double[] gaussians(int stream, int n) {
    return noise.gaussian(stream, first(n), settings.batchSize(), 1).toDoubleVector();
  }

  /** One number per example of iteration n, uniform in (0, 1). */
  protected final double[] uniforms(int stream, int n) {
    return Arrays.stream(uniformInts(stream, n, Integer.MAX_VALUE))
        .mapToDouble(draw -> (draw + 0.5) / Integer.MAX_VALUE)
        .toArray();
  }

  /** One integer in [0, bound) per example of iteration n. */
  protected final int[] uniformInts(int stream, int n, int bound) {
    return noise.uniformInts(stream, first(n), settings.batchSize(), bound);
  }

  private long first(int n) {
    return (long) n * settings.batchSize();
  }

  /**
   * The one-hot labels of iteration n, {@code [N, classes]}, of which some are left out; null for
   * an unlabelled training.
   */
  protected final INDArray labels(int n) {
    if (!settings.labelled()) {
      return null;
    }
    ImageDataSet images = settings.images();
    INDArray labels = OneHot.of(images.labels(order.batch(n)), images.classes());
    double dropout = settings.labelDropout();
    return dropout == 0
        ? labels
        : labels.muliColumnVector(
            column(
                Arrays.stream(uniforms(LABEL_STREAM, n)).map(u -> u < dropout ? 0 : 1).toArray()));
  }

  /** A column {@code [N, 1]}, float. */
  protected static INDArray column(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return Nd4j.createFromArray(floats).reshape(values.length, 1);
  }

  /**
   * The network's inputs.
   *
   * @param image {@code [N, C, H, W]}
   * @param time {@code [N, 1]}
   * @param labels {@code [N, classes]} or null
   */
  protected static INDArray[] inputs(INDArray image, INDArray time, INDArray labels) {
    return labels == null ? new INDArray[] {image, time} : new INDArray[] {image, time, labels};
  }

  /** {@code a x + b y} with one factor {@code [N, 1]} per example, a new array. */
  protected static INDArray mix(INDArray a, INDArray x, INDArray b, INDArray y) {
    INDArray sum = Nd4j.createUninitialized(DataType.FLOAT, x.shape());
    INDArray term = Nd4j.createUninitialized(DataType.FLOAT, x.shape());
    multiplyRows(x, a, sum);
    multiplyRows(y, b, term);
    return sum.addi(term);
  }

  /** {@code x + b y} with one factor {@code [N, 1]} per example, a new array. */
  protected static INDArray addScaled(INDArray x, INDArray b, INDArray y) {
    INDArray sum = Nd4j.createUninitialized(DataType.FLOAT, x.shape());
    multiplyRows(y, b, sum);
    return sum.addi(x);
  }

  private static void multiplyRows(INDArray x, INDArray factors, INDArray out) {
    long[] rows = {x.size(0), x.length() / x.size(0)};
    Nd4j.exec(
        new DynamicCustomOp(
            "multiply",
            new INDArray[] {x.reshape('c', rows), factors},
            new INDArray[] {out.reshape('c', rows)}));
  }

  @Override
  public final MultiDataSet next(int num) {
    throw new IllegalArgumentException(
        "the batch size is fixed at " + settings.batchSize() + ", asked for " + num);
  }

  @Override
  public final void setPreProcessor(MultiDataSetPreProcessor preProcessor) {
    this.preProcessor = preProcessor;
  }

  @Override
  public final MultiDataSetPreProcessor getPreProcessor() {
    return preProcessor;
  }

  @Override
  public final boolean resetSupported() {
    return false;
  }

  @Override
  public final boolean asyncSupported() {
    return false;
  }

  @Override
  public final void reset() {
    throw new IllegalStateException("one pass is the whole training");
  }
}
