package org.lcsc.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.BufferedReader;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class InterruptionTest {

  @Test
  void holdsTheEndOfTheProcessUntilTheWorkIsSaved() throws InterruptedException {
    AtomicInteger notices = new AtomicInteger();
    Interruption interruption =
        Interruption.listen(Duration.ofMinutes(1), notices::incrementAndGet);
    assertThat(interruption.requested()).isFalse();

    Thread shutdown = new Thread(interruption::request);
    shutdown.start();
    while (!interruption.requested()) {
      Thread.onSpinWait();
    }
    assertThat(shutdown.isAlive()).isTrue();

    interruption.close();
    shutdown.join(10_000);
    assertThat(shutdown.isAlive()).isFalse();
    assertThat(notices).hasValue(1);
  }

  /** Works until it is asked to end, then saves its state. */
  public static final class Worker {
    public static void main(String[] arguments) throws Exception {
      try (Interruption interruption =
          Interruption.listen(Duration.ofMinutes(1), () -> System.out.println("stopping"))) {
        System.out.println("working");
        while (!interruption.requested()) {
          Thread.sleep(5);
        }
        Thread.sleep(100);
        System.out.println("saved");
      }
    }
  }

  @Test
  void savesBeforeAKilledProcessEnds() throws Exception {
    Process worker =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                Worker.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assumeThat(worker.supportsNormalTermination()).isTrue();
    try (BufferedReader out = worker.inputReader()) {
      assertThat(out.readLine()).isEqualTo("working");
      // Not Process.destroy(): that also closes the streams on this side.
      worker.toHandle().destroy();
      assertThat(out.lines()).containsExactly("stopping", "saved");
    }
    assertThat(worker.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(worker.exitValue()).as("128 + SIGTERM").isEqualTo(143);
  }

  @Test
  void waitsNoLongerThanTheGracePeriod() {
    Interruption interruption = Interruption.listen(Duration.ofMillis(20), () -> {});
    long start = System.nanoTime();
    interruption.request();
    assertThat(System.nanoTime() - start).isBetween(19_000_000L, 20_000_000_000L);
    interruption.close();
  }

  @Test
  void leavesFinishedWorkAlone() {
    AtomicInteger notices = new AtomicInteger();
    Interruption interruption =
        Interruption.listen(Duration.ofMinutes(1), notices::incrementAndGet);
    interruption.close();
    interruption.request();
    assertThat(interruption.requested()).isFalse();
    assertThat(notices).hasValue(0);
  }
}
