package org.lcsc.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** The ring buffer and its contract; merging is in {@link CheckpointMergeTest}. */
class CheckpointWindowTest {

  private static INDArray filled(long length, double value) {
    return Nd4j.valueArrayOf(new long[] {length}, value, DataType.FLOAT);
  }

  private static CheckpointWindow window(long parameters, int window, int interval) {
    return CheckpointWindow.builder(parameters).window(window).interval(interval).build();
  }

  @Test
  void keepsTheNewestCheckpointsInOrder() {
    try (CheckpointWindow window = window(5, 30, 10)) {
      assertThat(window.capacity()).isEqualTo(3);
      assertThat(window.iterations()).isEmpty();
      for (int n = 1; n <= 7; n++) {
        assertThat(window.record(10 * n, filled(5, n))).isTrue();
        int size = Math.min(n, 3);
        assertThat(window.size()).isEqualTo(size);
        long[] iterations = window.iterations();
        for (int k = 0; k < size; k++) {
          int expected = n - size + 1 + k;
          assertThat(iterations[k]).isEqualTo(10L * expected);
          assertThat(window.checkpoint(k)).isEqualTo(filled(5, expected));
        }
      }
    }
  }

  @Test
  void recordsACopy() {
    try (CheckpointWindow window = window(4, 2, 1)) {
      INDArray parameters = filled(4, 1);
      window.record(1, parameters);
      parameters.addi(1);
      assertThat(window.checkpoint(0)).isEqualTo(filled(4, 1));
      window.checkpoint(0).addi(5);
      assertThat(window.checkpoint(0)).isEqualTo(filled(4, 1));
    }
  }

  @Test
  void checksumsAreOfTheBytesAsStored() {
    try (CheckpointWindow window = window(2, 2, 1)) {
      window.record(1, Nd4j.createFromArray(1f, -2f));
      ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
      CRC32 sum = new CRC32();
      sum.update(bytes.putFloat(1).putFloat(-2).array());
      assertThat(window.checksums()).containsExactly(sum.getValue());
    }
  }

  @Test
  void recordsViewsAndOtherShapesAndTypes() {
    INDArray matrix = Nd4j.createFromArray(1f, 2f, 3f, 4f, 5f, 6f).reshape('c', 2, 3);
    try (CheckpointWindow window = window(3, 5, 1)) {
      window.record(1, matrix.getRow(1));
      window.record(2, matrix.get(NDArrayIndex.interval(0, 1), NDArrayIndex.all()));
      window.record(3, Nd4j.createFromArray(7.0, 8.0, 9.0));
      window.record(4, matrix.reshape('c', 3, 2).getColumn(1));
      assertThat(window.checkpoint(0).toFloatVector()).containsExactly(4, 5, 6);
      assertThat(window.checkpoint(1).toFloatVector()).containsExactly(1, 2, 3);
      assertThat(window.checkpoint(2).toFloatVector()).containsExactly(7, 8, 9);
      assertThat(window.checkpoint(3).toFloatVector()).containsExactly(2, 4, 6);
    }
  }

  @Test
  void isDueAtMultiplesOfTheIntervalAfterTheStart() {
    try (CheckpointWindow window = window(1, 40, 20)) {
      assertThat(window.due(0)).isFalse();
      assertThat(window.due(19)).isFalse();
      assertThat(window.due(20)).isTrue();
      assertThat(window.due(21)).isFalse();
      assertThat(window.due(5_000_000_000L)).isTrue();
    }
  }

  @Test
  void leavesOutCheckpointsThatAreNotFinite() {
    try (CheckpointWindow window = window(40_000, 3, 1)) {
      window.record(1, filled(40_000, 1));
      for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
        INDArray parameters = filled(40_000, 2);
        parameters.putScalar(39_999, bad);
        assertThat(window.record(2, parameters)).isFalse();
      }
      assertThat(window.rejected()).isEqualTo(2);
      assertThatThrownBy(() -> window.record(1, filled(40_000, Double.NaN)))
          .as("an old iteration is a mistake whatever the values")
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(window.iterations()).containsExactly(1);
      assertThat(window.record(2, filled(40_000, 2))).isTrue();
    }
  }

  @Test
  void leavesOutWhatFloat16CannotHold() {
    try (CheckpointWindow window =
        CheckpointWindow.builder(2)
            .window(2)
            .interval(1)
            .dataType(CheckpointDataType.FLOAT16)
            .build()) {
      assertThat(window.record(1, Nd4j.createFromArray(1f, 70_000f))).isFalse();
      assertThat(window.record(1, Nd4j.createFromArray(1f, 65_504f))).isTrue();
      assertThat(window.checkpoint(0).toFloatVector()).containsExactly(1f, 65_504f);
    }
  }

  @Test
  void tellsItsSize() {
    CheckpointWindowBuilder builder = CheckpointWindow.builder(1000).window(50).interval(10);
    try (CheckpointWindow window = builder.dataType(CheckpointDataType.BFLOAT16).build()) {
      assertThat(window.parameters()).isEqualTo(1000);
      assertThat(window.bytesPerCheckpoint()).isEqualTo(2000);
      assertThat(window.bytes()).isEqualTo(10_000);
      assertThat(window.dataType()).isEqualTo(CheckpointDataType.BFLOAT16);
    }
  }

  @Test
  void badSettingsAreNamed() {
    assertThatThrownBy(() -> CheckpointWindow.builder(0))
        .hasMessage("parameters must be positive, got 0");
    assertThatThrownBy(() -> CheckpointWindow.builder(1).window(-1))
        .hasMessage("window must be positive, got -1");
    assertThatThrownBy(() -> window(1, 10, 20))
        .hasMessage("window must be at least the interval of 20 iterations, got 10");
    assertThatThrownBy(() -> window(1, 50, 20))
        .hasMessage("window must be a multiple of the interval of 20 iterations, got 50: take 40");
    assertThatThrownBy(() -> CheckpointWindow.builder(1).window(5).build())
        .hasMessage("a window needs both its size and its interval");
    assertThatThrownBy(() -> CheckpointWindow.builder(1).window(5).capacity(5).build())
        .hasMessageContaining("either capacity or window and interval");
  }

  @Test
  void badCheckpointsAreNamed() {
    try (CheckpointWindow window = window(3, 4, 1)) {
      window.record(7, filled(3, 1));
      assertThatThrownBy(() -> window.record(7, filled(3, 1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "a checkpoint must be newer than the last one, of iteration 7, got iteration 7");
      assertThatThrownBy(() -> window.record(8, filled(4, 1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a checkpoint of this window has 3 parameters, got an array of shape [4]");
      assertThatThrownBy(() -> window.checkpoint(1)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThat(window.iterations()).containsExactly(7);
    }
  }

  @Test
  void aClosedWindowSaysSo() {
    CheckpointWindow window = window(3, 4, 1);
    window.record(1, filled(3, 1));
    window.close();
    window.close();
    assertThatThrownBy(() -> window.checkpoint(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this checkpoint window is closed");
    assertThatThrownBy(() -> window.record(2, filled(3, 1)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void takesIrregularCheckpointsFromAList() {
    TreeMap<Long, INDArray> checkpoints = new TreeMap<>();
    checkpoints.put(5L, filled(2, 1));
    checkpoints.put(6L, filled(2, 2));
    checkpoints.put(60L, filled(2, 3));
    try (CheckpointWindow window = CheckpointWindow.ofCheckpoints(checkpoints)) {
      assertThat(window.iterations()).containsExactly(5, 6, 60);
      assertThat(window.capacity()).isEqualTo(3);
      assertThat(window.due(60)).isFalse();
      assertThat(window.merge(new double[] {1, -1, 2}).toFloatVector()).containsExactly(5, 5);
    }
    checkpoints.put(61L, filled(2, Double.NaN));
    assertThatThrownBy(() -> CheckpointWindow.ofCheckpoints(checkpoints))
        .hasMessage("the checkpoint of iteration 61 has non-finite parameters");
    assertThatThrownBy(() -> CheckpointWindow.ofCheckpoints(new TreeMap<>()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Storage that refuses writes on demand, as a full disk does. */
  private static final class FailingStorage implements CheckpointStorage {

    private final OffHeapStorage memory;
    private int writesLeft = Integer.MAX_VALUE;
    private int closed;

    FailingStorage(int[] segmentBytes) {
      memory = new OffHeapStorage(segmentBytes);
    }

    @Override
    public ByteBuffer segment(int index) {
      return memory.segment(index);
    }

    @Override
    public void write(int index, int offset, byte[] bytes, int count) throws IOException {
      if (writesLeft-- <= 0) {
        throw new IOException("No space left on device");
      }
      memory.write(index, offset, bytes, count);
    }

    @Override
    public void close() {
      closed++;
      memory.close();
    }
  }

  @Test
  void aFailedWriteCostsTheOldestCheckpointAndNoOther() {
    FailingStorage[] storage = new FailingStorage[1];
    try (CheckpointWindow window =
        CheckpointWindow.builder(40_000)
            .window(3)
            .interval(1)
            .storage(segments -> storage[0] = new FailingStorage(segments))
            .build()) {
      for (int n = 1; n <= 4; n++) {
        window.record(n, filled(40_000, n));
      }
      storage[0].writesLeft = 1;
      assertThatThrownBy(() -> window.record(5, filled(40_000, 5)))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessage("cannot record the checkpoint of iteration 5: No space left on device");
      assertThat(window.iterations()).containsExactly(3, 4);
      assertThat(window.merge(new double[] {1, 10})).isEqualTo(filled(40_000, 43));
      storage[0].writesLeft = Integer.MAX_VALUE;
      window.record(6, filled(40_000, 6));
      assertThat(window.iterations()).containsExactly(3, 4, 6);
      assertThat(window.merge(new double[] {1, 10, 100})).isEqualTo(filled(40_000, 643));
    }
  }

  @Test
  void aSavedWindowIsRestoredIntoAnEmptyOneOnly(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("window.bin");
    try (CheckpointWindow window = window(2, 2, 1);
        CheckpointWindow other = window(2, 2, 1)) {
      window.record(3, Nd4j.createFromArray(1f, -2f));
      window.save(file);
      assertThat(other.restore(file)).isEmpty();
      assertThat(other.iterations()).containsExactly(3);
      assertThat(other.checkpoint(0)).isEqualTo(window.checkpoint(0));
      assertThatThrownBy(() -> other.restore(file))
          .hasMessage("a window must be empty to be restored, it has 1 checkpoints");
    }
  }

  @Test
  void closingFreesTheStorageOnce() {
    FailingStorage[] storage = new FailingStorage[1];
    CheckpointWindow window =
        CheckpointWindow.builder(3)
            .capacity(1)
            .storage(segments -> storage[0] = new FailingStorage(segments))
            .build();
    window.close();
    window.close();
    assertThat(storage[0].closed).isEqualTo(1);
  }

  @Test
  void recordingDoesNotChangeTheParameters() {
    INDArray parameters = RandomParameters.random(33_000, 3);
    float[] values = parameters.toFloatVector();
    try (CheckpointWindow window =
        CheckpointWindow.builder(33_000)
            .window(2)
            .interval(1)
            .dataType(CheckpointDataType.FLOAT16)
            .build()) {
      window.record(1, parameters);
      assertThat(parameters.toFloatVector()).isEqualTo(values);
    }
  }
}
