package org.lcsc.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.averaging.EmaCoefficients;
import org.lcsc.averaging.LawaCoefficients;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.objective.Objective;
import org.lcsc.search.strategy.EvolutionarySearch;
import org.lcsc.search.strategy.ScoredCoefficients;

class ScreeningTest {

  private static final int CHECKPOINTS = 20;

  /** Kept of these: three. */
  private static final double[] RATES = {0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.99};

  private final SyntheticBasin basin = new SyntheticBasin(5, CHECKPOINTS, 40, 0.01, 1);
  private final CheckpointWindow checkpoints = basin.window();

  @TempDir private Path directory;

  @AfterEach
  void closeTheWindow() {
    checkpoints.close();
  }

  @Test
  void onlyTheBestOfAKindAreValidatedOnAllSamples() throws IOException {
    Flaky.OfSamples validation = parts(1000);
    SearchResult result = search(validation).build().run();
    assertThat(validation.shares).hasSize(RATES.length).containsOnly(0.25);
    List<ScoredCoefficients> averages =
        result.candidates().stream().filter(c -> c.label().startsWith("ema-")).toList();
    List<String> best =
        emas().entrySet().stream()
            .sorted((a, b) -> Double.compare(score(a.getValue()), score(b.getValue())))
            .limit(3)
            .map(Map.Entry::getKey)
            .toList();
    assertThat(averages)
        .extracting(ScoredCoefficients::label)
        .containsExactlyInAnyOrderElementsOf(best);
    assertThat(averages)
        .as("scores on all samples, not on a part")
        .allSatisfy(
            c -> assertThat(c.validationScore()).isCloseTo(score(c.coefficients()), within(1e-6)));
    assertThat(result.candidates()).extracting(ScoredCoefficients::label).contains("uniform");
    assertThat(validation.calls).isEqualTo(RATES.length + result.candidates().size());
  }

  @Test
  void theShareIsOfAtLeast250Samples() throws IOException {
    Flaky.OfSamples some = parts(500);
    search(some).build().run();
    assertThat(some.shares).containsOnly(0.5);
    for (int samples : new int[] {2, 250}) {
      Flaky.OfSamples few = parts(samples);
      SearchResult all = search(few).build().run();
      assertThat(few.shares).isEmpty();
      assertThat(all.candidates()).filteredOn(c -> c.label().startsWith("ema-")).hasSize(10);
    }
  }

  @Test
  void killedAnywhereItContinuesToTheSameBits() throws IOException {
    Flaky.OfSamples counted = parts(1000);
    SearchResult whole = search(counted).build().run();
    for (int diesAt = 0; diesAt < counted.calls; diesAt++) {
      Path state = directory.resolve("state-" + diesAt);
      Flaky.OfSamples dying = parts(1000);
      dying.diesAt = diesAt;
      assertThatIllegalStateException()
          .isThrownBy(() -> search(dying).state(state).build().run())
          .withMessage("killed");
      Flaky.OfSamples rest = parts(1000);
      SearchResult resumed = search(rest).state(state).build().run();
      assertThat(rest.calls).isEqualTo(counted.calls - diesAt);
      assertThat(resumed.candidates())
          .usingRecursiveComparison()
          .withEqualsForType(Double::equals, Double.class)
          .isEqualTo(whole.candidates());
    }
  }

  @Test
  void aLargerBudgetComparesAgain() throws IOException {
    Path state = directory.resolve("state");
    search(parts(1000)).state(state).build().run();
    Flaky.OfSamples again = parts(1000);
    search(again).budget(SearchBudget.ofEvaluations(40)).state(state).build().run();
    assertThat(again.shares).hasSize(RATES.length);
  }

  @Test
  void costsWhatIsScored() {
    assertThat(Screening.cost(10, 1000)).isEqualTo(10 * 0.25 + 3);
    assertThat(Screening.cost(10, 500)).isEqualTo(10 * 0.5 + 3);
    assertThat(Screening.cost(10, 200)).isEqualTo(10);
    assertThat(Screening.cost(2, 1000)).isEqualTo(2);
  }

  private CheckpointSearchBuilder search(Objective validation) {
    double[][] start = {new double[CHECKPOINTS]};
    start[0][0] = 1;
    start[0][1] = 1;
    return CheckpointSearch.builder(
            CheckpointMerger.of(checkpoints),
            new EvolutionarySearch(start, 3),
            basin.objective("basin"))
        .budget(SearchBudget.ofEvaluations(20))
        .finalists(2)
        .validation(validation)
        .baselines(emas())
        .baselines(Map.of("uniform", LawaCoefficients.of(CHECKPOINTS, CHECKPOINTS)));
  }

  private Map<String, double[]> emas() {
    Map<String, double[]> emas = new LinkedHashMap<>();
    Arrays.stream(RATES)
        .forEach(
            rate -> emas.put("ema-" + rate, EmaCoefficients.of(rate, checkpoints.iterations())));
    return emas;
  }

  private double score(double[] coefficients) {
    return basin.scoreOf(coefficients);
  }

  private Flaky.OfSamples parts(int samples) {
    return new Flaky.OfSamples(basin.objective("validation"), samples);
  }
}
