package org.lcsc.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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
