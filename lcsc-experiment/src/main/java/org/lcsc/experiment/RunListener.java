package org.lcsc.experiment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongConsumer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.experiment.run.RunResults;
import org.lcsc.listener.LcscResult;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.SearchListener;

/**
 * Is called while a run works, to show it; every method does nothing by default. Called on the
 * thread that works, except {@link #stopping}; an exception ends the run.
 */
public interface RunListener extends FeaturesListener {

  /** Shows nothing. */
  RunListener NONE = new RunListener() {};

  /** A configuration was read, and its data are loaded next. */
  default void loading(Path file, RunConfig config) {}

  @Override
  default LongConsumer featuresStarted(String what, int images) {
    return done -> {};
  }

  /** The file of a distillation's teacher is missing, and its own training comes first. */
  default void teacherMissing(Path teacher, Path config) {}

  /** A run is resumed that has no saved state, and begins anew. */
  default void withoutState() {}

  /**
   * A training begins, or is resumed.
   *
   * @param network that is trained
   * @param run its files
   * @param iteration updates already applied; 0 of a training that begins
   */
  default void trainingStarted(
      Experiment experiment, ComputationGraph network, RunDirectory run, int iteration) {}

  /**
   * An update was applied.
   *
   * @param iteration updates applied
   * @param loss mean since the last row of {@code metrics.csv}; NaN where no row was written
   */
  default void updated(int iteration, double loss) {}

  /** The window of a search of checkpoints was read. */
  default void windowOpened(RunDirectory run, CheckpointWindow window) {}

  /**
   * A search begins.
   *
   * @param iteration of the training
   * @param budget evaluations that it may take
   * @param units makes a score a number of the measure's own units
   * @return is called by the search
   */
  default SearchListener searchStarted(long iteration, int budget, DoubleUnaryOperator units) {
    return new SearchListener() {};
  }

  /** A search has ended, and its files are written. */
  default void searched(SearchOutcome outcome) throws IOException {}

  /** A search of a network that this project does not know has ended, and its files are written. */
  default void found(LcscResult result) {}

  /**
   * All searches have ended; {@code results.json}, by which the run is finished, is not written
   * yet.
   *
   * @param ranges of noise levels that combinations have models for
   */
  default void finishing(RunDirectory run, List<LcscResult> searches, TimeRanges ranges)
      throws IOException {}

  /**
   * The run is finished.
   *
   * @param best the result with the best model; null where there is none
   */
  default void finished(RunDirectory run, RunResults results, LcscResult best) {}

  /** The user asked for the end; called on another thread. */
  default void stopping() {}

  /**
   * The run ends before it is finished.
   *
   * @param iteration updates applied
   * @param resumable whether its state is kept
   */
  default void interrupted(RunDirectory run, long iteration, boolean resumable) {}

  /** The run ends, in whatever way. */
  default void ended() {}
}
