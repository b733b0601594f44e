package org.lcsc.diffusion.training;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.SplittableRandom;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.datasets.ImageShape;
import org.lcsc.datasets.ShuffledIndices;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
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
 * Training batches of a diffusion model, for {@code ComputationGraph.fit(MultiDataSetIterator)}:
 * images x_0 noised to x_t = alpha_t x_0 + sigma_t epsilon at uniform times, with the target of the
 * {@linkplain Prediction parameterisation} as the label (Ho et al. 2020, Algorithm 1).
 *
 * <p>The batch of iteration n is a function of the seed and n alone: images, flips, times and noise
 * draw from separate streams. So a training resumed at iteration n continues bit for bit. One pass
 * of the iterator is the whole training; it cannot be reset, and it is not prefetched, so that a
 * stopped training trains nothing more. Not thread-safe.
 */
public final class DiffusionBatches implements MultiDataSetIterator {

  private static final long serialVersionUID = 1;

  private static final int NOISE_STREAM = 0;
  private static final int TIME_STREAM = 1;

  private final transient ImageDataSet images;
  private final transient NoiseSchedule schedule;
  private final transient Prediction prediction;
  private final boolean flip;
  private final boolean labelled;
  private final int iterations;
  private final transient ShuffledIndices order;
  private final transient NoiseSource noise;
  private int iteration;
  private transient MultiDataSetPreProcessor preProcessor;

  private DiffusionBatches(Builder b) {
    images = b.images;
    schedule = b.schedule;
    prediction = b.prediction;
    flip = b.flip;
    labelled = b.labelled;
    iterations = b.iterations;
    iteration = b.first;
    SplittableRandom seeds = new SplittableRandom(b.seed);
    order = new ShuffledIndices(seeds.nextLong(), images.size(), b.batchSize);
    noise = new SeededNoise(seeds.nextLong());
  }

  /**
   * A builder with batches of 64, no flips, no labels, 1 iteration, seed 42.
   *
   * @param images the data set
   * @param schedule the noise schedule
   * @param prediction what the network predicts
   */
  public static Builder builder(
      ImageDataSet images, NoiseSchedule schedule, Prediction prediction) {
    return new Builder(images, schedule, prediction);
  }

  /** The number of the next iteration: how many updates have been fed so far. */
  public int iteration() {
    return iteration;
  }

  @Override
  public boolean hasNext() {
    return iteration < iterations;
  }

  @Override
  public MultiDataSet next() {
    if (!hasNext()) {
      throw new NoSuchElementException("training ended after " + iterations + " iterations");
    }
    MultiDataSet batch = batch(iteration++);
    if (preProcessor != null) {
      preProcessor.preProcess(batch);
    }
    return batch;
  }

  /** The batch that makes the update from iteration {@code n} to {@code n + 1}. */
  public MultiDataSet batch(int n) {
    int[] indices = order.batch(n);
    int size = indices.length;
    ImageShape shape = images.shape();
    INDArray x0 = flip ? images.batch(indices, order.flips(n)) : images.batch(indices);
    INDArray epsilon =
        noise.gaussian(
            NOISE_STREAM, (long) n * size, size, shape.channels(), shape.height(), shape.width());

    int[] times = noise.uniformInts(TIME_STREAM, (long) n * size, size, schedule.steps());
    float[] alpha = new float[size];
    float[] sigma = new float[size];
    float[] networkTime = new float[size];
    for (int i = 0; i < size; i++) {
      int t = times[i];
      alpha[i] = (float) schedule.alpha(t);
      sigma[i] = (float) schedule.sigma(t);
      networkTime[i] = (float) schedule.networkTime(t);
    }
    INDArray alphas = Nd4j.createFromArray(alpha).reshape(size, 1);
    INDArray sigmas = Nd4j.createFromArray(sigma).reshape(size, 1);
    INDArray xt = mix(alphas, x0, sigmas, epsilon);
    INDArray target =
        switch (prediction) {
          case EPSILON -> epsilon;
          case X0 -> x0;
          case V -> mix(alphas, epsilon, sigmas.neg(), x0);
        };

    List<INDArray> features = new ArrayList<>();
    features.add(xt);
    features.add(Nd4j.createFromArray(networkTime).reshape(size, 1));
    if (labelled) {
      features.add(OneHot.of(images.labels(indices), images.classes()));
    }
    return new org.nd4j.linalg.dataset.MultiDataSet(
        features.toArray(new INDArray[0]), new INDArray[] {target});
  }

  /** a x + b y with one factor per example. */
  private static INDArray mix(INDArray a, INDArray x, INDArray b, INDArray y) {
    INDArray sum = Nd4j.createUninitialized(DataType.FLOAT, x.shape());
    INDArray term = Nd4j.createUninitialized(DataType.FLOAT, x.shape());
    multiplyRows(x, a, sum);
    multiplyRows(y, b, term);
    return sum.addi(term);
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
  public MultiDataSet next(int num) {
    throw new IllegalArgumentException(
        "the batch size is fixed at " + order.batchSize() + ", asked for " + num);
  }

  @Override
  public void setPreProcessor(MultiDataSetPreProcessor preProcessor) {
    this.preProcessor = preProcessor;
  }

  @Override
  public MultiDataSetPreProcessor getPreProcessor() {
    return preProcessor;
  }

  @Override
  public boolean resetSupported() {
    return false;
  }

  @Override
  public boolean asyncSupported() {
    return false;
  }

  @Override
  public void reset() {
    throw new IllegalStateException("one pass is the whole training");
  }

  /** Builds {@link DiffusionBatches}. */
  public static final class Builder {

    private final ImageDataSet images;
    private final NoiseSchedule schedule;
    private final Prediction prediction;
    private int batchSize = 64;
    private boolean flip;
    private boolean labelled;
    private int first;
    private int iterations = 1;
    private long seed = 42;

    private Builder(ImageDataSet images, NoiseSchedule schedule, Prediction prediction) {
      this.images = Objects.requireNonNull(images, "images");
      this.schedule = Objects.requireNonNull(schedule, "schedule");
      this.prediction = Objects.requireNonNull(prediction, "prediction");
    }

    /** Images per batch, at least 1. */
    public Builder batchSize(int size) {
      if (size < 1) {
        throw new IllegalArgumentException("batchSize: expected at least 1, got " + size);
      }
      batchSize = size;
      return this;
    }

    /** Whether each image is mirrored with probability one half. */
    public Builder flip(boolean whether) {
      flip = whether;
      return this;
    }

    /** Whether one-hot class labels are a third feature. */
    public Builder labelled(boolean whether) {
      if (whether && !images.labelled()) {
        throw new IllegalArgumentException(
            "labels: the data set " + images.name() + " has none, train unconditionally");
      }
      labelled = whether;
      return this;
    }

    /**
     * Which iterations.
     *
     * @param first updates already applied, at least 0
     * @param last updates applied at the end, at least {@code first}
     */
    public Builder iterations(int first, int last) {
      if (first < 0 || last < first) {
        throw new IllegalArgumentException(
            "iterations: expected 0 <= first <= last, got " + first + " and " + last);
      }
      this.first = first;
      iterations = last;
      return this;
    }

    /** Seed of order, flips, times and noise. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /** The iterator. */
    public DiffusionBatches build() {
      return new DiffusionBatches(this);
    }
  }
}
