package org.lcsc.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.lcsc.averaging.PostHocEma;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.listener.ScoredModel.Kind;
import org.lcsc.objective.Objective;
import org.lcsc.search.SearchListener;
import org.lcsc.search.strategy.SearchStrategy;

class BaselinesTest {

  private final MultiLayerNetwork network = Trainings.network(0.3);

  private LcscListener train(CheckpointWindow window, LcscListenerBuilder builder, int epochs) {
    LcscListener listener = builder.window(window).build();
    network.addListeners(listener);
    Trainings.fit(network, epochs);
    return listener;
  }

  private List<Objective> noiseSets() {
    List<Objective> sets = new ArrayList<>();
    for (int seed = 20; seed < 24; seed++) {
      sets.add(Trainings.loss(network, seed, 500));
    }
    return sets;
  }

  @Test
  void postHocAveragesAndTheSoupStandBesideTheOthers() {
    try (CheckpointWindow window = Trainings.window(network, 20, 2);
        PostHocEma postHoc = new PostHocEma(0.05, 0.1, network.numParams(), 1, 40)) {
      LcscListener listener =
          train(
              window,
              Trainings.listener(network, window)
                  .postHocEma(postHoc)
                  .baselines(Baselines.DEFAULT.withGreedySoup(5))
                  .report(parameters -> Map.of("norm", parameters.norm2Number().doubleValue()))
                  .searchAt(40),
              2);
      LcscResult result = listener.results().get(0);
      Objective validation = Trainings.loss(network, 12, 200);
      assertThat(postHoc.updates()).isEqualTo(40);
      assertThat(result.baselines())
          .extracting(ScoredModel::label)
          .contains("post-hoc-0.1", "post-hoc-0.25", "window-power-0.1", "lawa-5", "greedy-soup");
      assertThat(result.baseline("post-hoc-0.15").validationScore())
          .isEqualTo(validation.evaluate(postHoc.reconstruct(0.15)).score());
      ScoredModel soup = result.baseline("greedy-soup");
      assertThat(soup.validationScore())
          .isCloseTo(validation.evaluate(window.merge(soup.coefficients())).score(), within(1e-6));
      double share = Arrays.stream(soup.coefficients()).max().orElseThrow();
      assertThat(Arrays.stream(soup.coefficients()).boxed())
          .as("a mean of the chosen")
          .allSatisfy(a -> assertThat(a).isIn(0.0, share));
      assertThat(soup.reportScores()).containsKey("norm");
      assertThat(result.bestBaseline().reportScores()).containsKey("norm");
      assertThat(result.baselines())
          .filteredOn(model -> model.kind() == Kind.POST_HOC_EMA && model.reportScores().isEmpty())
          .hasSizeGreaterThanOrEqualTo(6);
      assertThat(result.verdict()).as("no noise sets were given").isNull();
    }
  }

  @Test
  void whatIsScoredBesideTheSearchIsToldByStage() {
    Map<String, List<Integer>> done = new TreeMap<>();
    Map<String, Integer> totals = new TreeMap<>();
    SearchListener watcher =
        new SearchListener() {
          @Override
          public void compared(String stage, int models, int total) {
            done.computeIfAbsent(stage, name -> new ArrayList<>()).add(models);
            totals.put(stage, total);
          }
        };
    try (CheckpointWindow window = Trainings.window(network, 20, 2)) {
      LcscListener listener =
          train(
              window,
              Trainings.listener(network, window)
                  .baselines(Baselines.DEFAULT.withGreedySoup(5))
                  .noiseSets(noiseSets())
                  .report(parameters -> Map.of("norm", parameters.norm2Number().doubleValue()))
                  .control(SearchControl.DEFAULT.watchedBy(iteration -> watcher))
                  .searchAt(40),
              2);
      int reported = 1 + listener.results().get(0).reportedBaselines().size();
      assertThat(totals)
          .isEqualTo(
              Map.of("greedy soup", 10, "baselines", 3, "further noise", 4, "report", reported));
      for (String stage : List.of("baselines", "further noise", "report")) {
        assertThat(done.get(stage))
            .as(stage)
            .isEqualTo(IntStream.rangeClosed(1, totals.get(stage)).boxed().toList());
      }
      assertThat(done.get("greedy soup")).startsWith(1).isSorted();
    }
  }

  @Test
  void aSearchThatFindsNothingSaysSo() {
    try (CheckpointWindow window = Trainings.window(network, 20, 2)) {
      LcscListener listener =
          train(
              window,
              Trainings.listener(network, window)
                  .strategy((initial, merger) -> new FirstGeneration(initial))
                  .noiseSets(noiseSets())
                  .searchAt(40),
              2);
      NoiseVerdict verdict = listener.results().get(0).verdict();
      assertThat(verdict.noiseSets()).isEqualTo(4);
      assertThat(verdict.better()).isFalse();
      assertThat(verdict.text()).contains("does not beat").contains(verdict.baseline());
    }
  }

  /** Proposes the averages it is given, and nothing else. */
  private static final class FirstGeneration implements SearchStrategy {
    private final double[][] initial;
    private boolean told;

    FirstGeneration(double[][] initial) {
      this.initial = initial;
    }

    @Override
    public String name() {
      return "first-generation";
    }

    @Override
    public int dimension() {
      return initial[0].length;
    }

    @Override
    public double[][] ask() {
      return told ? new double[0][] : initial.clone();
    }

    @Override
    public void tell(double[] scores) {
      told = true;
    }

    @Override
    public byte[] snapshot() {
      return new byte[] {(byte) (told ? 1 : 0)};
    }

    @Override
    public void restore(byte[] snapshot) {
      told = snapshot[0] == 1;
    }
  }

  @Test
  void theVerdictIsAPairedTTest() {
    // scipy.stats.ttest_1samp([-2, -1, -3, -2], 0): t = -4.899 against the quantile 2.353.
    NoiseVerdict clear = NoiseVerdict.of("uniform", new double[] {-2, -1, -3, -2});
    assertThat(clear.difference()).isCloseTo(-2, within(1e-12));
    assertThat(clear.difference() / clear.standardError()).isCloseTo(-4.899, within(1e-3));
    assertThat(clear.better()).isTrue();
    assertThat(clear.text()).contains("beats the best baseline, uniform: -2.000");
    assertThat(NoiseVerdict.of("uniform", new double[] {-4, 1, -3, 1}).better()).isFalse();
    assertThat(NoiseVerdict.of("uniform", new double[] {2, 1, 3, 2}).better()).isFalse();
    assertThat(NoiseVerdict.of("uniform", new double[] {-2, Double.NaN}).better()).isFalse();
  }

  @Test
  void aLaterSearchStartsFromTheOneBefore() {
    List<double[][]> starts = new ArrayList<>();
    try (CheckpointWindow window = Trainings.window(network, 20, 2)) {
      LcscListener listener =
          train(
              window,
              Trainings.listener(network, window)
                  .baselines(new Baselines(new double[] {0.5}, 0))
                  .search(Trainings.search(true))
                  .strategy(
                      (initial, checkpoints) -> {
                        starts.add(initial);
                        return new org.lcsc.search.strategy.EvolutionarySearch(initial, 3);
                      })
                  .searchAt(30, 40),
              2);
      int first = starts.get(0).length;
      assertThat(starts.get(1)).hasDimensions(first + 2, 10);
      // The window moved on by 5 checkpoints: by age the coefficients are those found before.
      assertThat(starts.get(1)[first + 1])
          .containsExactly(listener.results().get(0).coefficients(), within(1e-12));
    }
  }

  @Test
  void refusesWhatCannotWork() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Baselines.DEFAULT.withGreedySoup(1))
        .withMessageContaining("too small (1)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LcscListener.builder().noiseSets(List.of(Trainings.loss(network, 1, 10))))
        .withMessageContaining("at least 2, got 1");
  }
}
