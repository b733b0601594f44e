package org.lcsc.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CheckpointRingTest {

  /** Records iterations in turn; a checkpoint's checksum is a hundred times its iteration. */
  private static CheckpointRing filled(int capacity, int spare, long... iterations)
      throws IOException {
    CheckpointRing ring = new CheckpointRing(capacity, spare);
    for (long iteration : iterations) {
      ring.fill(iteration, slot -> 100 * iteration);
    }
    return ring;
  }

  private static int[] slots(CheckpointRing ring) {
    return IntStream.range(0, ring.size()).map(ring::slot).toArray();
  }

  @Test
  void withoutSpareSlotsTheNewestTakesTheOldestsPlace() throws IOException {
    CheckpointRing ring = filled(3, 0, 1, 2, 3, 4);
    assertThat(ring.iterations()).containsExactly(2, 3, 4);
    assertThat(ring.checksums()).containsExactly(200, 300, 400);
    assertThat(slots(ring)).containsExactly(1, 2, 0);
    assertThat(ring.capacity()).isEqualTo(3);
    assertThat(ring.slotCount()).isEqualTo(3);
    assertThat(ring.nextSlot()).isEqualTo(1);
    assertThat(ring.rows()).isEqualTo(3);
  }

  @Test
  void withSpareSlotsCheckpointsGoRoundAllOfThem() throws IOException {
    CheckpointRing ring = filled(2, 2, 1, 2, 3);
    assertThat(slots(ring)).containsExactly(1, 2);
    assertThat(ring.slotCount()).isEqualTo(4);
    assertThat(ring.rows()).isEqualTo(3);
    ring.fill(4, slot -> slot);
    assertThat(ring.nextSlot()).as("after the last slot comes the first").isZero();
    assertThat(new CheckpointRing(2, 1).nextSlot()).isZero();
  }

  @Test
  void aFailedWriteLeavesTheOldestsSlotFree() throws IOException {
    CheckpointRing ring = filled(3, 0, 1, 2, 3);
    assertThatThrownBy(
            () ->
                ring.fill(
                    4,
                    slot -> {
                      throw new IOException("full");
                    }))
        .isInstanceOf(IOException.class);
    assertThat(ring.iterations()).containsExactly(2, 3);
    assertThat(ring.nextSlot()).isZero();
    assertThat(ring.isUsed(0)).isFalse();
    assertThat(ring.isUsed(1)).isTrue();
    ring.clear();
    assertThat(ring.size()).isZero();
    assertThat(ring.rows()).isZero();
  }

  @Test
  void checkpointsArePlacedInAnyFreeSlot() {
    CheckpointRing ring = new CheckpointRing(2, 1);
    ring.place(5, 2, 50);
    ring.place(7, 0, 70);
    assertThat(ring.iterations()).containsExactly(5, 7);
    assertThat(ring.checksums()).containsExactly(50, 70);
    assertThat(slots(ring)).containsExactly(2, 0);
    CheckpointRing unspared = new CheckpointRing(3, 0);
    unspared.place(5, 1, 50);
    assertThat(unspared.nextSlot()).as("the first that is free").isZero();
  }

  /** As a restored window whose damaged checkpoints, more than the spare slots, were left out. */
  @Test
  void goingRoundNeverTakesASlotThatIsUsed() throws IOException {
    CheckpointRing ring = new CheckpointRing(4, 1);
    ring.place(10, 1, 1000);
    ring.place(40, 4, 4000);
    ring.fill(50, slot -> 5000);
    assertThat(slots(ring)).containsExactly(1, 4, 0);
    ring.fill(60, slot -> 6000);
    assertThat(slots(ring)).containsExactly(4, 0, 1);
    assertThat(ring.iterations()).containsExactly(40, 50, 60);
  }

  @Test
  void aSlotThatIsTakenOrDoesNotExistIsRefused() {
    CheckpointRing ring = new CheckpointRing(2, 1);
    ring.place(5, 2, 50);
    for (int slot : new int[] {-1, 2, 3}) {
      assertThatThrownBy(() -> ring.place(6, slot, 60))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("slot " + slot + " of 3 is taken or does not exist");
    }
    ring.place(6, 0, 60);
    assertThatThrownBy(() -> ring.place(7, 1, 70))
        .as("the ring is full")
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(ring.size()).isEqualTo(2);
  }

  @Test
  void iterationsAreNotNegativeAndAscend() throws IOException {
    CheckpointRing ring = filled(2, 0, 0);
    for (long iteration : new long[] {0, -1}) {
      assertThatThrownBy(() -> ring.fill(iteration, slot -> 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageEndingWith(
              iteration < 0
                  ? "an iteration is at least 0, got -1"
                  : "of iteration 0, got iteration 0");
      assertThatThrownBy(() -> ring.place(iteration, 1, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("iteration");
    }
    assertThatThrownBy(() -> new CheckpointRing(1, 0).requireNewer(-1))
        .hasMessage("an iteration is at least 0, got -1");
  }
}
