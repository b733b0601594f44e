package org.lcsc.objective;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.lcsc.image.PixelValues;
import org.lcsc.io.HostArrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ImageSamplesTest {

  private static final float[] RAW = {-1.5f, -1, -0.999f, 0, 0.5f, 1, 1.25f, Float.NaN};
  private static final NoiseSource NOISE = new SeededNoise(1);

  /** Gives {@link #RAW}; its gradient is what comes to the images. */
  private static final class Fixed implements DifferentiableSampleGenerator {

    @Override
    public void setParameters(INDArray parameters) {}

    @Override
    public INDArray sample(NoiseSource noise, long first, int count) {
      return Nd4j.create(RAW.clone(), new long[] {1, 2, 2, 2}, 'c');
    }

    @Override
    public long recordedBytesPerSample() {
      return 12;
    }

    @Override
    public Recording record(NoiseSource noise, long first, int count) {
      INDArray images = sample(noise, first, count);
      return new Recording() {
        @Override
        public INDArray images() {
          return images;
        }

        @Override
        public void backpropagate(INDArray epsilon, INDArray gradient) {
          gradient.addi(epsilon.reshape(gradient.shape()));
        }

        @Override
        public void close() {}
      };
    }
  }

  @Test
  void clipsAndLeavesTheRestToTheBit() {
    INDArray images = ImageSamples.clipped(new Fixed(), () -> {}).sample(NOISE, 0, 1);
    assertThat(images.shape()).containsExactly(1, 2, 2, 2);
    assertThat(HostArrays.floats(images))
        .containsExactly(-1, -1, -0.999f, 0, 0.5f, 1, 1, Float.NaN);
  }

  @Test
  void eightBitsAreWhatAFileGivesBack() {
    float[] images = HostArrays.floats(ImageSamples.eightBit(new Fixed()).sample(NOISE, 0, 1));
    for (int i = 0; i < RAW.length - 1; i++) {
      int written = PixelValues.toByte(RAW[i]);
      assertThat(images[i]).as("%s", RAW[i]).isEqualTo((float) (written / 127.5 - 1));
    }
    assertThat(PixelValues.toByte(-1.5f)).isZero();
    assertThat(PixelValues.toByte(0)).isEqualTo(127);
    assertThat(PixelValues.toByte(1.25f)).isEqualTo(255);
    assertThat(images[7]).as("what is not finite is seen").isNaN();
  }

  @Test
  void theGradientEndsAtTheBorders() {
    for (ImageSamples samples :
        new ImageSamples[] {
          ImageSamples.clipped(new Fixed(), () -> {}), ImageSamples.eightBit(new Fixed())
        }) {
      INDArray gradient = Nd4j.zeros(8);
      try (DifferentiableSampleGenerator.Recording recording = samples.record(NOISE, 0, 1)) {
        assertThat(HostArrays.floats(recording.images()))
            .containsExactly(HostArrays.floats(samples.sample(NOISE, 0, 1)));
        recording.backpropagate(
            Nd4j.create(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, new long[] {1, 2, 2, 2}, 'c'),
            gradient);
      }
      assertThat(HostArrays.floats(gradient)).containsExactly(0, 2, 3, 4, 5, 6, 0, 0);
    }
  }
}
