package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.lcsc.cli.Main;

/** The command line in a process of its own, that a test may kill. */
final class ChildProcess {

  private ChildProcess() {}

  /** Starts it with both outputs in a file. */
  static Process start(Path log, Object... arguments) throws IOException {
    return start(log, List.of(), arguments);
  }

  /** The same with options of the Java machine. */
  static Process start(Path log, List<String> options, Object... arguments) throws IOException {
    return new ProcessBuilder(command(options, arguments))
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  /** What starts it. */
  static List<String> command(List<String> options, Object... arguments) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(options);
    command.add("-Xmx400m");
    command.add("-Dorg.bytedeco.javacpp.maxphysicalbytes=0");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return command;
  }

  /** Waits for a condition or the process's end. */
  static void await(Process process, Callable<Boolean> condition) throws Exception {
    while (process.isAlive() && !condition.call()) {
      Thread.sleep(5);
    }
  }

  /** As {@code kill -9} does. */
  static void kill(Process process) throws InterruptedException {
    process.destroyForcibly();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
  }

  /** Random moments of a test, from a seed that it prints and that repeats it. */
  static Random random(Class<?> test) {
    long seed = Long.getLong("lcsc.test.seed", System.nanoTime());
    System.out.println(test.getSimpleName() + ": -Dlcsc.test.seed=" + seed);
    return new Random(seed);
  }

  /** Whether a process has ended, be it that nobody has waited for it yet. */
  static boolean ended(long pid) {
    Path stat = Path.of("/proc/" + pid + "/stat");
    try {
      return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty()
          || Files.exists(stat) && Files.readString(stat).matches("(?s).*\\) Z .*");
    } catch (IOException e) {
      // Somebody has waited for it meanwhile.
      return true;
    }
  }
}
