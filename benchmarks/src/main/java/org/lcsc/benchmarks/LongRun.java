package org.lcsc.benchmarks;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.lcsc.experiment.Overrides;
import org.lcsc.experiment.RunListener;
import org.lcsc.experiment.TrainingRun;
import org.lcsc.experiment.config.RunConfig;

/**
 * Watches a long training for anything that grows: {@code lcsc train} on the digits with a tiny
 * U-Net, recording every 20th iteration and searching ten times, in this process.
 *
 * <p>Arguments: run directory (made new), a configuration of the digits, CSV file, iterations,
 * seconds between rows. The CSV has resident memory, used heap, open file handles and live threads
 * by time and iteration; a Markdown table of every tenth of the way is printed. Needs {@code
 * /proc/self}, so Linux.
 */
public final class LongRun {

  private static final int SEARCHES = 10;
  private static final String COLUMNS =
      "seconds,iteration,searches,residentMegabytes,heapMegabytes,fileHandles,threads";

  private LongRun() {}

  /** A row of the CSV. */
  private record Row(
      double seconds,
      int iteration,
      int searches,
      double resident,
      double heap,
      int handles,
      int threads) {

    static Row now(long start, Path run) throws IOException {
      Runtime runtime = Runtime.getRuntime();
      return new Row(
          (System.nanoTime() - start) * 1e-9,
          lastIteration(run.resolve("metrics.csv")),
          count(run.resolve("lcsc")),
          Measured.residentMegabytes(),
          (runtime.totalMemory() - runtime.freeMemory()) / 1048576.0,
          count(Path.of("/proc/self/fd")),
          ManagementFactory.getThreadMXBean().getThreadCount());
    }

    String text(String format) {
      return format(format, seconds, iteration, searches, resident, heap, handles, threads);
    }
  }

  /** Runs. */
  public static void main(String[] arguments) throws Exception {
    Path run = Path.of(arguments[0]);
    int iterations = Integer.parseInt(arguments[3]);
    long seconds = Long.parseLong(arguments[4]);
    CountDownLatch done = new CountDownLatch(1);
    List<Row> rows = new ArrayList<>();
    Thread watch =
        new Thread(() -> watch(run, Path.of(arguments[2]), seconds, done, rows), "watch");
    watch.start();
    Path config = Path.of(arguments[1]);
    RunConfig settings =
        Overrides.read(
            config,
            List.of(
                "model.unet={channels: 4, multipliers: [1, 1], blocks: 1, attention: []}",
                "training.iterations=" + iterations,
                "training.batchSize=8",
                "sampler.steps=3",
                "sampler.batchSize=100",
                "lcsc.window=1000",
                "lcsc.interval=20",
                "lcsc.searchAt=null",
                "lcsc.every=" + iterations / SEARCHES,
                "lcsc.search.evaluations=30",
                "lcsc.search.samples=100",
                "lcsc.validation.samples=100",
                "lcsc.report.samples=200",
                "output=" + run));
    try {
      TrainingRun.start(config, settings, false, RunListener.NONE);
    } finally {
      done.countDown();
    }
    watch.join();
    table(rows, iterations);
  }

  private static void watch(Path run, Path csv, long seconds, CountDownLatch done, List<Row> rows) {
    long start = System.nanoTime();
    try (var out = Files.newBufferedWriter(csv)) {
      out.write(COLUMNS + "\n");
      boolean last = false;
      while (!last) {
        last = done.await(seconds, TimeUnit.SECONDS);
        Row row = Row.now(start, run);
        rows.add(row);
        out.write(row.text("%.1f,%d,%d,%.1f,%.1f,%d,%d%n"));
        out.flush();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void table(List<Row> rows, int iterations) {
    System.out.println(
        "| seconds | iteration | searches | resident, MB | heap, MB | handles | threads |");
    System.out.println("|---:|---:|---:|---:|---:|---:|---:|");
    int next = 0;
    for (Row row : rows) {
      if (row.iteration() >= next || row == rows.get(rows.size() - 1)) {
        System.out.println(row.text("| %.0f | %d | %d | %.0f | %.0f | %d | %d |"));
        next = row.iteration() + iterations / SEARCHES;
      }
    }
  }

  private static int lastIteration(Path metrics) throws IOException {
    if (!Files.exists(metrics)) {
      return 0;
    }
    List<String> lines = Files.readAllLines(metrics);
    String first = lines.isEmpty() ? "" : lines.get(lines.size() - 1).split(",")[0];
    return first.matches("\\d+") ? Integer.parseInt(first) : 0;
  }

  /** Entries of a directory; 0 where there is none. */
  private static int count(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return 0;
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return (int)
          entries.filter(path -> !path.getFileName().toString().startsWith("best")).count();
    }
  }
}
