package org.lcsc.cli.plan;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.IntConsumer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.averaging.LawaCoefficients;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.cli.plan.PlanFigures.EvaluationFigures;
import org.lcsc.diffusion.training.TrainingBatches;
import org.lcsc.experiment.Experiment;
import org.lcsc.io.HostArrays;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.metrics.FrechetDistance;
import org.lcsc.metrics.objective.MultiFid;
import org.lcsc.objective.Objective;
import org.lcsc.objective.PartialObjective;
import org.lcsc.objective.SampleGenerator;
import org.lcsc.objective.SeededNoise;
import org.lcsc.search.CheckpointSearchBuilder;
import org.lcsc.search.config.LcscConfig;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Measures, on an untrained network and in some ten seconds, what an evaluation and a training
 * iteration take on this machine: weights do not change how long a network takes. What is measured
 * on a part is taken in proportion: samples by their number, merging by checkpoints and parameters.
 * Seconds are those of the calling thread on a processor, which works along in all parallel parts:
 * other work on the machine does not count. Of several short passes the median is taken. Not
 * thread-safe.
 */
public final class MachineProbe {

  /** Passes of this many seconds together are enough to go by. */
  private static final double ENOUGH_SECONDS = 0.5;

  /**
   * The passes of a network come to their lasting speed once the Java machine has compiled them.
   */
  private static final double WARM_UP_SECONDS = 4;

  /** A pass that takes this long is measured once: what its first run allocates does not count. */
  private static final double LONG_SECONDS = 2;

  /** Most passes of which the median is taken. */
  private static final int PROBES = 5;

  /** Most memory of the probe's window: reading it must go past the processor's caches. */
  private static final long WINDOW_BYTES = 1L << 27;

  private final Experiment experiment;
  private final LcscConfig lcsc;

  /** Once it is measured. */
  private Drawn drawn;

  /**
   * A probe.
   *
   * @param experiment whose configuration has a search
   */
  public MachineProbe(Experiment experiment) {
    this.experiment = experiment;
    this.lcsc = experiment.config().lcsc();
  }

  /**
   * Seconds of one evaluation.
   *
   * @throws IOException where the statistics of the training images cannot be kept
   */
  public EvaluationFigures evaluation() throws IOException {
    ComputationGraph network = experiment.newNetwork();
    if (!lcsc.objective().drawsSamples()) {
      return loss(network);
    }
    FeatureExtractor features = experiment.features();
    FrechetDistance.Reference reference = experiment.reference();
    int samples = lcsc.search().samples();
    INDArray images = drawn(network).images();
    Pass sampling = drawn.sampling();
    float[][] rows = new float[1][];
    Pass extraction =
        timed(sampling.count(), n -> rows[0] = HostArrays.floats(features.extract(images)));
    double adding = timed(1, n -> reference.accumulator(2 * sampling.count()).add(rows[0])).seconds;
    double distance = distanceSeconds(reference);
    return new EvaluationFigures(
        merging(network.numParams()),
        sampling.perUnit() * samples,
        extraction.perUnit() * samples,
        adding * samples / sampling.count() + distance);
  }

  /** Samples, and how long they took. */
  private record Drawn(INDArray images, Pass sampling) {}

  private Drawn drawn(ComputationGraph network) {
    if (drawn == null) {
      SampleGenerator generator = experiment.generator(network);
      SeededNoise noise = new SeededNoise(lcsc.search().seed());
      INDArray[] images = new INDArray[1];
      int batch = Math.min(lcsc.search().samples(), experiment.sampleBatch());
      Pass sampling = grow(batch, n -> images[0] = generator.sample(noise, 0, n));
      drawn = new Drawn(images[0], sampling);
    }
    return drawn;
  }

  /**
   * Seconds of a sample of the report: drawn, and put into every feature space.
   *
   * @throws IOException where the statistics of the training images cannot be kept
   */
  public double reportedSampleSeconds() throws IOException {
    INDArray images = drawn(experiment.newNetwork()).images();
    double seconds = drawn.sampling().perUnit();
    for (MultiFid.Space space : experiment.spaces()) {
      seconds += timed(drawn.sampling().count(), n -> space.extractor().extract(images)).perUnit();
    }
    return seconds;
  }

  /** Of an objective without samples: all but the merging counts as sampling. */
  private EvaluationFigures loss(ComputationGraph network) throws IOException {
    int samples = lcsc.search().samples();
    Objective objective = experiment.searched(network, lcsc.search());
    INDArray parameters = network.params().dup();
    // A mixture that is to have a gradient scores no share.
    Pass pass =
        objective instanceof PartialObjective partial
            ? grow(
                Math.min(samples, experiment.config().training().batchSize()),
                n -> partial.evaluate(parameters, (double) n / samples))
            : timed(samples, n -> objective.evaluate(parameters));
    return new EvaluationFigures(merging(network.numParams()), pass.perUnit() * samples, 0.0, 0.0);
  }

  /** Of as many rows as make a covariance of full rank, so that no shortcut is taken. */
  private static double distanceSeconds(FrechetDistance.Reference reference) {
    int rows = 2 * reference.dimension();
    float[] values = new float[Math.multiplyExact(rows, reference.dimension())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i * 0.7 + i / reference.dimension());
    }
    FrechetDistance.Accumulator accumulator = reference.accumulator(rows);
    accumulator.add(values);
    return timed(1, n -> accumulator.distance()).seconds;
  }

  /** Seconds to form one candidate, among as many as a generation has. */
  private double merging(long parameters) {
    int checkpoints = lcsc.checkpoints();
    long length = Math.max(1, Math.min(parameters, WINDOW_BYTES / Float.BYTES / checkpoints));
    int rows =
        Math.min(
            CheckpointSearchBuilder.mergeRows(parameters),
            lcsc.search().strategy().generation(checkpoints));
    double[][] coefficients = new double[rows][];
    Arrays.fill(coefficients, LawaCoefficients.of(checkpoints, checkpoints));
    try (CheckpointWindow window =
        CheckpointWindow.builder(length)
            .capacity(checkpoints)
            .dataType(lcsc.storage().dataType())
            .build()) {
      INDArray weights = Nd4j.valueArrayOf(new long[] {length}, 0.5f, DataType.FLOAT);
      for (int k = 1; k <= checkpoints; k++) {
        window.record(k, weights);
      }
      INDArray out = Nd4j.createUninitializedDetached(DataType.FLOAT, rows, length);
      Pass pass = timed(rows, n -> window.merge(coefficients, out));
      weights.close();
      out.close();
      return pass.perUnit() * parameters / length;
    }
  }

  /** Seconds of one training iteration of the experiment's own batch size, after the warm-up. */
  public double iterationSeconds() {
    ComputationGraph network = experiment.newNetwork();
    TrainingBatches batches = experiment.batches(0, network, experiment.untrainedTeacher());
    // A training of few iterations has nothing left after its warm-up.
    return grow(1, n -> network.fit(batches.hasNext() ? batches.next() : batches.batch(0))).seconds;
  }

  /** Seconds that this thread has been on a processor. */
  private static double clock() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() * 1e-9;
  }

  private record Pass(int count, double seconds) {
    double perUnit() {
      return seconds / count;
    }
  }

  private static double seconds(int count, IntConsumer work) {
    double start = clock();
    work.accept(count);
    return Math.max(1e-9, clock() - start);
  }

  /** The first pass of a size allocates what the others reuse. */
  private static Pass timed(int count, IntConsumer work) {
    double first = seconds(count, work);
    if (first >= LONG_SECONDS) {
      return new Pass(count, first);
    }
    List<Double> passes = new ArrayList<>();
    double all = 0;
    while (passes.isEmpty() || passes.size() < PROBES && all < ENOUGH_SECONDS) {
      passes.add(seconds(count, work));
      all += passes.get(passes.size() - 1);
    }
    Collections.sort(passes);
    return new Pass(count, passes.get(passes.size() / 2));
  }

  /** Warms up, and enlarges the size until passes take long enough, or the whole is reached. */
  private static Pass grow(int whole, IntConsumer work) {
    int count = Math.min(whole, 2);
    double last = seconds(count, work);
    double all = last;
    boolean more = true;
    while (more || all < WARM_UP_SECONDS) {
      more = count < whole && PROBES * last < ENOUGH_SECONDS;
      if (more) {
        count = Math.min(whole, 4 * count);
      }
      last = seconds(count, work);
      all += last;
    }
    return timed(count, work);
  }
}
