package org.lcsc.experiment.config;

import java.util.List;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;

/**
 * Section {@code model}: what is trained. A key that the kind has no use for is refused, not
 * ignored; such a component is null.
 *
 * @param kind which generative model
 * @param unet its network
 * @param noiseSchedule diffusion: how noise grows over the steps; default {@link
 *     NoiseScheduleKind#LINEAR}
 * @param steps diffusion: noise levels T of training, at least 2; default 1000
 * @param prediction diffusion: what the network predicts; default {@link PredictionKind#EPSILON}
 * @param sigmaData edm and consistency models: standard deviation of the images' values, above 0;
 *     default null: measured from the training images
 * @param networkTime edm and consistency models: what the network is told of the noise level;
 *     default {@link NetworkTimeKind#QUARTER_LOG} for EDM's networks ncsnpp and ddpmpp, else {@link
 *     NetworkTimeKind#THOUSANDFOLD}
 * @param teacher distillation: model file of the teacher, an edm model of the same network
 * @param teacherConfig distillation: configuration file of the run that makes {@code teacher},
 *     trained first where that file is missing; default null
 * @param consistency consistency models: distance and schedule; default {@link
 *     ConsistencyConfig#DEFAULT}
 */
public record ModelConfig(
    ModelKind kind,
    UNetConfig unet,
    @OptionalKey NoiseScheduleKind noiseSchedule,
    @OptionalKey Integer steps,
    @OptionalKey PredictionKind prediction,
    @OptionalKey Double sigmaData,
    @OptionalKey NetworkTimeKind networkTime,
    @OptionalKey String teacher,
    @OptionalKey String teacherConfig,
    @OptionalKey ConsistencyConfig consistency) {

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

  /** What a network is told of a noise level sigma. */
  public enum NetworkTimeKind {
    /** 250 ln sigma: for sinusoidal embeddings (consistency models with ADM). */
    THOUSANDFOLD,
    /** ln(sigma) / 4: for Fourier embeddings (EDM). */
    QUARTER_LOG;

    static NetworkTimeKind usual(UNetConfig.Architecture architecture) {
      return switch (architecture) {
        case NCSNPP, DDPMPP -> QUARTER_LOG;
        case DDPM, ADM -> THOUSANDFOLD;
      };
    }
  }

  /** Fills in the defaults and validates. */
  public ModelConfig {
    List<ModelKind> chain = List.of(ModelKind.DIFFUSION);
    List<ModelKind> distillation = List.of(ModelKind.CONSISTENCY_DISTILLATION);
    noiseSchedule = option("noiseSchedule", noiseSchedule, kind, chain, NoiseScheduleKind.LINEAR);
    steps = option("steps", steps, kind, chain, 1000);
    if (steps != null) {
      Require.atLeast("steps", steps, 2);
    }
    prediction = option("prediction", prediction, kind, chain, PredictionKind.EPSILON);
    sigmaData = option("sigmaData", sigmaData, kind, ModelKind.OF_SIGMA, null);
    if (sigmaData != null) {
      Require.positive("sigmaData", sigmaData);
    }
    NetworkTimeKind usual = NetworkTimeKind.usual(unet.architecture());
    networkTime = option("networkTime", networkTime, kind, ModelKind.OF_SIGMA, usual);
    teacher = option("teacher", teacher, kind, distillation, null);
    teacherConfig = option("teacherConfig", teacherConfig, kind, distillation, null);
    if (kind == ModelKind.CONSISTENCY_DISTILLATION && teacher == null) {
      throw new InvalidValueException(
          "teacher", "missing, expected the model file of the teacher that is distilled");
    }
    if (teacher != null) {
      Require.notBlank("teacher", teacher);
    }
    if (teacherConfig != null) {
      Require.notBlank("teacherConfig", teacherConfig);
    }
    Require.onlyWith("consistency", consistency, "kind", kind, ModelKind.CONSISTENCY);
    consistency =
        kind.isConsistency()
            ? (consistency == null ? ConsistencyConfig.DEFAULT : consistency).forKind(kind)
            : null;
  }

  /** The value or its default where the kind has a use for it, null where it has none. */
  private static <T> T option(
      String key, T value, ModelKind kind, List<ModelKind> kinds, T otherwise) {
    Require.onlyWith(key, value, "kind", kind, kinds);
    return value != null || !kinds.contains(kind) ? value : otherwise;
  }
}
