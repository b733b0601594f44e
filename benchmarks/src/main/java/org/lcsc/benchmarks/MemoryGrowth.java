package org.lcsc.benchmarks;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.Overrides;
import org.lcsc.io.Refuse;
import org.lcsc.objective.SeededNoise;
import org.lcsc.search.CheckpointSearch;
import org.lcsc.search.SearchBudget;
import org.lcsc.search.config.SearchConfig;
import org.lcsc.search.strategy.StrategySettings;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How memory grows: the most resident memory that a process ever had, of a training against side,
 * width and batch, of a search against K, P and N. Every point is a process of its own, since
 * memory once taken is seldom given back; the exponent is of what a point takes beyond the same
 * work at its smallest. Needs {@code /proc/self/status}, so Linux.
 *
 * <p>Arguments: a file for the rows, the configuration whose search is measured. Of one point:
 * {@code train SIDE WIDTH BATCH}, or {@code search CONFIGURATION WIDTH K N}.
 */
final class MemoryGrowth {

  private static final int STEPS = 15;
  private static final int EVALUATIONS = 4;

  private final PrintStream rows;
  private final String what;
  private final Map<String, Double> known = new HashMap<>();
  private final double least;

  private MemoryGrowth(PrintStream rows, String what, String... smallest)
      throws IOException, InterruptedException {
    this.rows = rows;
    this.what = what;
    least = peak(smallest);
    rows.println(format("%s,least,0,%.1f", what, least));
  }

  /** Runs. */
  public static void main(String[] args) throws IOException, InterruptedException {
    switch (args[0]) {
      case "train" -> train(number(args, 1), number(args, 2), number(args, 3));
      case "search" -> search(Path.of(args[1]), number(args, 2), number(args, 3), number(args, 4));
      default -> {
        try (PrintStream rows = new PrintStream(args[0], StandardCharsets.UTF_8)) {
          rows.println("what,against,value,megabytes");
          all(rows, args[1]);
        }
      }
    }
  }

  private static int number(String[] args, int index) {
    return Integer.parseInt(args[index]);
  }

  private static void all(PrintStream rows, String config)
      throws IOException, InterruptedException {
    MemoryGrowth train = new MemoryGrowth(rows, "train step", "train", "8", "4", "1");
    train.line("side", side -> new String[] {"train", side, "16", "32"}, 8, 16, 32);
    train.line("width", width -> new String[] {"train", "16", width, "32"}, 16, 32, 64);
    train.line("batch", batch -> new String[] {"train", "16", "16", batch}, 32, 64, 128);
    MemoryGrowth search = new MemoryGrowth(rows, "search", "search", config, "4", "2", "250");
    search.line(
        "checkpoints K", k -> new String[] {"search", config, "16", k, "1000"}, 100, 200, 400);
    search.line("width", width -> new String[] {"search", config, width, "100", "1000"}, 8, 16, 32);
    search.line("samples N", n -> new String[] {"search", config, "16", "100", n}, 500, 1000, 2000);
  }

  private void line(String against, Function<String, String[]> point, int... values)
      throws IOException, InterruptedException {
    double[] megabytes = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      megabytes[i] = peak(point.apply(String.valueOf(values[i])));
      rows.println(format("%s,%s,%d,%.1f", what, against, values[i], megabytes[i]));
    }
    int last = values.length - 1;
    double exponent =
        Math.log((megabytes[last] - least) / (megabytes[0] - least))
            / Math.log((double) values[last] / values[0]);
    String points =
        IntStream.range(0, values.length)
            .mapToObj(i -> format("%d: %.0f", values[i], megabytes[i]))
            .collect(Collectors.joining(", "));
    new PrintStream(System.out, true, StandardCharsets.UTF_8)
        .println(format("| %s | %s | %s | %.2f |", what, against, points, exponent));
  }

  /** The peak of a process of its own with the options of this one, MB. */
  private double peak(String... point) throws IOException, InterruptedException {
    String key = String.join(" ", point);
    if (!known.containsKey(key)) {
      known.put(key, measure(point));
    }
    return known.get(key);
  }

  private static double measure(String... point) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString()));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    // A larger one lets garbage hide what is measured.
    command.add("-Xmx300m");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(MemoryGrowth.class.getName());
    command.addAll(List.of(point));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Refuse.file(process.waitFor() != 0, "ended with an error: %s", String.join(" ", point));
    return Double.parseDouble(printed.strip());
  }

  private static void train(int side, int width, int batch) throws IOException {
    UNetSide training = new UNetSide(new UNetCase(side, width, List.of(1, 2), side / 2, batch));
    training.settle();
    training.train(STEPS);
    System.out.println(Measured.peakMegabytes());
  }

  /** A search by the configured strategy over checkpoints of random weights. */
  private static void search(Path config, int width, int checkpoints, int samples)
      throws IOException {
    Experiment experiment =
        Experiment.load(
            Overrides.read(
                config, List.of("model.unet.channels=" + width, "lcsc.search.samples=" + samples)));
    ComputationGraph network = experiment.newNetwork();
    INDArray weights = network.params();
    SearchConfig search = experiment.config().lcsc().search();
    try (CheckpointWindow window =
        CheckpointWindow.builder(weights.length()).capacity(checkpoints).build()) {
      SeededNoise noise = new SeededNoise(1);
      for (int k = 1; k <= checkpoints; k++) {
        INDArray step = noise.gaussian(0, k, Math.toIntExact(weights.length())).muli(1e-3);
        window.record(k, weights.add(step.reshape(weights.shape())));
        step.close();
      }
      CheckpointMerger merger = CheckpointMerger.of(window);
      double[] uniform = new double[checkpoints];
      Arrays.fill(uniform, 1.0 / checkpoints);
      StrategySettings.Start start =
          new StrategySettings.Start(new double[][] {uniform}, 0, merger, EVALUATIONS, 1.75, 1);
      CheckpointSearch.builder(
              merger, search.strategy().create(start), experiment.searched(network, search))
          .budget(SearchBudget.ofEvaluations(EVALUATIONS))
          .build()
          .run();
    }
    System.out.println(Measured.peakMegabytes());
  }
}
