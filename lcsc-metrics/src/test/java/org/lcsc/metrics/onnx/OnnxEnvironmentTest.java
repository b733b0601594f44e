package org.lcsc.metrics.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lcsc.image.ImageShape;
import org.lcsc.metrics.CommittedFeatures;
import org.nd4j.linalg.factory.Nd4j;

class OnnxEnvironmentTest {

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"1.28.0", "1.26.0", "1.9.0", "1.3.1"})
  void releasesThatAreSilentAreTaken(String version) {
    assertThatCode(() -> OnnxEnvironment.requireSilent("onnxruntime", version, null))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({"onnxruntime,1.29.0", "onnxruntime,2.0.0", "onnxruntime,", "all-in-one,1.0", ","})
  void othersAreTakenOnlyWhereTheEnvironmentForbidsReports(String title, String version) {
    for (String variable : new String[] {null, "", "0"}) {
      assertThatThrownBy(() -> OnnxEnvironment.requireSilent(title, version, variable))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("ORT_DISABLE_TELEMETRY=1")
          .hasMessageContaining("1.28.0");
    }
    assertThatCode(() -> OnnxEnvironment.requireSilent(title, version, "1"))
        .doesNotThrowAnyException();
  }

  /** What a process that is killed would have removed at its end stays; nothing may be there. */
  @Test
  void aLongCommandLineWorksAndNeitherHomeNorTemporaryDirectoryIsWrittenTo() throws Exception {
    Path home = Files.createDirectory(directory.resolve("home"));
    Path temporary = Files.createDirectory(directory.resolve("tmp"));
    Process process = child(home, temporary);
    assertThat(process.inputReader().lines()).contains("features of 8");
    assertThat(process.waitFor()).isEqualTo(137);
    assertThat(files(home)).isEmpty();
    assertThat(files(temporary)).isEmpty();
  }

  @Test
  void whatKilledProcessesLeftIsDeleted() throws IOException {
    Instant old = Instant.now().minus(Duration.ofHours(2));
    Path full = unpacked("onnxruntime-java1", old, "libonnxruntime.so", "libonnxruntime4j_jni.so");
    Path empty = unpacked("onnxruntime-java2", old);
    Path fresh = unpacked("onnxruntime-java3", Instant.now(), "libonnxruntime.so");
    Path foreign = unpacked("onnxruntime-java4", old, "thesis.tex");
    Path other = unpacked("my-onnxruntime-java", old, "libonnxruntime.so");
    Path target = unpacked("target", old, "libonnxruntime.so");
    Path link = Files.createSymbolicLink(directory.resolve("onnxruntime-java5"), target);
    OnnxEnvironment.deleteStale(directory, Instant.now().minus(Duration.ofHours(1)));
    assertThat(full).doesNotExist();
    assertThat(empty).doesNotExist();
    assertThat(fresh.resolve("libonnxruntime.so")).exists();
    assertThat(foreign.resolve("thesis.tex")).exists();
    assertThat(other.resolve("libonnxruntime.so")).exists();
    assertThat(target.resolve("libonnxruntime.so")).exists();
    assertThat(link).isSymbolicLink();
    assertThatCode(() -> OnnxEnvironment.deleteStale(directory.resolve("none"), Instant.now()))
        .doesNotThrowAnyException();
  }

  private Path unpacked(String name, Instant time, String... files) throws IOException {
    Path made = Files.createDirectory(directory.resolve(name));
    for (String file : files) {
      Files.writeString(made.resolve(file), "library");
    }
    return Files.setLastModifiedTime(made, FileTime.from(time));
  }

  @Test
  void aMissingTemporaryDirectoryIsOneLine() throws Exception {
    Process process = child(directory, directory.resolve("missing"));
    assertThat(process.inputReader().lines())
        .filteredOn(line -> line.startsWith("ONNX Runtime cannot be loaded: "))
        .singleElement(STRING)
        .contains(directory.resolve("missing").toString());
    process.waitFor();
  }

  private static Process child(Path home, Path temporary) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Longer than the 4,096 bytes that a release of ONNX Runtime could take.
    command.add("-Dfill=" + "x".repeat(5000));
    command.add("-Djava.io.tmpdir=" + temporary);
    command.add("-Dorg.bytedeco.javacpp.cachedir=" + Loader.getCacheDir());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Child.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("HOME", home.toString());
    builder.environment().put("TMPDIR", temporary.toString());
    builder.environment().remove("ORT_DISABLE_TELEMETRY");
    return builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  /** Another process: takes features of two images, and is killed. */
  static final class Child {

    private Child() {}

    public static void main(String[] arguments) throws IOException {
      Path description = Files.createTempFile(Path.of(System.getenv("HOME")), "tiny", ".yaml");
      Files.writeString(
          description,
          "name: tiny\nfeatures: features\npreprocessing: { size: 12 }\nmodel: '"
              + CommittedFeatures.file("tiny.onnx")
              + "'\n");
      try (OnnxFeatureExtractor tiny =
          OnnxFeatureExtractor.open(description, new ImageShape(1, 8, 8))) {
        System.out.println("features of " + tiny.extract(Nd4j.zeros(2, 1, 8, 8)).size(1));
      } catch (IOException e) {
        System.out.println(e.getMessage());
      }
      Files.delete(description);
      Runtime.getRuntime().halt(137);
    }
  }
}
