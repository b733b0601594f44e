package org.lcsc.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.lcsc.io.Refuse;

/**
 * Train step (forward, backward, clip, Adam, EMA) and forward pass of the U-Net, beside the same
 * network in PyTorch, and the forward pass beside ONNX Runtime too. The sides take turns within one
 * run, so that whatever else the machine does falls on both; a row is the median over the turns of
 * the time of a step, CPU time with one thread, wall-clock time with more.
 *
 * <p>Arguments: the file of the finished rows (rows in it are not measured again), the PyTorch
 * script, optionally a part of the labels to measure. Prints the file as a Markdown table.
 *
 * <p>Stateless and thread-safe.
 */
public final class UNetBenchmark {

  private static final int TURNS = 9;
  private static final double SECONDS_PER_TURN = 0.7;

  /** Of our side: the Java compilers take a core for some ten seconds. */
  private static final double WARM_UP_SECONDS = 25;

  /** The least. */
  private static final int WARM_UP_STEPS = 10;

  private static final String ABSENT = "-";

  /** Columns of the table. */
  private static final int CELLS = 10;

  private UNetBenchmark() {}

  private interface Steps {
    /** Makes so many steps and returns the seconds of one. */
    double seconds(int count) throws IOException;
  }

  /** Runs. */
  public static void main(String[] args) throws IOException {
    Refuse.argument(args.length < 2, "expected: ROWS_FILE PYTORCH_SCRIPT [PART_OF_LABEL]");
    Path file = Path.of(args[0]);
    String part = args.length > 2 ? args[2] : "";
    Map<String, String> rows = new LinkedHashMap<>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        // Rows of a version that measured less are measured again.
        if (line.split(";").length == CELLS) {
          rows.put(line.substring(0, line.indexOf(';')), line);
        }
      }
    }
    List<String> pythons = new ArrayList<>();
    Optional.ofNullable(System.getenv("LCSC_PYTHON")).ifPresent(pythons::add);
    pythons.addAll(List.of("python3", "/usr/bin/python3"));
    try (PyTorch torch = PyTorch.start(Path.of(args[1]), pythons).orElse(null)) {
      System.err.println(torch == null ? "no PyTorch found: timing ours alone" : torch.version());
      for (UNetCase row : UNetCase.all()) {
        if (row.label().contains(part) && !rows.containsKey(row.label())) {
          String line = measure(row, torch);
          rows.put(row.label(), line);
          Files.writeString(
              file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
      }
    }
    print(rows);
  }

  private static String measure(UNetCase row, PyTorch torch) throws IOException {
    UNetSide ours = new UNetSide(row);
    if (torch != null) {
      long theirs = (long) torch.ask(row.request());
      if (theirs != ours.parameters()) {
        throw new IllegalStateException(
            row.label() + ": " + ours.parameters() + " parameters, PyTorch has " + theirs);
      }
    }
    ours.settle();
    List<String> cells = new ArrayList<>(List.of(row.label(), String.valueOf(ours.parameters())));
    Steps train = torch == null ? null : count -> torch.ask("train " + count);
    Steps forward = torch == null ? null : count -> torch.ask("forward " + count);
    add(cells, alternate(ours::train, train));
    add(cells, alternate(ours::forward, forward, ours::onnxForward));
    System.err.println(String.join("; ", cells));
    return String.join(";", cells);
  }

  /** Adds milliseconds of ours, and of each other its own and the ratio of ours to it. */
  private static void add(List<String> cells, double[] medians) {
    cells.add(format(1e3 * medians[0]));
    for (int side = 1; side < medians.length; side++) {
      boolean absent = Double.isNaN(medians[side]);
      cells.add(absent ? ABSENT : format(1e3 * medians[side]));
      cells.add(absent ? ABSENT : format(medians[0] / medians[side]));
    }
  }

  /** Medians of the seconds per step of each side, ours first; NaN for one that is null. */
  private static double[] alternate(Steps... sides) throws IOException {
    int[] counts = new int[sides.length];
    double[][] times = new double[sides.length][TURNS];
    for (int side = 0; side < counts.length; side++) {
      if (sides[side] == null) {
        continue;
      }
      double step = sides[side].seconds(2);
      int warmUp = Math.max(WARM_UP_STEPS, (int) Math.ceil(WARM_UP_SECONDS / step));
      sides[side].seconds(side == 0 ? warmUp : 3);
      step = sides[side].seconds(2);
      counts[side] = (int) Math.max(1, Math.round(SECONDS_PER_TURN / step));
    }
    for (int turn = 0; turn < TURNS; turn++) {
      for (int side = 0; side < counts.length; side++) {
        times[side][turn] = sides[side] == null ? Double.NaN : sides[side].seconds(counts[side]);
      }
    }
    double[] medians = new double[counts.length];
    for (int side = 0; side < counts.length; side++) {
      Arrays.sort(times[side]);
      medians[side] = times[side][TURNS / 2];
    }
    return medians;
  }

  private static String format(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.1f", value);
  }

  private static void print(Map<String, String> rows) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println(
        "| images | parameters | train step, ms | PyTorch | ratio | forward, ms | PyTorch | ratio"
            + " | ONNX Runtime | ratio |");
    out.println("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    rows.values().forEach(line -> out.println("| " + line.replace(";", " | ") + " |"));
  }
}
