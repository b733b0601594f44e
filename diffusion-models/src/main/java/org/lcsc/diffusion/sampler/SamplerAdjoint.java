package org.lcsc.diffusion.sampler;

import java.util.ArrayList;
import java.util.List;
import org.lcsc.diffusion.schedule.InPlace;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Reverse mode of a sampler: carries a gradient from its images back through every network
 * evaluation.
 *
 * <p>But for the network itself, a sampler is linear: what it evaluates the network at, and its
 * images, are linear combinations of noise and of the network's earlier outputs, the same for every
 * pixel. These weights are read off the sampler by letting it sample one image of a few numbers
 * with a network that returns unit vectors. So every sampler that does not clip has its adjoint
 * here, of whatever order and of however many stages, without code of its own:
 *
 * <pre>
 *   u_k    = ... + sum_{j<k} inputs[k][j] F(u_j, t_j)      image = ... + sum_k images[k] F(u_k, t_k)
 *   dL/dF_k = images[k] dL/dimage + sum_{m>k} inputs[m][k] dL/du_m,   dL/du_k = (dF/du)^T dL/dF_k
 * </pre>
 *
 * <p>Kept are the states u_k, one copy of the images each; every state's place is taken by its
 * gradient on the way back. Immutable and thread-safe.
 */
public final class SamplerAdjoint {

  /** Far below and far above the range of images: clipping cannot hide from both. */
  private static final double[] PROBES = {1e-3, 1e3};

  private static final double TOLERANCE = 1e-9;

  private final double[] times;
  private final double[][] inputs;
  private final double[] images;

  private SamplerAdjoint(double[] times, double[][] inputs, double[] images) {
    this.times = times;
    this.inputs = inputs;
    this.images = images;
  }

  /**
   * The adjoint of a sampler.
   *
   * @throws IllegalArgumentException where the sampler is not linear in the network's outputs:
   *     where it clips
   */
  public static SamplerAdjoint of(Sampler sampler) {
    SamplerAdjoint small = probe(sampler, PROBES[0]);
    SamplerAdjoint large = probe(sampler, PROBES[1]);
    boolean linear = near(small.images, large.images) && near(small.times, large.times);
    for (int k = 0; linear && k < small.inputs.length; k++) {
      linear = near(small.inputs[k], large.inputs[k]);
    }
    if (!linear) {
      throw new IllegalArgumentException(
          "sampler "
              + sampler
              + " clips, so its images have no gradient everywhere: search with clip false, or by"
              + " evolution");
    }
    return small;
  }

  @SuppressWarnings("try") // the scope is entered for its effect
  private static SamplerAdjoint probe(Sampler sampler, double scale) {
    int n = sampler.evaluations();
    List<Double> times = new ArrayList<>();
    List<double[]> inputs = new ArrayList<>();
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      // Numbers 0 to n - 1 weigh the outputs, number n the noise.
      INDArray noise = Nd4j.zeros(DataType.DOUBLE, 1, 1, 1, n + 1);
      noise.putScalar(n, scale);
      INDArray none = Nd4j.zeros(DataType.DOUBLE, 1, 1, 1, n + 1);
      Denoiser unitVectors =
          (x, time) -> {
            int k = times.size();
            if (k == n) {
              throw new IllegalArgumentException(
                  "sampler " + sampler + " takes more than its " + n + " evaluations");
            }
            times.add(time);
            inputs.add(weights(x, k, scale));
            INDArray output = Nd4j.zeros(DataType.DOUBLE, 1, 1, 1, n + 1);
            output.putScalar(k, scale);
            return output;
          };
      INDArray result = sampler.sample(unitVectors, noise, step -> none);
      return new SamplerAdjoint(
          times.stream().mapToDouble(Double::doubleValue).toArray(),
          inputs.toArray(double[][]::new),
          weights(result, times.size(), scale));
    }
  }

  /** The first {@code count} numbers, without the scale. */
  private static double[] weights(INDArray x, int count, double scale) {
    double[] all = x.dup('c').data().asDouble();
    double[] weights = new double[count];
    for (int j = 0; j < count; j++) {
      weights[j] = all[j] / scale;
    }
    return weights;
  }

  private static boolean near(double[] a, double[] b) {
    boolean near = a.length == b.length;
    for (int i = 0; near && i < a.length; i++) {
      near = Math.abs(a[i] - b[i]) <= TOLERANCE * Math.max(1, Math.abs(a[i]));
    }
    return near;
  }

  /** Number of network evaluations n. */
  public int evaluations() {
    return times.length;
  }

  /**
   * Carries a gradient back.
   *
   * @param network differentiates one evaluation
   * @param states what the network was evaluated at, n arrays {@code [N, C, H, W]} in the order of
   *     the evaluations, dense; overwritten
   * @param epsilon gradient with respect to the images, {@code [N, C, H, W]}
   */
  public void backpropagate(DifferentiableDenoiser network, INDArray[] states, INDArray epsilon) {
    if (states.length != times.length) {
      throw new IllegalArgumentException(
          "expected the states of " + times.length + " evaluations, got " + states.length);
    }
    INDArray errors =
        Nd4j.createUninitializedDetached(states[0].dataType(), 'c', states[0].shape());
    for (int k = times.length - 1; k >= 0; k--) {
      errors.assign(epsilon);
      InPlace.scale(errors, images[k]);
      for (int later = k + 1; later < times.length; later++) {
        InPlace.add(errors, inputs[later][k], states[later]);
      }
      INDArray gradient = network.backpropagate(states[k], times[k], errors);
      states[k].assign(gradient);
    }
    errors.close();
  }
}
