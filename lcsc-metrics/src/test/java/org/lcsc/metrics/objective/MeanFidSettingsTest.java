package org.lcsc.metrics.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lcsc.config.InvalidValueException;
import org.lcsc.image.ImageShape;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.metrics.FeatureStatistics;
import org.lcsc.metrics.FrechetDistance;
import org.lcsc.metrics.PixelFeatures;
import org.lcsc.metrics.RandomProjectionFeatures;
import org.lcsc.objective.DifferentiableObjective;
import org.lcsc.objective.DifferentiableSampleGenerator;
import org.lcsc.objective.NoiseSource;
import org.lcsc.objective.Objective;
import org.lcsc.objective.ObjectiveSettings;
import org.lcsc.objective.SeededNoise;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class MeanFidSettingsTest {

  private static final ImageShape SHAPE = new ImageShape(1, 3, 3);

  /** Images shift + scale * noise, of two parameters. */
  private static final class AffineGenerator implements DifferentiableSampleGenerator {
    private INDArray parameters;

    @Override
    public void setParameters(INDArray parameters) {
      this.parameters = parameters.dup();
    }

    @Override
    public INDArray sample(NoiseSource noise, long first, int count) {
      return noise
          .gaussian(0, first, count, 1, 3, 3)
          .muli(parameters.getDouble(1))
          .addi(parameters.getDouble(0));
    }

    @Override
    public long recordedBytesPerSample() {
      return 36;
    }

    @Override
    public Recording record(NoiseSource noise, long first, int count) {
      INDArray images = sample(noise, first, count);
      INDArray drawn = noise.gaussian(0, first, count, 1, 3, 3);
      return new Recording() {
        @Override
        public INDArray images() {
          return images;
        }

        @Override
        public void backpropagate(INDArray epsilon, INDArray gradient) {
          gradient.addi(
              Nd4j.createFromArray(
                  epsilon.sumNumber().floatValue(), epsilon.mul(drawn).sumNumber().floatValue()));
        }

        @Override
        public void close() {}
      };
    }
  }

  /** Standard normal images in pixels, the first space, or in a projection of a seed. */
  private static final class NormalImages implements RealImages {

    @Override
    public FeatureExtractor extractor() {
      return new PixelFeatures(SHAPE);
    }

    @Override
    public FrechetDistance.Reference statistics() {
      return space(FIRST).reference();
    }

    @Override
    public MultiFid.Space space(String name) {
      FeatureExtractor extractor =
          name.equals(FIRST)
              ? extractor()
              : new RandomProjectionFeatures(SHAPE, name.equals("pixels") ? 5 : 4, name.length());
      FeatureStatistics statistics = new FeatureStatistics(extractor.dimension());
      statistics.add(features(extractor, 4000));
      return new MultiFid.Space(name, extractor, FrechetDistance.against(statistics.moments()));
    }

    @Override
    public List<String> judges() {
      return List.of("random-projection");
    }

    @Override
    public INDArray features(int count) {
      return features(extractor(), count);
    }

    private static INDArray features(FeatureExtractor extractor, int count) {
      return extractor.extract(new SeededNoise(99).gaussian(0, 0, count, 1, 3, 3));
    }
  }

  private static Objective objective(List<String> judges, int gradientSamples, boolean deciding)
      throws IOException {
    return new MeanFidSettings(List.of("first", "pixels"), judges)
        .create(
            new ObjectiveSettings.Inputs(
                new AffineGenerator(),
                new SeededNoise(17),
                500,
                200,
                gradientSamples,
                deciding,
                List.of(new NormalImages())));
  }

  private static INDArray parameters(double shift, double scale) {
    return Nd4j.createFromArray((float) shift, (float) scale);
  }

  @Test
  void theScoreIsTheGeometricMeanWithAndWithoutAGradient() throws IOException {
    INDArray model = parameters(0.4, 0.7);
    NormalImages real = new NormalImages();
    double product = 1;
    for (String space : List.of("first", "pixels")) {
      MultiFid.Space opened = real.space(space);
      product *=
          new FidObjective(
                  new AffineGenerator(),
                  new SeededNoise(17),
                  500,
                  200,
                  opened.extractor(),
                  opened.reference())
              .evaluate(model)
              .score();
    }
    Objective plain = objective(null, 0, false);
    assertThat(plain.evaluate(model).score()).isCloseTo(Math.sqrt(product), within(1e-6));
    DifferentiableObjective smooth = (DifferentiableObjective) objective(null, 500, false);
    assertThat(smooth.name()).isEqualTo(plain.name()).isEqualTo("mean-fid");
    INDArray gradient = Nd4j.zeros(2);
    assertThat(smooth.gradient(model, 0, gradient).score())
        .isCloseTo(Math.sqrt(product), within(1e-6));
    for (int i = 0; i < 2; i++) {
      INDArray step = Nd4j.zeros(2).putScalar(i, 1e-2);
      double slope =
          (plain.evaluate(model.add(step)).score() - plain.evaluate(model.sub(step)).score())
              / 2e-2;
      assertThat(gradient.getDouble(i)).isCloseTo(slope, within(2e-3 * Math.abs(slope)));
    }
  }

  @Test
  void whatDecidesLooksInOneSpaceMore() throws IOException {
    INDArray model = parameters(0.4, 0.7);
    Objective judged = objective(null, 0, true);
    Objective named = objective(List.of("random-projection"), 0, true);
    assertThat(judged.name()).isEqualTo("mean-fid, judged");
    assertThat(judged.evaluate(model).score())
        .isEqualTo(named.evaluate(model).score())
        .isNotEqualTo(objective(null, 0, false).evaluate(model).score());
    assertThat(objective(List.of(), 0, true).evaluate(model).score())
        .isEqualTo(objective(null, 0, false).evaluate(model).score());
  }

  @Test
  void aJudgeThatIsSearchedInCountsOnce() throws IOException {
    MeanFidSettings settings = new MeanFidSettings(List.of("first", "random-projection"), null);
    Objective[] objectives = new Objective[2];
    for (int i = 0; i < 2; i++) {
      objectives[i] =
          settings.create(
              new ObjectiveSettings.Inputs(
                  new AffineGenerator(),
                  new SeededNoise(17),
                  500,
                  200,
                  0,
                  i == 1,
                  List.of(new NormalImages())));
    }
    INDArray model = parameters(0.4, 0.7);
    assertThat(objectives[1].evaluate(model).score())
        .isEqualTo(objectives[0].evaluate(model).score());
  }

  @Test
  void aSpaceCountsOnce() {
    assertThatThrownBy(() -> new MeanFidSettings(List.of("first", "first"), null))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("twice");
    assertThatThrownBy(() -> new MeanFidSettings(List.of("first"), List.of("first")))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("judges");
  }

  @Test
  void spacesThatTheRunDoesNotHaveAreRefusedBeforeDataAreRead() {
    assertThatThrownBy(() -> new MeanFidSettings(List.of("first", "third"), null))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("spaces[1]: unknown feature space (third)")
        .hasMessageEndingWith(", first, second");
    MeanFidSettings second = new MeanFidSettings(List.of("first"), List.of("second"));
    second.check(true, 2);
    assertThatThrownBy(() -> second.check(true, 1)).hasMessageContaining("no second feature space");
    MeanFidSettings onnx = new MeanFidSettings(List.of("first", "inception.yaml"), null);
    onnx.check(false, 1);
    assertThatThrownBy(() -> onnx.check(true, 1)).hasMessageContaining("no gradients through onnx");
  }
}
