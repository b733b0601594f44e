package org.lcsc.diffusion.sampler;

import org.lcsc.config.YamlNames;
import org.lcsc.diffusion.schedule.InPlace;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Visits some of the steps of a discrete chain, one evaluation each. Not thread-safe. */
abstract class ChainSampler implements Sampler {

  /**
   * One step.
   *
   * @param time network time of its start
   * @param alpha signal rate of its start
   * @param sigma noise rate of its start
   * @param first weight of the first term of the result
   * @param second weight of the second term
   * @param noise weight of fresh noise
   */
  record Step(double time, double alpha, double sigma, double first, double second, double noise) {}

  /** Makes the step from t to s, -1 being the data. */
  interface Rule {
    Step step(int t, int s);
  }

  final NoiseSchedule schedule;
  final Prediction prediction;
  final Buffers buffers;
  private final Step[] steps;

  /**
   * @param timesteps steps to visit, ascending, for example {@link Timesteps#all}
   * @param arrays working arrays
   */
  ChainSampler(
      NoiseSchedule schedule, Prediction prediction, int[] timesteps, int arrays, Rule rule) {
    this.schedule = schedule;
    this.prediction = prediction;
    this.buffers = new Buffers(arrays);
    int[] visited = Timesteps.checked(schedule.steps(), timesteps);
    steps = new Step[visited.length];
    for (int i = 0; i < steps.length; i++) {
      int t = visited[steps.length - 1 - i];
      steps[i] = rule.step(t, i == steps.length - 1 ? -1 : visited[steps.length - 2 - i]);
    }
  }

  /** The text of a sampler of a name, with what it has besides the chain and the steps. */
  final String text(String name, String settings) {
    return Text.format(
        "%s(%s, %s, %d steps, %s)",
        name, schedule, YamlNames.of(prediction), evaluations(), settings);
  }

  /** Takes x one step on, but for the fresh noise. */
  abstract void update(Step step, INDArray x, INDArray output);

  @Override
  public final INDArray sample(Denoiser model, INDArray noise, StepNoise stepNoise) {
    INDArray x = Buffers.initial(noise, 1);
    for (int i = 0; i < steps.length; i++) {
      Step step = steps[i];
      update(step, x, Buffers.evaluate(model, x, step.time));
      if (step.noise > 0) {
        InPlace.add(x, step.noise, stepNoise.gaussian(i));
      }
    }
    return x;
  }

  @Override
  public final double noiseLevel(double time) {
    return schedule.noiseLevel(time);
  }

  @Override
  public final int evaluations() {
    return steps.length;
  }
}
