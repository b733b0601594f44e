package org.lcsc.cli.config;

import java.util.List;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.config.YamlName;
import org.lcsc.config.YamlNames;

/**
 * Section {@code sampler}: how a diffusion model draws its samples, in the search and in every
 * report. A key that the chosen kind does not know is refused, not ignored.
 *
 * @param kind which sampler; default {@link Kind#DPM_SOLVER_PLUS_PLUS}
 * @param order 1 to 3, only for the DPM-Solvers; default 3
 * @param steps network evaluations per sample (for {@code heun} steps of two evaluations), at least
 *     1; default 15, the paper's, for {@code ddpm} every step of the model
 * @param spacing where the steps lie; default {@code log-snr} for the DPM-Solvers, {@code uniform}
 *     for {@code ddim}; {@code ddpm} and {@code heun} have one spacing of their own
 * @param method only for the DPM-Solvers; default {@link Method#MULTISTEP}
 * @param lowerOrderFinal whether the last steps fall back to lower order, only for the DPM-Solvers;
 *     default false, as in the paper's sampling script
 * @param eta share of fresh noise per step, 0 to 1, only for {@code ddim}; default 0
 * @param batchSize samples per network call, at least 1; it does not change the samples; default
 *     128
 */
public record SamplerConfig(
    @OptionalKey Kind kind,
    @OptionalKey Integer order,
    @OptionalKey Integer steps,
    @OptionalKey Spacing spacing,
    @OptionalKey Method method,
    @OptionalKey Boolean lowerOrderFinal,
    @OptionalKey Double eta,
    @OptionalKey Integer batchSize) {

  private static final List<Kind> DPM_SOLVERS = List.of(Kind.DPM_SOLVER, Kind.DPM_SOLVER_PLUS_PLUS);
  private static final List<Kind> SPACED =
      List.of(Kind.DDIM, Kind.DPM_SOLVER, Kind.DPM_SOLVER_PLUS_PLUS);

  /** The paper's sampler for diffusion models: DPM-Solver++, order 3, 15 steps. */
  public static final SamplerConfig DEFAULT =
      new SamplerConfig(null, null, null, null, null, null, null, null);

  /** Samplers. */
  public enum Kind {
    /** Ancestral sampling. */
    DDPM,
    /** Denoising diffusion implicit models. */
    DDIM,
    /** DPM-Solver on the noise prediction. */
    DPM_SOLVER,
    /** DPM-Solver on the data prediction. */
    @YamlName("dpm-solver++")
    DPM_SOLVER_PLUS_PLUS,
    /** Heun's method on the sigmas of EDM. */
    HEUN
  }

  /** Placements of the steps. */
  public enum Spacing {
    /** Equal in the log of the signal-to-noise ratio. */
    LOG_SNR,
    /** Equal in time. */
    UNIFORM,
    /** Equal in the root of time. */
    QUADRATIC
  }

  /** How a solver of higher order gets its extra evaluations. */
  public enum Method {
    /** From the steps before. */
    MULTISTEP,
    /** Within the step. */
    SINGLESTEP
  }

  /** Fills in the defaults and validates. */
  public SamplerConfig {
    kind = kind == null ? Kind.DPM_SOLVER_PLUS_PLUS : kind;
    Require.onlyWith("order", order, "kind", kind, DPM_SOLVERS);
    Require.onlyWith("method", method, "kind", kind, DPM_SOLVERS);
    Require.onlyWith("lowerOrderFinal", lowerOrderFinal, "kind", kind, DPM_SOLVERS);
    Require.onlyWith("spacing", spacing, "kind", kind, SPACED);
    Require.onlyWith("eta", eta, "kind", kind, List.of(Kind.DDIM));
    if (steps == null && kind != Kind.DDPM) {
      steps = 15;
    }
    if (steps != null) {
      Require.atLeast("steps", steps, 1);
    }
    if (DPM_SOLVERS.contains(kind)) {
      order = Require.between("order", order == null ? 3 : order, 1, 3);
      method = method == null ? Method.MULTISTEP : method;
      lowerOrderFinal = lowerOrderFinal != null && lowerOrderFinal;
      spacing = spacing == null ? Spacing.LOG_SNR : spacing;
      if (steps < order) {
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
    }
    if (kind == Kind.DDIM) {
      eta = Require.between("eta", eta == null ? 0.0 : eta, 0, 1);
      spacing = spacing == null ? Spacing.UNIFORM : spacing;
      if (spacing == Spacing.LOG_SNR) {
        throw new InvalidValueException(
            "spacing", "not for kind: ddim (log-snr), allowed: uniform, quadratic");
      }
    }
    batchSize = Require.atLeast("batchSize", batchSize == null ? 128 : batchSize, 1);
  }

  /**
   * The same sampler for a model of T steps.
   *
   * @param modelSteps T
   * @throws InvalidValueException if the sampler has more steps than the model has noise levels
   */
  SamplerConfig forModel(int modelSteps) {
    int resolved = steps == null ? modelSteps : steps;
    boolean discrete = kind == Kind.DDPM || kind == Kind.DDIM;
    if (discrete && resolved > modelSteps) {
      throw new InvalidValueException(
          "sampler.steps",
          YamlNames.of(kind)
              + " cannot take more steps than the model has ("
              + resolved
              + ", model.steps "
              + modelSteps
              + "), allowed: 1 to "
              + modelSteps);
    }
    return new SamplerConfig(
        kind, order, resolved, spacing, method, lowerOrderFinal, eta, batchSize);
  }
}
