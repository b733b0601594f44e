package org.lcsc.diffusion.sampler;

import java.util.Arrays;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.config.YamlNames;
import org.lcsc.diffusion.engine.SamplingEngine;
import org.lcsc.diffusion.schedule.LogSnrSchedule;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;
import org.lcsc.io.Text;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DPM-Solver (Lu et al. 2022, arXiv:2206.00927) and DPM-Solver++ (arXiv:2211.01095): exponential
 * integrators for the probability flow ODE of a variance-preserving diffusion. Deterministic.
 *
 * <p>The diffusion model of the LCSC paper samples with {@code Options.plusPlus(3, 15)}:
 * DPM-Solver++, multistep, third order, 15 evaluations evenly spaced in log-SNR.
 *
 * <p>Not thread-safe.
 */
public final class DpmSolver implements Sampler {

  /** What is integrated exactly but for a polynomial. */
  public enum Algorithm {
    /** The predicted noise. */
    DPM_SOLVER,
    /** The predicted x_0. */
    DPM_SOLVER_PLUS_PLUS
  }

  /** Where the evaluations of a higher-order step come from. */
  public enum Method {
    /** Earlier steps; the first steps are of lower order. */
    MULTISTEP,
    /** Intermediate points; steps of lower order end the run so that NFE is exact. */
    SINGLESTEP,
    /** Intermediate points, every step of the full order; NFE is a multiple of the order. */
    SINGLESTEP_FIXED
  }

  /** How the times are spaced. */
  public enum Spacing {
    /** Evenly in {@code lambda = ln(alpha/sigma)}; best for small images. */
    LOG_SNR,
    /** Evenly in t. */
    TIME_UNIFORM,
    /** Evenly in {@code sqrt(t)}. */
    TIME_QUADRATIC
  }

  /** The form of the second-order correction (third-order singlestep: of the differences too). */
  public enum SolverType {
    /** As in the DPM-Solver papers. */
    DPMSOLVER,
    /** The Taylor expansion itself. */
    TAYLOR
  }

  /** {@code lowerOrderFinal} acts only on runs of fewer steps than this, as the authors' code. */
  public static final int LOWER_ORDER_FINAL_BELOW = 10;

  /**
   * Configuration.
   *
   * @param order order of the method, 1 to 3
   * @param steps network evaluations, at least {@code order}; for {@code SINGLESTEP} at least 1,
   *     for {@code SINGLESTEP_FIXED} a multiple of {@code order}
   * @param lowerOrderFinal whether a multistep run of fewer than 10 steps ends in steps of lower
   *     order, for stability
   * @param denoiseToZero whether one more evaluation takes the last x to its predicted x_0
   */
  public record Options(
      Algorithm algorithm,
      Method method,
      int order,
      int steps,
      Spacing spacing,
      SolverType solverType,
      boolean lowerOrderFinal,
      boolean denoiseToZero) {

    public Options {
      check(method, order, steps, lowerOrderFinal);
    }

    private static void check(Method method, int order, int steps, boolean lowerOrderFinal) {
      Require.between("order", order, 1, 3);
      int min = method == Method.SINGLESTEP ? 1 : order;
      if (steps < min) {
        throw new InvalidValueException(
            "steps",
            Text.format(
                "too few for method: %s of order %d (%d), allowed: %d or more",
                YamlNames.of(method), order, steps, min));
      }
      Require.between("steps", steps, min, SamplerSettings.MAX_STEPS);
      if (method == Method.SINGLESTEP_FIXED && steps % order != 0) {
        int below = steps / order * order;
        throw new InvalidValueException(
            "steps",
            Text.format(
                    "not a multiple of the order, which method: singlestep-fixed needs (%d, order"
                        + " %d),",
                    steps, order)
                + Text.format(" allowed: %d or %d", below, below + order));
      }
      Require.not(
          lowerOrderFinal && method != Method.MULTISTEP,
          "lowerOrderFinal",
          "has no effect with method: %s (true), allowed: only with method: multistep",
          YamlNames.of(method));
    }

    /** DPM-Solver++, multistep, evenly spaced in log-SNR, no change at the end. */
    public static Options plusPlus(int order, int steps) {
      Settings usual = new Settings();
      return new Options(
          Algorithm.DPM_SOLVER_PLUS_PLUS,
          usual.method,
          order,
          steps,
          usual.spacing,
          usual.solverType,
          usual.lowerOrderFinal,
          usual.denoiseToZero);
    }
  }

  /** What the settings of both algorithms share. */
  private interface Either extends SamplerSettings.OfChain {

    Algorithm algorithm();

    int steps();

    int order();

    Method method();

    Spacing spacing();

    SolverType solverType();

    boolean lowerOrderFinal();

    boolean denoiseToZero();

    default Options options() {
      return new Options(
          algorithm(),
          method(),
          order(),
          steps(),
          spacing(),
          solverType(),
          lowerOrderFinal(),
          denoiseToZero());
    }

    @Override
    default Sampler ofChain(SampledModel.Chain chain) {
      return new DpmSolver(chain.schedule(), chain.prediction(), options());
    }
  }

  /**
   * Settings of the solver on the predicted noise.
   *
   * @param steps network evaluations per sample, at least {@code order}, a multiple of it with
   *     {@code method: singlestep-fixed}; default 15, the paper's
   * @param order 1 to 3; default 3
   * @param method whether a step uses evaluations of those before it or its own; default {@link
   *     Method#MULTISTEP}
   * @param spacing where the steps lie; default {@link Spacing#LOG_SNR}
   * @param solverType form of the corrections of higher order; default {@link SolverType#DPMSOLVER}
   * @param lowerOrderFinal whether a run of fewer than 10 steps ends in lower orders, only with
   *     {@code method: multistep}; default false, as in the paper's sampling script
   * @param denoiseToZero whether one more evaluation leads to the predicted clean image; default
   *     false
   * @param batchSize samples per network call, at least 1; it does not change the samples; default
   *     128
   * @param engine what computes the network's outputs; default null: Deeplearning4j
   */
  @Kind("dpm-solver")
  public record Settings(
      int steps,
      int order,
      Method method,
      Spacing spacing,
      SolverType solverType,
      boolean lowerOrderFinal,
      boolean denoiseToZero,
      int batchSize,
      @OptionalKey SamplingEngine engine)
      implements Either {

    public Settings() {
      this(
          15,
          3,
          Method.MULTISTEP,
          Spacing.LOG_SNR,
          SolverType.DPMSOLVER,
          false,
          false,
          DEFAULT_BATCH,
          null);
    }

    public Settings {
      Require.between("batchSize", batchSize, 1, SamplerSettings.MOST_BATCH);
      Options.check(method, order, steps, lowerOrderFinal);
    }

    @Override
    public Algorithm algorithm() {
      return Algorithm.DPM_SOLVER;
    }
  }

  /**
   * Settings of the solver on the predicted clean image.
   *
   * @param steps network evaluations per sample, at least {@code order}, a multiple of it with
   *     {@code method: singlestep-fixed}; default 15, the paper's
   * @param order 1 to 3; default 3
   * @param method whether a step uses evaluations of those before it or its own; default {@link
   *     Method#MULTISTEP}
   * @param spacing where the steps lie; default {@link Spacing#LOG_SNR}
   * @param solverType form of the corrections of higher order; default {@link SolverType#DPMSOLVER}
   * @param lowerOrderFinal whether a run of fewer than 10 steps ends in lower orders, only with
   *     {@code method: multistep}; default false, as in the paper's sampling script
   * @param denoiseToZero whether one more evaluation leads to the predicted clean image; default
   *     false
   * @param batchSize samples per network call, at least 1; it does not change the samples; default
   *     128
   * @param engine what computes the network's outputs; default null: Deeplearning4j
   */
  @Kind("dpm-solver++")
  public record PlusPlus(
      int steps,
      int order,
      Method method,
      Spacing spacing,
      SolverType solverType,
      boolean lowerOrderFinal,
      boolean denoiseToZero,
      int batchSize,
      @OptionalKey SamplingEngine engine)
      implements Either {

    public PlusPlus() {
      this(new Settings());
    }

    private PlusPlus(Settings s) {
      this(
          s.steps,
          s.order,
          s.method,
          s.spacing,
          s.solverType,
          s.lowerOrderFinal,
          s.denoiseToZero,
          s.batchSize,
          null);
    }

    public PlusPlus {
      Require.between("batchSize", batchSize, 1, SamplerSettings.MOST_BATCH);
      Options.check(method, order, steps, lowerOrderFinal);
    }

    @Override
    public Algorithm algorithm() {
      return Algorithm.DPM_SOLVER_PLUS_PLUS;
    }
  }

  /** One step: {@code updates[k]} leads from the x of its start to the k-th stage or, last, out. */
  private record Step(NoiseLevel[] stages, LinearUpdate[] updates) {}

  private final LogSnrSchedule schedule;
  private final Prediction prediction;
  private final Options options;
  private final DpmUpdates updates;
  private final Step[] steps;
  private final NoiseLevel end;
  private final Buffers buffers = new Buffers(4);

  /** A solver for the network of a discrete chain. */
  public DpmSolver(NoiseSchedule schedule, Prediction prediction, Options options) {
    this(LogSnrSchedule.discrete(schedule), prediction, options);
  }

  /** A solver over the whole range of a schedule. */
  public DpmSolver(LogSnrSchedule schedule, Prediction prediction, Options options) {
    this(schedule, prediction, options, DpmTimes.outer(schedule, options));
  }

  /** A solver whose steps lie between given times, descending from noise to where it ends. */
  DpmSolver(LogSnrSchedule schedule, Prediction prediction, Options options, double[] times) {
    this.schedule = schedule;
    this.prediction = prediction;
    this.options = options;
    this.updates = new DpmUpdates(options.algorithm(), options.solverType());
    this.end = NoiseLevel.at(schedule, times[times.length - 1]);
    int[] orders = DpmTimes.orders(options);
    this.steps = new Step[orders.length];
    for (int i = 0; i < steps.length; i++) {
      steps[i] =
          options.method() == Method.MULTISTEP
              ? multistep(times, i, orders[i])
              : singlestep(times[i], times[i + 1], orders[i]);
    }
  }

  /** The step from {@code times[i]} to {@code times[i + 1]}, of one stage and a history. */
  private Step multistep(double[] times, int i, int order) {
    NoiseLevel t = NoiseLevel.at(schedule, times[i + 1]);
    NoiseLevel s = NoiseLevel.at(schedule, times[i]);
    NoiseLevel s1 = order > 1 ? NoiseLevel.at(schedule, times[i - 1]) : null;
    LinearUpdate update =
        switch (order) {
          case 1 -> updates.first(s, t);
          case 2 -> updates.multistepSecond(s1, s, t);
          default -> updates.multistepThird(NoiseLevel.at(schedule, times[i - 2]), s1, s, t);
        };
    return new Step(new NoiseLevel[] {s}, new LinearUpdate[] {update});
  }

  /** The step from one time to another, with {@code order} stages spaced like the outer times. */
  private Step singlestep(double from, double to, int order) {
    double[] inner = DpmTimes.spaced(schedule, options.spacing(), from, to, order);
    NoiseLevel[] stages = new NoiseLevel[order];
    Arrays.setAll(stages, k -> NoiseLevel.at(schedule, inner[k]));
    NoiseLevel t = NoiseLevel.at(schedule, to);
    LinearUpdate[] through =
        switch (order) {
          case 1 -> new LinearUpdate[] {updates.first(stages[0], t)};
          case 2 ->
              new LinearUpdate[] {
                updates.first(stages[0], stages[1]),
                updates.singlestepSecond(stages[0], stages[1], t)
              };
          default ->
              new LinearUpdate[] {
                updates.first(stages[0], stages[1]),
                updates.singlestepThirdInner(stages[0], stages[1], stages[2], t),
                updates.singlestepThird(stages[0], stages[1], stages[2], t)
              };
        };
    return new Step(stages, through);
  }

  @Override
  public INDArray sample(Denoiser model, INDArray noise, StepNoise stepNoise) {
    INDArray x = Buffers.initial(noise, 1);
    INDArray[] arrays = buffers.like(x);
    INDArray[] m = Arrays.copyOf(arrays, 3);
    if (options.method() == Method.MULTISTEP) {
      multistep(model, x, m);
    } else {
      singlestep(model, x, m, arrays[3]);
    }
    if (options.denoiseToZero()) {
      INDArray output = Buffers.evaluate(model, x, end.networkTime());
      prediction.toX0(end.alpha(), end.sigma(), x, output, x);
    }
    return x;
  }

  /** {@code history} holds the latest evaluations, newest first. */
  private void multistep(Denoiser model, INDArray x, INDArray[] history) {
    for (Step step : steps) {
      INDArray oldest = history[2];
      history[2] = history[1];
      history[1] = history[0];
      history[0] = oldest;
      evaluate(model, x, step.stages[0], history[0]);
      step.updates[0].apply(x, history);
    }
  }

  /** {@code m} holds the evaluations of one step, {@code u} its intermediate x. */
  private void singlestep(Denoiser model, INDArray x, INDArray[] m, INDArray u) {
    for (Step step : steps) {
      evaluate(model, x, step.stages[0], m[0]);
      for (int k = 1; k < step.stages.length; k++) {
        u.assign(x);
        step.updates[k - 1].apply(u, m);
        evaluate(model, u, step.stages[k], m[k]);
      }
      step.updates[step.updates.length - 1].apply(x, m);
    }
  }

  /** Writes x_0 (++) or epsilon at this level into {@code m}. */
  private void evaluate(Denoiser model, INDArray x, NoiseLevel level, INDArray m) {
    INDArray output = Buffers.evaluate(model, x, level.networkTime());
    if (options.algorithm() == Algorithm.DPM_SOLVER_PLUS_PLUS) {
      prediction.toX0(level.alpha(), level.sigma(), x, output, m);
    } else {
      prediction.toEpsilon(level.alpha(), level.sigma(), x, output, m);
    }
  }

  @Override
  public double noiseLevel(double time) {
    return schedule.noiseLevel(time);
  }

  @Override
  public int evaluations() {
    return options.steps() + (options.denoiseToZero() ? 1 : 0);
  }

  @Override
  public String toString() {
    return Text.format(
        "%s(%s, %s, %s, order %d, %d steps, %s%s%s%s)",
        options.algorithm() == Algorithm.DPM_SOLVER ? "DPM-Solver" : "DPM-Solver++",
        schedule,
        YamlNames.of(prediction),
        YamlNames.of(options.method()),
        options.order(),
        options.steps(),
        YamlNames.of(options.spacing()),
        options.solverType() == SolverType.TAYLOR ? ", taylor" : "",
        options.lowerOrderFinal() ? ", lower order final" : "",
        options.denoiseToZero() ? ", denoise to zero" : "");
  }
}
