package org.lcsc.diffusion.training;

import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Rectified Adam (Liu et al. 2020, arXiv:1908.03265, Algorithm 2), which consistency models are
 * trained with: Adam whose adaptive rate is scaled by how well the second moment is known, and
 * plain momentum over the first iterations, where it is not. Same results as PyTorch's {@code
 * RAdam}. No weight decay.
 *
 * <p>Not thread-safe, as no Deeplearning4j configuration is.
 */
public final class RAdam implements IUpdater {

  private static final long serialVersionUID = 1;

  /** Where the variance of the adaptive rate becomes tractable, as in PyTorch. */
  private static final double TRACTABLE = 5;

  @JsonProperty private double learningRate;
  @JsonProperty private ISchedule learningRateSchedule;
  @JsonProperty private double beta1;
  @JsonProperty private double beta2;
  @JsonProperty private double epsilon;

  /** For Jackson. */
  private RAdam() {}

  /**
   * The published setting: beta 0.9 and 0.999, epsilon 1e-8.
   *
   * @param learningRateSchedule the learning rate over the iterations
   */
  public RAdam(ISchedule learningRateSchedule) {
    this(Double.NaN, Objects.requireNonNull(learningRateSchedule), 0.9, 0.999, 1e-8);
  }

  private RAdam(
      double learningRate, ISchedule schedule, double beta1, double beta2, double epsilon) {
    this.learningRate = learningRate;
    this.learningRateSchedule = schedule;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
  }

  @Override
  public long stateSize(long numParams) {
    return 2 * numParams;
  }

  @Override
  public GradientUpdater<RAdam> instantiate(INDArray viewArray, boolean initializeViewArray) {
    Updater updater = new Updater(this);
    long[] half = {viewArray.length() / 2};
    updater.setStateViewArray(viewArray, half, viewArray.ordering(), initializeViewArray);
    return updater;
  }

  @Override
  public GradientUpdater<RAdam> instantiate(
      Map<String, INDArray> updaterState, boolean initializeStateArrays) {
    Updater updater = new Updater(this);
    updater.setState(updaterState, initializeStateArrays);
    return updater;
  }

  @Override
  public double getLearningRate(int iteration, int epoch) {
    return learningRateSchedule == null
        ? learningRate
        : learningRateSchedule.valueAt(iteration, epoch);
  }

  @Override
  public boolean hasLearningRate() {
    return true;
  }

  @Override
  public void setLrAndSchedule(double lr, ISchedule lrSchedule) {
    learningRate = lr;
    learningRateSchedule = lrSchedule;
  }

  @Override
  public RAdam clone() {
    return new RAdam(learningRate, learningRateSchedule, beta1, beta2, epsilon);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RAdam adam
        && Double.compare(adam.learningRate, learningRate) == 0
        && Objects.equals(adam.learningRateSchedule, learningRateSchedule)
        && adam.beta1 == beta1
        && adam.beta2 == beta2
        && adam.epsilon == epsilon;
  }

  @Override
  public int hashCode() {
    return Objects.hash(learningRate, learningRateSchedule, beta1, beta2, epsilon);
  }

  private static final class Updater implements GradientUpdater<RAdam> {

    private static final String M = "M";
    private static final String V = "V";

    private final RAdam config;
    private INDArray m;
    private INDArray v;

    /** Kept from one iteration to the next: fresh large arrays cost more than the arithmetic. */
    private INDArray scratch;

    Updater(RAdam config) {
      this.config = config;
    }

    @Override
    public RAdam getConfig() {
      return config;
    }

    @Override
    public void setState(Map<String, INDArray> stateMap, boolean initialize) {
      if (!stateMap.keySet().equals(java.util.Set.of(M, V))) {
        throw new IllegalStateException("RAdam state: expected M and V, got " + stateMap.keySet());
      }
      m = stateMap.get(M);
      v = stateMap.get(V);
    }

    @Override
    public Map<String, INDArray> getState() {
      return Map.of(M, m, V, v);
    }

    @Override
    public void setStateViewArray(
        INDArray viewArray, long[] gradientShape, char gradientOrder, boolean initialize) {
      INDArray flat = viewArray.reshape(viewArray.length());
      if (initialize) {
        flat.assign(0);
      }
      long half = flat.length() / 2;
      m = flat.get(NDArrayIndex.interval(0, half));
      v = flat.get(NDArrayIndex.interval(half, 2 * half));
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
      INDArray g = gradient.reshape(m.shape());
      if (scratch == null || scratch.length() != g.length()) {
        try (var outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
          scratch = Nd4j.createUninitialized(g.dataType(), g.length());
        }
      }
      double t = iteration + 1.0;
      double beta1 = config.beta1;
      double beta2 = config.beta2;
      m.muli(beta1);
      Nd4j.getBlasWrapper().level1().axpy(g.length(), 1 - beta1, g, m);
      g.mul(g, scratch);
      v.muli(beta2);
      Nd4j.getBlasWrapper().level1().axpy(g.length(), 1 - beta2, scratch, v);

      double beta2t = Math.pow(beta2, t);
      double longest = 2 / (1 - beta2) - 1;
      double length = longest - 2 * t * beta2t / (1 - beta2t);
      double rate = config.getLearningRate(iteration, epoch) / (1 - Math.pow(beta1, t));
      if (length > TRACTABLE) {
        double rectification =
            Math.sqrt(
                (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length));
        Transforms.sqrt(scratch.assign(v), false);
        scratch.addi(config.epsilon);
        m.div(scratch, g);
        g.muli(rate * rectification * Math.sqrt(1 - beta2t));
      } else {
        m.mul(rate, g);
      }
    }
  }
}
