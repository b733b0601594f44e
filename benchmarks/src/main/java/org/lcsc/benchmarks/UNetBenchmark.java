package org.lcsc.benchmarks;

import ai.onnxruntime.OrtEnvironment;
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
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.lcsc.io.Refuse;

/**
 * Train step (forward, backward, clip, Adam, EMA) and forward pass of the U-Net, beside the same
 * network in PyTorch, and the forward pass beside ONNX Runtime too. Every PyTorch is first given
 * our weights and must give our output. The sides take turns within one run, so that whatever else
 * the machine does falls on all; a time is the median over the turns of a step's, CPU time with one
 * thread, wall-clock time with more.
 *
 * <p>Arguments: the file of the finished networks (those in it are not measured again), the folder
 * with {@code pytorch_unet.py} and {@code libtorch}, optionally parts of the labels to measure.
 * Prints the file as a Markdown table.
 *
 * <p>Stateless and thread-safe.
 */
public final class UNetBenchmark {

  private static final int TURNS = 9;
  private static final double SECONDS_PER_TURN = 0.3;

  /** Of our side: the Java compilers take a core for some ten seconds, once. */
  private static final double FIRST_WARM_UP_SECONDS = 25;

  private static final double WARM_UP_SECONDS = 5;

  /** The least. */
  private static final int WARM_UP_STEPS = 10;

  private static final double DIFFERENCE = 1e-4;
  private static final String TRAIN = "train step";
  private static final String FORWARD = "forward pass";
  private static final String OURS = "ours";

  private final Optional<PyTorch> python;
  private final Optional<PyTorch> libtorch;
  private double warmUpSeconds = FIRST_WARM_UP_SECONDS;

  private UNetBenchmark(Optional<PyTorch> python, Optional<PyTorch> libtorch) {
    this.python = python;
    this.libtorch = libtorch;
  }

  private interface Steps {
    /** Makes so many steps and returns the seconds of one. */
    double seconds(int count) throws IOException;
  }

  /** A line of the file; the ratio is that of our time to this. */
  private record Time(
      String network, String parameters, String pass, String side, String ms, String ratio) {

    static Time parse(String line) {
      String[] cells = line.split(";");
      // Lines of versions that measured less have fewer or more.
      return cells.length == 6
          ? new Time(cells[0], cells[1], cells[2], cells[3], cells[4], cells[5])
          : null;
    }

    String line() {
      return String.join(";", network, parameters, pass, side, ms, ratio);
    }
  }

  /** Runs. */
  public static void main(String[] args) throws IOException {
    Refuse.argument(args.length < 2, "expected: ROWS_FILE BENCHMARKS_FOLDER [PART_OF_LABEL ...]");
    Path file = Path.of(args[0]);
    Path folder = Path.of(args[1]);
    List<String> parts = args.length > 2 ? List.of(args).subList(2, args.length) : List.of("");
    List<Time> times = new ArrayList<>();
    if (Files.exists(file)) {
      Files.readAllLines(file).stream().map(Time::parse).filter(t -> t != null).forEach(times::add);
    }
    try (PyTorch python = python(folder).orElse(null);
        PyTorch libtorch = libtorch(folder).orElse(null)) {
      UNetBenchmark benchmark =
          new UNetBenchmark(Optional.ofNullable(python), Optional.ofNullable(libtorch));
      for (UNetCase row : UNetCase.all()) {
        boolean done = times.stream().anyMatch(time -> time.network.equals(row.label()));
        if (parts.stream().anyMatch(row.label()::contains) && !done) {
          List<Time> measured = benchmark.measure(row);
          times.addAll(measured);
          Files.write(
              file,
              measured.stream().map(Time::line).toList(),
              StandardOpenOption.CREATE,
              StandardOpenOption.APPEND);
        }
      }
    }
    print(times);
  }

  private static Optional<PyTorch> python(Path folder) {
    List<String> pythons = new ArrayList<>();
    Optional.ofNullable(System.getenv("LCSC_PYTHON")).ifPresent(pythons::add);
    pythons.addAll(List.of("python3", "/usr/bin/python3"));
    String script = folder.resolve("pytorch_unet.py").toString();
    Optional<PyTorch> found =
        PyTorch.start(pythons.stream().map(python -> List.of(python, script)).toList());
    System.err.println(found.map(PyTorch::version).orElse("no Python with PyTorch found"));
    return found;
  }

  /** Where {@code ./benchmark libtorch} has written its class path. */
  private static Optional<PyTorch> libtorch(Path folder) throws IOException {
    Path classPath = folder.resolve("libtorch/target/classpath");
    if (!Files.exists(classPath)) {
      System.err.println("no libtorch: ./benchmark libtorch downloads it");
      return Optional.empty();
    }
    Optional<PyTorch> found =
        PyTorch.start(
            List.of(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin/java").toString(),
                    "-XX:+UseSerialGC",
                    "-cp",
                    Files.readString(classPath).strip(),
                    folder.resolve("libtorch/LibtorchUNet.java").toString())));
    System.err.println(found.map(PyTorch::version).orElse("libtorch does not start"));
    return found;
  }

  private List<Time> measure(UNetCase row) throws IOException {
    UNetSide ours = new UNetSide(row);
    Map<String, Steps> train = new LinkedHashMap<>();
    Map<String, Steps> forward = new LinkedHashMap<>();
    train.put(OURS, ours::train);
    forward.put(OURS, ours::forward);
    Path weights = Files.createTempFile("unet", ".floats");
    try {
      ours.write(weights);
      for (PyTorch torch : List.of(python, libtorch).stream().flatMap(Optional::stream).toList()) {
        build(row, ours, torch, weights);
        train.put(torch.version(), count -> torch.ask("train " + count));
        forward.put(torch.version(), count -> torch.ask("forward " + count));
      }
    } finally {
      Files.delete(weights);
    }
    if (python.isPresent() && python.get().ask("compile") == 1) {
      String name = python.get().version() + ", compiled";
      train.put(name, count -> python.get().ask("train " + count + " compiled"));
      forward.put(name, count -> python.get().ask("forward " + count + " compiled"));
    }
    String onnx = "ONNX Runtime " + OrtEnvironment.getEnvironment().getVersion();
    forward.put(onnx, ours::onnxForward);
    ours.settle();
    List<Time> times = new ArrayList<>(times(row, ours, TRAIN, train));
    times.addAll(times(row, ours, FORWARD, forward));
    warmUpSeconds = WARM_UP_SECONDS;
    return times;
  }

  /** Builds the same network in PyTorch. */
  private static void build(UNetCase row, UNetSide ours, PyTorch torch, Path weights)
      throws IOException {
    long theirs = (long) torch.ask(row.request());
    double difference = theirs == ours.parameters() ? torch.ask("check " + weights) : 0;
    Refuse.state(
        theirs != ours.parameters() || !(difference < DIFFERENCE),
        "%s: %d parameters, %s has %d; outputs differ by %.1e of the largest, allowed: %.0e",
        row.label(),
        ours.parameters(),
        torch.version(),
        theirs,
        difference,
        DIFFERENCE);
  }

  private List<Time> times(UNetCase row, UNetSide ours, String pass, Map<String, Steps> sides)
      throws IOException {
    double[] medians = alternate(sides.values().toArray(Steps[]::new));
    List<Time> times = new ArrayList<>();
    int index = 0;
    for (String side : sides.keySet()) {
      String ms = format(1e3 * medians[index]);
      String ratio = format(medians[0] / medians[index++]);
      times.add(new Time(row.label(), String.valueOf(ours.parameters()), pass, side, ms, ratio));
      System.err.println(times.get(times.size() - 1).line());
    }
    return times;
  }

  /** Medians of the seconds per step of each side, ours first. */
  private double[] alternate(Steps... sides) throws IOException {
    int[] counts = new int[sides.length];
    double[][] times = new double[sides.length][TURNS];
    for (int side = 0; side < counts.length; side++) {
      double step = sides[side].seconds(2);
      int warmUp = Math.max(WARM_UP_STEPS, (int) Math.ceil(warmUpSeconds / step));
      sides[side].seconds(side == 0 ? warmUp : 3);
      step = sides[side].seconds(2);
      counts[side] = (int) Math.max(1, Math.round(SECONDS_PER_TURN / step));
    }
    for (int turn = 0; turn < TURNS; turn++) {
      for (int side = 0; side < counts.length; side++) {
        times[side][turn] = sides[side].seconds(counts[side]);
      }
    }
    return Arrays.stream(times).mapToDouble(Measured::median).toArray();
  }

  private static String format(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.1f", value);
  }

  /** A row for each network and pass, a column for each side: milliseconds, and ours to them. */
  private static void print(List<Time> times) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    TreeSet<String> others =
        times.stream()
            .map(Time::side)
            .filter(side -> !side.equals(OURS))
            .collect(Collectors.toCollection(TreeSet::new));
    out.println("| network | pass | ours, ms | " + String.join(" | ", others) + " |");
    out.println("|---|---|--:|" + "--:|".repeat(others.size()));
    for (Time ours : times.stream().filter(time -> time.side.equals(OURS)).toList()) {
      String cells =
          others.stream()
              .map(
                  side ->
                      times.stream()
                          .filter(
                              time ->
                                  time.network.equals(ours.network)
                                      && time.pass.equals(ours.pass)
                                      && time.side.equals(side))
                          .map(time -> time.ms + ", " + time.ratio)
                          .findFirst()
                          .orElse("-"))
              .collect(Collectors.joining(" | "));
      out.println("| " + String.join(" | ", ours.network, ours.pass, ours.ms, cells) + " |");
    }
  }
}
