package org.lcsc.benchmarks;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.averaging.ExponentialMovingAverage;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.objective.Objective;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * How cost grows: seconds of a train step, of a forward pass, of an evaluation, of merging and of
 * recording against what each depends on, one quantity varied at a time, with the exponent of the
 * power law between the smallest and the largest. CPU time of one thread, least of several passes.
 *
 * <p>Arguments: a file for the rows, a configuration whose evaluations are scored.
 */
final class GrowthBenchmark {

  private static final int PASSES = 5;
  private static final int CANDIDATES = 16;
  private static final int SIDE = 16;
  private static final int WIDTH = 16;
  private static final int BATCH = 32;
  private static final int CHECKPOINTS = 100;
  private static final int PARAMETERS = 300_000;

  private final PrintStream rows;

  private GrowthBenchmark(PrintStream rows) {
    this.rows = rows;
  }

  /** Runs. */
  public static void main(String[] args) throws IOException {
    try (PrintStream rows = new PrintStream(args[0], StandardCharsets.UTF_8)) {
      rows.println("what,against,value,seconds");
      PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
      out.println("| what | against | seconds at | exponent |");
      out.println("|---|---|---|--:|");
      GrowthBenchmark growth = new GrowthBenchmark(rows);
      growth.network(out, "side", side -> network(side, WIDTH, BATCH), 8, 16, 32);
      growth.network(out, "width", width -> network(SIDE, width, BATCH), 16, 32, 64);
      growth.network(out, "batch", batch -> network(SIDE, WIDTH, batch), 16, 32, 64, 128);
      Experiment experiment = Experiment.load(RunConfig.read(Path.of(args[1])));
      growth.line(out, "evaluation", "samples N", n -> evaluation(experiment, n), 250, 500, 1000);
      growth.line(out, "merging 16", "checkpoints K", k -> merging(k, PARAMETERS), 50, 100, 200);
      int[] parameters = {100_000, 300_000, 1_000_000, 3_000_000};
      growth.line(
          out,
          "merging 16",
          "parameters P",
          p -> merging(CHECKPOINTS, p),
          100_000,
          300_000,
          900_000);
      growth.line(out, "recording", "parameters P", GrowthBenchmark::recording, parameters);
      growth.line(out, "an EMA's update", "parameters P", GrowthBenchmark::average, parameters);
    }
  }

  private static UNetSide network(int side, int width, int batch) {
    UNetSide made = new UNetSide(new UNetCase(side, width, List.of(1, 2), side / 2, batch));
    made.settle();
    return made;
  }

  private void network(PrintStream out, String against, IntFunction<UNetSide> of, int... values) {
    UNetSide[] sides = IntStream.of(values).mapToObj(of).toArray(UNetSide[]::new);
    IntFunction<UNetSide> made = value -> sides[Arrays.binarySearch(values, value)];
    line(out, "train step", against, value -> () -> made.apply(value).train(1), values);
    line(out, "forward pass", against, value -> () -> made.apply(value).forward(1), values);
  }

  private static Runnable evaluation(Experiment experiment, int samples) {
    ComputationGraph network = experiment.newNetwork();
    try {
      Objective fid = experiment.fid(network, 1, samples);
      return () -> fid.evaluate(network.params());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Runnable merging(int checkpoints, int parameters) {
    CheckpointWindow window = window(checkpoints, parameters);
    double[][] coefficients = new double[CANDIDATES][checkpoints];
    for (double[] row : coefficients) {
      Arrays.fill(row, 1.0 / checkpoints);
    }
    INDArray merged = Nd4j.createUninitializedDetached(DataType.FLOAT, CANDIDATES, parameters);
    return () -> window.merge(coefficients, merged);
  }

  private static CheckpointWindow window(int checkpoints, int parameters) {
    CheckpointWindow window = CheckpointWindow.builder(parameters).capacity(checkpoints).build();
    INDArray weights = Nd4j.valueArrayOf(new long[] {parameters}, 0.5f, DataType.FLOAT);
    for (int k = 1; k <= checkpoints; k++) {
      window.record(k, weights);
    }
    return window;
  }

  private static Runnable recording(int parameters) {
    CheckpointWindow window = window(2, parameters);
    INDArray weights = Nd4j.valueArrayOf(new long[] {parameters}, 0.5f, DataType.FLOAT);
    long[] iteration = {2};
    return () -> window.record(++iteration[0], weights);
  }

  private static Runnable average(int parameters) {
    INDArray weights = Nd4j.valueArrayOf(new long[] {parameters}, 0.5f, DataType.FLOAT);
    ExponentialMovingAverage average = new ExponentialMovingAverage(0.999, weights);
    return () -> average.update(weights);
  }

  private void line(
      PrintStream out, String what, String against, IntFunction<Runnable> work, int... values) {
    double[] seconds = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      seconds[i] = seconds(work.apply(values[i]));
      rows.println(format("%s,%s,%d,%.6f", what, against, values[i], seconds[i]));
    }
    int last = values.length - 1;
    double exponent =
        Math.log(seconds[last] / seconds[0]) / Math.log((double) values[last] / values[0]);
    String points =
        IntStream.range(0, values.length)
            .mapToObj(i -> format("%d: %.4g", values[i], seconds[i]))
            .collect(Collectors.joining(", "));
    out.println(format("| %s | %s | %s | %.2f |", what, against, points, exponent));
  }

  private static double seconds(Runnable work) {
    double least = Double.MAX_VALUE;
    double all = 0;
    // Short passes are repeated until the compilers are done with them.
    for (int pass = 0; pass < PASSES || all < 1; pass++) {
      long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      work.run();
      double one = (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start) * 1e-9;
      least = Math.min(least, one);
      all += one;
    }
    return least;
  }
}
