package org.lcsc.metrics.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lcsc.image.ImageShape;
import org.lcsc.metrics.ClassifyingExtractor;
import org.lcsc.metrics.CommittedFeatures;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class OnnxFeatureExtractorTest {

  private static final ImageShape GREY = new ImageShape(1, 8, 8);
  private static final String STEPS =
      "size: 12, filter: bilinear, mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.3]";

  private static final String LPIPS_STEPS =
      "size: 12, filter: bilinear, quantise: false, range: [-1, 1],"
          + " mean: [-0.030, -0.088, -0.188], std: [0.458, 0.448, 0.450]";

  @TempDir Path directory;
  private INDArray grey;

  @BeforeEach
  void copyFiles() throws IOException {
    for (String file : new String[] {"tiny.onnx", "tiny-nhwc-fixed.onnx"}) {
      Files.copy(CommittedFeatures.file(file), directory.resolve(file));
    }
    Files.copy(CommittedFeatures.file("tiny-lpips-weights.npz"), directory.resolve("weights.npz"));
    grey = CommittedFeatures.array("tiny-outputs.npz", "grey");
  }

  private Path yaml(String text) throws IOException {
    Path file = directory.resolve("features.yaml");
    Files.writeString(file, text);
    return file;
  }

  private Path tiny(String rest) throws IOException {
    return yaml("name: tiny\nmodel: tiny.onnx\npreprocessing: { " + STEPS + " }\n" + rest);
  }

  private static void compare(INDArray actual, String expected) throws IOException {
    INDArray values = CommittedFeatures.array("tiny-outputs.npz", expected);
    assertThat(actual.shape()).containsExactly(values.shape());
    assertThat(actual.sub(values).amaxNumber().doubleValue()).isLessThan(2e-5);
  }

  @Test
  void preprocessesAndRunsAsPyTorchDoes() throws IOException {
    try (OnnxFeatureExtractor tiny =
        OnnxFeatureExtractor.open(
            tiny("features: features\nlogits: logits\nbatchSize: 4\n"), GREY)) {
      assertThat(tiny.dimension()).isEqualTo(8);
      compare(tiny.extract(grey), "features");
      ClassifyingExtractor classifier = (ClassifyingExtractor) tiny;
      assertThat(classifier.classes()).isEqualTo(5);
      compare(classifier.extractAll(grey).probabilities(), "probabilities");
      compare(classifier.extractAll(grey).features(), "features");
    }
  }

  /** As PyTorch exports them: the file of the graph stays the same when the weights change. */
  @Test
  void weightsInAFileOfTheirOwnAreOfTheNetwork() throws IOException {
    String model = "tiny-external.onnx";
    for (String file : List.of(model, model + ".data")) {
      Files.copy(CommittedFeatures.file(file), directory.resolve(file));
    }
    Path description =
        yaml(
            "name: tiny\nmodel: "
                + model
                + "\npreprocessing: { "
                + STEPS
                + " }\nfeatures: features\n");
    Path weights = directory.resolve(model + ".data");
    assertThat(new OnnxFeatureExtractor.Settings(description.toString()).weights())
        .containsExactly(directory.resolve(model), weights);
    String id;
    try (OnnxFeatureExtractor tiny = OnnxFeatureExtractor.open(description, GREY)) {
      compare(tiny.extract(grey), "features");
      id = tiny.id();
    }
    byte[] other = Files.readAllBytes(weights);
    other[2] ^= 1;
    Files.write(weights, other);
    try (OnnxFeatureExtractor tiny = OnnxFeatureExtractor.open(description, GREY)) {
      assertThat(tiny.id()).isNotEqualTo(id);
    }
    Files.delete(weights);
    assertThatThrownBy(() -> OnnxFeatureExtractor.open(description, GREY))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(model);
  }

  @Test
  void activationsAreAveragedOverThePositions() throws IOException {
    try (OnnxFeatureExtractor tiny = OnnxFeatureExtractor.open(tiny("features: relu2\n"), GREY)) {
      compare(tiny.extract(grey), "features");
    }
  }

  @Test
  void takesChannelsLastAndAFixedBatch() throws IOException {
    Path description =
        yaml(
            "name: fixed\nmodel: tiny-nhwc-fixed.onnx\nfeatures: features\npreprocessing: { "
                + STEPS
                + ", layout: nhwc }\n");
    try (OnnxFeatureExtractor fixed = OnnxFeatureExtractor.open(description, GREY)) {
      // 6 images in batches of 4: the second one is filled up.
      compare(fixed.extract(grey), "features");
    }
  }

  @Test
  void theIdNamesEverythingThatFeaturesDependOn() throws IOException {
    String id;
    try (OnnxFeatureExtractor tiny =
        OnnxFeatureExtractor.open(tiny("features: features\n"), GREY)) {
      id = tiny.id();
    }
    assertThat(id).startsWith("tiny-features-").contains("BILINEAR");
    Path other =
        yaml("name: tiny\nmodel: tiny.onnx\nfeatures: features\npreprocessing: { size: 12 }");
    try (OnnxFeatureExtractor tiny = OnnxFeatureExtractor.open(other, GREY)) {
      assertThat(tiny.id()).isNotEqualTo(id);
    }
  }

  @Test
  void lpipsAgreesWithPyTorch() throws IOException {
    Path description =
        yaml(
            "name: lpips\nmodel: tiny.onnx\nlayers: [relu1, relu2]\nweights: weights.npz\n"
                + "preprocessing: { "
                + LPIPS_STEPS
                + " }\n");
    double[] expected = CommittedFeatures.values("tiny-outputs.npz", "lpips");
    INDArray first = part(0);
    INDArray second = part(3);
    try (OnnxLpips lpips = OnnxLpips.open(description)) {
      double[] distances = lpips.distances(first, second);
      for (int i = 0; i < 3; i++) {
        assertThat(distances[i]).as("pair %d", i).isCloseTo(expected[i], within(1e-5));
        assertThat(lpips.distances(first, first)[i]).isZero();
      }
    }
  }

  private INDArray part(int first) {
    return grey.get(
        NDArrayIndex.interval(first, first + 3),
        NDArrayIndex.all(),
        NDArrayIndex.all(),
        NDArrayIndex.all());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "features: feature | has no output 'feature', but [relu1, relu2, features, logits]",
        "features: features; input: image | has no input 'image', but [images]",
        "features: features; logits: relu9 | has no output 'relu9'",
        "features: features; layers: [relu1] | beside layers",
        "features: features; batchSize: 0 | batchSize: too small (0)",
        "features: features; filter: cubic | unknown key",
      })
  void aWrongDescriptionIsOneLine(String rest, String message) throws IOException {
    Path description = tiny(rest.replace("; ", "\n") + "\n");
    assertThatThrownBy(() -> OnnxFeatureExtractor.open(description, GREY))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message)
        .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
  }

  @Test
  void imagesOfAnotherShapeAreNamed() throws IOException {
    Path plain = yaml("name: tiny\nmodel: tiny.onnx\nfeatures: features\n");
    assertThatThrownBy(() -> OnnxFeatureExtractor.open(plain, GREY))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("takes inputs [-1, 3, 12, 12]")
        .hasMessageContaining("[1, 3, 8, 8]");
    Path wrong =
        yaml("name: tiny\nmodel: tiny.onnx\nfeatures: features\npreprocessing: { size: 9 }");
    assertThatThrownBy(() -> OnnxFeatureExtractor.open(wrong, GREY))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("[-1, 3, 12, 12]")
        .hasMessageContaining("the preprocessing gives [-1, 3, 9, 9]");
    try (OnnxFeatureExtractor tiny =
        OnnxFeatureExtractor.open(tiny("features: features\n"), GREY)) {
      assertThatThrownBy(() -> tiny.extract(Nd4j.zeros(2, 2, 8, 8)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("C = 1 or 3, got [2, 2, 8, 8]");
    }
  }

  @Test
  void aFileThatIsNoOnnxIsOneLine() throws IOException {
    Files.writeString(directory.resolve("tiny.onnx"), "no network");
    Path description = tiny("features: features\n");
    assertThatThrownBy(() -> OnnxFeatureExtractor.open(description, GREY))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("tiny.onnx: not a usable ONNX file")
        .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
    Files.delete(directory.resolve("tiny.onnx"));
    assertThatThrownBy(() -> OnnxFeatureExtractor.open(description, GREY))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("tiny.onnx: no such file");
  }

  @Test
  void weightsThatDoNotFitAreOneLine() throws IOException {
    Path description =
        yaml(
            "name: lpips\nmodel: tiny.onnx\nlayers: [relu1, relu2, logits]\nweights: weights.npz\n");
    assertThatThrownBy(() -> OnnxLpips.open(description))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("weights.npz: holds no array 'lin2'");
  }
}
