package org.lcsc.diffusion.layer;

import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.random.impl.DropOutInverted;
import org.nd4j.linalg.api.rng.Random;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Inverted dropout whose mask depends on a seed and the iteration alone, where Deeplearning4j's own
 * draws from the global generator. So a resumed training drops the same activations, and two
 * forward passes of one iteration (the two sides of a consistency pair) do too. Not thread-safe.
 */
public final class SeededDropout implements IDropout {

  private static final long serialVersionUID = 1;

  @JsonProperty private double probability;
  @JsonProperty private long seed;

  private transient INDArray mask;

  /** For Jackson. */
  private SeededDropout() {}

  /**
   * A dropout.
   *
   * @param probability of dropping an activation, in [0, 1)
   * @param seed seed of the masks, different for each layer
   */
  public SeededDropout(double probability, long seed) {
    if (!(probability >= 0 && probability < 1)) {
      throw new IllegalArgumentException(
          "probability: expected a number in [0, 1), got " + probability);
    }
    this.probability = probability;
    this.seed = seed;
  }

  @Override
  public INDArray applyDropout(
      INDArray inputActivations,
      INDArray resultArray,
      int iteration,
      int epoch,
      LayerWorkspaceMgr workspaceMgr) {
    try (Random random =
            Nd4j.getRandomFactory()
                .getNewRandomInstance(0x9E3779B97F4A7C15L * (seed + 1) + iteration);
        MemoryWorkspace ignored = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      if (mask == null || !mask.equalShapes(inputActivations)) {
        mask = Nd4j.createUninitialized(inputActivations.dataType(), inputActivations.shape());
      }
      mask.assign(1);
      Nd4j.getExecutioner().exec(new DropOutInverted(mask, mask, 1 - probability), random);
    } catch (Exception e) {
      throw new IllegalStateException("cannot draw a dropout mask", e);
    }
    return inputActivations.mul(mask, resultArray);
  }

  @Override
  public INDArray backprop(INDArray gradAtOutput, INDArray gradAtInput, int iteration, int epoch) {
    return gradAtOutput.mul(mask, gradAtInput);
  }

  @Override
  public void clear() {
    // The mask's memory is kept for the next iteration; it is redrawn before it is used.
  }

  @Override
  public SeededDropout clone() {
    return new SeededDropout(probability, seed);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SeededDropout dropout
        && dropout.probability == probability
        && dropout.seed == seed;
  }

  @Override
  public int hashCode() {
    return 31 * Double.hashCode(probability) + Long.hashCode(seed);
  }
}
