package org.lcsc.benchmarks;

import static org.lcsc.io.Text.format;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.diffusion.layer.Conv2d;
import org.lcsc.diffusion.layer.ImageLossLayer;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.objective.SeededNoise;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What bounds the U-Net: the share of time in convolutions, by samples of the stack, and how many
 * floating-point operations a second they make, beside the fastest of some convolutions alone. For
 * one thread.
 *
 * <p>Arguments: parts of the labels to measure.
 */
final class LayerShares {

  private static final int SIDE = 16;
  private static final double OPERATIONS = 3e11;
  private static final double WARM_UP_SECONDS = 15;
  private static final double SECONDS = 8;
  private static final long PERIOD_MILLISECONDS = 3;

  private LayerShares() {}

  private interface Steps {
    /** Makes so many steps and returns the CPU seconds of one. */
    double seconds(int count);
  }

  /** Runs. */
  public static void main(String[] args) throws InterruptedException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    double peak = peak();
    out.println(format("The fastest single convolution: %.0f GFLOP/s%n", peak));
    out.println("| network | pass | ms | convolutions | GFLOP/s | of the fastest | rest, ms |");
    out.println("|---|---|--:|--:|--:|--:|--:|");
    for (UNetCase row : UNetCase.all()) {
      if (List.of(args).stream().anyMatch(row.label()::contains)) {
        UNetSide side = new UNetSide(row);
        side.settle();
        double operations = side.convolutionOperations();
        // Backward computes the gradients of inputs and of weights.
        line(out, row, "train step", side::train, 3 * operations, peak);
        line(out, row, "forward pass", side::forward, operations, peak);
      }
    }
  }

  private static void line(
      PrintStream out, UNetCase row, String pass, Steps steps, double operations, double peak)
      throws InterruptedException {
    double once = steps.seconds(3);
    steps.seconds((int) Math.ceil(WARM_UP_SECONDS / once));
    once = steps.seconds(3);
    Sampler sampler = new Sampler(Thread.currentThread());
    sampler.start();
    double seconds = steps.seconds((int) Math.ceil(SECONDS / once));
    Map<String, Integer> counts = sampler.stopped();
    double all = counts.values().stream().mapToInt(Integer::intValue).sum();
    double share = counts.getOrDefault("OneDnnConvolution", 0) / all;
    double rate = operations / (share * seconds) * 1e-9;
    out.println(
        format(
            "| %s | %s | %.1f | %.0f %% | %.0f | %.2f | %.1f |",
            row.label(),
            pass,
            1e3 * seconds,
            100 * share,
            rate,
            rate / peak,
            1e3 * seconds * (1 - share)));
    System.err.println(format("%s, %s: %s of %.0f samples", row.label(), pass, counts, all));
  }

  /** The most GFLOP/s of single 3x3 convolutions, of their fastest passes. */
  private static double peak() {
    return IntStream.of(32, 64, 128, 256).mapToDouble(LayerShares::rate).max().orElseThrow();
  }

  private static double rate(int channels) {
    ComputationGraph network =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .graphBuilder()
                .addInputs("image")
                .addLayer("convolution", new Conv2d(channels, channels, 3), "image")
                .addLayer("output", new ImageLossLayer(new SquaredError()), "convolution")
                .setOutputs("output")
                .build());
    network.init();
    INDArray x = new SeededNoise(1).gaussian(0, 0, SIDE, channels, SIDE, SIDE);
    double operations = 2.0 * x.length() * channels * 9;
    double least = Double.MAX_VALUE;
    for (double all = 0; all < OPERATIONS; all += operations) {
      double start = UNetSide.cpuSeconds();
      network.outputSingle(x);
      least = Math.min(least, UNetSide.cpuSeconds() - start);
    }
    return operations / least * 1e-9;
  }

  /** Counts, by class, the layer code that a thread is in. */
  private static final class Sampler extends Thread {

    private final Thread watched;
    private final Map<String, Integer> counts = new TreeMap<>();
    private volatile boolean ended;

    Sampler(Thread watched) {
      super("sampler");
      this.watched = watched;
      setDaemon(true);
    }

    @Override
    public void run() {
      while (!ended) {
        counts.merge(place(watched.getStackTrace()), 1, Integer::sum);
        try {
          sleep(PERIOD_MILLISECONDS);
        } catch (InterruptedException e) {
          return;
        }
      }
    }

    private static String place(StackTraceElement[] stack) {
      for (StackTraceElement frame : stack) {
        String name = frame.getClassName();
        if (name.startsWith("org.lcsc.diffusion.layer.OneDnnMemory")) {
          continue;
        }
        if (name.startsWith("org.lcsc.")) {
          return name.substring(name.lastIndexOf('.') + 1).replaceAll("\\$.*", "");
        }
      }
      return "other";
    }

    Map<String, Integer> stopped() throws InterruptedException {
      ended = true;
      join();
      return counts;
    }
  }
}
