package org.lcsc.consistency;

import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Kind;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.diffusion.layer.Preconditioning.NetworkTime;
import org.lcsc.diffusion.model.EdmModel;
import org.lcsc.diffusion.training.BatchSettings;
import org.lcsc.diffusion.training.TrainingBatches;
import org.lcsc.diffusion.unet.NetworkBody;

/**
 * A consistency model trained without a teacher (Song et al. 2023, arXiv:2303.01469, Algorithm 3).
 *
 * @param unet its network
 * @param sigmaData as {@link EdmModel#sigmaData}
 * @param networkTime as {@link EdmModel#networkTime}
 * @param consistency distance and curriculum
 */
@Kind("consistency-training")
public record ScratchModel(
    NetworkBody unet,
    @OptionalKey Double sigmaData,
    @OptionalKey NetworkTime networkTime,
    Training consistency)
    implements ConsistencyModel {

  /** Curricula of consistency training. */
  public enum Curriculum {
    /** Of Song et al. 2023: a slowly growing number of levels, a moving average as the target. */
    ORIGINAL,
    /** Of Song and Dhariwal 2023: doubling levels, log-normal noise, no moving average. */
    IMPROVED
  }

  /**
   * Section {@code model.consistency}.
   *
   * @param distance between the two sides of a pair; default {@link Distance#PSEUDO_HUBER} for the
   *     improved curriculum, {@link Distance#L2} for the original
   * @param huberConstant c of the pseudo-Huber distance, above 0, only with it; default null:
   *     0.00054 times the root of the number of values per image
   * @param backbone the network of the LPIPS distance, only and always with it
   * @param curriculum that of consistency models (Song et al. 2023) or the improved one (Song and
   *     Dhariwal 2024); default {@link Curriculum#IMPROVED}
   * @param s0 levels at the start, for the improved curriculum less one; default 10 (improved) or 2
   *     (original)
   * @param s1 levels at the end less one; default 1280 (improved) or 150 (original)
   * @param mu0 original curriculum: rate of the target at the start, 0 to less than 1; default 0.9
   * @param logMean improved curriculum: mean of ln sigma; default -1.1
   * @param logDeviation improved curriculum: standard deviation of ln sigma, above 0; default 2
   * @param startAt iterations of the curriculum that {@code training.from} has been through, at
   *     least 0; default: those that its recipe tells of, 0 without such a model
   * @param length iterations K of the whole curriculum, at least 1; default: those of the training
   *     that {@code training.from} comes from where its recipe tells them, else those of this
   *     training or {@code startAt}, whichever are more
   */
  public record Training(
      @OptionalKey Distance distance,
      @OptionalKey Double huberConstant,
      @OptionalKey Backbone backbone,
      Curriculum curriculum,
      @OptionalKey Integer s0,
      @OptionalKey Integer s1,
      @OptionalKey Double mu0,
      @OptionalKey Double logMean,
      @OptionalKey Double logDeviation,
      @OptionalKey Integer startAt,
      @OptionalKey Integer length)
      implements Pairs {

    public Training() {
      this(null, null, null, Curriculum.IMPROVED, null, null, null, null, null, null, null);
    }

    public Training {
      boolean improved = curriculum == Curriculum.IMPROVED;
      Require.onlyWith("mu0", mu0, "curriculum", curriculum, List.of(Curriculum.ORIGINAL));
      Require.onlyWith("logMean", logMean, "curriculum", curriculum, List.of(Curriculum.IMPROVED));
      Require.onlyWith(
          "logDeviation", logDeviation, "curriculum", curriculum, List.of(Curriculum.IMPROVED));
      usual(distance, curriculum).check(huberConstant, backbone);
      Require.atLeast("s0", s0, improved ? 1 : 2);
      Require.between("s1", s1, s0 != null ? s0 : improved ? 10 : 2, Checks.MOST_LEVELS);
      Require.positive("logDeviation", logDeviation);
      if (mu0 != null) {
        Checks.rate("mu0", mu0);
      }
      Require.atLeast("startAt", startAt, 0);
      Require.atLeast("length", length, 1);
    }

    private static Distance usual(Distance given, Curriculum curriculum) {
      return given != null
          ? given
          : curriculum == Curriculum.IMPROVED ? Distance.PSEUDO_HUBER : Distance.L2;
    }

    /** The same with the defaults of its curriculum. */
    private Training resolved() {
      boolean improved = curriculum == Curriculum.IMPROVED;
      return new Training(
          usual(distance, curriculum),
          huberConstant,
          backbone,
          curriculum,
          Objects.requireNonNullElse(s0, improved ? 10 : 2),
          Objects.requireNonNullElse(s1, improved ? 1280 : 150),
          mu0 == null && !improved ? Double.valueOf(0.9) : mu0,
          logMean == null && improved ? Double.valueOf(-1.1) : logMean,
          logDeviation == null && improved ? Double.valueOf(2) : logDeviation,
          startAt,
          length);
    }

    private Training with(Integer start, Integer whole) {
      return new Training(
          distance,
          huberConstant,
          backbone,
          curriculum,
          s0,
          s1,
          mu0,
          logMean,
          logDeviation,
          start,
          whole);
    }

    /**
     * The curriculum of a training.
     *
     * @param iterations of the training
     */
    ConsistencyCurriculum of(int iterations) {
      int start = startAt == null ? 0 : startAt;
      int whole = length == null ? Math.max(iterations, start) : length;
      ConsistencyCurriculum curriculumOfAll =
          curriculum == Curriculum.IMPROVED
              ? new ImprovedConsistencyTraining(s0, s1, logMean, logDeviation, whole)
              : new ConsistencyTraining(s0, s1, mu0, whole);
      return start == 0 ? curriculumOfAll : new ContinuedCurriculum(curriculumOfAll, start);
    }
  }

  /** The defaults; the network has none. */
  public ScratchModel() {
    this(null, null, null, new Training());
  }

  /** Fills in the time and the curriculum and validates. */
  public ScratchModel {
    networkTime = new EdmModel(unet, sigmaData, networkTime).networkTime();
    try {
      consistency = consistency.resolved();
    } catch (InvalidValueException e) {
      throw new InvalidValueException("consistency." + e.key(), e.problem());
    }
  }

  @Override
  public String description() {
    return "a consistency model trained from scratch";
  }

  @Override
  public void checkTraining(int iterations) {
    Require.possible(
        "consistency",
        () -> {
          ConsistencyCurriculum curriculum = consistency.of(iterations);
          // The first batch must have levels to draw from.
          return curriculum.probabilities(curriculum.sigmas(0));
        });
  }

  @Override
  public boolean continues() {
    return consistency.startAt == null;
  }

  /** With the curriculum from where that of the origin ended, over the same length. */
  @Override
  public ScratchModel continuing(Origin origin) {
    if (!continues() || !(origin.model() instanceof ScratchModel before)) {
      return this;
    }
    int start = before.consistency.startAt == null ? 0 : before.consistency.startAt;
    Integer whole =
        consistency.length != null
            ? consistency.length
            : before.consistency.length != null ? before.consistency.length : origin.iterations();
    return new ScratchModel(
        unet, sigmaData, networkTime, consistency.with(start + origin.iteration(), whole));
  }

  @Override
  public TrainingBatches batches(
      BatchSettings settings, ComputationGraph network, ComputationGraph teacher) {
    return ConsistencyBatches.training(settings, consistency.of(settings.last()), network);
  }
}
