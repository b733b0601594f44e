package org.lcsc.diffusion.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lcsc.diffusion.sampler.DpmSolver.Algorithm;
import org.lcsc.diffusion.sampler.DpmSolver.Method;
import org.lcsc.diffusion.sampler.DpmSolver.Options;
import org.lcsc.diffusion.sampler.DpmSolver.SolverType;
import org.lcsc.diffusion.sampler.DpmSolver.Spacing;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.lcsc.objective.SeededNoise;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Reverse mode of every sampler against central differences, in double precision. */
class SamplerAdjointTest {

  private static final NoiseSchedule LINEAR = NoiseSchedule.linear(1000);
  private static final double STEP = 1e-6;

  /** The network {@code a sin(x) + b x + a b t}, with its derivatives by hand. */
  private static final class Network {
    private final double[] weights = {0.8, 0.3};
    private final double[] gradient = new double[2];

    INDArray predict(INDArray x, double time) {
      double shift = weights[0] * weights[1] * time / 1000;
      return Transforms.sin(x).mul(weights[0]).addi(x.mul(weights[1])).addi(shift);
    }

    INDArray backpropagate(INDArray x, double time, INDArray epsilon) {
      double t = time / 1000;
      double sum = epsilon.sumNumber().doubleValue();
      gradient[0] +=
          epsilon.mul(Transforms.sin(x)).sumNumber().doubleValue() + weights[1] * t * sum;
      gradient[1] += epsilon.mul(x).sumNumber().doubleValue() + weights[0] * t * sum;
      return Transforms.cos(x).mul(weights[0]).addi(weights[1]).muli(epsilon);
    }
  }

  static Stream<Sampler> samplers() {
    List<Sampler> samplers = new ArrayList<>();
    for (Prediction prediction : Prediction.values()) {
      samplers.add(Samplers.of("ddim", 5, LINEAR, prediction));
      samplers.add(Samplers.of("dpm-solver++", 7, LINEAR, prediction));
      samplers.add(Samplers.of("heun", 4, LINEAR, prediction));
    }
    for (int order = 1; order <= 3; order++) {
      for (Method method : Method.values()) {
        for (Algorithm algorithm : Algorithm.values()) {
          samplers.add(
              new DpmSolver(
                  LINEAR,
                  Prediction.EPSILON,
                  new Options(
                      algorithm,
                      method,
                      order,
                      6,
                      Spacing.TIME_UNIFORM,
                      order == 3 ? SolverType.TAYLOR : SolverType.DPMSOLVER,
                      method == Method.MULTISTEP,
                      order == 2)));
        }
      }
    }
    samplers.add(
        new DdimSampler(LINEAR, Prediction.EPSILON, Timesteps.uniform(1000, 5), 0.7, false));
    samplers.add(
        new DdpmSampler(
            LINEAR,
            Prediction.EPSILON,
            Timesteps.even(1000, 5),
            DdpmSampler.Variance.FIXED_SMALL,
            false));
    samplers.add(new HeunSampler(new double[] {3, 1, 0.2}, new HeunSampler.Churn(1, 0, 9, 1)));
    for (FlowSampler.Method method : FlowSampler.Method.values()) {
      samplers.add(new FlowSampler(method, 4, 2, 1000));
    }
    samplers.add(new HeunSampler.Settings(4).of(new SampledModel.Flow(1000)));
    samplers.add(new ClippingSampler());
    return samplers.stream();
  }

  /** Three steps of a consistency model: outputs are clipped, and noise is added. */
  private static final class ClippingSampler implements Sampler {
    @Override
    public INDArray sample(Denoiser model, INDArray noise, StepNoise stepNoise) {
      INDArray x = noise.mul(2);
      for (int i = 0; i < 3; i++) {
        INDArray clean = Transforms.hardTanh(model.predict(x, 900 - 300 * i), true);
        x = i == 2 ? clean : clean.add(stepNoise.gaussian(i).mul(0.5));
      }
      return x;
    }

    @Override
    public int evaluations() {
      return 3;
    }
  }

  private static INDArray normal(int stream) {
    return new SeededNoise(4).gaussian(stream, 0, 2, 1, 3, 3).castTo(DataType.DOUBLE);
  }

  private static double loss(Sampler sampler, Network network, INDArray epsilon) {
    INDArray images = sampler.sample(network::predict, normal(0), step -> normal(step + 2));
    return images.muli(epsilon).sumNumber().doubleValue();
  }

  @ParameterizedTest
  @MethodSource("samplers")
  void gradientMatchesCentralDifferences(Sampler sampler) {
    Network network = new Network();
    INDArray epsilon = normal(1);
    SamplerAdjoint adjoint = SamplerAdjoint.of(sampler);
    List<INDArray> states = new ArrayList<>();
    List<INDArray> outputs = new ArrayList<>();
    sampler.sample(
        (x, time) -> {
          states.add(x.dup());
          INDArray output = network.predict(x, time);
          outputs.add(output.dup());
          return output;
        },
        normal(0),
        step -> normal(step + 2));
    adjoint.backpropagate(
        network::backpropagate,
        states.toArray(INDArray[]::new),
        outputs.toArray(INDArray[]::new),
        epsilon);
    for (int i = 0; i < 2; i++) {
      double kept = network.weights[i];
      network.weights[i] = kept + STEP;
      double above = loss(sampler, network, epsilon);
      network.weights[i] = kept - STEP;
      double below = loss(sampler, network, epsilon);
      network.weights[i] = kept;
      double expected = (above - below) / (2 * STEP);
      assertThat(network.gradient[i])
          .as("weight %d", i)
          .isCloseTo(expected, within(1e-5 * Math.abs(expected) + 1e-6));
    }
  }

  @Test
  void tellsWhichSamplersClipTheOutputs() {
    assertThat(SamplerAdjoint.of(new ClippingSampler()).clipsOutputs()).isTrue();
    Sampler linear = Samplers.of("ddim", 4, LINEAR, Prediction.EPSILON);
    assertThat(SamplerAdjoint.of(linear).clipsOutputs()).isFalse();
  }

  @Test
  void refusesASamplerThatClipsInBetween() {
    Sampler clipping =
        new DdimSampler(LINEAR, Prediction.EPSILON, Timesteps.uniform(1000, 5), 0, true);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SamplerAdjoint.of(clipping))
        .withMessageContaining("clips what it makes of the network's outputs")
        .withMessageContaining("clip false");
  }

  @Test
  void refusesStatesOfAnotherSampler() {
    SamplerAdjoint adjoint = SamplerAdjoint.of(Samplers.of("ddim", 4, LINEAR, Prediction.V));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                adjoint.backpropagate(
                    (x, t, e) -> e, new INDArray[] {Nd4j.zeros(1, 1, 2, 2)}, null, normal(1)))
        .withMessage("expected the states of 4 evaluations, got 1");
  }
}
