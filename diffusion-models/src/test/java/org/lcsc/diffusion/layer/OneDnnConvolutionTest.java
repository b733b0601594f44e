package org.lcsc.diffusion.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lcsc.objective.SeededNoise;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** oneDNN's kept primitives against libnd4j's convolutions in float64. */
class OneDnnConvolutionTest {

  private static final double TOLERANCE = 2e-6;

  /** Arrays of one convolution, float32. */
  private record Case(
      INDArray x, INDArray weight, INDArray bias, INDArray dy, int stride, boolean even) {

    static Case of(int batch, int in, int out, int side, int kernel, int stride) {
      return of(batch, in, out, side, kernel, stride, false);
    }

    static Case of(int batch, int in, int out, int side, int kernel, int stride, boolean even) {
      SeededNoise noise = new SeededNoise(31L * in + out);
      int small = (side + stride - 1) / stride;
      return new Case(
          noise.gaussian(0, 0, batch, in, side, side),
          noise.gaussian(1, 0, out, in, kernel, kernel),
          noise.gaussian(2, 0, 1, out).reshape(out),
          noise.gaussian(3, 0, batch, out, small, small),
          stride,
          even);
    }

    Case to(DataType type) {
      return new Case(
          x.castTo(type), weight.castTo(type), bias.castTo(type), dy.castTo(type), stride, even);
    }

    /** Output; gradients of input, weight and bias. */
    List<INDArray> results() {
      List<INDArray> results = new ArrayList<>();
      for (INDArray like : List.of(dy, x, weight, bias)) {
        results.add(Nd4j.createUninitialized(like.dataType(), like.shape()));
      }
      Conv2dRuntime.convolve(x, weight, bias, results.get(0), stride, even);
      Conv2dRuntime.convolveBackward(
          x, weight, bias, dy, results.get(1), results.get(2), results.get(3), stride, even);
      return results;
    }

    List<float[]> values() {
      return results().stream().map(array -> array.dup('c').data().asFloat()).toList();
    }
  }

  @BeforeEach
  void requireOneDnn() {
    assumeTrue(OneDnn.takes(Nd4j.zeros(DataType.FLOAT, 1)), "no oneDNN for this platform");
  }

  /** Channels that fill oneDNN's blocks and that do not; even and odd sides; strides. */
  @ParameterizedTest
  @CsvSource({
    "3, 16, 32, 8, 3, 1, false",
    "2, 1, 16, 8, 3, 1, false",
    "2, 16, 1, 8, 3, 1, false",
    "2, 24, 5, 7, 3, 1, false",
    "2, 16, 16, 8, 3, 2, false",
    "2, 6, 10, 7, 3, 2, false",
    "5, 48, 32, 4, 1, 1, false",
    "1, 3, 3, 9, 5, 1, false",
    "2, 16, 16, 8, 3, 2, true",
    "2, 6, 10, 7, 3, 2, true",
  })
  void equalsThePlainConvolution(
      int batch, int in, int out, int side, int kernel, int stride, boolean even) {
    Case fast = Case.of(batch, in, out, side, kernel, stride, even);
    List<INDArray> found = fast.results();
    List<INDArray> expected = fast.to(DataType.DOUBLE).results();
    List<String> names = List.of("output", "gradient of input", "of weight", "of bias");
    for (int i = 0; i < names.size(); i++) {
      INDArray plain = expected.get(i);
      double difference =
          found.get(i).castTo(DataType.DOUBLE).sub(plain).norm2Number().doubleValue();
      double size = plain.norm2Number().doubleValue();
      assertThat(size).as(names.get(i)).isPositive();
      assertThat(difference / size).as(names.get(i)).isLessThan(TOLERANCE);
    }
  }

  /** Working memory is shared among shapes, grows, and belongs to a thread. */
  @Test
  void repeatsBitForBitWhateverElseRuns() throws Exception {
    Case small = Case.of(2, 16, 16, 8, 3, 1);
    Case large = Case.of(9, 32, 48, 12, 3, 1);
    List<float[]> first = small.values();
    List<float[]> firstLarge = large.values();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<?>> checks = new ArrayList<>();
      for (int thread = 0; thread < 2; thread++) {
        checks.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 20; i++) {
                    assertSame(small.values(), first);
                    assertSame(large.values(), firstLarge);
                  }
                }));
      }
      for (Future<?> check : checks) {
        check.get();
      }
    } finally {
      threads.shutdown();
    }
  }

  private static void assertSame(List<float[]> found, List<float[]> expected) {
    for (int i = 0; i < expected.size(); i++) {
      assertThat(found.get(i)).containsExactly(expected.get(i));
    }
  }
}
