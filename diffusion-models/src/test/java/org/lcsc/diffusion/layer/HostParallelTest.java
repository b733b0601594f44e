package org.lcsc.diffusion.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HostParallelTest {

  private final ExecutorService threads = Executors.newFixedThreadPool(3);

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  @Test
  void everyRowIsDoneOnceInTheChunkThatItsNumberGives() {
    for (int round = 0; round < 500; round++) {
      int rows = 37;
      AtomicIntegerArray times = new AtomicIntegerArray(rows);
      AtomicIntegerArray chunk = new AtomicIntegerArray(rows);
      HostParallel.share(
          5,
          rows,
          (number, from, to) -> {
            for (int row = from; row < to; row++) {
              times.incrementAndGet(row);
              chunk.set(row, number);
            }
          },
          threads,
          4);
      for (int row = 0; row < rows; row++) {
        assertThat(times.get(row)).isOne();
        assertThat(row).isBetween(rows * chunk.get(row) / 5, rows * (chunk.get(row) + 1) / 5 - 1);
      }
    }
  }

  @Test
  void nobodyWaitsForAThreadThatNeverCame() {
    AtomicIntegerArray times = new AtomicIntegerArray(8);
    HostParallel.share(8, 8, (chunk, from, to) -> times.incrementAndGet(from), work -> {}, 4);
    for (int row = 0; row < 8; row++) {
      assertThat(times.get(row)).isOne();
    }
  }

  @Test
  void aFailureReachesTheCaller() {
    assertThatThrownBy(
            () ->
                HostParallel.share(
                    8,
                    8,
                    (chunk, from, to) -> {
                      if (from == 5) {
                        throw new IllegalStateException("row 5");
                      }
                    },
                    threads,
                    4))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("row 5");
  }
}
