package org.lcsc.benchmarks;

import static org.lcsc.io.Text.format;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.objective.DifferentiableObjective;
import org.lcsc.search.config.SearchConfig;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a value with its gradient costs in plain evaluations of the same samples, beside what a
 * search counts for it: CPU time, in turns within one process, medians.
 *
 * <p>Arguments: a configuration, then the shares of the samples that the gradient is taken through.
 */
final class GradientBenchmark {

  private static final int TURNS = 7;

  private GradientBenchmark() {}

  /** Runs. */
  public static void main(String[] args) throws IOException {
    Experiment experiment = Experiment.load(RunConfig.read(Path.of(args[0])));
    SearchConfig search = experiment.config().lcsc().search();
    ComputationGraph network = experiment.newNetwork();
    INDArray parameters = network.params();
    INDArray gradient = Nd4j.create(DataType.FLOAT, parameters.length());
    DifferentiableObjective[] objectives = new DifferentiableObjective[args.length - 1];
    for (int i = 0; i < objectives.length; i++) {
      int through = (int) Math.round(Double.parseDouble(args[i + 1]) * search.samples());
      objectives[i] =
          DifferentiableObjective.require(
              experiment.searched(network, search.withGradientSamples(through)));
    }
    double[] plain = new double[TURNS];
    double[][] both = new double[objectives.length][TURNS];
    // The turn before the first is for the compilers.
    for (int turn = -1; turn < TURNS; turn++) {
      double start = cpuSeconds();
      objectives[0].evaluate(parameters);
      double end = cpuSeconds();
      if (turn >= 0) {
        plain[turn] = end - start;
      }
      for (int i = 0; i < objectives.length; i++) {
        start = cpuSeconds();
        objectives[i].gradient(parameters, 0, gradient);
        end = cpuSeconds();
        if (turn >= 0) {
          both[i][turn] = end - start;
        }
      }
    }
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println("| samples | gradient through | CPU seconds | plain evaluations | counted |");
    out.println("|--:|--:|--:|--:|--:|");
    out.println(format("| %s | - | %.3f | 1 | 1 |", search.samples(), Measured.median(plain)));
    for (int i = 0; i < objectives.length; i++) {
      out.println(
          format(
              "| %s | %s | %.3f | %.2f | %.2f |",
              search.samples(),
              Math.round(Double.parseDouble(args[i + 1]) * search.samples()),
              Measured.median(both[i]),
              Measured.median(both[i]) / Measured.median(plain),
              objectives[i].gradientCost()));
    }
  }

  private static double cpuSeconds() {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return system.getProcessCpuTime() * 1e-9;
  }
}
