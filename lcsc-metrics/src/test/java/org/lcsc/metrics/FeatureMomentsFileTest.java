package org.lcsc.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureMomentsFileTest {

  @TempDir Path directory;

  private Path resource(String name) throws IOException {
    Path copy = directory.resolve(name);
    try (InputStream in = getClass().getResourceAsStream(name)) {
      Files.copy(in, copy);
    }
    return copy;
  }

  @Test
  void roundTripIsExact() throws IOException {
    FeatureMoments written = Gaussians.streamed(Gaussians.rows(1, 200, 33, 2));
    Path file = directory.resolve("deeper/stats.npz");
    written.write(file);
    FeatureMoments read = FeatureMoments.read(file);
    assertThat(read.count()).isEqualTo(200);
    assertThat(read.mean()).containsExactly(written.mean());
    assertThat(read.covariance()).containsExactly(written.covariance());
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void equalMomentsMakeEqualFiles() throws IOException {
    FeatureMoments moments = Gaussians.streamed(Gaussians.rows(1, 20, 3, 2));
    moments.write(directory.resolve("a.npz"));
    moments.write(directory.resolve("b.npz"));
    assertThat(directory.resolve("a.npz")).hasSameBinaryContentAs(directory.resolve("b.npz"));
  }

  @Test
  void overwritesAnOlderFile() throws IOException {
    Path file = directory.resolve("stats.npz");
    Gaussians.streamed(Gaussians.rows(1, 20, 3, 2)).write(file);
    Gaussians.streamed(Gaussians.rows(1, 20, 4, 2)).write(file);
    assertThat(FeatureMoments.read(file).dimension()).isEqualTo(4);
  }

  @Test
  void readsWhatNumpySaved() throws IOException {
    FeatureMoments moments = FeatureMoments.read(resource("numpy-savez.npz"));
    assertThat(moments.count()).isEqualTo(FeatureMoments.UNKNOWN_COUNT);
    assertThat(moments.mean()).containsExactly(1.4, 1.2);
    // Moments of (0,0) (1,0) (0,2) (2,3) (4,1).
    assertThat(moments.covariance())
        .usingComparatorWithPrecision(1e-15)
        .containsExactly(2.8, 0.4, 0.4, 1.7);
  }

  @Test
  void readsCompressedBigEndianSinglePrecisionColumnMajor() throws IOException {
    FeatureMoments moments = FeatureMoments.read(resource("numpy-compressed-float32-fortran.npz"));
    assertThat(moments.mean()).containsExactly((float) 1.4, (float) 2.2);
    assertThat(moments.covariance())
        .containsExactly((float) 1.3, (float) 0.65, (float) 0.65, (float) 4.7);
  }

  @Test
  void refusesPickledObjects() throws IOException {
    Path file = resource("numpy-pickled.npz");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> FeatureMoments.read(file))
        .withMessageContaining("numpy-pickled.npz: array 'mu'")
        .withMessageContaining("type '|O'");
  }

  @Test
  void namesTheFileAndTheFault() throws IOException {
    assertFails(directory.resolve("missing.npz"), "no such .npz file");

    Path text = directory.resolve("text.npz");
    Files.writeString(text, "not a zip");
    assertFails(text, "not a .npz archive");

    assertFails(zip("nosigma.npz", Map.of("mu.npy", npy("<f8", "2,", new byte[16]))), "'sigma'");
    assertFails(
        zip("huge.npz", Map.of("mu.npy", npy("<f8", "99999999999,", new byte[8]))), "not readable");
    assertFails(
        zip("large.npz", Map.of("mu.npy", npy("<f8", "1000000,", new byte[8]))),
        "exceeds 8192 elements");
    assertFails(
        zip("short.npz", Map.of("mu.npy", npy("<f8", "2,", new byte[8]))),
        "array 'mu': ends early");
    assertFails(zip("long.npz", Map.of("mu.npy", npy("<f8", "2,", new byte[24]))), "data follows");
    assertFails(zip("magic.npz", Map.of("mu.npy", new byte[100])), "magic bytes");
    assertFails(
        zip(
            "shape.npz",
            Map.of(
                "mu.npy", npy("<f8", "2,", new byte[16]),
                "sigma.npy", npy("<f8", "4,", new byte[32]))),
        "sigma must have shape [2, 2]");
  }

  @Test
  void refusesTruncatedArchive() throws IOException {
    Path file = directory.resolve("stats.npz");
    Gaussians.streamed(Gaussians.rows(1, 20, 10, 2)).write(file);
    byte[] bytes = Files.readAllBytes(file);
    for (int length : List.of(0, 1, 50, bytes.length / 2, bytes.length - 1)) {
      Files.write(file, java.util.Arrays.copyOf(bytes, length));
      assertFails(file, "stats.npz");
    }
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    assertFails(file, "stats.npz");
  }

  @Test
  void refusesAsymmetricOrNonFiniteValues() throws IOException {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FeatureMoments.of(10, new double[2], new double[] {1, 0.5, 0.4, 1}))
        .withMessageContaining("symmetric");
    Path file = directory.resolve("nan.npz");
    FeatureMoments.of(10, new double[] {Double.NaN}, new double[] {1}).write(file);
    assertFails(file, "NaN");
  }

  private static void assertFails(Path file, String reason) {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> FeatureMoments.read(file))
        .withMessageContaining(file.toString())
        .satisfies(e -> assertThat(e.toString()).contains(reason).doesNotContain("\n"));
  }

  private Path zip(String name, Map<String, byte[]> entries) throws IOException {
    Path file = directory.resolve(name);
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        out.putNextEntry(new ZipEntry(entry.getKey()));
        out.write(entry.getValue());
      }
    }
    return file;
  }

  private static byte[] npy(String descr, String shape, byte[] data) throws IOException {
    String header =
        "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + shape + "), }\n";
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    out.write(new byte[] {(byte) header.length(), 0});
    out.write(header.getBytes(StandardCharsets.ISO_8859_1));
    out.write(data);
    return out.toByteArray();
  }

  @Test
  void refusesWhatIsNoCovariance() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FeatureMoments.of(9, new double[2], new double[] {1, 2, 2, 1}))
        .withMessageContaining("no covariance: 2.0 at [1, 0]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FeatureMoments.of(9, new double[2], new double[] {1, 0, 0, -1}))
        .withMessageContaining("no covariance: the variance -1.0 of feature 1");
  }

  @Test
  void aSpaceOfTooManyDimensionsIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                FeatureStatistics.of(
                    new PixelFeatures(new org.lcsc.image.ImageShape(3, 64, 64)),
                    java.util.Collections.emptyIterator()))
        .withMessageContaining("feature space pixels")
        .withMessageContaining("has 12288 dimensions, allowed: at most 8192");
  }
}
