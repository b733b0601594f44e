package org.lcsc.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A window larger than the memory that its process may have. */
class MappedWindowMemoryTest {

  private static final int P = 1 << 20;
  private static final int CHECKPOINTS = 192;
  private static final long WINDOW = (long) CHECKPOINTS * P * Float.BYTES;

  /** What the process may have for everything, the page cache of its files included. */
  private static final long ALLOWED = 256L << 20;

  private static final Path GROUPS = Path.of("/sys/fs/cgroup");

  @TempDir Path directory;

  private Path group;

  @AfterEach
  void removeGroup() throws IOException {
    if (group != null && Files.exists(group)) {
      Files.delete(group);
    }
  }

  /** What the child does: fills the window beyond its end, and merges, twice. */
  static final class Child {

    public static void main(String[] arguments) throws IOException {
      try (CheckpointWindow window =
          CheckpointWindow.builder(P).capacity(CHECKPOINTS).mapped(Path.of(arguments[0])).build()) {
        INDArray checkpoint = Nd4j.createUninitialized(DataType.FLOAT, P);
        for (int n = 1; n <= CHECKPOINTS + 2; n++) {
          checkpoint.assign(n);
          window.record(n, checkpoint);
        }
        double[] coefficients = new double[CHECKPOINTS];
        coefficients[0] = 2;
        coefficients[CHECKPOINTS - 1] = -1;
        for (int i = 0; i < 2; i++) {
          INDArray merged = window.merge(coefficients);
          System.out.println("merged " + merged.minNumber() + " " + merged.maxNumber());
          merged.close();
        }
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
          if (line.startsWith("RssAnon:")) {
            System.out.println(line);
          }
        }
      }
    }
  }

  /** In a control group of its own where that can be made, which bounds its page cache too. */
  @Test
  @Timeout(600)
  void aMappedWindowIsSeveralTimesLargerThanTheMemoryAllowed() throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "no /proc, so memory is not measured");
    assumeTrue(
        !Files.getFileStore(directory).type().equals("tmpfs"),
        "the temporary directory lies in memory itself, and nothing of it can be dropped");
    group = limitedGroup();
    String java =
        String.join(
            " ",
            "exec",
            ProcessHandle.current().info().command().orElse("java"),
            "-Xmx48m -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
            "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
            "\"$@\"");
    String enter = group == null ? "" : "echo $$ > " + group.resolve("cgroup.procs") + " && ";
    Path log = directory.resolve("child.log");
    Process child =
        new ProcessBuilder(
                List.of(
                    "sh",
                    "-c",
                    enter + java,
                    "sh",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Child.class.getName(),
                    directory.resolve("window.bin").toString()))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(child.waitFor(500, TimeUnit.SECONDS)).isTrue();
    String text = Files.readString(log);
    assertThat(child.exitValue()).as(text).isZero();
    // 2 * 3 - 194, twice.
    assertThat(text.lines().filter("merged -188.0 -188.0"::equals)).hasSize(2);
    long anonymous =
        text.lines()
            .filter(line -> line.startsWith("RssAnon:"))
            .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
            .findFirst()
            .orElseThrow();
    System.out.printf(
        "MappedWindowMemoryTest: window %,d bytes, memory of its own %,d, %s%n",
        WINDOW, anonymous, group == null ? "no control group" : "limit " + ALLOWED);
    assertThat(anonymous)
        .as("what cannot be dropped, unlike pages of a file")
        .isLessThan(WINDOW / 3);
  }

  /** A new control group with the limit, or null where the test may not make one. */
  private static Path limitedGroup() {
    boolean second = Files.exists(GROUPS.resolve("cgroup.controllers"));
    Path made = (second ? GROUPS : GROUPS.resolve("memory")).resolve("lcsc-" + System.nanoTime());
    try {
      Files.createDirectory(made);
      Files.writeString(
          made.resolve(second ? "memory.max" : "memory.limit_in_bytes"),
          String.valueOf(ALLOWED),
          StandardCharsets.US_ASCII);
      return made;
    } catch (IOException e) {
      try {
        Files.deleteIfExists(made);
      } catch (IOException ignored) {
        // Then there is none.
      }
      return null;
    }
  }
}
