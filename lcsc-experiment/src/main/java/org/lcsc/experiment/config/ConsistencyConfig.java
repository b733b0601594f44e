package org.lcsc.experiment.config;

import java.util.List;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.config.YamlNames;

/**
 * Section {@code model.consistency}: what the two sides of a pair are compared by, and how the
 * training proceeds. Which keys have a meaning depends on the kind of model; the others are
 * refused, not ignored, and null.
 *
 * @param distance default {@link Distance#PSEUDO_HUBER} for the improved curriculum, else {@link
 *     Distance#L2}
 * @param huberConstant c of the pseudo-Huber distance, above 0, only with it; default null: 0.00054
 *     times the root of the number of values per image
 * @param backbone the network of the LPIPS distance, only and always with it
 * @param levels distillation: N, number of noise levels, at least 2; default 18
 * @param targetRate distillation: mu, the rate of the target's moving average, 0 to less than 1;
 *     default 0: the target is the trained network itself
 * @param curriculum training: default {@link Curriculum#IMPROVED}
 * @param s0 training: levels at the start; default 10 (improved) or 2 (original)
 * @param s1 training: levels at the end; default 1280 (improved) or 150 (original)
 * @param mu0 original curriculum: rate of the target at the start, 0 to less than 1; default 0.9
 * @param logMean improved curriculum: mean of ln sigma; default -1.1
 * @param logDeviation improved curriculum: standard deviation of ln sigma, above 0; default 2
 */
public record ConsistencyConfig(
    @OptionalKey Distance distance,
    @OptionalKey Double huberConstant,
    @OptionalKey BackboneConfig backbone,
    @OptionalKey Integer levels,
    @OptionalKey Double targetRate,
    @OptionalKey Curriculum curriculum,
    @OptionalKey Integer s0,
    @OptionalKey Integer s1,
    @OptionalKey Double mu0,
    @OptionalKey Double logMean,
    @OptionalKey Double logDeviation) {

  /** Everything at its default. */
  public static final ConsistencyConfig DEFAULT =
      new ConsistencyConfig(null, null, null, null, null, null, null, null, null, null, null);

  /** Distances between the two sides of a pair. */
  public enum Distance {
    /** Squared Euclidean distance, averaged over the values. */
    L2,
    /** Absolute difference, averaged over the values. */
    L1,
    /** Pseudo-Huber distance of the whole images. */
    PSEUDO_HUBER,
    /** Learned perceptual image patch similarity, through a backbone. */
    LPIPS
  }

  /** Curricula of consistency training. */
  public enum Curriculum {
    /** Of Song et al. 2023: a slowly growing number of levels, a moving average as the target. */
    ORIGINAL,
    /** Of Song and Dhariwal 2023: doubling levels, log-normal noise, no moving average. */
    IMPROVED
  }

  /**
   * This section for a kind of model, with its defaults.
   *
   * @throws InvalidValueException where a key has no meaning for the kind; the key is relative to
   *     section model
   */
  ConsistencyConfig forKind(ModelKind kind) {
    List<ModelKind> distillation = List.of(ModelKind.CONSISTENCY_DISTILLATION);
    List<ModelKind> training = List.of(ModelKind.CONSISTENCY_TRAINING);
    Integer n = option("levels", levels, kind, distillation, 18);
    Double mu = option("targetRate", targetRate, kind, distillation, 0.0);
    Curriculum c = option("curriculum", curriculum, kind, training, Curriculum.IMPROVED);
    boolean improved = c == Curriculum.IMPROVED;
    Integer first = option("s0", s0, kind, training, improved ? 10 : 2);
    Integer last = option("s1", s1, kind, training, improved ? 1280 : 150);
    Double rate = ofCurriculum("mu0", mu0, c, Curriculum.ORIGINAL, 0.9);
    Double mean = ofCurriculum("logMean", logMean, c, Curriculum.IMPROVED, -1.1);
    Double deviation = ofCurriculum("logDeviation", logDeviation, c, Curriculum.IMPROVED, 2.0);
    Distance d =
        distance != null ? distance : improved && c != null ? Distance.PSEUDO_HUBER : Distance.L2;
    if (huberConstant != null) {
      if (d != Distance.PSEUDO_HUBER) {
        throw new InvalidValueException(
            key("huberConstant"),
            "has no effect with distance: "
                + YamlNames.of(d)
                + " ("
                + huberConstant
                + "), allowed: only with distance: pseudo-huber");
      }
      Require.positive(key("huberConstant"), huberConstant);
    }
    if ((backbone != null) != (d == Distance.LPIPS)) {
      throw new InvalidValueException(
          key("backbone"),
          backbone == null
              ? "missing, expected with distance: lpips"
              : "has no effect with distance: "
                  + YamlNames.of(d)
                  + ", allowed: only with distance: lpips");
    }
    if (n != null) {
      Require.atLeast(key("levels"), n, 2);
    }
    checkRate("targetRate", mu);
    checkRate("mu0", rate);
    if (first != null) {
      Require.atLeast(key("s0"), first, improved ? 1 : 2);
      Require.atLeast(key("s1"), last, first);
    }
    if (deviation != null) {
      Require.positive(key("logDeviation"), deviation);
    }
    return new ConsistencyConfig(
        d, huberConstant, backbone, n, mu, c, first, last, rate, mean, deviation);
  }

  private static String key(String name) {
    return "consistency." + name;
  }

  private static void checkRate(String name, Double rate) {
    if (rate != null && !(rate >= 0 && rate < 1)) {
      throw new InvalidValueException(
          key(name), "out of range (" + rate + "), allowed: 0 to less than 1");
    }
  }

  private static <T> T option(
      String name, T value, ModelKind kind, List<ModelKind> kinds, T otherwise) {
    Require.onlyWith(key(name), value, "kind", kind, kinds);
    return value != null || !kinds.contains(kind) ? value : otherwise;
  }

  private static <T> T ofCurriculum(
      String name, T value, Curriculum chosen, Curriculum wanted, T otherwise) {
    if (value != null && chosen != wanted) {
      throw new InvalidValueException(
          key(name),
          "has no effect here ("
              + value
              + "), allowed: only with kind: consistency-training and curriculum: "
              + YamlNames.of(wanted));
    }
    return value == null && chosen == wanted ? otherwise : value;
  }
}
