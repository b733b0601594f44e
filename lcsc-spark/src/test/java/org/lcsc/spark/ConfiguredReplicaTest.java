package org.lcsc.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfiguredReplicaTest {

  /** An executor that ends, as they do, with its replica open. */
  public static final class Executor {

    private Executor() {}

    /** Writes the file of a window. */
    public static void main(String[] arguments) throws IOException {
      Files.writeString(ConfiguredReplica.windowFile(), "checkpoints");
      System.exit(0);
    }
  }

  @Test
  void aMappedWindowEndsWithItsProcess(@TempDir Path temporary) throws Exception {
    Process executor =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                Executor.class.getName())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(executor.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(executor.exitValue()).isZero();
    assertThat(temporary).isEmptyDirectory();
  }
}
