package org.lcsc.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.listener.LcscListener;
import org.lcsc.listener.LcscResult;
import org.lcsc.listener.SearchControl;
import org.nd4j.linalg.api.ndarray.INDArray;

class SearchInterruptionTest {

  private static final String CONFIG =
      """
      dataset: { name: digits }
      model:
        kind: diffusion
        unet: { channels: 4, multipliers: [1], blocks: 1, attention: [] }
      training: { iterations: 8, batchSize: 16, learningRate: 2.0e-3, seed: 1 }
      sampler: { kind: ddim, steps: 2, batchSize: 20 }
      lcsc:
        window: 8
        interval: 2
        searchAt: [8]
        search: { evaluations: 12, samples: 80, seed: 7, strategy: %s }
        validation: { samples: 80, seed: 8 }
        report: { samples: 80, seed: 9 }
      output: %s
      """;

  /** Batches of an evaluation. */
  private static final int BATCHES = 4;

  @TempDir Path directory;

  private Experiment experiment;
  private final AtomicInteger asked = new AtomicInteger();

  /** Searches until it was asked so often whether to end. */
  private Optional<LcscResult> search(Path root, int most, long lost) throws Exception {
    asked.set(0);
    ComputationGraph network = experiment.newNetwork();
    network.getConfiguration().setIterationCount(8);
    TreeMap<Long, INDArray> checkpoints = new TreeMap<>();
    for (long i = 2; i <= 8; i += 2) {
      checkpoints.put(i, network.params().mul(1 + 0.1 * i).reshape(network.numParams()));
    }
    checkpoints.remove(lost);
    try (RunDirectory run =
            Files.exists(root)
                ? RunDirectory.resume(root)
                : RunDirectory.create(root, experiment.config().toYaml(), null, false, 0);
        CheckpointWindow window = CheckpointWindow.ofCheckpoints(checkpoints)) {
      return new SearchSession(
              experiment,
              run,
              network,
              RunListener.NONE,
              RunEvents.open(experiment.config(), run, 7))
          .listener(
              LcscListener.from(experiment.config().lcsc(), null).window(window),
              SearchControl.DEFAULT
                  .savedIn(run.searchStates())
                  .cancelledBy(() -> asked.incrementAndGet() > most))
          .searchNow(network);
    }
  }

  private Optional<LcscResult> search(Path root, int most) throws Exception {
    return search(root, most, 0);
  }

  private void load(String strategy) throws Exception {
    Path file = directory.resolve("config.yaml");
    Files.writeString(file, CONFIG.formatted(strategy, directory.resolve("run")));
    experiment = Experiment.loadFor(file, RunConfig.read(file));
  }

  @Test
  void startsAgainWithoutADamagedCheckpoint() throws Exception {
    load("evolution");
    Path root = directory.resolve("run");
    assertThat(search(root, 30)).isEmpty();
    LcscResult result = search(root, Integer.MAX_VALUE, 4).orElseThrow();
    assertThat(result.checkpoints()).containsExactly(2, 6, 8);
    LcscResult fresh = search(directory.resolve("fresh"), Integer.MAX_VALUE, 4).orElseThrow();
    assertThat(result.search().history()).isEqualTo(fresh.search().history());
    assertThat(result.lcsc()).usingRecursiveComparison().isEqualTo(fresh.lcsc());
  }

  @ParameterizedTest
  @ValueSource(strings = {"evolution", "gradient"})
  void betweenAnyTwoBatchesItEndsAndContinuesToTheSameBits(String strategy) throws Exception {
    load(strategy);
    LcscResult whole = search(directory.resolve("whole"), Integer.MAX_VALUE).orElseThrow();
    int moments = asked.get();
    assertThat(moments).isGreaterThan(BATCHES * 12);
    for (int most : new int[] {3, 6, moments / 3, moments / 2, moments - 9, moments - 2}) {
      Path root = directory.resolve("run-" + most);
      assertThat(search(root, most)).isEmpty();
      assertThat(asked.get()).as("asked no more once it is to end").isEqualTo(most + 1);
      LcscResult resumed = search(root, Integer.MAX_VALUE).orElseThrow();
      assertThat(resumed.search().history()).isEqualTo(whole.search().history());
      assertThat(resumed.lcsc()).usingRecursiveComparison().isEqualTo(whole.lcsc());
      assertThat(resumed.baselines()).usingRecursiveComparison().isEqualTo(whole.baselines());
    }
  }
}
