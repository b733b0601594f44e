package org.lcsc.experiment.config;

import java.util.List;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.config.YamlName;
import org.lcsc.config.YamlNames;

/**
 * Section {@code sampler}: how a model draws its samples, in the search and in every report. A key
 * that the chosen kind has no use for is refused, not ignored; such a component is null.
 * "DPM-Solver" below means both {@code dpm-solver} and {@code dpm-solver++}.
 *
 * @param kind which sampler; default {@link Kind#DPM_SOLVER_PLUS_PLUS} for diffusion models, {@link
 *     Kind#HEUN} for edm, {@link Kind#CONSISTENCY} for consistency models
 * @param steps DPM-Solver: network evaluations per sample (default 15, the paper's); ddim and ddpm:
 *     visited steps of the chain (default 50, and all); heun: noise levels N of 2N - 1 evaluations
 *     (default 18, at least 2)
 * @param order DPM-Solver: 1 to 3; default 3
 * @param method DPM-Solver: default {@link Method#MULTISTEP}
 * @param spacing where the steps lie. DPM-Solver: {@code log-snr} (default), {@code time-uniform},
 *     {@code time-quadratic}; ddim: {@code uniform} (default), {@code quadratic}, {@code even},
 *     {@code strided}; ddpm: {@code even} (default), {@code uniform}, {@code strided}
 * @param solverType DPM-Solver: default {@link SolverType#DPMSOLVER}
 * @param lowerOrderFinal DPM-Solver: whether a run of fewer than 10 steps ends in lower orders;
 *     default false, as in the paper's sampling script
 * @param denoiseToZero DPM-Solver: whether one more evaluation leads to the predicted clean image;
 *     default false
 * @param eta ddim: share of the ancestral noise, 0 to 1; default 0
 * @param clip ddpm, ddim: whether the predicted clean image is clipped to [-1, 1]; default true for
 *     ddpm, false for ddim. consistency: whether the result of every evaluation is; default true
 * @param variance ddpm: default {@link Variance#FIXED_LARGE}
 * @param churn heun: S_churn, at least 0; default 0
 * @param sigmas consistency: noise levels of the evaluations after the first, descending, between
 *     0.002 and 80; default none: one step
 * @param batchSize samples per network call, at least 1; it does not change the samples; default
 *     128
 */
public record SamplerConfig(
    @OptionalKey Kind kind,
    @OptionalKey Integer steps,
    @OptionalKey Integer order,
    @OptionalKey Method method,
    @OptionalKey Spacing spacing,
    @OptionalKey SolverType solverType,
    @OptionalKey Boolean lowerOrderFinal,
    @OptionalKey Boolean denoiseToZero,
    @OptionalKey Double eta,
    @OptionalKey Boolean clip,
    @OptionalKey Variance variance,
    @OptionalKey Double churn,
    @OptionalKey List<Double> sigmas,
    @OptionalKey Integer batchSize) {

  private static final List<Kind> DPM = List.of(Kind.DPM_SOLVER, Kind.DPM_SOLVER_PLUS_PLUS);
  private static final List<Kind> CHAIN = List.of(Kind.DDPM, Kind.DDIM);

  /** The paper's sampler for diffusion models: DPM-Solver++, multistep, order 3, 15 steps. */
  public static final SamplerConfig DEFAULT =
      new SamplerConfig(
          null, null, null, null, null, null, null, null, null, null, null, null, null, null);

  /** Samplers. */
  public enum Kind {
    /** Ancestral sampling. */
    DDPM,
    /** Denoising diffusion implicit models. */
    DDIM,
    /** DPM-Solver on the predicted noise. */
    DPM_SOLVER,
    /** DPM-Solver on the predicted clean image. */
    @YamlName("dpm-solver++")
    DPM_SOLVER_PLUS_PLUS,
    /** Heun's method on the noise levels of EDM. */
    HEUN,
    /** One step or a few, of a consistency model. */
    CONSISTENCY
  }

  /** Where a DPM-Solver of higher order gets its evaluations from. */
  public enum Method {
    /** From the steps before. */
    MULTISTEP,
    /** From within the step; lower orders at the end make the evaluations exact. */
    SINGLESTEP,
    /** From within the step, every step of the full order. */
    SINGLESTEP_FIXED
  }

  /** Placements of the steps. */
  public enum Spacing {
    /** Evenly in the log of the signal-to-noise ratio. */
    LOG_SNR,
    /** Evenly in continuous time. */
    TIME_UNIFORM,
    /** Evenly in the root of continuous time. */
    TIME_QUADRATIC,
    /** An integer stride from step 0 (DDIM). */
    UNIFORM,
    /** Evenly in the root of the step (DDIM). */
    QUADRATIC,
    /** Evenly from the first step to the last, rounded (improved DDPM). */
    EVEN,
    /** The integer stride that gives exactly the number of steps (improved DDPM). */
    STRIDED
  }

  /** Forms of the correction of second order. */
  public enum SolverType {
    /** That of the DPM-Solver papers. */
    DPMSOLVER,
    /** The Taylor expansion. */
    TAYLOR
  }

  /** Variances of the ancestral noise. */
  public enum Variance {
    /** beta. */
    FIXED_LARGE,
    /** The posterior's, beta-tilde. */
    FIXED_SMALL
  }

  /** Fills in the defaults and validates. */
  public SamplerConfig {
    kind = kind == null ? Kind.DPM_SOLVER_PLUS_PLUS : kind;
    boolean dpm = DPM.contains(kind);
    order = option("order", order, kind, DPM, 3);
    method = option("method", method, kind, DPM, Method.MULTISTEP);
    solverType = option("solverType", solverType, kind, DPM, SolverType.DPMSOLVER);
    lowerOrderFinal = option("lowerOrderFinal", lowerOrderFinal, kind, DPM, false);
    denoiseToZero = option("denoiseToZero", denoiseToZero, kind, DPM, false);
    eta = option("eta", eta, kind, List.of(Kind.DDIM), 0.0);
    clip =
        option(
            "clip", clip, kind, List.of(Kind.DDPM, Kind.DDIM, Kind.CONSISTENCY), kind != Kind.DDIM);
    variance = option("variance", variance, kind, List.of(Kind.DDPM), Variance.FIXED_LARGE);
    churn = option("churn", churn, kind, List.of(Kind.HEUN), 0.0);
    if (spacing != null || !spacings(kind).isEmpty()) {
      spacing = checkSpacing(spacing, kind);
    }
    sigmas = option("sigmas", sigmas, kind, List.of(Kind.CONSISTENCY), List.of());
    if (sigmas != null) {
      sigmas = checkSigmas(sigmas);
      if (steps != null && steps != sigmas.size() + 1) {
        throw new InvalidValueException(
            "steps", "has no effect with kind: consistency (" + steps + "), allowed: only sigmas");
      }
      steps = sigmas.size() + 1;
    }
    if (steps == null && kind != Kind.DDPM) {
      steps = dpm ? 15 : kind == Kind.DDIM ? 50 : 18;
    }
    if (steps != null) {
      Require.atLeast("steps", steps, kind == Kind.HEUN ? 2 : 1);
    }
    if (dpm) {
      Require.between("order", order, 1, 3);
      checkDpmSteps(steps, order, method);
    }
    if (eta != null) {
      Require.between("eta", eta, 0, 1);
    }
    if (churn != null) {
      Require.notNegative("churn", churn);
    }
    batchSize = Require.atLeast("batchSize", batchSize == null ? 128 : batchSize, 1);
  }

  /** Whether samples have a gradient: clipping within the chain takes it away. */
  public boolean isDifferentiable() {
    return !(CHAIN.contains(kind) && clip);
  }

  /** The usual sampler of a kind of model. */
  static SamplerConfig of(ModelKind kind) {
    return kind == ModelKind.DIFFUSION
        ? DEFAULT
        : DEFAULT.withKind(kind == ModelKind.EDM ? Kind.HEUN : Kind.CONSISTENCY);
  }

  private SamplerConfig withKind(Kind other) {
    return new SamplerConfig(
        other, null, null, null, null, null, null, null, null, null, null, null, null, batchSize);
  }

  /**
   * The same sampler for a model.
   *
   * @throws InvalidValueException if the model cannot be sampled so, or the sampler visits more
   *     steps than its chain has; the key is relative to the whole file
   */
  SamplerConfig forModel(ModelConfig model) {
    List<Kind> fitting =
        switch (model.kind()) {
          case DIFFUSION ->
              List.of(Kind.DDPM, Kind.DDIM, Kind.DPM_SOLVER, Kind.DPM_SOLVER_PLUS_PLUS, Kind.HEUN);
          case EDM -> List.of(Kind.HEUN);
          case CONSISTENCY_DISTILLATION, CONSISTENCY_TRAINING -> List.of(Kind.CONSISTENCY);
        };
    if (!fitting.contains(kind)) {
      throw new InvalidValueException(
          "sampler.kind",
          "not for model.kind: "
              + YamlNames.of(model.kind())
              + " ("
              + YamlNames.of(kind)
              + "), allowed: "
              + String.join(", ", fitting.stream().map(YamlNames::of).toList()));
    }
    int resolved = steps == null ? model.steps() : steps;
    if (CHAIN.contains(kind) && resolved > model.steps()) {
      throw new InvalidValueException(
          "sampler.steps",
          YamlNames.of(kind)
              + " cannot visit more steps than the model has ("
              + resolved
              + ", model.steps "
              + model.steps()
              + "), allowed: 1 to "
              + model.steps());
    }
    return withSteps(resolved);
  }

  /** The same sampler with other steps. */
  public SamplerConfig withSteps(int other) {
    return with(other, sigmas);
  }

  /** The sampler of a consistency model with other noise levels after the first. */
  public SamplerConfig withSigmas(List<Double> others) {
    return with(null, others);
  }

  private SamplerConfig with(Integer steps, List<Double> sigmas) {
    return new SamplerConfig(
        kind,
        steps,
        order,
        method,
        spacing,
        solverType,
        lowerOrderFinal,
        denoiseToZero,
        eta,
        clip,
        variance,
        churn,
        sigmas,
        batchSize);
  }

  private static List<Double> checkSigmas(List<Double> sigmas) {
    double above = 80;
    for (int i = 0; i < sigmas.size(); i++) {
      double sigma = sigmas.get(i);
      if (!(sigma > 0.002 && sigma < above)) {
        throw new InvalidValueException(
            "sigmas[" + i + "]",
            "out of range (" + sigma + "), allowed: more than 0.002, less than " + above);
      }
      above = sigma;
    }
    return List.copyOf(sigmas);
  }

  /** The value or its default where the kind has a use for it, null where it has none. */
  private static <T> T option(String key, T value, Kind kind, List<Kind> kinds, T otherwise) {
    Require.onlyWith(key, value, "kind", kind, kinds);
    return value != null || !kinds.contains(kind) ? value : otherwise;
  }

  /** The spacings that a kind knows, its default first. */
  private static List<Spacing> spacings(Kind kind) {
    return switch (kind) {
      case DPM_SOLVER, DPM_SOLVER_PLUS_PLUS ->
          List.of(Spacing.LOG_SNR, Spacing.TIME_UNIFORM, Spacing.TIME_QUADRATIC);
      case DDIM -> List.of(Spacing.UNIFORM, Spacing.QUADRATIC, Spacing.EVEN, Spacing.STRIDED);
      case DDPM -> List.of(Spacing.EVEN, Spacing.UNIFORM, Spacing.STRIDED);
      case HEUN, CONSISTENCY -> List.of();
    };
  }

  private static Spacing checkSpacing(Spacing spacing, Kind kind) {
    List<Spacing> known = spacings(kind);
    if (known.isEmpty()) {
      throw new InvalidValueException(
          "spacing", "has no effect with kind: " + YamlNames.of(kind) + ", allowed: none");
    }
    if (spacing != null && !known.contains(spacing)) {
      throw new InvalidValueException(
          "spacing",
          "not for kind: "
              + YamlNames.of(kind)
              + " ("
              + YamlNames.of(spacing)
              + "), allowed: "
              + String.join(", ", known.stream().map(YamlNames::of).toList()));
    }
    return spacing == null ? known.get(0) : spacing;
  }

  private static void checkDpmSteps(int steps, int order, Method method) {
    if (method != Method.SINGLESTEP && steps < order) {
      throw new InvalidValueException(
          "steps",
          "fewer than the order ("
              + steps
              + ", order "
              + order
              + "), allowed: "
              + order
              + " or more");
    }
    if (method == Method.SINGLESTEP_FIXED && steps % order != 0) {
      throw new InvalidValueException(
          "steps",
          "not a multiple of the order, which method: singlestep-fixed needs ("
              + steps
              + ", order "
              + order
              + "), allowed: "
              + steps / order * order
              + " or "
              + (steps / order + 1) * order);
    }
  }
}
