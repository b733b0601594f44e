package org.lcsc.diffusion.sampler;

import java.util.ArrayList;
import java.util.List;
import org.lcsc.diffusion.schedule.InPlace;
import org.lcsc.io.HostArrays;
import org.lcsc.io.Refuse;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Reverse mode of a sampler: carries a gradient from its images back through every network
 * evaluation.
 *
 * <p>But for the network itself, a sampler is linear: what it evaluates the network at, and its
 * images, are linear combinations of noise and of the network's earlier outputs, the same for every
 * pixel. These weights are read off the sampler by letting it sample one image of a few numbers
 * with a network that returns unit vectors. So every sampler that does not clip has its adjoint
 * here, of whatever order and of however many stages, without code of its own. One that clips the
 * network's outputs to [-1, 1] as they come, as consistency models are sampled, is linear in the
 * clipped outputs, and has its adjoint here too:
 *
 * <pre>{@code
 * u_k    = ... + sum_{j<k} inputs[k][j] F(u_j, t_j)      image = ... + sum_k images[k] F(u_k, t_k)
 * dL/dF_k = images[k] dL/dimage + sum_{m>k} inputs[m][k] dL/du_m   (0 where F_k was clipped)
 * dL/du_k = (dF/du)^T dL/dF_k
 * }</pre>
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
  private final boolean clipsOutputs;

  private SamplerAdjoint(double[] times, double[][] inputs, double[] images, boolean clipsOutputs) {
    this.times = times;
    this.inputs = inputs;
    this.images = images;
    this.clipsOutputs = clipsOutputs;
  }

  /**
   * The adjoint of a sampler.
   *
   * @throws IllegalArgumentException where the sampler is not linear in the network's outputs, nor
   *     in its clipped outputs: where it clips something else
   */
  public static SamplerAdjoint of(Sampler sampler) {
    SamplerAdjoint small = probe(sampler, PROBES[0]);
    SamplerAdjoint large = probe(sampler, PROBES[1]);
    if (small.scaled(1, large)) {
      return small;
    }
    // A large unit vector that is clipped comes down to 1.
    if (small.scaled(1 / PROBES[1], large)) {
      return new SamplerAdjoint(small.times, small.inputs, small.images, true);
    }
    throw new IllegalArgumentException(
        "sampler "
            + sampler
            + " clips what it makes of the network's outputs: search with clip false, or by"
            + " evolution");
  }

  /** Whether the other's weights are {@code factor} times these. */
  private boolean scaled(double factor, SamplerAdjoint other) {
    boolean all = near(1, times, other.times) && near(factor, images, other.images);
    for (int k = 0; all && k < inputs.length; k++) {
      all = near(factor, inputs[k], other.inputs[k]);
    }
    return all;
  }

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
            Refuse.argument(k == n, "sampler %s takes more than its %s evaluations", sampler, n);
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
          weights(result, times.size(), scale),
          false);
    }
  }

  /** The first {@code count} numbers, without the scale. */
  private static double[] weights(INDArray x, int count, double scale) {
    double[] all = HostArrays.doubles(x);
    double[] weights = new double[count];
    for (int j = 0; j < count; j++) {
      weights[j] = all[j] / scale;
    }
    return weights;
  }

  private static boolean near(double factor, double[] a, double[] b) {
    boolean near = a.length == b.length;
    for (int i = 0; near && i < a.length; i++) {
      near = Math.abs(factor * a[i] - b[i]) <= TOLERANCE * factor * Math.max(1, Math.abs(a[i]));
    }
    return near;
  }

  /** Whether the sampler clips the network's outputs, so that it matters what they were. */
  public boolean clipsOutputs() {
    return clipsOutputs;
  }

  /**
   * Carries a gradient back.
   *
   * @param network differentiates one evaluation
   * @param states what the network was evaluated at, n arrays {@code [N, C, H, W]} in the order of
   *     the evaluations, dense; overwritten
   * @param outputs the network's outputs there, overwritten, where the sampler {@link
   *     #clipsOutputs}; else not read
   * @param epsilon gradient with respect to the images, {@code [N, C, H, W]}
   */
  public void backpropagate(
      DifferentiableDenoiser network, INDArray[] states, INDArray[] outputs, INDArray epsilon) {
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
      if (clipsOutputs) {
        errors.muli(Transforms.hardTanhDerivative(outputs[k], false));
      }
      INDArray gradient = network.backpropagate(states[k], times[k], errors);
      states[k].assign(gradient);
    }
    errors.close();
  }
}
