package org.lcsc.diffusion.training;

import java.util.Map;
import java.util.Objects;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Scales the gradient down to a greatest Euclidean norm, over all parameters together, and hands it
 * to another updater: PyTorch's {@code clip_grad_norm_}, which Deeplearning4j's own clipping per
 * layer or parameter is not.
 *
 * <p>Deeplearning4j applies one updater to each run of layers with equal updaters. The norm is
 * global where the whole network has one updater, as the networks of {@link
 * org.lcsc.diffusion.unet.UNet} do.
 *
 * <p>Not thread-safe, as no Deeplearning4j configuration is.
 *
 * @param inner what applies the clipped gradient
 * @param norm greatest norm, above 0
 */
public record GlobalNormClip(@JsonProperty IUpdater inner, @JsonProperty double norm)
    implements IUpdater {

  public GlobalNormClip {
    Objects.requireNonNull(inner, "inner");
    Refuse.argument(!(norm > 0), "gradient norm: expected above 0, got %s", norm);
  }

  @Override
  public long stateSize(long numParams) {
    return inner.stateSize(numParams);
  }

  @Override
  public GradientUpdater<GlobalNormClip> instantiate(
      INDArray viewArray, boolean initializeViewArray) {
    return new Clip(this, inner.instantiate(viewArray, initializeViewArray));
  }

  @Override
  public GradientUpdater<GlobalNormClip> instantiate(
      Map<String, INDArray> updaterState, boolean initializeStateArrays) {
    return new Clip(this, inner.instantiate(updaterState, initializeStateArrays));
  }

  @Override
  public double getLearningRate(int iteration, int epoch) {
    return inner.getLearningRate(iteration, epoch);
  }

  @Override
  public boolean hasLearningRate() {
    return inner.hasLearningRate();
  }

  @Override
  public void setLrAndSchedule(double lr, ISchedule lrSchedule) {
    inner.setLrAndSchedule(lr, lrSchedule);
  }

  @Override
  public GlobalNormClip clone() {
    return new GlobalNormClip(inner.clone(), norm);
  }

  private record Clip(GlobalNormClip config, GradientUpdater<?> inner)
      implements GradientUpdater<GlobalNormClip> {

    @Override
    public GlobalNormClip getConfig() {
      return config;
    }

    @Override
    public void setState(Map<String, INDArray> stateMap, boolean initialize) {
      inner.setState(stateMap, initialize);
    }

    @Override
    public Map<String, INDArray> getState() {
      return inner.getState();
    }

    @Override
    public void setStateViewArray(
        INDArray viewArray, long[] gradientShape, char gradientOrder, boolean initialize) {
      inner.setStateViewArray(viewArray, gradientShape, gradientOrder, initialize);
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
      double size = Nd4j.getBlasWrapper().nrm2(gradient);
      if (size > config.norm) {
        gradient.muli(config.norm / size);
      }
      inner.applyUpdater(gradient, iteration, epoch);
    }
  }
}
