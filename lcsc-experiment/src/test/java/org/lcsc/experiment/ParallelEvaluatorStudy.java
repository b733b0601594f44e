package org.lcsc.experiment;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.search.evaluation.Evaluator;
import org.lcsc.search.evaluation.EvaluatorFactory;
import org.lcsc.search.evaluation.LocalEvaluator;
import org.lcsc.search.evaluation.ParallelEvaluator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Measures several networks in one process: prints wall clock and CPU seconds per candidate of a
 * generation of eight. To be run in turns with other numbers of networks and of OMP_NUM_THREADS;
 * docs/spark.md has the command and what came out.
 */
final class ParallelEvaluatorStudy {

  private static final int CANDIDATES = 8;

  private ParallelEvaluatorStudy() {}

  /** Arguments: the configuration, networks, samples, repetitions. */
  public static void main(String[] arguments) throws IOException {
    RunConfig config = RunConfig.read(Path.of(arguments[0]));
    int networks = Integer.parseInt(arguments[1]);
    int samples = Integer.parseInt(arguments[2]);
    Experiment experiment = Experiment.load(config);
    ComputationGraph network = experiment.newNetwork();
    List<ParallelEvaluator.Objectives> others = new ArrayList<>();
    for (int i = 1; i < networks; i++) {
      // Feature networks are not to be shared either.
      others.add(
          new ParallelEvaluator.Objectives(Experiment.load(config).fid(network, 7, samples), null));
    }
    try (CheckpointWindow window = window(network);
        Evaluator evaluator =
            evaluator(
                new EvaluatorFactory.Setting(
                    CheckpointMerger.of(window),
                    experiment.fid(network, 7, samples),
                    null,
                    CANDIDATES),
                others)) {
      double[][] candidates = new double[CANDIDATES][];
      Arrays.setAll(candidates, i -> new double[] {0.1 * i, 1 - 0.1 * i});
      double sum = 0;
      for (int repetition = 0; repetition <= Integer.parseInt(arguments[3]); repetition++) {
        long cpu = cpu();
        long start = System.nanoTime();
        evaluator.load(
            new Evaluator.Generation(Evaluator.NoiseSet.SEARCH, candidates, 1, 0, CANDIDATES));
        for (int i = 0; i < CANDIDATES; i++) {
          sum += evaluator.evaluate(i).score();
        }
        if (repetition > 0) {
          System.out.printf(
              Locale.ROOT,
              "%d networks: %.3f s wall, %.3f s CPU per candidate%n",
              networks,
              (System.nanoTime() - start) * 1e-9 / CANDIDATES,
              (cpu() - cpu) * 1e-9 / CANDIDATES);
        }
      }
      System.out.println("sum of scores " + sum);
    }
  }

  private static Evaluator evaluator(
      EvaluatorFactory.Setting setting, List<ParallelEvaluator.Objectives> others) {
    return others.isEmpty()
        ? new LocalEvaluator(setting, 1)
        : ParallelEvaluator.factory(others).create(setting);
  }

  private static CheckpointWindow window(ComputationGraph network) {
    SortedMap<Long, INDArray> checkpoints = new TreeMap<>();
    Random random = new Random(1);
    for (long iteration = 1; iteration <= 2; iteration++) {
      float[] values = network.params().dup().data().asFloat();
      for (int i = 0; i < values.length; i++) {
        values[i] += 0.01f * (float) random.nextGaussian();
      }
      checkpoints.put(iteration, Nd4j.createFromArray(values));
    }
    return CheckpointWindow.ofCheckpoints(checkpoints);
  }

  private static long cpu() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }
}
