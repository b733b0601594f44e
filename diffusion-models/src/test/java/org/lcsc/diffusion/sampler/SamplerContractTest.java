package org.lcsc.diffusion.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lcsc.diffusion.schedule.LogSnrSchedule;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.lcsc.objective.NoiseSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/** What every sampler promises. */
class SamplerContractTest {

  private static final NoiseSchedule CHAIN = NoiseSchedule.linear(1000);
  private static final LogSnrSchedule SCHEDULE = LogSnrSchedule.discrete(CHAIN);

  static Stream<SamplerSettings> specs() {
    return Stream.of(
        new DdpmSampler.Settings(12),
        new DdimSampler.Settings(10),
        new DdimSampler.Settings(10, Timesteps.Spacing.UNIFORM, 1, true, 128, null),
        new DpmSolver.PlusPlus(),
        new DpmSolver.Settings(
            11,
            3,
            DpmSolver.Method.SINGLESTEP,
            DpmSolver.Spacing.LOG_SNR,
            DpmSolver.SolverType.DPMSOLVER,
            false,
            false,
            128,
            null),
        new HeunSampler.Settings(8),
        new HeunSampler.Settings(8, 4, 128, null),
        new FlowSampler.Settings(),
        new FlowSampler.Settings(FlowSampler.Method.EULER, 8, 3, 128, null),
        new FlowSampler.Settings(FlowSampler.Method.MIDPOINT, 4, 1, 128, null));
  }

  private static Sampler sampler(SamplerSettings settings) {
    SampledModel chain = new SampledModel.Chain(CHAIN, Prediction.EPSILON);
    return settings.of(settings.fits(chain) ? chain : new SampledModel.Flow(999));
  }

  /** Not quite linear, so that mixed-up images or times show; its output array is reused. */
  private static Denoiser model() {
    Denoiser linear = GaussianData.network(SCHEDULE, Prediction.EPSILON, time -> (time + 1) / 1000);
    return (x, time) -> {
      INDArray output = linear.predict(x, time);
      return output.muli(Transforms.sin(x, true).muli(.05).addi(1));
    };
  }

  private static INDArray noise(long seed, int count) {
    Random random = new Random(seed);
    double[] values = new double[count * 12];
    Arrays.setAll(values, i -> random.nextGaussian());
    return Nd4j.createFromArray(values).reshape(count, 3, 2, 2);
  }

  private static StepNoise steps(int count) {
    return step -> noise(100 + step, count);
  }

  @ParameterizedTest
  @MethodSource("specs")
  void leavesTheNoiseAloneAndRepeatsItself(SamplerSettings settings) {
    Sampler sampler = sampler(settings);
    INDArray noise = noise(1, 5);
    INDArray first = sampler.sample(model(), noise, steps(5));
    INDArray firstCopy = first.dup();
    INDArray second = sampler.sample(model(), noise, steps(5));
    assertThat(noise).isEqualTo(noise(1, 5));
    assertThat(second.data().asDouble()).containsExactly(first.data().asDouble());
    sampler.sample(model(), noise(2, 5), steps(5));
    assertThat(first).as("results are not overwritten").isEqualTo(firstCopy);
  }

  @ParameterizedTest
  @MethodSource("specs")
  void imagesDoNotDependOnTheBatch(SamplerSettings settings) {
    Sampler sampler = sampler(settings);
    double[] two = sampler.sample(model(), noise(1, 2), steps(5, 2)).data().asDouble();
    double[] five = sampler.sample(model(), noise(1, 5), steps(5)).data().asDouble();
    double[] twoAgain = sampler.sample(model(), noise(1, 2), steps(5, 2)).dup().data().asDouble();
    assertThat(Arrays.copyOf(five, 24)).containsExactly(two, within(1e-12));
    assertThat(twoAgain).containsExactly(two);
  }

  /** Noise of the first images of a larger batch. */
  private static StepNoise steps(int count, int first) {
    return step -> noise(100 + step, count).get(NDArrayIndex.interval(0, first));
  }

  @ParameterizedTest
  @MethodSource("specs")
  void singlePrecisionFollowsDoublePrecision(SamplerSettings settings) {
    Sampler sampler = sampler(settings);
    INDArray expected = sampler.sample(model(), noise(1, 3), steps(3));
    INDArray actual = sampler.sample(model(), noise(1, 3).castTo(DataType.FLOAT), steps(3));
    assertThat(actual.dataType()).isEqualTo(DataType.FLOAT);
    assertThat(actual.castTo(DataType.DOUBLE).sub(expected).amaxNumber().doubleValue())
        .isLessThan(2e-4);
  }

  @ParameterizedTest
  @MethodSource("specs")
  void takesNoiseAndOutputsOfAnyLayout(SamplerSettings settings) {
    Denoiser permuting =
        (x, time) -> {
          INDArray nhwc = Nd4j.create(x.dataType(), new long[] {4, 2, 2, 3}, 'c');
          INDArray nchw = nhwc.permute(0, 3, 1, 2);
          nchw.assign(model().predict(x, time));
          return nchw;
        };
    INDArray expected = sampler(settings).sample(model(), noise(1, 4), steps(4));
    INDArray fortran = noise(1, 4).dup('f');
    INDArray actual = sampler(settings).sample(permuting, fortran, steps(4));
    assertThat(actual.ordering()).isEqualTo('c');
    assertThat(actual.sub(expected).amaxNumber().doubleValue()).isLessThan(1e-12);
  }

  @ParameterizedTest
  @MethodSource("specs")
  void resultsOutliveAWorkspace(SamplerSettings settings) {
    Sampler sampler = sampler(settings);
    INDArray noise = noise(1, 3);
    Denoiser model = model();
    INDArray outside = sampler(settings).sample(model, noise, steps(3));
    INDArray inside;
    try (MemoryWorkspace workspace =
        Nd4j.getWorkspaceManager().getAndActivateWorkspace("SAMPLER_TEST")) {
      assertThat(workspace.isScopeActive()).isTrue();
      inside = sampler.sample(model, noise, steps(3));
    }
    assertThat(inside.isAttached()).isFalse();
    assertThat(inside).isEqualTo(outside);
    assertThat(sampler.sample(model, noise, steps(3))).isEqualTo(outside);
  }

  @ParameterizedTest
  @MethodSource("specs")
  void refusesWrongShapesAndTypes(SamplerSettings settings) {
    Sampler sampler = sampler(settings);
    assertThatIllegalStateException()
        .isThrownBy(() -> sampler.sample((x, t) -> Nd4j.zeros(3, 1, 2, 2), noise(1, 3), steps(3)))
        .withMessage("model returned shape [3, 1, 2, 2] for input of shape [3, 3, 2, 2]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sampler.sample(model(), noise(1, 3).castTo(DataType.FLOAT16), steps(3)))
        .withMessage("noise must be FLOAT or DOUBLE, but is HALF");
  }

  @Test
  void deterministicSamplersNeverAskForNoise() {
    for (String kind : new String[] {"ddim", "dpm-solver", "dpm-solver++", "heun", "flow"}) {
      sampler(Samplers.settings(kind, 10)).sample(model(), noise(1, 2), StepNoise.NONE);
    }
    assertThatIllegalStateException()
        .isThrownBy(
            () -> sampler(new DdpmSampler.Settings()).sample(model(), noise(1, 2), StepNoise.NONE))
        .withMessageContaining("noise at step 0");
  }

  @Test
  void stepNoiseComesFromTheStreamAfterTheInitialNoise() {
    NoiseSource source =
        new NoiseSource() {
          @Override
          public long seed() {
            return 3;
          }

          @Override
          public INDArray gaussian(int stream, long first, int count, long... shape) {
            return Nd4j.createFromArray((float) stream, first, count, shape[0], shape[2]);
          }

          @Override
          public int[] uniformInts(int stream, long first, int count, int bound) {
            throw new AssertionError("not needed");
          }
        };
    assertThat(StepNoise.of(source, 40, 8, 3, 16, 17).gaussian(6).data().asFloat())
        .containsExactly(7, 40, 8, 3, 17);
  }
}
