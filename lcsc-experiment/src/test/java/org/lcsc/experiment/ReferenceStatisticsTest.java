package org.lcsc.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.lcsc.datasets.DataSets;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.datasets.Split;
import org.lcsc.metrics.FeatureExtractor;
import org.nd4j.linalg.api.ndarray.INDArray;

class ReferenceStatisticsTest {

  /** The mean of an image, under an id that no run has seen. */
  private static final class NewSpace implements FeatureExtractor {
    private final String id = UUID.randomUUID().toString();

    @Override
    public String id() {
      return id;
    }

    @Override
    public int dimension() {
      return 1;
    }

    @Override
    public INDArray extract(INDArray images) {
      return images.mean(1, 2, 3).reshape(images.size(0), 1);
    }
  }

  @Test
  void tellsHowFarItIsWhereNothingIsKept() throws IOException {
    ImageDataSet digits = new DataSets.Digits().load(Split.TRAIN);
    FeatureExtractor space = new NewSpace();
    List<Object> told = new ArrayList<>();
    FeaturesListener listener =
        (what, images) -> {
          told.add(what + " of " + images);
          LongConsumer progress = told::add;
          return progress;
        };
    try {
      double mean = ReferenceStatistics.of(digits, space, listener).mean()[0];
      assertThat(told).containsExactly("statistics of 1501", 0L, 500L, 1000L, 1500L, 1501L);
      assertThat(ReferenceStatistics.of(digits, space, listener).mean()[0]).isEqualTo(mean);
      assertThat(told).as("they are kept").hasSize(6);
    } finally {
      Files.deleteIfExists(ReferenceStatistics.file(digits, space));
    }
  }
}
