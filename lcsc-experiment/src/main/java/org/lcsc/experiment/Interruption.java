package org.lcsc.experiment;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets long work end in order on Ctrl-C or {@code kill}: the work polls {@link #requested()} once
 * per iteration, saves its state, and closes this object; only then does the process end, with the
 * signal's exit code (130 for Ctrl-C, 143 for {@code kill}).
 *
 * <pre>{@code
 * try (Interruption interruption = Interruption.listen(Duration.ofMinutes(2), err::println)) {
 *   while (!done && !interruption.requested()) { ... }
 *   saveState();
 * }
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class Interruption implements AutoCloseable {

  private final CountDownLatch finished = new CountDownLatch(1);
  private final Duration grace;
  private final Runnable notice;
  private volatile boolean requested;
  private Thread hook;

  private Interruption(Duration grace, Runnable notice) {
    this.grace = grace;
    this.notice = notice;
  }

  /**
   * Starts to listen for the end of the process.
   *
   * @param grace how long the process waits for the work to save its state
   * @param notice runs once when the end is asked for, to tell the user what is happening
   */
  public static Interruption listen(Duration grace, Runnable notice) {
    Interruption interruption = new Interruption(grace, notice);
    interruption.hook = new Thread(interruption::request, "lcsc-interruption");
    // A shutdown hook, because signal handlers are no public part of the platform.
    Runtime.getRuntime().addShutdownHook(interruption.hook);
    return interruption;
  }

  /** Whether the user asked the work to end. */
  public boolean requested() {
    return requested;
  }

  /** Asks the work to end, and waits until it has or the grace period is over. */
  void request() {
    if (finished.getCount() == 0) {
      return;
    }
    requested = true;
    notice.run();
    try {
      finished.await(grace.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Says that the work has ended. */
  @Override
  public void close() {
    finished.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending already, which is what the hook was for.
    }
  }
}
