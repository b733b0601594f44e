package org.lcsc.consistency;

import org.lcsc.io.Refuse;

/**
 * The schedule of consistency distillation (Song et al. 2023, arXiv:2303.01469, Algorithm 2): the
 * same noise levels and the same target rate throughout, every pair as likely and as heavy as any
 * other.
 *
 * @param levels N, number of noise levels, at least 2; 18 on CIFAR-10, 40 on ImageNet 64x64
 * @param targetRate mu, in [0, 1); 0 on CIFAR-10, where the target is the trained network itself
 *     without gradient, 0.95 on ImageNet 64x64
 * @param iterations length K of the training in iterations, at least 1
 */
public record ConsistencyDistillation(int levels, double targetRate, int iterations)
    implements ConsistencyCurriculum {

  public ConsistencyDistillation {
    Refuse.argument(levels < 2, "levels: expected at least 2, got %s", levels);
    Checks.rate("targetRate", targetRate);
    Checks.length(iterations);
  }

  @Override
  public int levels(int iteration) {
    Checks.withinTraining(iteration, iterations);
    return levels;
  }

  @Override
  public double targetRate(int iteration) {
    Checks.withinTraining(iteration, iterations);
    return targetRate;
  }
}
