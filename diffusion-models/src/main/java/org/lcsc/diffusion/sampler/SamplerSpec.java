package org.lcsc.diffusion.sampler;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.lcsc.diffusion.sampler.DpmSolver.Algorithm;
import org.lcsc.diffusion.sampler.DpmSolver.Method;
import org.lcsc.diffusion.sampler.DpmSolver.Options;
import org.lcsc.diffusion.sampler.DpmSolver.SolverType;
import org.lcsc.diffusion.sampler.HeunSampler.Churn;
import org.lcsc.diffusion.schedule.NoiseSchedule;
import org.lcsc.diffusion.schedule.Prediction;

/**
 * The configuration of a sampler, as it stands under {@code sampler:} in a configuration file. A
 * component that is null takes the default of its kind; one that the kind has no use for must be
 * null.
 *
 * @param kind {@code ddpm}, {@code ddim}, {@code dpm-solver}, {@code dpm-solver++} or {@code heun}
 * @param steps steps of the sampler: network evaluations for dpm-solver (default 15), visited steps
 *     of the chain for ddim (50) and ddpm (all), noise levels for heun (18, which are 35
 *     evaluations)
 * @param order dpm-solver: 1 to 3 (3)
 * @param method dpm-solver: {@code multistep} (default), {@code singlestep} or {@code
 *     singlestep-fixed}
 * @param spacing dpm-solver: {@code log-snr} (default), {@code time-uniform} or {@code
 *     time-quadratic}; ddim: {@code uniform} (default), {@code quadratic}, {@code even} or {@code
 *     strided}; ddpm: {@code even} (default), {@code uniform} or {@code strided}
 * @param solverType dpm-solver: {@code dpmsolver} (default) or {@code taylor}
 * @param lowerOrderFinal dpm-solver: lower orders at the end of runs of under 10 steps (false)
 * @param denoiseToZero dpm-solver: one more evaluation, to the predicted x_0 (false)
 * @param eta ddim: share of the ancestral noise, in [0, 1] (0)
 * @param clip ddpm, ddim: clip the predicted x_0 to [-1, 1]; ddim derives the noise anew (ddpm
 *     true, ddim false)
 * @param variance ddpm: {@code fixed-large} (default) or {@code fixed-small}
 * @param churn heun: S_churn, at least 0 (0)
 */
public record SamplerSpec(
    String kind,
    Integer steps,
    Integer order,
    String method,
    String spacing,
    String solverType,
    Boolean lowerOrderFinal,
    Boolean denoiseToZero,
    Double eta,
    Boolean clip,
    String variance,
    Double churn) {

  /** The kinds. */
  public static final List<String> KINDS =
      List.of("ddpm", "ddim", "dpm-solver", "dpm-solver++", "heun");

  /** Spacings of ddim, ddpm. */
  private enum StepSpacing {
    UNIFORM,
    QUADRATIC,
    EVEN,
    STRIDED
  }

  public SamplerSpec {
    if (kind == null || !KINDS.contains(kind)) {
      throw new IllegalArgumentException(
          "sampler.kind must be one of " + String.join(", ", KINDS) + ", but is " + kind);
    }
    boolean dpm = kind.startsWith("dpm-solver");
    boolean ddim = kind.equals("ddim");
    boolean ddpm = kind.equals("ddpm");
    order = option(kind, "order", order, dpm, 3);
    method = option(kind, "method", method, dpm, "multistep");
    solverType = option(kind, "solverType", solverType, dpm, "dpmsolver");
    lowerOrderFinal = option(kind, "lowerOrderFinal", lowerOrderFinal, dpm, false);
    denoiseToZero = option(kind, "denoiseToZero", denoiseToZero, dpm, false);
    eta = option(kind, "eta", eta, ddim, 0.0);
    clip = option(kind, "clip", clip, ddim || ddpm, ddpm);
    variance = option(kind, "variance", variance, ddpm, "fixed-large");
    churn = option(kind, "churn", churn, kind.equals("heun"), 0.0);
    spacing =
        option(
            kind,
            "spacing",
            spacing,
            dpm || ddim || ddpm,
            dpm ? "log-snr" : ddim ? "uniform" : "even");
    if (steps == null && !ddpm) {
      steps = dpm ? 15 : ddim ? 50 : 18;
    }
    int min = kind.equals("heun") ? 2 : 1;
    if (steps != null && steps < min) {
      throw new IllegalArgumentException(
          "sampler.steps of " + kind + " must be at least " + min + ", but is " + steps);
    }
    if (dpm) {
      dpmOptions(kind, steps, order, method, spacing, solverType, lowerOrderFinal, denoiseToZero);
    }
    if (ddim || ddpm) {
      StepSpacing chosen = oneOf("spacing", spacing, StepSpacing.class);
      if (ddpm && chosen == StepSpacing.QUADRATIC) {
        throw new IllegalArgumentException(
            "sampler.spacing of ddpm must be one of even, uniform, strided, but is quadratic");
      }
    }
    if (ddim && !(eta >= 0 && eta <= 1)) {
      throw new IllegalArgumentException("sampler.eta must be in [0, 1], but is " + eta);
    }
    if (ddpm) {
      oneOf("variance", variance, DdpmSampler.Variance.class);
    }
    if (churn != null && !(churn >= 0 && Double.isFinite(churn))) {
      throw new IllegalArgumentException("sampler.churn must be at least 0, but is " + churn);
    }
  }

  /** A sampler of a kind with its defaults. */
  public static SamplerSpec of(String kind) {
    return of(kind, null);
  }

  /** A sampler of a kind with its defaults but for the steps. */
  public static SamplerSpec of(String kind, Integer steps) {
    return new SamplerSpec(kind, steps, null, null, null, null, null, null, null, null, null, null);
  }

  /**
   * The sampler of the LCSC paper's diffusion models: DPM-Solver++, multistep, third order, evenly
   * spaced in log-SNR.
   *
   * @param steps network evaluations per sample; the paper's is 15
   */
  public static SamplerSpec dpmSolverPlusPlus(int steps) {
    return of("dpm-solver++", steps);
  }

  /**
   * The sampler for a network.
   *
   * @param schedule the chain that the network was trained on
   * @param prediction what the network predicts
   * @throws IllegalArgumentException if the steps do not fit the schedule
   */
  public Sampler build(NoiseSchedule schedule, Prediction prediction) {
    return switch (kind) {
      case "ddpm" ->
          new DdpmSampler(
              schedule,
              prediction,
              timesteps(schedule.steps()),
              oneOf("variance", variance, DdpmSampler.Variance.class),
              clip);
      case "ddim" ->
          new DdimSampler(
              schedule,
              prediction,
              timesteps(schedule.steps()),
              eta,
              clip ? DdimSampler.Clip.X0_AND_EPSILON : DdimSampler.Clip.NONE);
      case "heun" ->
          HeunSampler.forVp(
              schedule, prediction, steps, new Churn(churn, 0, Double.POSITIVE_INFINITY, 1));
      default ->
          new DpmSolver(
              schedule,
              prediction,
              dpmOptions(
                  kind, steps, order, method, spacing, solverType, lowerOrderFinal, denoiseToZero));
    };
  }

  private int[] timesteps(int chain) {
    if (steps == null) {
      return Timesteps.all(chain);
    }
    return switch (oneOf("spacing", spacing, StepSpacing.class)) {
      case UNIFORM -> Timesteps.uniform(chain, steps);
      case QUADRATIC -> Timesteps.quadratic(chain, steps);
      case EVEN -> Timesteps.even(chain, steps);
      case STRIDED -> Timesteps.strided(chain, steps);
    };
  }

  private static Options dpmOptions(
      String kind,
      int steps,
      int order,
      String method,
      String spacing,
      String solverType,
      boolean lowerOrderFinal,
      boolean denoiseToZero) {
    return new Options(
        kind.equals("dpm-solver") ? Algorithm.DPM_SOLVER : Algorithm.DPM_SOLVER_PLUS_PLUS,
        oneOf("method", method, Method.class),
        order,
        steps,
        oneOf("spacing", spacing, DpmSolver.Spacing.class),
        oneOf("solverType", solverType, SolverType.class),
        lowerOrderFinal,
        denoiseToZero);
  }

  private static <T> T option(String kind, String key, T value, boolean applies, T byDefault) {
    if (!applies && value != null) {
      throw new IllegalArgumentException(
          "sampler." + key + " has no meaning for kind " + kind + ", but is " + value);
    }
    return applies && value == null ? byDefault : value;
  }

  private static <E extends Enum<E>> E oneOf(String key, String value, Class<E> type) {
    for (E constant : type.getEnumConstants()) {
      if (name(constant).equals(value)) {
        return constant;
      }
    }
    throw new IllegalArgumentException(
        String.format(
            "sampler.%s must be one of %s, but is %s",
            key,
            Arrays.stream(type.getEnumConstants())
                .map(SamplerSpec::name)
                .collect(Collectors.joining(", ")),
            value));
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
