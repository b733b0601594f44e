package org.lcsc.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

class NativeThreadsTest {

  /** Train steps of docs/performance.md with one thread and with two, milliseconds. */
  @ParameterizedTest
  @CsvSource({
    "176849, 8, 64, 31.3, 42.3",
    "701345, 8, 128, 160.4, 175.5",
    "2793281, 8, 256, 1032.2, 586.8",
    "280177, 16, 64, 98.8, 78.8",
    "1112801, 16, 128, 581.5, 409.3",
    "4435393, 16, 64, 1078.0, 661.6",
    "280177, 28, 64, 302.8, 231.8",
    "1112801, 28, 64, 946.4, 623.8",
    "1112801, 32, 64, 1306.8, 682.7",
    "4435393, 32, 64, 4381.8, 2369.3"
  })
  void twoWorkWhereTheyGainThreeTenths(
      long parameters, int side, int batch, double alone, double together) {
    assertThat(NativeThreads.of(parameters, (long) side * side, batch, 2))
        .isEqualTo(alone / together >= 1.3 ? 2 : 1);
  }

  @Test
  void moreWorkAndMoreCoresAreMoreThreads() {
    assertThat(NativeThreads.of(1, 1, 1, 64)).isEqualTo(1);
    assertThat(NativeThreads.of(1_112_801, 1024, 64, 64)).isEqualTo(14);
    assertThat(NativeThreads.of(35_700_000, 1024, 128, 64)).isEqualTo(64);
    assertThat(NativeThreads.of(Long.MAX_VALUE, 1 << 20, 1 << 20, 1)).isEqualTo(1);
  }

  /** Chooses for small work, and shows what native code makes of it. */
  public static final class Chooser {
    public static void main(String[] arguments) throws InterruptedException {
      Nd4j.getExecutioner();
      NativeOps ops = NativeOpsHolder.getInstance().getDeviceNativeOps();
      NativeThreads.choose(1, 1, 1);
      AtomicInteger other = new AtomicInteger();
      Thread thread =
          new Thread(
              () -> {
                NativeThreads.join();
                other.set(ops.ompGetMaxThreads());
              });
      thread.start();
      thread.join();
      System.out.println(
          "native "
              + NativeThreads.count()
              + " "
              + ops.ompGetMaxThreads()
              + " "
              + other
              + " "
              + Nd4j.getNDArrayFactory().blas().getMaxThreads());
    }
  }

  private static String chosen(String given) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
            ProcessHandle.current().info().command().orElse("java"),
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            Chooser.class.getName());
    builder.environment().remove("OMP_NUM_THREADS");
    if (given != null) {
      builder.environment().put("OMP_NUM_THREADS", given);
    }
    Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (BufferedReader out = process.inputReader()) {
      String line =
          out.lines().filter(text -> text.startsWith("native ")).findFirst().orElse("nothing");
      assertThat(process.waitFor()).isZero();
      return line;
    }
  }

  @Test
  void theChoiceReachesEveryThreadAndEveryLibrary() throws Exception {
    assertThat(chosen(null)).isEqualTo("native 1 1 1 1");
  }

  @Test
  void theEnvironmentDecidesWhereItIsSet() throws Exception {
    assertThat(chosen("3")).isEqualTo("native 3 3 3 3");
  }
}
