package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lcsc.datasets.DataSets;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.datasets.Split;
import org.lcsc.diffusion.features.FeatureNetworks;
import org.lcsc.image.ImageShape;
import org.lcsc.metrics.FeatureStatistics;

/** Scoring of images that are there already: folders and NumPy archives. */
class EvaluateImagesTest extends CommandLineTest {

  private static ImageDataSet train;
  private static ImageDataSet test;

  @BeforeAll
  static void loadDigits() throws IOException {
    train = new DataSets.Digits().load(Split.TRAIN);
    test = new DataSets.Digits().load(Split.TEST);
  }

  private int evaluate(Object... arguments) {
    return lcsc(Stream.concat(Stream.of("evaluate"), Arrays.stream(arguments)).toArray());
  }

  private JsonNode scores(Object... arguments) throws IOException {
    Path json = directory.resolve("scores.json");
    Object[] all = Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--out";
    all[arguments.length + 1] = json;
    assertThat(evaluate(all)).as(err.toString()).isZero();
    return new ObjectMapper().readTree(json.toFile());
  }

  @Test
  void jsonOnStandardOutputIsThatOfTheFile() throws IOException {
    Path file = archive("images.npz", pixels(test, 100), "100, 8, 8");
    JsonNode written = scores(file, "--dataset", "digits", "--no-memorisation", "--json");
    assertThat(new ObjectMapper().readTree(out.toString())).isEqualTo(written);
  }

  private void refusesToScore(String message, Object... arguments) {
    assertThat(evaluate(arguments)).isEqualTo(2);
    assertThat(err.toString().lines().filter(line -> line.startsWith("lcsc: ")))
        .hasSize(1)
        .first()
        .asString()
        .contains(message);
  }

  /** An archive of one array of bytes. */
  private Path archive(String name, byte[] values, String shape) throws IOException {
    String header = "{'descr': '|u1', 'fortran_order': False, 'shape': (" + shape + "), }";
    header += " ".repeat(63 - (10 + header.length()) % 64) + "\n";
    ByteArrayOutputStream npy = new ByteArrayOutputStream();
    npy.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    npy.write(header.length());
    npy.write(header.length() >> 8);
    npy.write(header.getBytes(StandardCharsets.ISO_8859_1));
    npy.write(values);
    Path file = directory.resolve(name);
    try (OutputStream stream = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(stream)) {
      zip.putNextEntry(new ZipEntry("arr_0.npy"));
      zip.write(npy.toByteArray());
      zip.closeEntry();
    }
    return file;
  }

  private static byte[] pixels(ImageDataSet images, int count) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      bytes.writeBytes(images.pixels(i));
    }
    return bytes.toByteArray();
  }

  private Path folder(ImageDataSet images, int count) throws IOException {
    Path folder = Files.createDirectory(directory.resolve("images"));
    for (int i = 0; i < count; i++) {
      BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
      byte[] bytes = images.pixels(i);
      for (int p = 0; p < bytes.length; p++) {
        image.getRaster().setSample(p % 8, p / 8, 0, Byte.toUnsignedInt(bytes[p]));
      }
      ImageIO.write(image, "png", folder.resolve(String.format("%04d.png", i)).toFile());
    }
    return folder;
  }

  @Test
  void heldOutImagesScoreAsTheFloorDoes() throws IOException {
    Path file = archive("test.npz", pixels(test, test.size()), test.size() + ", 8, 8");
    JsonNode result = scores(file, "--dataset", "digits", "--samples", 1000);
    JsonNode model = result.get("models").get(0);
    JsonNode floor = result.get("heldOut");
    assertThat(model.get("samples").asInt()).isEqualTo(test.size());
    for (String name : new String[] {"fid", "fidSecondSpace"}) {
      assertThat(model.get(name).asDouble())
          .as(name)
          .isPositive()
          .isCloseTo(floor.get(name).asDouble(), within(1e-6));
    }
    assertThat(model.get("spaces").get(0).get("precision").asDouble()).isGreaterThan(0.7);
    assertThat(model.get("spaces").get(0).get("memorisation").get("zScore").asDouble())
        .as("held-out images against themselves")
        .isCloseTo(0, within(0.2));
    assertThat(model.get("meansOverSpaces").get("FDr").asDouble()).isCloseTo(1, within(1e-6));
    assertThat(model.get("inceptionScore").get("mean").asDouble()).isBetween(5.0, 10.0);
    assertThat(out.toString())
        .contains("FID (2nd space)", "FID-inf", "KID", "IS", "precision", "recall", "copying z")
        .contains("held-out images", "CMMD", "MIND", "FDr")
        .as("of Gaussians about the held-out images themselves")
        .doesNotContain("FLD");
    assertThat(err.toString())
        .as("progress while the real images' features are made, and over all that is scored")
        .contains("real images 1501/1501 100%")
        .contains("evaluating " + (1000 + test.size()) + "/" + (1000 + test.size()) + " 100%");
  }

  @Test
  void theEndingOfAnArchiveMayBeInCapitals() throws IOException {
    Path file = archive("images.npz", pixels(test, 100), "100, 8, 8");
    Path capitals = Files.copy(file, directory.resolve("COPY.NPZ"));
    JsonNode models =
        scores(file, capitals, "--dataset", "digits", "--no-memorisation").get("models");
    assertThat(models.get(1).get("fid")).isEqualTo(models.get(0).get("fid"));
    assertThat(models.get(1).get("samples").asInt()).isEqualTo(100);
  }

  @Test
  void aFolderAndAnArchiveOfTheSameImagesScoreTheSame() throws IOException {
    Path file = archive("images.npz", pixels(test, 100), "100, 1, 8, 8");
    Path folder = folder(test, 100);
    JsonNode models =
        scores(file, folder, "--dataset", "digits", "--no-memorisation").get("models");
    assertThat(models.get(0).get("spaces")).isEqualTo(models.get(1).get("spaces"));
    assertThat(models.get(0).get("spaces").get(0).has("memorisation")).isFalse();
    assertThat(models.get(1).get("file").asText()).isEqualTo(folder.toString());
  }

  @Test
  void copiesOfTrainingImagesAreFoundOut() throws IOException {
    Path file = archive("copies.npz", pixels(train, 200), "200, 8, 8, 1");
    JsonNode space = scores(file, "--dataset", "digits").get("models").get(0).get("spaces").get(0);
    assertThat(space.get("memorisation").get("zScore").asDouble()).isLessThan(-10);
    assertThat(space.get("memorisation").get("closeShare").asDouble()).isEqualTo(1.0);
    assertThat(space.get("featureLikelihood").get("divergence").asDouble()).isGreaterThan(20);
    assertThat(space.get("featureLikelihood").get("gap").asDouble()).isLessThan(-20);
  }

  @Test
  void severalSpacesAreMeasuredInOnePass() throws IOException {
    Path file = archive("images.npz", pixels(test, 120), "120, 8, 8");
    JsonNode spaces =
        scores(
                file,
                "--dataset",
                "digits",
                "--features",
                "pixels",
                "--features",
                "random-projection")
            .get("models")
            .get(0)
            .get("spaces");
    assertThat(spaces).hasSize(5);
    assertThat(spaces.get(3).get("name").asText()).isEqualTo("FID (pixels)");
    assertThat(spaces.get(4).get("extractor").asText()).startsWith("random-projection-1x8x8");
    spaces.forEach(space -> assertThat(space.get("fid").asDouble()).isPositive());
  }

  @Test
  void theSpacesOfAConfigurationAreMeasuredToo() throws IOException {
    Path config = directory.resolve("config.yaml");
    Files.writeString(
        config,
        """
        dataset: { name: digits }
        model: { kind: edm, unet: { channels: 8, multipliers: [1], blocks: 1 } }
        training: { iterations: 1, batchSize: 8, learningRate: 1.0e-3, seed: 1 }
        sampler: { kind: heun, steps: 2 }
        features: [random-projection, pixels]
        output: run
        """);
    Path file = archive("images.npz", pixels(test, 20), "20, 8, 8");
    JsonNode spaces =
        scores(file, "--config", config, "--features", "pixels", "--no-memorisation")
            .get("models")
            .get(0)
            .get("spaces");
    assertThat(spaces)
        .extracting(space -> space.get("name").asText())
        .endsWith("FID (random projection)", "FID (pixels)")
        .hasSize(5);
  }

  @Test
  void statisticsAreComparedInTheFirstSpaceOfTheirDimension() throws IOException {
    Path file = directory.resolve("statistics.npz");
    var extractor = FeatureNetworks.forDataSet("digits", new ImageShape(1, 8, 8));
    FeatureStatistics.of(extractor, List.of(test.batch(0, test.size())).iterator()).write(file);
    JsonNode result = scores(file, "--dataset", "digits", "--samples", 1000);
    assertThat(result.get("models").get(0).get("fid").asDouble())
        .isCloseTo(result.get("heldOut").get("fid").asDouble(), within(1e-6));

    // As published statistics of a reference, those of the images themselves are at distance 0.
    Path images = archive("images.npz", pixels(test, test.size()), test.size() + ", 8, 8");
    double itself =
        scores(images, "--dataset", "digits", "--reference", file, "--no-memorisation")
            .get("models")
            .get(0)
            .get("fid")
            .asDouble();
    assertThat(itself).isLessThan(1e-3);
  }

  @Test
  void mistakesAreOneLine() throws IOException {
    Path images = archive("images.npz", pixels(test, 20), "20, 8, 8");
    refusesToScore("nothing to compare with, needed: --dataset NAME", images);
    refusesToScore("images of 1x8x8, but those", images, folderOf(3), "--dataset", "fashion-mnist");
    Path one = archive("one.npz", pixels(test, 1), "1, 8, 8");
    refusesToScore("too few images (1), allowed: 2 or more", one, "--dataset", "digits");
    Path flat = archive("flat.npz", pixels(test, 2), "2, 64");
    refusesToScore(", uint8 of shape [2, 64], is no set of images", flat, "--dataset", "digits");
    Path cut = archive("cut.npz", pixels(test, 2), "9, 8, 8");
    refusesToScore("array 'arr_0': ends early", cut, "--dataset", "digits", "--no-memorisation");
    refusesToScore(
        "--features: unknown feature space (inception)",
        images,
        "--dataset",
        "digits",
        "--features",
        "inception");
    refusesToScore(
        "--compare: takes two models", images, images, "--compare", "--dataset", "digits");
    refusesToScore("holds no array 'sigma'", halfStatistics(), "--dataset", "digits");
  }

  private Path folderOf(int count) throws IOException {
    return folder(test, count);
  }

  private Path halfStatistics() throws IOException {
    Path file = directory.resolve("half.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("mu.npy"));
      String header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }";
      header += " ".repeat(63 - (10 + header.length()) % 64) + "\n";
      zip.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
      zip.write(header.length());
      zip.write(header.length() >> 8);
      zip.write(header.getBytes(StandardCharsets.ISO_8859_1));
      zip.write(new byte[8]);
      zip.closeEntry();
    }
    return file;
  }
}
