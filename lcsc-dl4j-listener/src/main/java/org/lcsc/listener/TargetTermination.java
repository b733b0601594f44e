package org.lcsc.listener;

import java.util.Objects;
import org.deeplearning4j.earlystopping.termination.EpochTerminationCondition;
import org.deeplearning4j.earlystopping.termination.IterationTerminationCondition;

/**
 * Ends a training of Deeplearning4j's early-stopping trainers once a {@link StopSignal} is given.
 *
 * <pre>{@code
 * TargetTermination target = new TargetTermination(listener.stopSignal());
 * saver.saveBestModel(model, Double.NaN);
 * EarlyStoppingConfiguration<ComputationGraph> configuration =
 *     new EarlyStoppingConfiguration.Builder<ComputationGraph>()
 *         .iterationTerminationConditions(target)
 *         .modelSaver(saver)
 *         ...
 * }</pre>
 *
 * <p>As a condition per iteration it ends the training with the iteration that gave the signal, as
 * a condition per epoch with the epoch. A trainer that ends within its first epoch asks the saver
 * for a best model that none was saved as, and fails with a {@code NullPointerException}: save one
 * before, as above. Thread-safe.
 */
public final class TargetTermination
    implements IterationTerminationCondition, EpochTerminationCondition {

  private static final long serialVersionUID = 1;

  private final transient StopSignal signal;

  /** Ends with a signal, {@link LcscListener#stopSignal()} for example. */
  public TargetTermination(StopSignal signal) {
    this.signal = Objects.requireNonNull(signal, "signal");
  }

  @Override
  public void initialize() {}

  @Override
  public boolean terminate(double lastMiniBatchScore) {
    return signal.isRequested();
  }

  @Override
  public boolean terminate(int epochNum, double score, boolean minimize) {
    return signal.isRequested();
  }

  /** Deeplearning4j gives this as the details of the result. */
  @Override
  public String toString() {
    return "TargetTermination(" + signal.reason().orElse("target not reached") + ")";
  }
}
