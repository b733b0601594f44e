package org.lcsc.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.checkpoint.CheckpointWindow;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class WindowIdentityTest {

  /** Of a window with one parameter, with checksums or without. */
  private static WindowIdentity of(boolean checksums, float... values) {
    TreeMap<Long, INDArray> checkpoints = new TreeMap<>();
    for (float value : values) {
      checkpoints.put(10L * (checkpoints.size() + 1), Nd4j.createFromArray(value));
    }
    try (CheckpointWindow window = CheckpointWindow.ofCheckpoints(checkpoints)) {
      CheckpointMerger merger = CheckpointMerger.of(window);
      CheckpointMerger without =
          (CheckpointMerger)
              Proxy.newProxyInstance(
                  WindowIdentityTest.class.getClassLoader(),
                  new Class<?>[] {CheckpointMerger.class},
                  (proxy, method, arguments) ->
                      "checksums".equals(method.getName())
                          ? new long[0]
                          : method.invoke(merger, arguments));
      return WindowIdentity.of(checksums ? merger : without);
    }
  }

  @Test
  void anyOtherCheckpointMakesAnotherWindow() {
    WindowIdentity window = of(true, 1, 2, 3, 4, 5, 6);
    assertThat(of(true, 1, 2, 3, 4, 5, 6)).isEqualTo(window);
    for (int k = 0; k < 6; k++) {
      float[] values = {1, 2, 3, 4, 5, 6};
      values[k] += 0.5f;
      assertThat(of(true, values)).as("checkpoint %s", k).isNotEqualTo(window);
    }
    assertThat(of(true, 1, 2, 3, 4, 5)).isNotEqualTo(window);
  }

  @Test
  void withoutChecksumsTheOldestTheMiddleAndTheNewestAreCompared() {
    WindowIdentity window = of(false, 1, 2, 3);
    assertThat(of(false, 1, 2, 3)).isEqualTo(window);
    assertThat(of(false, 1.5f, 2, 3)).isNotEqualTo(window);
    assertThat(of(false, 1, 2.5f, 3)).isNotEqualTo(window);
    assertThat(of(false, 1, 2, 3.5f)).isNotEqualTo(window);
  }
}
