package org.lcsc.listener;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Says that a training is to end, and why. The first reason stays. Thread-safe.
 *
 * @see StoppableIterator
 * @see TargetTermination
 */
public final class StopSignal {

  private final AtomicReference<String> reason = new AtomicReference<>();

  /** Creates a signal that is not given yet. */
  public StopSignal() {}

  /**
   * Asks for the end.
   *
   * @param why in words, for logs and results
   */
  public void request(String why) {
    reason.compareAndSet(null, why);
  }

  /** Whether the end was asked for. */
  public boolean isRequested() {
    return reason.get() != null;
  }

  /** Why, if it was. */
  public Optional<String> reason() {
    return Optional.ofNullable(reason.get());
  }

  @Override
  public String toString() {
    return "StopSignal(" + reason().orElse("not requested") + ")";
  }
}
