package org.lcsc.experiment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.consistency.ConsistencyBatches;
import org.lcsc.diffusion.training.TrainingBatches;
import org.lcsc.listener.LcscListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.MultiDataSetPreProcessor;

/**
 * Saves a training's {@link TrainingState} between two updates, where it is due: before the first,
 * every so many iterations or minutes, around each search, when the user stops the run, and when a
 * mapped window is about to overwrite a checkpoint that the last state refers to.
 *
 * <p>The state before a search is that before the update that leads to it. A run killed within a
 * search so repeats that update, and the search then continues from its own state. Not thread-safe.
 */
final class StateSaver implements MultiDataSetPreProcessor {

  private static final long serialVersionUID = 1;

  /** Between saves where no number of iterations is configured. */
  private static final double SECONDS = 300;

  private final transient Training training;
  private final transient Schedule schedule;

  private int saved;
  private long savedAt = System.nanoTime();

  /**
   * When to save.
   *
   * @param every iterations between saves, null for every {@value #SECONDS} seconds, 0 for never
   * @param searches iterations with a search
   * @param stopping whether the user asked for the end
   */
  record Schedule(Integer every, Set<Integer> searches, BooleanSupplier stopping) {

    boolean never() {
      return every != null && every == 0;
    }

    boolean due(int iteration, double secondsSince) {
      return iteration == 0
          || searches.contains(iteration + 1)
          || searches.contains(iteration)
          || stopping.getAsBoolean()
          || (every == null ? secondsSince >= SECONDS : iteration % every == 0);
    }
  }

  /**
   * What is saved.
   *
   * @param searches directory of the searches' own states
   */
  record Training(
      TrainingState state,
      ComputationGraph network,
      TrainingBatches batches,
      LcscListener listener,
      TrainingProgress progress,
      Path searches) {}

  /**
   * A saver.
   *
   * @param saved iteration of the state that is there, -1 for none
   */
  StateSaver(Training training, Schedule schedule, int saved) {
    this.training = training;
    this.schedule = schedule;
    this.saved = saved;
  }

  /** Iteration of the last state, -1 where there is none. */
  int saved() {
    return saved;
  }

  /** Called with the batch of the next update, so between two updates. */
  @Override
  public void preProcess(MultiDataSet next) {
    int iteration = training.network().getIterationCount();
    try {
      if (schedule.due(iteration, (System.nanoTime() - savedAt) * 1e-9) || isAtRisk(iteration)) {
        save();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /** Whether the next update would overwrite a checkpoint of the last state. */
  private boolean isAtRisk(int iteration) {
    return training.listener().window() != null
        && training.listener().window().due(iteration + 1L)
        && training.listener().window().overwritesSaved();
  }

  /**
   * Saves now, unless the last state is of this iteration, or a search at it was interrupted: that
   * one continues from the state before.
   */
  void save() throws IOException {
    int iteration = training.network().getIterationCount();
    if (iteration == saved
        || schedule.never()
        || training.listener().interruptedSearch().isPresent()) {
      return;
    }
    INDArray target =
        training.batches() instanceof ConsistencyBatches consistency
            ? consistency.followedTarget(iteration).orElse(null)
            : null;
    training
        .state()
        .save(
            new TrainingState.Parts(
                training.progress().saved(), training.listener().state(), target));
    saved = iteration;
    savedAt = System.nanoTime();
    if (schedule.searches().contains(iteration) && Files.isDirectory(training.searches())) {
      // Finished: their results are in the state.
      try (Stream<Path> finished = Files.list(training.searches())) {
        for (Path file : finished.toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
