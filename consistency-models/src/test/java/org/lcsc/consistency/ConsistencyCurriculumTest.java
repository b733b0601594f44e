package org.lcsc.consistency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.diffusion.model.GenerativeModel;
import org.lcsc.diffusion.schedule.KarrasSigmas;

class ConsistencyCurriculumTest {

  /** From the smallest noise level up, of 11 levels. */
  private static final double[] LOG_NORMAL = {
    .06263299, .18173698, .24550142, .21349445, .14244606, .08060462, .04107991, .01958009,
    .00894387, .00397961
  };

  @ParameterizedTest
  @CsvSource({
    "0, .81, 2",
    "1, .9, 3",
    "1000, .958731516, 6",
    "100000, .996032025, 54",
    "400000, .99801404, 107",
    "800000, .998596179, 151",
    "900000, .998596179, 151"
  })
  void levelsAndTargetRateOnCifar10AreThoseOfTheAuthorsCode(int k, double mu, int levels) {
    ConsistencyTraining curriculum = new ConsistencyTraining(2, 150, 0.9, 800_000);
    assertThat(curriculum.levels(k)).isEqualTo(levels);
    assertThat(curriculum.targetRate(k)).isCloseTo(mu, within(1e-9));
    assertThat(curriculum.sigmas(k)).isEqualTo(KarrasSigmas.edm(levels));
  }

  @Test
  void levelsAndTargetRateOnImageNet64AreThoseOfTheAuthorsCode() {
    assertThat(new ConsistencyTraining(2, 200, 0.95, 800_000).levels(400_000)).isEqualTo(143);
    assertThat(new ConsistencyTraining(2, 200, 0.95, 800_000).targetRate(400_000))
        .isCloseTo(.99927782, within(1e-8));
  }

  @Test
  void pairsOfTheFirstCurriculumAreAllAlike() {
    ConsistencyTraining curriculum = new ConsistencyTraining(2, 150, 0.9, 800_000);
    double[] sigmas = KarrasSigmas.edm(5);
    assertThat(curriculum.probabilities(sigmas)).containsExactly(0.25, 0.25, 0.25, 0.25);
    assertThat(curriculum.weight(sigmas[0], sigmas[1])).isEqualTo(1);
  }

  @Test
  void improvedLevelsDoubleEveryEighthOfTheTraining() {
    ImprovedConsistencyTraining curriculum =
        new ImprovedConsistencyTraining(10, 1280, -1.1, 2, 400_000);
    for (int stage = 0; stage < 8; stage++) {
      int levels = (10 << stage) + 1;
      assertThat(curriculum.levels(stage * 50_000)).isEqualTo(levels);
      assertThat(curriculum.levels(stage * 50_000 + 49_999)).isEqualTo(levels);
    }
    assertThat(curriculum.levels(0)).isEqualTo(11);
    assertThat(curriculum.levels(400_000)).isEqualTo(1281);
    assertThat(curriculum.levels(Integer.MAX_VALUE)).isEqualTo(1281);
    assertThat(curriculum.targetRate(123)).isZero();
  }

  @Test
  void improvedLevelsStayWithinTheirEndWhereItIsNoDoubleOfTheStart() {
    ImprovedConsistencyTraining curriculum = new ImprovedConsistencyTraining(10, 35, -1.1, 2, 100);
    // floor(35 / 10) = 3, K' = floor(100 / (log2 3 + 1)) = 38
    assertThat(curriculum.levels(37)).isEqualTo(11);
    assertThat(curriculum.levels(38)).isEqualTo(21);
    assertThat(curriculum.levels(75)).isEqualTo(21);
    assertThat(curriculum.levels(76)).isEqualTo(36);
    assertThat(curriculum.levels(100)).isEqualTo(36);
  }

  /** Lengths at which 1 + log2 comes within rounding of dividing the training evenly. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8, 16, 64, 128, 512, 1024})
  void powersOfTwoDivideTheTrainingExactly(int ratio) {
    int stages = Integer.numberOfTrailingZeros(ratio) + 1;
    ImprovedConsistencyTraining curriculum =
        new ImprovedConsistencyTraining(3, 3 * ratio, -1.1, 2, 7 * stages);
    for (int k = 0; k < 7 * stages; k++) {
      assertThat(curriculum.levels(k)).as("iteration %d", k).isEqualTo((3 << (k / 7)) + 1);
    }
  }

  @Test
  void improvedNoiseIsADiscretisedLogNormal() {
    ImprovedConsistencyTraining curriculum =
        new ImprovedConsistencyTraining(10, 1280, -1.1, 2, 400_000);
    double[] descending = curriculum.probabilities(curriculum.sigmas(0));
    assertThat(descending).hasSize(10);
    for (int i = 0; i < 10; i++) {
      assertThat(descending[9 - i])
          .as("pair %d from below", i)
          .isCloseTo(LOG_NORMAL[i], within(5e-9));
    }
    double[] fine = curriculum.probabilities(KarrasSigmas.edm(1281));
    assertThat(Arrays.stream(fine).sum()).isCloseTo(1, within(1e-12));
    assertThat(Arrays.stream(fine).min().orElseThrow()).isPositive();
  }

  @Test
  void improvedPairsWeighMoreTheCloserTheyAre() {
    ImprovedConsistencyTraining curriculum =
        new ImprovedConsistencyTraining(10, 1280, -1.1, 2, 400_000);
    assertThat(curriculum.weight(0.75, 0.5)).isEqualTo(4);
    assertThat(curriculum.weight(80, 60)).isEqualTo(0.05);
  }

  @Test
  void pseudoHuberConstantGrowsWithTheRootOfTheDimension() {
    assertThat(ImprovedConsistencyTraining.pseudoHuberConstant(64))
        .isCloseTo(.00432, within(1e-12));
    assertThat(ImprovedConsistencyTraining.pseudoHuberConstant(32 * 32))
        .isCloseTo(.01728, within(1e-12));
    assertThat(ImprovedConsistencyTraining.pseudoHuberConstant(1)).isEqualTo(.00054);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImprovedConsistencyTraining.pseudoHuberConstant(0))
        .withMessage("dimension: expected at least 1, got 0");
  }

  @Test
  void aDistillationStaysAsItIs() {
    ConsistencyDistillation curriculum = new ConsistencyDistillation(2, 0, 1);
    assertThat(curriculum.levels(0)).isEqualTo(2);
    assertThat(curriculum.levels(7)).isEqualTo(2);
    assertThat(new ConsistencyDistillation(40, 0.95, 9).targetRate(3)).isEqualTo(0.95);
    refused("levels: expected at least 2, got 1", () -> new ConsistencyDistillation(1, 0, 1));
    refused("iteration: expected at least 0, got -1", () -> curriculum.levels(-1));
    refused("iteration: expected at least 0, got -1", () -> curriculum.targetRate(-1));
  }

  @Test
  void aContinuedCurriculumDiffersInTheIterationAlone() {
    ConsistencyCurriculum whole = new ImprovedConsistencyTraining(10, 1280, -1.1, 2, 400);
    ConsistencyCurriculum later = new ContinuedCurriculum(whole, 50);
    double[] sigmas = KarrasSigmas.edm(4);
    assertThat(later.levels(0)).isEqualTo(21);
    assertThat(later.weight(0.75, 0.5)).isEqualTo(4);
    assertThat(later.probabilities(sigmas)).isEqualTo(whole.probabilities(sigmas));
  }

  @Test
  void refusesValuesOutOfRange() {
    refused("s0: expected at least 2, got 1", () -> new ConsistencyTraining(1, 150, .9, 10));
    refused("s1: expected at least s0 = 5, got 4", () -> new ConsistencyTraining(5, 4, .9, 10));
    refused(
        "mu0: out of range (1.0), allowed: 0 to less than 1",
        () -> new ConsistencyTraining(2, 150, 1, 10));
    refused("iterations: expected at least 1, got 0", () -> new ConsistencyTraining(2, 4, .9, 0));
    refused(
        "iterations: expected at least 8 to get from s0 = 10 to s1 = 1280, got 7",
        () -> new ImprovedConsistencyTraining(10, 1280, -1.1, 2, 7));
    refused(
        "logMean: expected a finite number, got NaN",
        () -> new ImprovedConsistencyTraining(10, 1280, Double.NaN, 2, 100));
    refused(
        "logDeviation: expected above 0, got 0.0",
        () -> new ImprovedConsistencyTraining(10, 1280, -1.1, 0, 100));
    for (ConsistencyCurriculum curriculum :
        new ConsistencyCurriculum[] {
          new ConsistencyTraining(2, 150, 0.9, 800_000),
          new ImprovedConsistencyTraining(10, 1280, -1.1, 2, 100)
        }) {
      refused("iteration: expected at least 0, got -1", () -> curriculum.levels(-1));
      refused("iteration: expected at least 0, got -2", () -> curriculum.targetRate(-2));
      refused("sigmas: expected at least 2, got 1", () -> curriculum.probabilities(new double[1]));
      refused(
          "sigmas: expected finite, descending numbers above 0, got 3.0 at 1 after 2.0",
          () -> curriculum.probabilities(new double[] {2, 3}));
      refused(
          "sigmas: expected finite, descending numbers above 0, got 0.0 at 1 after 2.0",
          () -> curriculum.probabilities(new double[] {2, 0}));
      refused(
          "sigmas: expected finite, descending numbers above 0, got 2.0 at 1 after 2.0",
          () -> curriculum.probabilities(new double[] {2, 2}));
      refused(
          "pair of sigmas: expected sigma > next > 0, got 1.0 and 1.0",
          () -> curriculum.weight(1, 1));
      refused(
          "pair of sigmas: expected sigma > next > 0, got 1.0 and 0.0",
          () -> curriculum.weight(1, 0));
    }
    refused(
        "sigmas: expected some where ln sigma has mean 500.0 and standard deviation 1.0,"
            + " got 80.0 down to 0.002",
        () -> new ImprovedConsistencyTraining(2, 4, 500, 1, 9).probabilities(KarrasSigmas.edm(3)));
  }

  private static void refused(String message, Runnable call) {
    assertThatIllegalArgumentException().isThrownBy(call::run).withMessage(message);
  }

  /** The paper's rows of 800,000 iterations and 40,000 more: these stay at 151 levels. */
  @Test
  void aTrainingFromAFinishedModelContinuesItsCurriculum() {
    ScratchModel.Training original =
        new ScratchModel.Training(
            null,
            null,
            null,
            ScratchModel.Curriculum.ORIGINAL,
            null,
            null,
            null,
            null,
            null,
            null,
            null);
    ScratchModel paper = new ScratchModel(null, null, null, original);
    GenerativeModel.Origin finished = new GenerativeModel.Origin(paper, 800_000, 800_000);
    ScratchModel more = paper.continuing(finished);
    assertThat(more.consistency().startAt()).isEqualTo(800_000);
    ConsistencyCurriculum curriculum = more.consistency().of(40_000);
    assertThat(curriculum.levels(0)).isEqualTo(151);
    assertThat(curriculum.levels(39_999)).isEqualTo(151);
    assertThat(paper.consistency().of(40_000).levels(0)).as("from scratch").isEqualTo(2);

    ConsistencyCurriculum whole = paper.consistency().of(800_000);
    ConsistencyCurriculum half =
        paper
            .continuing(new GenerativeModel.Origin(paper, 300_000, 800_000))
            .consistency()
            .of(500_000);
    for (int k : new int[] {0, 1, 100_000, 499_999}) {
      assertThat(half.levels(k)).as("k = %d", k).isEqualTo(whole.levels(300_000 + k));
      assertThat(half.targetRate(k)).isEqualTo(whole.targetRate(300_000 + k));
    }
    ScratchModel third = more.continuing(new GenerativeModel.Origin(paper, 5, 5));
    assertThat(third).as("a configured start is kept").isEqualTo(more);
  }
}
