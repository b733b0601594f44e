package org.lcsc.search.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.config.Parts;
import org.lcsc.search.SyntheticBasin;
import org.lcsc.search.strategy.EvolutionarySearch.Parameters;

class EvolutionarySearchTest {

  private static final long SEED = 20240417;

  private final SyntheticBasin basin = new SyntheticBasin(3, 30, 60, 0, 1);

  @Test
  void approachesTheOptimumInTheSpanFarBeyondTheEmaStarts() {
    double optimum = basin.optimumInSpan();
    SearchStrategy search = new EvolutionarySearch(basin.emaStarts(), SEED);
    double best = Double.POSITIVE_INFINITY;
    for (int generation = 0; generation < 125; generation++) {
      double[] scores = scores(search.ask(), basin::scoreOf);
      best = Math.min(best, Arrays.stream(scores).min().orElseThrow());
      search.tell(scores);
    }
    assertThat((best - optimum) / (basin.bestEma() - optimum)).isLessThan(0.5);
  }

  @Test
  void defaultsLeaveLessOfTheGapThanTheirRejectedAlternatives() {
    List<SyntheticBasin> basins = EvolutionaryDefaultsStudy.basins(100, 4, 0);
    double defaults = left(basins, "defaults");
    assertThat(defaults).isLessThan(0.75);
    for (String rejected : List.of("M_CP 40", "convex", "fixed sigma 1", "fixed sigma 0.03")) {
      assertThat(left(basins, rejected)).as(rejected).isGreaterThan(defaults + 0.05);
    }
  }

  private static double left(List<SyntheticBasin> basins, String name) {
    Parameters parameters = EvolutionaryDefaultsStudy.configurations().get(name);
    return EvolutionaryDefaultsStudy.remaining(basins, parameters, 1, 400)[0];
  }

  @Test
  void firstGenerationIsTheNormalisedInitialPopulation() {
    double[][] initial = {{2, 2}, {1, -3}};
    double[][] asked = new EvolutionarySearch(initial, SEED).ask();
    assertThat(asked).isDeepEqualTo(new double[][] {{0.5, 0.5}, {-0.5, 1.5}});
  }

  @ParameterizedTest
  @EnumSource(Normalisation.class)
  void everyCandidateSumsToOneEvenWithHugeMutations(Normalisation normalisation) {
    Parameters wild =
        new Parameters(6, 40, 0.3, 0.4, 0.3, 3, 0.2, 0.3, normalisation, 0.1, null, 0);
    SearchStrategy search = new EvolutionarySearch(basin.emaStarts(), wild, SEED);
    for (int generation = 0; generation < 30; generation++) {
      double[][] candidates = search.ask();
      for (double[] candidate : candidates) {
        assertThat(Coefficients.sum(candidate)).isCloseTo(1, within(1e-12));
        if (normalisation == Normalisation.CONVEX && generation > 0) {
          assertThat(candidate)
              .satisfies(
                  c -> assertThat(Arrays.stream(c).min().orElseThrow()).isGreaterThanOrEqualTo(0));
        }
      }
      // Random-like scores: selection must not tame the walk.
      search.tell(scores(candidates, c -> Coefficients.fingerprint(c) >>> 40));
    }
  }

  @Test
  void divisionByASumNearZeroNeverBlowsACandidateUp() {
    // Noise of standard deviation 0.7 on the sum: one child in five would be divided by less.
    Parameters parameters =
        new Parameters(2, 500, 0, 1, 1, 0.7, 0.2, 0, Normalisation.DIVIDE, 0.5, null, 0);
    SearchStrategy search =
        new EvolutionarySearch(new double[][] {{0.6, 0.4}, {0.4, 0.6}}, parameters, SEED);
    search.tell(new double[2]);
    double longest = 0;
    for (double[] child : search.ask()) {
      longest = Math.max(longest, Math.abs(child[0]) + Math.abs(child[1]));
    }
    // Before division |a0| + |a1| is below 2 + 2 * 6 standard deviations of 0.5.
    assertThat(longest).isBetween(1.5, 8 / 0.5);
  }

  @Test
  void mutationHasTheLengthSigmaWhateverTheDimension() {
    for (int dimension : new int[] {10, 100, 1000}) {
      double[] start = new double[dimension];
      Arrays.fill(start, 1.0 / dimension);
      Parameters parameters =
          Parts.with(
              Parameters.DEFAULTS,
              Map.of("parents", 4, "childrenPerGeneration", 400, "sigma", 0.2));
      SearchStrategy search = new EvolutionarySearch(new double[][] {start}, parameters, SEED);
      search.tell(new double[1]);
      double square = 0;
      for (double[] child : search.ask()) {
        for (int k = 0; k < dimension; k++) {
          square += (child[k] - start[k]) * (child[k] - start[k]) / 400;
        }
      }
      // The projection takes one of the dimensions away.
      double expected = 0.2 * Math.sqrt((dimension - 1.0) / dimension);
      assertThat(Math.sqrt(square)).as("K = %d", dimension).isCloseTo(expected, within(0.01));
    }
  }

  @Test
  void rareMutationsStillChangeEveryChild() {
    Parameters rare =
        new Parameters(1, 50, 0, 0, 1e-9, 0.1, 0.2, 0, Normalisation.PROJECT, 0.1, null, 0);
    SearchStrategy search = new EvolutionarySearch(new double[][] {{0.2, 0.3, 0.5}}, rare, SEED);
    search.tell(new double[1]);
    assertThat(Arrays.stream(search.ask()).map(Coefficients::fingerprint))
        .doesNotContain(Coefficients.fingerprint(new double[] {0.2, 0.3, 0.5}))
        .doesNotHaveDuplicates();
  }

  @Test
  void sigmaGrowsWithSuccessAndShrinksWithFailure() {
    EvolutionarySearch search = new EvolutionarySearch(basin.emaStarts(), SEED);
    search.tell(scores(search.ask(), c -> 10));
    search.tell(scores(search.ask(), c -> 1));
    double grown = search.sigma();
    assertThat(grown).isCloseTo(0.2 * Math.exp(0.3), within(1e-12));
    search.tell(scores(search.ask(), c -> 20));
    assertThat(search.sigma()).isLessThan(grown);
  }

  private static Parameters adapting(double adaptation, Normalisation normalisation, Double limit) {
    return new Parameters(2, 4, 0.5, 0.25, 1, 0.2, 0.25, adaptation, normalisation, 0.3, limit, 0);
  }

  @Test
  void sigmaFollowsTheShareOfChildrenThatGetAmongTheParents() {
    double[][] initial = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    EvolutionarySearch search =
        new EvolutionarySearch(initial, adapting(0.3, Normalisation.PROJECT, null), SEED);
    search.ask();
    search.tell(new double[] {3, 1, 2});
    assertThat(search.sigma()).as("the first generation has no parents").isEqualTo(0.2);
    search.ask();
    // Better than the second best: two; as good as it, worse and unusable are none.
    search.tell(new double[] {1.9, 2, 0.5, Double.NaN});
    double expected = 0.2 * Math.exp(0.3 * (0.5 - 0.25) / 0.75);
    assertThat(search.sigma()).isCloseTo(expected, within(1e-15));
    search.ask();
    search.tell(new double[] {9, 9, 9, Double.NEGATIVE_INFINITY});
    assertThat(search.sigma()).isCloseTo(expected * Math.exp(0.3 * -0.25 / 0.75), within(1e-15));
  }

  @ParameterizedTest
  @CsvSource({"-1, 2000", "1, 2e-5"})
  void sigmaStaysWithinAFactorOfTheFirst(double step, double bound) {
    EvolutionarySearch search =
        new EvolutionarySearch(
            new double[][] {{1, 0}, {0, 1}}, adapting(9, Normalisation.PROJECT, null), SEED);
    double score = 0;
    for (int generation = 0; generation < 20; generation++) {
      double[] scores = new double[search.ask().length];
      score += step;
      Arrays.fill(scores, score);
      search.tell(scores);
    }
    assertThat(search.sigma()).isCloseTo(bound, within(1e-9 * bound));
  }

  @Test
  void askingAgainGivesTheSameAndWhatIsDoneToItIsNoMatter() {
    double[][] initial = {{1, 0, 0}, {0, 1, 0}};
    EvolutionarySearch asked = new EvolutionarySearch(initial, SEED);
    EvolutionarySearch notAsked = new EvolutionarySearch(initial, SEED);
    for (int generation = 0; generation < 3; generation++) {
      double[][] candidates = asked.ask();
      double[][] untouched = asked.ask();
      assertThat(candidates).isDeepEqualTo(untouched);
      double[] scores = scores(untouched, a -> a[0]);
      Arrays.stream(candidates).forEach(candidate -> Arrays.fill(candidate, 7));
      asked.tell(scores);
      notAsked.tell(scores);
    }
    assertThat(notAsked.ask()).isDeepEqualTo(asked.ask());
  }

  @Test
  void whateverIsProposedIsWithinTheLimits() {
    double[][] initial = {{2, -1}, {0.5, 0.5}};
    Parameters limited = adapting(0, Normalisation.PROJECT, 1.25);
    EvolutionarySearch search = new EvolutionarySearch(initial, limited, SEED);
    assertThat(search.ask()[0]).containsExactly(new double[] {1.25, -0.25}, within(1e-12));
    boolean reached = false;
    for (int generation = 0; generation < 30; generation++) {
      for (double[] candidate : search.ask()) {
        assertThat(Arrays.stream(candidate).sum()).isCloseTo(1, within(1e-9));
        assertThat(candidate[0]).isBetween(-0.25 - 1e-12, 1.25);
        reached |= candidate[0] > 1.25 - 1e-9;
      }
      search.tell(scores(search.ask(), a -> -a[0]));
    }
    assertThat(reached).isTrue();
    EvolutionarySearch convex =
        new EvolutionarySearch(initial, adapting(0, Normalisation.CONVEX, null), SEED);
    assertThat(convex.ask()[0]).containsExactly(new double[] {1, 0}, within(1e-12));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new EvolutionarySearch(initial, adapting(0, Normalisation.PROJECT, 0.4), SEED))
        .withMessageContaining("cannot sum to 1");
  }

  @Test
  void limitsAreOfEveryGroup() {
    double[][] initial = {{2, -1, 0.5, 0.5}};
    EvolutionarySearch search =
        new EvolutionarySearch(initial, adapting(0, Normalisation.PROJECT, 0.75), 2, SEED);
    assertThat(search.ask()[0]).containsExactly(new double[] {0.75, 0.25, 0.5, 0.5}, within(1e-12));
    search.tell(new double[] {1});
    for (double[] child : search.ask()) {
      assertThat(child[0] + child[1]).isCloseTo(1, within(1e-9));
      assertThat(child[2] + child[3]).isCloseTo(1, within(1e-9));
      assertThat(Arrays.stream(child).map(Math::abs).max().orElseThrow()).isLessThan(0.75 + 1e-9);
    }
  }

  @Test
  void saysWhatItIs() {
    EvolutionarySearch search =
        new EvolutionarySearch(
            new double[][] {{1, 0, 0}}, adapting(0, Normalisation.DIVIDE, null), 5);
    assertThat(search.name()).isEqualTo("evolution");
    assertThat(search.dimension()).isEqualTo(3);
    assertThat(search.toString())
        .startsWith("EvolutionarySearch[dimension=3, groups=1, seed=5, Parameters[")
        .endsWith(", generation=0]");
    search.tell(new double[] {1});
    assertThat(search.toString()).endsWith(", generation=1]");
    assertThat(Parameters.DEFAULTS.generation(100)).isEqualTo(16);
    assertThatIllegalArgumentException().isThrownBy(() -> search.tell(new double[3]));
  }

  @Test
  void nonFiniteScoresRankLastAndAreNoParents() {
    double[][] initial = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    Parameters copies =
        new Parameters(3, 60, 0, 0, 1, 1e-6, 0.2, 0, Normalisation.PROJECT, 0.1, null, 0);
    SearchStrategy search = new EvolutionarySearch(initial, copies, SEED);
    search.tell(new double[] {Double.NaN, 7, Double.NEGATIVE_INFINITY});
    for (double[] child : search.ask()) {
      assertThat(child[1]).isCloseTo(1, within(1e-4));
    }
  }

  @Test
  void goesOnWhereNoScoreIsFinite() {
    SearchStrategy search = new EvolutionarySearch(basin.emaStarts(), SEED);
    for (int generation = 0; generation < 3; generation++) {
      search.tell(scores(search.ask(), c -> Double.NaN));
    }
    assertThat(search.ask()).hasDimensions(16, 30);
  }

  @Test
  void restoredAtAnyGenerationBorderItContinuesToTheSameBits() {
    SearchStrategy search = new EvolutionarySearch(basin.emaStarts(), SEED);
    for (int generation = 0; generation < 12; generation++) {
      SearchStrategy restored = new EvolutionarySearch(basin.emaStarts(), SEED);
      restored.restore(search.snapshot());
      assertThat(restored.ask()).isDeepEqualTo(search.ask());
      double[] scores = scores(search.ask(), basin::scoreOf);
      restored.tell(scores);
      search.tell(scores);
      assertThat(restored.snapshot()).isEqualTo(search.snapshot());
    }
  }

  @Test
  void sameSeedGivesTheSameGenerationsAndAnotherSeedOthers() {
    assertThat(secondGeneration(1)).isDeepEqualTo(secondGeneration(1));
    assertThat(Arrays.deepEquals(secondGeneration(1), secondGeneration(2))).isFalse();
  }

  private double[][] secondGeneration(long seed) {
    SearchStrategy search = new EvolutionarySearch(basin.emaStarts(), seed);
    search.tell(scores(search.ask(), basin::scoreOf));
    return search.ask();
  }

  @Test
  void refusesTheSnapshotOfAnotherSearchAndADamagedOne() {
    byte[] snapshot = new EvolutionarySearch(basin.emaStarts(), 1).snapshot();
    SearchStrategy other = new EvolutionarySearch(basin.emaStarts(), 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> other.restore(snapshot))
        .withMessageContaining("seed=1")
        .withMessageContaining("seed=2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> other.restore(new byte[] {0, 0, 0, 2}))
        .withMessageContaining("damaged");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> other.restore(new byte[] {0, 0, 0, 1}))
        .withMessage("snapshot of version 1, this is version 2");
  }

  @Test
  void refusesImpossibleParametersByName() {
    Parameters d = Parameters.DEFAULTS;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Parts.with(d, Map.of("parents", 0, "childrenPerGeneration", 16)))
        .withMessage("parents: too small (0), allowed: 1 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Parts.with(d, Map.of("sigma", Double.NaN)))
        .withMessage("sigma: not a positive number (NaN), allowed: more than 0");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new Parameters(4, 16, 0.75, 0.5, 1, 1, 0.2, 0, d.normalisation(), 0.1, null, 0))
        .withMessage("exchangeProbability: out of range (0.5), allowed: 0.0 to 0.25");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EvolutionarySearch(new double[][] {{1, -1}}, SEED))
        .withMessageContaining("their sum is 0.0, it must be at least 0.1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EvolutionarySearch(basin.emaStarts(), SEED).tell(new double[3]))
        .withMessage("got 3 scores for a generation of 7");
  }

  private static double[] scores(double[][] candidates, ToDoubleFunction<double[]> score) {
    return Arrays.stream(candidates).mapToDouble(score).toArray();
  }
}
