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
 * network in PyTorch. The two sides take turns within one run, so that whatever else the machine
 * does falls on both; a row is the median over the turns of the time of a step, CPU time with one
 * thread, wall-clock time with more.
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
        rows.put(line.substring(0, line.indexOf(';')), line);
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
    for (String what : List.of("train", "forward")) {
      Steps mine = count -> what.equals("train") ? ours.train(count) : ours.forward(count);
      Steps theirs = torch == null ? null : count -> torch.ask(what + " " + count);
      double[][] medians = alternate(mine, theirs);
      cells.add(format(1e3 * medians[0][0]));
      cells.add(torch == null ? ABSENT : format(1e3 * medians[1][0]));
      cells.add(torch == null ? ABSENT : format(medians[0][0] / medians[1][0]));
    }
    System.err.println(String.join("; ", cells));
    return String.join(";", cells);
  }

  /** Medians of the seconds per step of each side. */
  private static double[][] alternate(Steps ours, Steps theirs) throws IOException {
    List<Steps> sides = theirs == null ? List.of(ours) : List.of(ours, theirs);
    int[] counts = new int[sides.size()];
    double[][] times = new double[sides.size()][TURNS];
    for (int side = 0; side < counts.length; side++) {
      double step = sides.get(side).seconds(2);
      int warmUp = Math.max(WARM_UP_STEPS, (int) Math.ceil(WARM_UP_SECONDS / step));
      sides.get(side).seconds(side == 0 ? warmUp : 3);
      step = sides.get(side).seconds(2);
      counts[side] = (int) Math.max(1, Math.round(SECONDS_PER_TURN / step));
    }
    for (int turn = 0; turn < TURNS; turn++) {
      for (int side = 0; side < counts.length; side++) {
        times[side][turn] = sides.get(side).seconds(counts[side]);
      }
    }
    double[][] medians = new double[counts.length][1];
    for (int side = 0; side < counts.length; side++) {
      Arrays.sort(times[side]);
      medians[side][0] = times[side][TURNS / 2];
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
            + " |");
    out.println("|---|---:|---:|---:|---:|---:|---:|---:|");
    rows.values().forEach(line -> out.println("| " + line.replace(";", " | ") + " |"));
  }
}
