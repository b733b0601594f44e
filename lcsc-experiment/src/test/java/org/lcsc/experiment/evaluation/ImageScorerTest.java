package org.lcsc.experiment.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.image.ImageShape;
import org.lcsc.image.PixelValues;
import org.lcsc.metrics.ClassifyingExtractor;
import org.lcsc.metrics.FeatureMoments;
import org.lcsc.metrics.FeatureStatistics;
import org.lcsc.metrics.FrechetDistance;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class ImageScorerTest {

  /** Two pixels are the features; the classifier overflows where the first is above one half. */
  private static final class Overflowing implements ClassifyingExtractor {

    @Override
    public String id() {
      return "overflowing";
    }

    @Override
    public int dimension() {
      return 2;
    }

    @Override
    public int classes() {
      return 2;
    }

    @Override
    public Outputs extractAll(INDArray images) {
      INDArray features = images.reshape(images.size(0), 2);
      INDArray probabilities = Nd4j.valueArrayOf(new long[] {images.size(0), 2}, 0.5f);
      for (int i = 0; i < images.size(0); i++) {
        if (features.getFloat(i, 0) > 0.5) {
          probabilities.putScalar(i, 1, Float.NaN);
        }
      }
      return new Outputs(features, probabilities);
    }
  }

  private static Scores score(float largest) throws IOException {
    INDArray images =
        Nd4j.createFromArray(-0.5f, 0.25f, 0.125f, -0.25f, 0, 0.5f, largest, 0.75f)
            .reshape(4, 1, 1, 2);
    FeatureStatistics real = new FeatureStatistics(2);
    real.add(images.reshape(4, 2));
    FeatureMoments moments = real.moments();
    MetricSpace space = new MetricSpace("FID", new Overflowing(), FrechetDistance.against(moments));
    return new ImageScorer(List.of(space), null, new ImageScorer.Settings(1, List.of(), 1))
        .score(new ImageSource(4, () -> List.of(images).iterator()), n -> {});
  }

  @Test
  void aClassifierThatOverflowsMakesAModelThatIsNotFinite() throws IOException {
    Scores finite = score(0.5f);
    assertThat(finite.finite()).isTrue();
    assertThat(finite.inceptionScore().mean()).isEqualTo(1);
    Scores overflown = score(0.75f);
    assertThat(overflown.finite()).isFalse();
    assertThat(overflown.inceptionScore()).isNull();
    assertThat(overflown.spaces().get(0).fid()).isNull();
  }

  @Test
  void diversityDoesNotDependOnTheBatches() {
    INDArray images = Nd4j.createFromArray(1f, 4, 2, 9, 3, 3, 8).reshape(7, 1, 1, 1);
    for (int batch : new int[] {1, 2, 3, 4, 7}) {
      ImageScorer.Diversity diversity =
          new ImageScorer.Diversity(
              (a, b) -> a.sub(b).reshape(a.size(0)).castTo(DataType.DOUBLE).toDoubleVector());
      for (int first = 0; first < 7; first += batch) {
        diversity.add(images.get(NDArrayIndex.interval(first, Math.min(first + batch, 7))).dup());
      }
      assertThat(diversity.mean()).as("batches of %s", batch).isEqualTo(-10 / 3.0);
    }
  }

  /** Every tenth of a sorted set has all of its classes. */
  @Test
  void theSplitsOfASortedSetAreAlike() throws IOException {
    int[] labels = IntStream.range(0, 1000).map(i -> i / 250).toArray();
    byte[] pixels = new byte[1000];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (60 * labels[i]);
    }
    ImageDataSet sorted = ImageDataSet.of("sorted", new ImageShape(1, 1, 1), pixels, 4, labels);
    List<Float> order = new ArrayList<>();
    ImageSource.ofFolder("sorted", sorted, 800)
        .batches()
        .forEachRemaining(
            batch ->
                IntStream.range(0, (int) batch.length())
                    .forEach(i -> order.add(batch.getFloat(i))));
    assertThat(order).hasSize(800);
    for (int split = 0; split < 10; split++) {
      List<Float> part = order.subList(80 * split, 80 * split + 80);
      for (int label = 0; label < 4; label++) {
        float value = PixelValues.of((byte) (60 * label));
        assertThat(part.stream().filter(v -> v == value).count()).isEqualTo(20);
      }
    }
  }
}
