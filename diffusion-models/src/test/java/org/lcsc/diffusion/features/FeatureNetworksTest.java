package org.lcsc.diffusion.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.lcsc.config.Parts;
import org.lcsc.datasets.DataSetSettings;
import org.lcsc.datasets.DataSets;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.datasets.Split;
import org.lcsc.diffusion.features.FeatureNetworkConfig.Architecture;
import org.lcsc.image.ImageShape;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.metrics.FeatureMoments;
import org.lcsc.metrics.FeatureStatistics;
import org.lcsc.metrics.FrechetDistance;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class FeatureNetworksTest {

  private static final ImageShape DIGITS = new ImageShape(1, 8, 8);

  @TempDir Path directory;

  private static ImageDataSet digits(Split split) throws IOException {
    return new DataSets.Digits().load(split);
  }

  private static Architecture architecture(String name) {
    return Arrays.stream(Architecture.values())
        .filter(a -> name.endsWith("-" + a.text()))
        .findFirst()
        .orElse(Architecture.FINE);
  }

  private static String plain(String name) {
    return name.replaceFirst("-(coarse|masked)$", "");
  }

  private static ImageShape shape(String name) {
    int side = Integer.parseInt(plain(name).substring(plain(name).lastIndexOf('-') + 1));
    return new ImageShape(name.startsWith("cifar10") ? 3 : 1, side, side);
  }

  private static String dataset(String name) {
    return plain(name).substring(0, plain(name).lastIndexOf('-'));
  }

  private static FeatureNetworks.Trained trained(String name) {
    return FeatureNetworks.trained(dataset(name), shape(name), architecture(name));
  }

  private static INDArray noise(long seed, int count, ImageShape shape) {
    float[] values = new float[count * shape.length()];
    Random random = new Random(seed);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Nd4j.createFromArray(values)
        .reshape(count, shape.channels(), shape.height(), shape.width());
  }

  @Test
  void thereAreThreeNetworksForEachDataSetAndSide() {
    assertThat(FeatureNetworks.names())
        .containsExactly(
            "digits-8",
            "fashion-mnist-16",
            "fashion-mnist-28",
            "cifar10-32",
            "digits-8-coarse",
            "fashion-mnist-16-coarse",
            "fashion-mnist-28-coarse",
            "cifar10-32-coarse",
            "digits-8-masked",
            "fashion-mnist-16-masked",
            "fashion-mnist-28-masked",
            "cifar10-32-masked");
  }

  @Test
  void theSecondNetworkIsIndependentOfTheFirst() throws IOException {
    FeatureNetworkCard first = trained("digits-8").card();
    FeatureNetworkCard second = trained("digits-8-coarse").card();
    assertThat(second.seed()).isNotEqualTo(first.seed());
    assertThat(second.architecture()).isNotEqualTo(first.architecture());
    assertThat(second.trainFingerprint()).isEqualTo(first.trainFingerprint());
    // Canonical directions would still correlate; single features of one space and the other do not
    // coincide.
    INDArray images = digits(Split.TEST).batch(0, 296);
    INDArray a = FeatureNetworks.forDataSet("digits", DIGITS).extract(images);
    INDArray b = trained("digits-8-coarse").extractor().extract(images);
    INDArray centredA = a.subRowVector(a.mean(0)).divRowVector(a.std(0).mul(Math.sqrt(295)));
    INDArray centredB = b.subRowVector(b.mean(0)).divRowVector(b.std(0).mul(Math.sqrt(295)));
    double strongest = centredA.transpose().mmul(centredB).amaxNumber().doubleValue();
    assertThat(strongest).isLessThan(0.98);
  }

  @ParameterizedTest
  @MethodSource("org.lcsc.diffusion.features.FeatureNetworks#names")
  void everyNamedNetworkLoadsAndAgreesWithItsCard(String name) {
    FeatureNetworks.Trained network = trained(name);
    FeatureNetworkCard card = network.card();
    assertThat(card.name()).isEqualTo(name);
    assertThat(card.shape()).isEqualTo(shape(name));
    assertThat(card.parameters()).isEqualTo(network.graph().numParams());
    assertThat(card.command()).startsWith("lcsc train-features --dataset " + dataset(name));

    FeatureExtractor features = network.extractor();
    int dimension = card.architecture() == Architecture.MASKED ? 128 : 64;
    assertThat(features.dimension()).isEqualTo(dimension).isEqualTo(card.dimension());
    assertThat(features.id()).startsWith(name + "-features-");
    assertThat(features.extract(noise(1, 3, shape(name))).shape()).containsExactly(3, dimension);
  }

  @ParameterizedTest
  @CsvSource({
    "digits-8, 0.97",
    "fashion-mnist-16, 0.88",
    "fashion-mnist-28, 0.90",
    "digits-8-coarse, 0.97",
    "fashion-mnist-16-coarse, 0.88",
    "fashion-mnist-28-coarse, 0.90",
    "digits-8-masked, 0.96",
    "fashion-mnist-16-masked, 0.80"
  })
  void theRecordedAccuracyIsThatOnTheHeldOutImages(String name, double least) throws IOException {
    assumeTrue(
        name.startsWith("digits")
            || Files.isDirectory(Path.of("/usr/share/datasets/fashion-mnist")),
        "Fashion-MNIST is not installed, and tests do not download");
    FeatureNetworks.Trained network = trained(name);
    FeatureNetworkCard card = network.card();
    DataSetSettings data = Parts.named(DataSetSettings.class, "name", dataset(name));
    int side = shape(name).width();
    DataSetSettings sized = Parts.with(data, Map.of("side", side));
    ImageDataSet test = sized.load(Split.TEST);
    assertThat(card.testFingerprint()).isEqualTo(test.fingerprint());
    assertThat(card.testImages()).isEqualTo(test.size());
    // One image in a thousand may lie so close to a border that other hardware decides otherwise.
    double accuracy =
        card.classes() > 0
            ? FeatureTraining.accuracy(network.graph(), test)
            : LinearProbe.accuracy(network.graph(), sized.load(Split.TRAIN), test);
    assertThat(accuracy).isCloseTo(card.testAccuracy(), within(1e-3)).isGreaterThan(least);
  }

  @Test
  void theDigitsNetworkWasTrainedOnTheOtherDigits() throws IOException {
    FeatureNetworkCard card = trained("digits-8").card();
    ImageDataSet train = digits(Split.TRAIN);
    assertThat(card.trainFingerprint()).isEqualTo(train.fingerprint());
    assertThat(card.trainImages()).isEqualTo(train.size());
  }

  @Test
  void featuresDependNeitherOnTheBatchNorOnTheInstance() throws IOException {
    INDArray images = digits(Split.TRAIN).batch(0, 600);
    INDArray all = FeatureNetworks.forDataSet("digits", DIGITS).extract(images);
    FeatureExtractor other = FeatureNetworks.forDataSet("digits", DIGITS);
    assertThat(other.extract(images)).as("another instance").isEqualTo(all);
    for (int first : new int[] {0, 7, 598}) {
      INDArray one = other.extract(digits(Split.TRAIN).batch(first, 1));
      INDArray row = all.get(NDArrayIndex.interval(first, first + 1), NDArrayIndex.all());
      assertThat(one.sub(row).amaxNumber().doubleValue())
          .as("image %d alone", first)
          .isLessThan(1e-5);
    }
  }

  @Test
  void noFeatureIsDead() throws IOException {
    INDArray features =
        FeatureNetworks.forDataSet("digits", DIGITS).extract(digits(Split.ALL).batch(0, 1797));
    double[] deviations = features.std(0).toDoubleVector();
    assertThat(deviations).hasSize(64);
    assertThat(Arrays.stream(deviations).min().getAsDouble()).isGreaterThan(0.1);
  }

  @Test
  void fidGrowsWithNoiseFromFarBelowThatOfAMissingClass() throws IOException {
    FeatureExtractor features = FeatureNetworks.forDataSet("digits", DIGITS);
    ImageDataSet digits = digits(Split.TRAIN);
    INDArray images = digits.batch(0, digits.size());
    FrechetDistance.Reference real = FrechetDistance.against(moments(features, images));

    double last = real.distance(moments(features, images));
    assertThat(last).isCloseTo(0, within(1e-3));
    INDArray noise = noise(5, digits.size(), DIGITS);
    for (double sigma : new double[] {0.1, 0.2, 0.4, 0.8}) {
      double fid = real.distance(moments(features, images.add(noise.mul(sigma))));
      assertThat(fid).as("FID at noise %s", sigma).isGreaterThan(3 * last);
      last = fid;
    }

    int[] without = IntStream.range(0, digits.size()).filter(i -> digits.label(i) != 3).toArray();
    double held = real.distance(moments(features, digits(Split.TEST).batch(0, 296)));
    assertThat(real.distance(moments(features, digits.batch(without))))
        .as("FID without a class, against that of the held-out digits")
        .isGreaterThan(2 * held);
  }

  private static FeatureMoments moments(FeatureExtractor extractor, INDArray images) {
    FeatureStatistics statistics = new FeatureStatistics(extractor.dimension());
    statistics.add(extractor.extract(images));
    return statistics.moments();
  }

  @Test
  void whatIsNotThereIsNamedWithWhatIs() {
    assertThat(FeatureNetworks.exists("digits", DIGITS, Architecture.COARSE)).isTrue();
    assertThat(FeatureNetworks.exists("digits", new ImageShape(3, 8, 8), Architecture.FINE))
        .isFalse();
    ImageShape cifar = new ImageShape(3, 32, 32);
    assertThat(FeatureNetworks.exists("cifar10", cifar, Architecture.MASKED)).isTrue();
    assertThatThrownBy(() -> FeatureNetworks.forDataSet("imagenet64", new ImageShape(3, 64, 64)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("imagenet64 with images 3x64x64")
        .hasMessageContaining("digits-8");
    assertThatThrownBy(() -> FeatureNetworks.forDataSet("digits", new ImageShape(1, 9, 8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1x9x8");
  }

  @Test
  void aWrittenNetworkReadsBackWithTheSameFeatures() throws IOException {
    FeatureNetworks.Trained network = trained("digits-8");
    Path model = FeatureNetworks.write(directory.resolve("new"), network);
    assertThat(model).hasFileName("digits-8.zip");
    FeatureNetworks.Trained read = FeatureNetworks.read(model);
    assertThat(read.card()).isEqualTo(network.card());
    assertThat(FeatureNetworks.read(model).extractor().id()).isEqualTo(network.extractor().id());
  }

  @Test
  void aDamagedOrForeignFileIsOneLine() throws IOException {
    FeatureNetworks.Trained network = trained("digits-8");
    Path model = FeatureNetworks.write(directory, network);
    Path card = directory.resolve("digits-8.properties");
    String text = Files.readString(card);

    Files.writeString(card, text.replaceAll("parametersSha256 = ..", "parametersSha256 = zz"));
    failsToLoad(model, "its parameters are not those of its properties file");
    Files.writeString(card, text.replace("dimension = 64", "dimension = many"));
    failsToLoad(model, "digits-8.properties: dimension = many, must be a number");
    Files.writeString(card, text.replace("layer = features\n", ""));
    failsToLoad(model, "digits-8.properties: has no layer");
    Files.writeString(card, text);
    Files.write(model, new byte[] {1, 2, 3});
    failsToLoad(model, "not a Deeplearning4j model file");
    Files.delete(card);
    failsToLoad(model, "digits-8.properties: no such file");
    failsToLoad(directory.resolve("model.bin"), "must end in .zip");
  }

  private static void failsToLoad(Path model, String message) {
    assertThatThrownBy(() -> FeatureNetworks.read(model))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message)
        .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
  }
}
