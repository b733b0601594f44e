package org.lcsc.cli.config;

import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;

/**
 * Section {@code model}: what is trained.
 *
 * @param kind which generative model
 * @param unet its network
 * @param noiseSchedule how noise grows over the steps; default {@link NoiseScheduleKind#LINEAR}
 * @param steps noise levels T of training, at least 2; default 1000
 * @param prediction what the network predicts; default {@link PredictionKind#EPSILON}
 */
public record ModelConfig(
    ModelKind kind,
    UNetConfig unet,
    @OptionalKey NoiseScheduleKind noiseSchedule,
    @OptionalKey Integer steps,
    @OptionalKey PredictionKind prediction) {

  /** Noise schedules. */
  public enum NoiseScheduleKind {
    /** beta grows linearly, 1e-4 to 0.02 for T = 1000 (DDPM). */
    LINEAR,
    /** alpha-bar follows a squared cosine (improved DDPM). */
    COSINE,
    /** The root of beta grows linearly. */
    QUADRATIC,
    /** beta stays. */
    CONSTANT,
    /** beta = 1/T, 1/(T-1), ... */
    JSD,
    /** beta follows a sigmoid. */
    SIGMOID
  }

  /** Targets of the network. */
  public enum PredictionKind {
    /** The noise. */
    EPSILON,
    /** The velocity, alpha epsilon - sigma x0. */
    V,
    /** The clean image. */
    X0
  }

  /** Fills in the defaults and validates. */
  public ModelConfig {
    noiseSchedule = noiseSchedule == null ? NoiseScheduleKind.LINEAR : noiseSchedule;
    steps = Require.atLeast("steps", steps == null ? 1000 : steps, 2);
    prediction = prediction == null ? PredictionKind.EPSILON : prediction;
  }
}
