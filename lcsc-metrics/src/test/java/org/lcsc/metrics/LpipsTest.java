package org.lcsc.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class LpipsTest {

  /** The image itself as the only layer. */
  private static final ActivationStack IDENTITY = images -> List.of(images);

  private static INDArray image(double... channels) {
    return Nd4j.create(channels, new long[] {1, channels.length, 1, 1}, 'c');
  }

  @Test
  void comparesDirectionsOverTheChannels() {
    Lpips lpips = new Lpips(IDENTITY, List.of(new float[] {2, 1}));
    // Unit vectors (0.6, 0.8) and (1, 0): 2 * 0.4^2 + 0.8^2.
    assertThat(lpips.distances(image(3, 4), image(5, 0))[0]).isCloseTo(0.96, within(1e-7));
    assertThat(lpips.distances(image(3, 4), image(6, 8))[0]).isCloseTo(0, within(1e-12));
    assertThat(lpips.distances(image(0, 0), image(0, 0))[0]).isZero();
  }

  @Test
  void averagesOverPositionsAndAddsLayers() {
    ActivationStack twice = images -> List.of(images, images);
    Lpips lpips = new Lpips(twice, List.of(new float[] {1, 1}, new float[] {3, 3}));
    INDArray a = Nd4j.create(new double[] {1, 1, 0, 0}, new long[] {1, 2, 1, 2}, 'c');
    INDArray b = Nd4j.create(new double[] {1, 0, 0, 1}, new long[] {1, 2, 1, 2}, 'c');
    // Equal at the first position, orthogonal (squared distance 2) at the second.
    assertThat(lpips.distances(a, b)[0]).isCloseTo((1 + 3) * 2 / 2.0, within(1e-7));
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Lpips lpips = new Lpips(IDENTITY, List.of(new float[] {1, 1, 1}));
    assertThatThrownBy(() -> lpips.distances(image(1, 2), image(1, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("layer 0 has 2 channels, but 3 weights");
    assertThatThrownBy(() -> lpips.distances(image(1, 2), image(1, 2, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("equal shapes");
    assertThatThrownBy(() -> new Lpips(IDENTITY, List.of(new float[] {1, -1})))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 0, got -1.0");
  }
}
