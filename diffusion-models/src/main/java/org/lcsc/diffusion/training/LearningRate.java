package org.lcsc.diffusion.training;

import java.util.Locale;
import java.util.Objects;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Learning rate with linear warm-up and decay. With i the number of updates applied before:
 *
 * <ul>
 *   <li>i &lt; warmup: initial (i + 1) / warmup;
 *   <li>constant: initial;
 *   <li>linear, cosine: from initial at the end of the warm-up to last at {@code iterations}.
 * </ul>
 *
 * @param initial rate after the warm-up, above 0
 * @param last rate at {@code iterations}, at least 0; ignored by a constant rate
 * @param warmup iterations of warm-up, at least 0
 * @param iterations length of the training in iterations, above {@code warmup}
 * @param decay how it falls
 */
public record LearningRate(
    @JsonProperty double initial,
    @JsonProperty double last,
    @JsonProperty int warmup,
    @JsonProperty int iterations,
    @JsonProperty Decay decay)
    implements ISchedule {

  /** How the rate falls after the warm-up. */
  public enum Decay {
    /** It does not. */
    CONSTANT,
    /** In a straight line. */
    LINEAR,
    /** Half a cosine. */
    COSINE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public LearningRate {
    if (!(initial > 0) || Double.isInfinite(initial)) {
      throw new IllegalArgumentException("learning rate: expected above 0, got " + initial);
    }
    if (!(last >= 0) || Double.isInfinite(last)) {
      throw new IllegalArgumentException("last learning rate: expected at least 0, got " + last);
    }
    Refuse.argument(
        warmup < 0 || iterations <= warmup,
        "warm-up: expected at least 0 and below the %s iterations, got %s",
        iterations,
        warmup);
    Objects.requireNonNull(decay, "decay");
  }

  @Override
  public double valueAt(int iteration, int epoch) {
    if (iteration < warmup) {
      return initial * (iteration + 1) / warmup;
    }
    double progress = Math.min(1, (double) (iteration - warmup) / (iterations - warmup));
    return switch (decay) {
      case CONSTANT -> initial;
      case LINEAR -> initial + (last - initial) * progress;
      case COSINE -> last + (initial - last) * (1 + Math.cos(Math.PI * progress)) / 2;
    };
  }

  @Override
  public LearningRate clone() {
    return this;
  }
}
