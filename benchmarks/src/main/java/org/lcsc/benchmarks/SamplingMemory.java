package org.lcsc.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.objective.Objective;

/**
 * Records the resident set of this process while it scores an untrained network on more and more
 * samples, as a search does: sampling, features and FID.
 *
 * <p>Arguments: a configuration, then numbers of samples. Prints {@code samples,seconds,megabytes}.
 * Needs {@code /proc/self/status}, so Linux.
 *
 * <p>Stateless and thread-safe.
 */
public final class SamplingMemory {

  private SamplingMemory() {}

  /** Runs. */
  public static void main(String[] args) throws IOException {
    Experiment experiment = Experiment.load(RunConfig.read(Path.of(args[0])));
    ComputationGraph network = experiment.newNetwork();
    System.out.println("samples,seconds,megabytes");
    for (int i = 1; i < args.length; i++) {
      int samples = Integer.parseInt(args[i]);
      Objective fid = experiment.fid(network, 1, samples);
      long start = System.nanoTime();
      fid.evaluate(network.params());
      System.out.printf(
          Locale.ROOT,
          "%d,%.1f,%.1f%n",
          samples,
          (System.nanoTime() - start) * 1e-9,
          Measured.residentMegabytes());
    }
  }
}
