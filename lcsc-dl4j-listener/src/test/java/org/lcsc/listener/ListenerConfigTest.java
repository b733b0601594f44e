package org.lcsc.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.deeplearning4j.earlystopping.scorecalc.ClassificationScoreCalculator;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.config.ConfigException;
import org.lcsc.search.SearchEvaluation;
import org.lcsc.search.SearchListener;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The sections {@code lcsc} and {@code ema} of a file, without a command line. */
class ListenerConfigTest {

  private static final String SEARCH =
      "lcsc: { window: 12, interval: 3, every: 10, search: { evaluations: 30, seed: 5%s }%s }\n";

  @TempDir Path directory;

  private final MultiLayerNetwork network = Trainings.network();

  private Path file(String search, String lcsc) throws IOException {
    return Files.writeString(
        directory.resolve("x.yaml"),
        SEARCH.formatted(search, lcsc) + "ema: { rates: [0.8, 0.95] }");
  }

  private LcscListenerBuilder from(String search, String lcsc) throws IOException {
    return LcscListener.from(file(search, lcsc), Trainings.loss(network, 11, 200));
  }

  @Test
  void isTheListenerThatJavaBuilds() throws IOException {
    LcscResult configured;
    try (LcscListener listener = from("", "").build()) {
      network.addListeners(listener);
      Trainings.fit(network, 1);
      configured = listener.results().get(1);
    }
    MultiLayerNetwork other = Trainings.network();
    try (var window = Trainings.window(other, 12, 3)) {
      LcscListener listener =
          LcscListener.builder()
              .window(window)
              .emaRates(0.8, 0.95)
              .searchEvery(10)
              .objective(Trainings.loss(other, 11, 200))
              .search(Trainings.SEARCH.withEvaluations(30))
              .build();
      other.addListeners(listener);
      Trainings.fit(other, 1);
      assertThat(configured.coefficients()).isEqualTo(listener.results().get(1).coefficients());
    }
  }

  @Test
  void stopsAtATargetAccuracy() throws IOException {
    try (LcscListener listener =
        LcscListener.from(
                file("", ", target: 0.5"),
                network,
                new ClassificationScoreCalculator(
                    Evaluation.Metric.ACCURACY, Trainings.held(3, 200)))
            .build()) {
      network.addListeners(listener);
      network.fit(StoppableIterator.of(Trainings.data(), listener.stopSignal()));
      assertThat(network.getIterationCount()).isEqualTo(10);
      assertThat(listener.stopSignal().reason().orElseThrow())
          .matches("\\S+ reached 0\\.\\d+ on validation, above the target 0.5, at iteration 10");
    }
  }

  @Test
  void anAccuracyOutOfReachStopsNothing() throws IOException {
    try (LcscListener listener =
        LcscListener.from(
                file("", ", target: 1"),
                network,
                new ClassificationScoreCalculator(
                    Evaluation.Metric.ACCURACY, Trainings.held(3, 200)))
            .build()) {
      network.addListeners(listener);
      Trainings.fit(network, 1);
      assertThat(listener.stopSignal().isRequested()).isFalse();
    }
  }

  @Test
  void everyNoiseSetIsAnObjectiveOfItsOwn() throws IOException {
    List<String> made = new ArrayList<>();
    ObjectiveFactory factory =
        (seed, samples) -> {
          made.add(seed + ": " + samples);
          return Trainings.loss(network, seed, samples);
        };
    Path yaml =
        file(", samples: 90", ", validation: { seed: 17 }, report: { samples: 70, seed: 18 }");
    try (LcscListener listener = LcscListener.from(yaml, factory).build()) {
      network.addListeners(listener);
      Trainings.fit(network, 1);
      assertThat(made).containsExactly("5: 90", "17: 90", "18: 70");
      assertThat(listener.results().get(0).lcsc().reportScores()).containsKey("data-set-loss");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "', samples: 91' | ''",
        "', samples: 90, gradientSamples: 80' | ''",
        "', samples: 90' | ', validation: { seed: 7 }'",
        "', samples: 90' | ', validation: { samples: 80 }'",
      })
  void aKilledSearchDoesNotContinueOnOtherNoise(String search, String lcsc) throws IOException {
    Path states = directory.resolve("states");
    ObjectiveFactory factory = (seed, samples) -> Trainings.loss(network, seed, samples);
    AtomicInteger evaluations = new AtomicInteger();
    SearchListener counter =
        new SearchListener() {
          @Override
          public void evaluated(SearchEvaluation evaluation) {
            evaluations.incrementAndGet();
          }
        };
    try (LcscListener listener =
        LcscListener.from(file(", samples: 90", ""), factory)
            .control(
                SearchControl.DEFAULT
                    .savedIn(states)
                    .watchedBy(n -> counter)
                    .cancelledBy(() -> evaluations.get() == 3))
            .build()) {
      network.addListeners(listener);
      network.fit(StoppableIterator.of(Trainings.data(), listener.stopSignal()));
      assertThat(listener.interruptedSearch()).hasValue(10);
    }
    MultiLayerNetwork again = Trainings.network();
    try (LcscListener listener =
        LcscListener.from(file(search, lcsc), factory)
            .control(SearchControl.DEFAULT.savedIn(states))
            .build()) {
      again.addListeners(listener);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Trainings.fit(again, 1))
          .withMessageContaining(
              "the saved state is of another search: identity 90 samples of seed 5, validation 90"
                  + " of seed 6, here 9");
    }
  }

  @Test
  void averagesTakeNoWindow() throws IOException {
    LcscListener listener =
        LcscListener.from(null, ListenerConfig.read(file("", "")).ema()).build();
    network.addListeners(listener);
    INDArray weights = Trainings.fit(network, 1);
    assertThat(listener.window()).isNull();
    assertThat(listener.emas()).hasSize(2);
    assertThat(listener.emas().get(0).parameters()).isNotEqualTo(weights);
  }

  @Test
  void aMappedWindowLiesInTheRunDirectory() throws IOException {
    Path run = directory.resolve("run");
    try (LcscListener listener = from("", ", storage: mapped").output(run).build()) {
      network.addListeners(listener);
      Trainings.fit(network, 1);
      assertThat(run.resolve("state/window.bin")).exists();
      assertThat(listener.results()).hasSize(2);
    }
    assertThat(run.resolve("state/window.bin")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | ', objective: fid' | lcsc.objective: given beside an objective in Java (fid)",
        "'' | ', keep: [window]' | lcsc.keep: window has no effect with a listener in Java",
        "'' | ', objective: mixture' | lcsc.objective.parts: missing",
        "', samples: 90' | '' | lcsc.search.samples: has no effect",
        "'' | ', validation: { samples: 90 }' | lcsc.validation: has no effect",
        "'' | ', report: { seed: 90 }' | lcsc.report: has no effect",
        "', racing: { share: 0.5 }' | '' | lcsc.search.racing: not possible with the objective"
            + " data-set-loss",
        "', strategy: gradient' | '' | lcsc.search.strategy: objective data-set-loss has no"
            + " gradient",
        "', timeRanges: 2' | '' | lcsc.search.timeRanges: needs a sampler's noise levels",
        "'' | ', targetFid: 5' | 'lcsc.targetFid: unknown key, now target: 5'",
      })
  void refusesInOneLineWhatWouldHaveNoEffect(String search, String lcsc, String message) {
    ConfigException e = catchThrowableOfType(ConfigException.class, () -> from(search, lcsc));
    assertThat(e).as("refusal").isNotNull();
    assertThat(e.getMessage())
        .hasLineCount(1)
        .startsWith(directory.resolve("x.yaml") + ": " + message);
  }

  /** Else the training would end in it. */
  @Test
  void aFirstSearchThatCannotBeIsRefusedAtOnce() throws IOException {
    LcscListenerBuilder builder = from(", strategy: { kind: evolution, limit: 0.3 }", "");
    assertThatThrownBy(builder::build)
        .hasMessageContaining("lcsc.search.strategy.limit: too small (0.3), the coefficients of 3");
    // The window is another one, whose checkpoints are as many as it has.
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      builder.window(window).build().close();
    }
  }
}
