package com.example.parts;

import java.util.Map;
import org.lcsc.config.Kind;
import org.lcsc.metrics.Metric;

/**
 * A metric: the distance between the mean features of generated and of real images.
 *
 * @param scale factor of the distance; default 1
 */
@Kind("mean-shift")
public record MeanShift(double scale) implements Metric {

  public MeanShift() {
    this(1);
  }

  @Override
  public Measured measure(Features features) {
    if (features.real() == null) {
      return null;
    }
    double shift = scale * features.generated().mean(0).distance2(features.real().mean(0));
    return new Measured(Map.of("mean shift", shift), Map.of("meanShift", shift));
  }
}
