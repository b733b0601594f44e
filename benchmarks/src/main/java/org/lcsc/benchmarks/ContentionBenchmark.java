package org.lcsc.benchmarks;

import static org.lcsc.io.Text.format;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lcsc.io.NativeThreads;

/**
 * Train steps beside other processes: alone, beside one and beside two that keep a core busy, with
 * the threads and the waiting of {@code ./lcsc} and with others, in turns. Other work on the
 * machine slows all of them, so the ratios of one run are what counts.
 *
 * <p>With n native threads on c cores beside b busy processes every thread gets the share c / (n +
 * b) of a core, at most 1. The loss is how much slower than that the steps are.
 */
final class ContentionBenchmark {

  private static final int TURNS = 5;
  private static final int MOST_BUSY = 2;
  private static final double SECONDS_PER_TURN = 2;
  private static final double WARM_UP_SECONDS = 12;

  private static final int CORES = Runtime.getRuntime().availableProcessors();

  private ContentionBenchmark() {}

  /** Environments by name; those without OMP_NUM_THREADS leave the number to the rule. */
  private static Map<String, Map<String, String>> settings() {
    String spins = System.getenv().getOrDefault("GOMP_SPINCOUNT", "");
    String all = String.valueOf(CORES);
    Map<String, Map<String, String>> settings = new LinkedHashMap<>();
    settings.put("as ./lcsc", Map.of("GOMP_SPINCOUNT", spins));
    settings.put("1 thread", Map.of("OMP_NUM_THREADS", "1"));
    settings.put("all cores, OpenMP's waiting", Map.of("OMP_NUM_THREADS", all));
    settings.put("all cores, ./lcsc's", Map.of("OMP_NUM_THREADS", all, "GOMP_SPINCOUNT", spins));
    settings.put(
        "all cores, passive", Map.of("OMP_NUM_THREADS", all, "OMP_WAIT_POLICY", "passive"));
    return settings;
  }

  /** Runs; a part of a row's label chooses rows, {@code --worker LABEL} is one side. */
  public static void main(String[] args) throws IOException {
    if (args.length == 2 && args[0].equals("--worker")) {
      work(row(args[1]));
      return;
    }
    String part = args.length > 0 ? args[0] : "";
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println(
        "| network | setting | threads | it/s alone | beside 1 | beside 2 | loss beside 1"
            + " | beside 2 | cores used alone | beside 1 | beside 2 |");
    out.println("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for (UNetCase row : UNetCase.all()) {
      if (row.label().contains(part)) {
        measure(row).forEach(out::println);
      }
    }
  }

  private static UNetCase row(String label) {
    return UNetCase.all().stream()
        .filter(row -> row.label().equals(label))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> measure(UNetCase row) throws IOException {
    List<Worker> workers = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    try {
      for (Map.Entry<String, Map<String, String>> setting : settings().entrySet()) {
        workers.add(new Worker(row, setting.getKey(), setting.getValue()));
      }
      for (int turn = 0; turn < TURNS; turn++) {
        for (int busy = 0; busy <= MOST_BUSY; busy++) {
          try (BusyProcesses others = new BusyProcesses(busy)) {
            for (Worker worker : workers) {
              worker.measure(busy, turn);
            }
          }
        }
      }
      for (Worker worker : workers) {
        lines.add(worker.line());
      }
    } finally {
      workers.forEach(Worker::close);
    }
    return lines;
  }

  /** Answers each line, a number of seconds, with train steps per second and cores used. */
  private static void work(UNetCase row) throws IOException {
    UNetSide side = new UNetSide(row);
    side.settle();
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println(NativeThreads.count());
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      double seconds = Double.parseDouble(line);
      long cpu = system.getProcessCpuTime();
      long start = System.nanoTime();
      int steps = 0;
      double elapsed;
      do {
        side.train(1);
        steps++;
        elapsed = (System.nanoTime() - start) * 1e-9;
      } while (elapsed < seconds);
      out.println(steps / elapsed + " " + (system.getProcessCpuTime() - cpu) * 1e-9 / elapsed);
    }
  }

  /** One side, in a process of its own: OpenMP reads its environment when it is loaded. */
  private static final class Worker implements AutoCloseable {

    private final String label;
    private final Process process;
    private final BufferedWriter requests;
    private final BufferedReader answers;
    private final int threads;
    private final double[][] rates = new double[MOST_BUSY + 1][TURNS];
    private final double[][] cores = new double[MOST_BUSY + 1][TURNS];

    Worker(UNetCase row, String setting, Map<String, String> environment) throws IOException {
      label = row.label() + " | " + setting;
      ProcessBuilder builder =
          new ProcessBuilder(
              ProcessHandle.current().info().command().orElse("java"),
              "-Xmx1g",
              "-XX:+UseSerialGC",
              "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
              "-cp",
              System.getProperty("java.class.path"),
              ContentionBenchmark.class.getName(),
              "--worker",
              row.label());
      builder.redirectError(ProcessBuilder.Redirect.INHERIT);
      builder
          .environment()
          .keySet()
          .removeAll(List.of("OMP_NUM_THREADS", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT"));
      environment.forEach(
          (name, value) -> {
            if (!value.isEmpty()) {
              builder.environment().put(name, value);
            }
          });
      process = builder.start();
      requests = process.outputWriter(StandardCharsets.UTF_8);
      answers = process.inputReader(StandardCharsets.UTF_8);
      threads = Integer.parseInt(answer());
      ask(WARM_UP_SECONDS);
    }

    private String answer() throws IOException {
      String answer = answers.readLine();
      if (answer == null) {
        throw new IOException(label + ": its process ended");
      }
      return answer;
    }

    private double[] ask(double seconds) throws IOException {
      requests.write(seconds + "\n");
      requests.flush();
      return Arrays.stream(answer().split(" ")).mapToDouble(Double::parseDouble).toArray();
    }

    void measure(int busy, int turn) throws IOException {
      double[] answer = ask(SECONDS_PER_TURN);
      rates[busy][turn] = answer[0];
      cores[busy][turn] = answer[1];
    }

    private static double median(double[] values) {
      double[] sorted = values.clone();
      Arrays.sort(sorted);
      return sorted[sorted.length / 2];
    }

    String line() {
      double[] rate = Arrays.stream(rates).mapToDouble(Worker::median).toArray();
      double[] used = Arrays.stream(cores).mapToDouble(Worker::median).toArray();
      double[] loss = new double[rate.length];
      Arrays.setAll(
          loss, busy -> rate[0] / rate[busy] * Math.min(1, (double) CORES / (threads + busy)));
      return format(
          "| %s | %d | %.2f | %.2f | %.2f | %.2f | %.2f | %.2f | %.2f | %.2f |",
          label, threads, rate[0], rate[1], rate[2], loss[1], loss[2], used[0], used[1], used[2]);
    }

    @Override
    public void close() {
      process.destroy();
    }
  }

  /** Processes that do nothing, as fast as they can. */
  private static final class BusyProcesses implements AutoCloseable {

    private final List<Process> processes = new ArrayList<>();

    BusyProcesses(int count) throws IOException {
      for (int i = 0; i < count; i++) {
        processes.add(new ProcessBuilder("sh", "-c", "while :; do :; done").start());
      }
    }

    @Override
    public void close() {
      processes.forEach(Process::destroyForcibly);
    }
  }
}
