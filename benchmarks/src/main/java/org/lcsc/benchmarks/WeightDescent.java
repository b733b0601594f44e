package org.lcsc.benchmarks;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import java.nio.file.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.lcsc.experiment.Experiment;
import org.lcsc.experiment.LoadedModel;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.io.AtomicFiles;
import org.lcsc.objective.DifferentiableObjective;
import org.lcsc.objective.Objective;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.config.LcscConfig;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.Adam;

/**
 * The opponent of a search that may change every weight: the objective of a configuration is
 * descended in all weights of a model, by Adam with a learning rate that falls linearly to 0, each
 * step on noise of its own. What validation noise likes best of the start and of ten points of the
 * path is written.
 *
 * <p>Arguments: a configuration, a model of it, the learning rate, what may be spent, in
 * evaluations as a search counts them, and the file to write.
 */
final class WeightDescent {

  private static final int CHECKS = 10;

  private WeightDescent() {}

  /** Runs. */
  public static void main(String[] args) throws IOException {
    RunConfig config = RunConfig.read(Path.of(args[0]));
    double learningRate = Double.parseDouble(args[2]);
    double budget = Double.parseDouble(args[3]);
    Experiment experiment = Experiment.load(config);
    LcscConfig lcsc = config.lcsc();
    ComputationGraph network = experiment.newNetwork();
    INDArray weights = LoadedModel.loadSingle(Path.of(args[1]), network);
    DifferentiableObjective objective =
        DifferentiableObjective.require(experiment.searched(network, lcsc.search()));
    Objective validation =
        experiment.objective(
            network, lcsc.validation().seed(), lcsc.validation().samples(), TimeRanges.ONE);

    int steps = (int) (budget / objective.gradientCost());
    INDArray gradient = Nd4j.create(DataType.FLOAT, weights.length());
    Adam adam = new Adam(learningRate);
    GradientUpdater<?> updater =
        adam.instantiate(Nd4j.create(DataType.FLOAT, 1, adam.stateSize(weights.length())), true);
    INDArray best = weights.dup();
    double least = validation.evaluate(weights).score();
    System.out.println(format("0;%.4f", least));
    for (int step = 0; step < steps; step++) {
      double score = objective.gradient(weights, step + 1, gradient).score();
      if (!Double.isFinite(score)) {
        System.out.println(format("%d;not finite", step));
        break;
      }
      updater.applyUpdater(gradient.reshape(1, gradient.length()), step, 0);
      weights.subi(gradient.mul(1 - (double) step / steps));
      if ((step + 1) % Math.max(1, steps / CHECKS) == 0) {
        double checked = validation.evaluate(weights).score();
        System.out.println(format("%d;%.4f", step + 1, checked));
        if (checked < least) {
          least = checked;
          best.assign(weights);
        }
      }
    }
    network.setParams(best);
    AtomicFiles.write(Path.of(args[4]), out -> ModelSerializer.writeModel(network, out, false));
  }
}
