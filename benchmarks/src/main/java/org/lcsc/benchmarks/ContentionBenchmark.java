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
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.lcsc.io.NativeThreads;
import org.lcsc.io.Refuse;

/**
 * Train steps and the forward passes of a search beside other processes: alone, and beside up to
 * eight that keep a core busy, with the threads and the waiting of {@code ./lcsc} and with others,
 * in turns. Other work on the machine slows all of them, so the ratios of one run are what counts.
 * Every turn is a row of a file; the table has their medians.
 *
 * <p>With n native threads on c cores beside b busy processes every thread gets the share c / (n +
 * b) of a core, at most 1. The loss is how much slower than that the steps are.
 */
final class ContentionBenchmark {

  private static final int TURNS = 3;
  private static final int[] BUSY = {0, 1, 2, 4, 8};
  private static final double SECONDS_PER_TURN = 1.5;
  private static final double WARM_UP_SECONDS = 8;

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
    settings.put("all cores, no spinning", Map.of("OMP_NUM_THREADS", all, "GOMP_SPINCOUNT", "0"));
    return settings;
  }

  /** What is measured. */
  private enum Work {
    TRAINING,
    SEARCH;

    void run(UNetSide side) {
      if (this == TRAINING) {
        side.train(1);
      } else {
        side.forward(1);
      }
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Runs: a file for the rows, a part of a label; {@code --worker LABEL} is one side. */
  public static void main(String[] args) throws IOException {
    if (args.length == 2 && args[0].equals("--worker")) {
      work(row(args[1]));
      return;
    }
    String part = args.length > 1 ? args[1] : "";
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println(
        "| network | setting | threads | work | a second, alone | beside 1 | 2 | 4 | 8"
            + " | loss beside 1 | 2 | 4 | 8 | cores alone | beside 1 | 2 | 4 | 8 |");
    out.println("|---|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    try (PrintStream rows = new PrintStream(args[0], StandardCharsets.UTF_8)) {
      rows.println("network,setting,threads,work,busy,turn,perSecond,cores");
      for (UNetCase row : UNetCase.all()) {
        if (row.label().contains(part)) {
          measure(row, rows).forEach(out::println);
        }
      }
    }
  }

  private static UNetCase row(String label) {
    return UNetCase.all().stream()
        .filter(row -> row.label().equals(label))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> measure(UNetCase row, PrintStream rows) throws IOException {
    List<Worker> workers = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    try {
      for (Map.Entry<String, Map<String, String>> setting : settings().entrySet()) {
        workers.add(new Worker(row, setting.getKey(), setting.getValue()));
      }
      for (int turn = 0; turn < TURNS; turn++) {
        for (int b = 0; b < BUSY.length; b++) {
          try (BusyProcesses others = new BusyProcesses(BUSY[b])) {
            for (Worker worker : workers) {
              for (Work work : Work.values()) {
                rows.println(worker.measure(work, b, turn));
              }
            }
          }
        }
      }
      for (Worker worker : workers) {
        for (Work work : Work.values()) {
          lines.add(worker.line(work));
        }
      }
    } finally {
      workers.forEach(Worker::close);
    }
    return lines;
  }

  /** Answers each line, work and seconds, with how often a second, and with the cores used. */
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
      String[] asked = line.split(" ");
      Work work = Work.valueOf(asked[0]);
      double seconds = Double.parseDouble(asked[1]);
      long cpu = system.getProcessCpuTime();
      long start = System.nanoTime();
      int steps = 0;
      double elapsed;
      do {
        work.run(side);
        steps++;
        elapsed = (System.nanoTime() - start) * 1e-9;
      } while (elapsed < seconds);
      out.println(steps / elapsed + " " + (system.getProcessCpuTime() - cpu) * 1e-9 / elapsed);
    }
  }

  /** One side, in a process of its own: OpenMP reads its environment when it is loaded. */
  private static final class Worker implements AutoCloseable {

    private final UNetCase row;
    private final String setting;
    private final Process process;
    private final BufferedWriter requests;
    private final BufferedReader answers;
    private final int threads;
    private final double[][][] rates = new double[Work.values().length][BUSY.length][TURNS];
    private final double[][][] cores = new double[Work.values().length][BUSY.length][TURNS];

    Worker(UNetCase row, String setting, Map<String, String> environment) throws IOException {
      this.row = row;
      this.setting = setting;
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
      for (Work work : Work.values()) {
        ask(work, WARM_UP_SECONDS);
      }
    }

    private String answer() throws IOException {
      String answer = answers.readLine();
      Refuse.file(answer == null, "%s, %s: its process ended", row.label(), setting);
      return answer;
    }

    private double[] ask(Work work, double seconds) throws IOException {
      requests.write(work.name() + " " + seconds + "\n");
      requests.flush();
      return Arrays.stream(answer().split(" ")).mapToDouble(Double::parseDouble).toArray();
    }

    /** A row of the file. */
    String measure(Work work, int b, int turn) throws IOException {
      double[] answer = ask(work, SECONDS_PER_TURN);
      rates[work.ordinal()][b][turn] = answer[0];
      cores[work.ordinal()][b][turn] = answer[1];
      return format(
          "\"%s\",\"%s\",%d,%s,%d,%d,%.4f,%.4f",
          row.label(), setting, threads, work, BUSY[b], turn, answer[0], answer[1]);
    }

    String line(Work work) {
      double[] rate = medians(rates[work.ordinal()]);
      double[] used = medians(cores[work.ordinal()]);
      double[] loss = new double[BUSY.length];
      Arrays.setAll(
          loss, b -> rate[0] / rate[b] * Math.min(1, (double) CORES / (threads + BUSY[b])));
      return format("| %s | %s | %d | %s |", row.label(), setting, threads, work)
          + cells(rate)
          + cells(Arrays.copyOfRange(loss, 1, loss.length))
          + cells(used);
    }

    private static double[] medians(double[][] turns) {
      return Arrays.stream(turns).mapToDouble(Measured::median).toArray();
    }

    private static String cells(double[] values) {
      return Arrays.stream(values)
          .mapToObj(value -> format(" %.2f |", value))
          .collect(Collectors.joining());
    }

    @Override
    public void close() {
      process.destroy();
    }
  }

  /** Processes that do nothing, as fast as they can. */
  private static final class BusyProcesses implements AutoCloseable {

    private final List<Process> processes = new ArrayList<>();

    /** A benchmark that is killed must not leave them busy. */
    private final Thread atExit = new Thread(() -> processes.forEach(Process::destroyForcibly));

    BusyProcesses(int count) throws IOException {
      Runtime.getRuntime().addShutdownHook(atExit);
      for (int i = 0; i < count; i++) {
        processes.add(new ProcessBuilder("sh", "-c", "while :; do :; done").start());
      }
    }

    @Override
    public void close() {
      processes.forEach(Process::destroyForcibly);
      Runtime.getRuntime().removeShutdownHook(atExit);
    }
  }
}
