package org.lcsc.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Path;
import java.util.Collections;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.model.ParameterGrouping;
import org.lcsc.objective.Objective;
import org.lcsc.search.SearchEvaluation;
import org.lcsc.search.SearchListener;
import org.lcsc.search.strategy.GreedySoup;
import org.lcsc.search.strategy.ScoredCoefficients;

/** What the listener does where something goes wrong or is interrupted. */
class ListenerFailuresTest {

  @Test
  void tooFewCheckpointsLeaveTheSearchOut() {
    MultiLayerNetwork network = Trainings.network();
    try (CheckpointWindow window = Trainings.window(network, 80, 8)) {
      LcscListener listener = Trainings.listener(network, window).searchAt(10, 20).build();
      network.addListeners(listener);
      Trainings.fit(network, 1);
      assertThat(listener.results()).extracting(LcscResult::iteration).containsExactly(20L);
      assertThat(listener.results().get(0).checkpoints()).containsExactly(8, 16);
    }
    MultiLayerNetwork fresh = Trainings.network();
    try (CheckpointWindow window = Trainings.window(fresh, 80, 8)) {
      LcscListener listener = Trainings.listener(fresh, window).build();
      assertThatIllegalStateException()
          .isThrownBy(() -> listener.searchNow(fresh))
          .withMessage("a search needs at least 2 checkpoints, the window holds 0 at iteration 0");
    }
  }

  @Test
  void aBuiltListenerIsNoLongerChanged() {
    MultiLayerNetwork network = Trainings.network();
    try (CheckpointWindow window = Trainings.window(network, 20, 2)) {
      LcscListenerBuilder builder = Trainings.listener(network, window).searchAt(6, 20);
      LcscListener listener = builder.build();
      builder.target(1e6).build();
      network.addListeners(listener);
      network.fit(StoppableIterator.of(Trainings.data(), listener.stopSignal()));
      assertThat(listener.stopSignal().isRequested()).isFalse();
      assertThat(listener.results()).hasSize(2);
    }
  }

  @Test
  void aListenerThatWasAddedTwiceFollowsEveryUpdateOnce() {
    MultiLayerNetwork network = Trainings.network();
    try (CheckpointWindow window = Trainings.window(network, 20, 2)) {
      LcscListener listener = Trainings.listener(network, window).build();
      network.addListeners(listener, listener);
      Trainings.fit(network, 1);
      assertThat(listener.emas().get(0).updates()).isEqualTo(network.getIterationCount());
    }
  }

  @Test
  void aClosedListenerLeavesFurtherTrainingAlone() {
    MultiLayerNetwork network = Trainings.network();
    LcscListener listener;
    try (CheckpointWindow window = Trainings.window(network, 20, 2)) {
      listener = Trainings.listener(network, window).build();
      network.addListeners(listener);
      Trainings.fit(network, 1);
      listener.close();
    }
    long updates = listener.emas().get(0).updates();
    Trainings.fit(network, 1);
    assertThat(listener.emas().get(0).updates()).isEqualTo(updates);
    assertThatIllegalStateException()
        .isThrownBy(() -> listener.searchNow(network))
        .withMessage("this listener is closed");
  }

  @Test
  void aSearchIsNotStartedFromItself(@TempDir Path state) {
    MultiLayerNetwork network = Trainings.network();
    try (CheckpointWindow window = Trainings.window(network, 20, 2)) {
      LcscListener listener =
          Trainings.listener(network, window)
              .search(Trainings.search(true))
              .control(SearchControl.DEFAULT.savedIn(state))
              .searchAt(10, 20)
              .build();
      network.addListeners(listener);
      Trainings.fit(network, 1);
      assertThat(network.getIterationCount()).isEqualTo(20);
      LcscResult again = listener.searchNow(network).orElseThrow();
      assertThat(again.search().coefficients())
          .isEqualTo(listener.results().get(1).search().coefficients());
    }
  }

  @Test
  void whatCannotBeSearchedIsRefusedBeforeTheTraining() {
    MultiLayerNetwork network = Trainings.network();
    try (CheckpointWindow window = Trainings.window(network, 20, 2)) {
      LcscListenerBuilder groups =
          Trainings.listener(network, window)
              .groups(ParameterGrouping.byLayer(name -> name))
              .search(Trainings.SEARCH.with(new GreedySoup.Parameters()));
      assertThatIllegalArgumentException()
          .isThrownBy(groups::build)
          .withMessage("strategy greedy-soup searches one combination, got groups or timeRanges");
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  LcscListener.builder()
                      .objective(Trainings.loss(network, 11, 20))
                      .batchNormData(Collections::emptyIterator)
                      .buildSearches())
          .withMessage("batchNormData needs a model, got none");
    }
  }

  @Test
  void divergedTrainingLeavesTheGoodCheckpointsToSearch() {
    MultiLayerNetwork network = Trainings.network();
    try (CheckpointWindow window = Trainings.window(network, 20, 2)) {
      LcscListener listener = Trainings.listener(network, window).searchAt(20).build();
      network.addListeners(
          listener,
          new BaseTrainingListener() {
            @Override
            public void onGradientCalculation(Model model) {
              if (((MultiLayerNetwork) model).getIterationCount() == 10) {
                model.params().putScalar(3, Float.NaN);
              }
            }
          });
      Trainings.fit(network, 1);
      assertThat(listener.failed()).isTrue();
      assertThat(listener.divergedAt()).hasValue(11);
      LcscResult result = listener.results().get(0);
      assertThat(result.diverged()).isTrue();
      assertThat(result.checkpoints()).containsExactly(2, 4, 6, 8, 10);
      assertThat(result.baseline("last").isFinite()).isFalse();
      assertThat(result.baseline("ema-0.8").isFinite()).isTrue();
      assertThat(result.best().isFinite()).isTrue();
      assertThat(listener.emas().get(0).updates()).isEqualTo(10);
    }
  }

  @Test
  void cancelledSearchStopsTrainingInOrderAndGoesOnToTheSameResult(@TempDir Path state) {
    MultiLayerNetwork whole = Trainings.network();
    LcscResult expected;
    try (CheckpointWindow window = Trainings.window(whole, 12, 3)) {
      LcscListener listener = Trainings.listener(whole, window).searchAt(13).build();
      whole.addListeners(listener);
      whole.fit(StoppableIterator.of(Trainings.data(), listener.stopSignal()));
      expected = listener.results().get(0);
    }
    MultiLayerNetwork network = Trainings.network();
    AtomicInteger evaluations = new AtomicInteger();
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      LcscListener listener =
          Trainings.listener(network, window)
              .searchAt(13)
              .control(
                  SearchControl.DEFAULT
                      .savedIn(state)
                      .watchedBy(
                          n ->
                              new SearchListener() {
                                @Override
                                public void evaluated(SearchEvaluation evaluation) {
                                  evaluations.incrementAndGet();
                                }
                              })
                      .cancelledBy(() -> evaluations.get() == 25))
              .build();
      network.addListeners(listener);
      network.fit(StoppableIterator.of(Trainings.data(), listener.stopSignal()));
      assertThat(listener.results()).isEmpty();
      assertThat(listener.interruptedSearch()).hasValue(13);
      assertThat(listener.stopSignal().reason()).contains("search interrupted at iteration 13");
      assertThat(network.getIterationCount()).isEqualTo(13);

      evaluations.set(1000);
      LcscListener resumed =
          Trainings.listener(network, window)
              .control(SearchControl.DEFAULT.savedIn(state))
              .resume(listener.state())
              .build();
      LcscResult result = resumed.searchNow(network).orElseThrow();
      assertThat(result.coefficients()).isEqualTo(expected.coefficients());
      assertThat(result.baselines())
          .extracting(ScoredModel::validationScore)
          .isEqualTo(expected.baselines().stream().map(ScoredModel::validationScore).toList());
      assertThat(evaluations.get()).isEqualTo(1000);
    }
  }

  @Test
  void cancellingWhileBaselinesAreScoredLosesNothing(@TempDir Path state) {
    MultiLayerNetwork network = Trainings.network();
    AtomicInteger evaluations = new AtomicInteger();
    AtomicBoolean cancelled = new AtomicBoolean();
    SearchListener counter =
        new SearchListener() {
          @Override
          public void evaluated(SearchEvaluation evaluation) {
            evaluations.incrementAndGet();
          }

          @Override
          public void validated(ScoredCoefficients candidate, int done, int total) {
            cancelled.set(done == total);
          }
        };
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      LcscListener listener =
          Trainings.listener(network, window)
              .searchAt(20)
              .control(
                  SearchControl.DEFAULT
                      .savedIn(state)
                      .watchedBy(n -> counter)
                      .cancelledBy(cancelled::get))
              .build();
      network.addListeners(listener);
      Trainings.fit(network, 1);
      assertThat(evaluations).hasValue(60);
      assertThat(listener.interruptedSearch()).hasValue(20);
      assertThat(listener.results()).isEmpty();

      cancelled.set(false);
      assertThat(listener.searchNow(network)).isPresent();
      assertThat(evaluations).hasValue(60);
      assertThat(listener.interruptedSearch()).isEmpty();
      assertThat(listener.results()).hasSize(1);
    }
  }

  @Test
  void allBrokenModelsLeaveNoBest() {
    MultiLayerNetwork network = Trainings.network();
    Objective broken = Objective.of("broken", parameters -> Double.NaN);
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      LcscListener listener =
          LcscListener.builder()
              .window(window)
              .objective(broken)
              .evaluations(20)
              .searchAt(20)
              .target(1)
              .build();
      network.addListeners(listener);
      Trainings.fit(network, 1);
      LcscResult result = listener.results().get(0);
      assertThat(result.nonFinite()).isEqualTo(20);
      assertThat(result.best().isFinite()).isFalse();
      assertThat(listener.best()).isEmpty();
      assertThat(listener.bestParameters()).isEmpty();
      assertThat(listener.stopSignal().isRequested()).isFalse();
    }
  }

  @Test
  void refusesWhatCannotWork() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LcscListener.builder().searchAt(4).build())
        .withMessage("a search needs a window, got none");
    MultiLayerNetwork network = Trainings.network();
    try (CheckpointWindow window = Trainings.window(network, 12, 3);
        CheckpointWindow other = CheckpointWindow.builder(7).capacity(2).build()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> LcscListener.builder().window(window).searchAt(4).build())
          .withMessage("a search needs an objective, got none");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> LcscListener.builder().emaRates(0.9, 1.0))
          .withMessageContaining("got 1.0");
      // 1 in float32: the average would never move.
      assertThatIllegalArgumentException()
          .isThrownBy(() -> LcscListener.builder().emaRates(1 - 1e-9))
          .withMessageContaining("in float32");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> LcscListener.builder().target(5).build())
          .withMessage("target has no effect without an objective, got none");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> LcscListener.builder().searchAt(0))
          .withMessageContaining("got [0]");
      network.addListeners(LcscListener.builder().window(other).build());
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Trainings.fit(network, 1))
          .withMessage("the window is of 7 parameters, the model has 51");
    }
  }
}
