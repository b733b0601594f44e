package org.lcsc.listener;

import java.util.Locale;
import java.util.Objects;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.lcsc.network.EvaluationNetwork;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.Objective;
import org.lcsc.objective.StageSeconds;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Scores any Deeplearning4j network by a {@code ScoreCalculator}, the measure that early stopping
 * uses: loss on held-out data, accuracy, AUC, and so on. Calculators that are to be maximised
 * ({@code minimizeScore()} false) are negated, as an objective is to be minimised.
 *
 * <pre>{@code
 * Objective objective =
 *     ScoreCalculatorObjective.of(
 *         graph, new ClassificationScoreCalculator(Evaluation.Metric.ACCURACY, validation));
 * }</pre>
 *
 * <p>It owns an evaluation network, made from the given network's configuration; the given network
 * is neither kept nor changed. The evaluation is deterministic if the calculator is: its iterator
 * should not shuffle or augment. Running the network counts as sampling in {@link StageSeconds}.
 *
 * <p>Not thread-safe.
 *
 * @param <T> the kind of network
 */
public final class ScoreCalculatorObjective<T extends Model> implements Objective {

  private final T network;
  private final ScoreCalculator<? super T> calculator;
  private final String name;

  /**
   * Uses a network of the caller's making.
   *
   * @param network initialised; belongs to this objective from now on, its parameters are
   *     overwritten
   * @param calculator the measure
   */
  public ScoreCalculatorObjective(T network, ScoreCalculator<? super T> calculator) {
    this.network = Objects.requireNonNull(network, "network");
    this.calculator = Objects.requireNonNull(calculator, "calculator");
    this.name = name(calculator.getClass());
  }

  /** A class without a name is named by what it extends. */
  private static String name(Class<?> calculator) {
    if (calculator == Object.class) {
      return "score";
    }
    String name =
        calculator
            .getSimpleName()
            .replaceAll("(Score)?Calculator(CG)?$", "")
            .replaceAll("(?<=[a-z])(?=[A-Z])", "-")
            .toLowerCase(Locale.ROOT);
    return name.isEmpty() ? name(calculator.getSuperclass()) : name;
  }

  /**
   * Scores networks of a model's configuration.
   *
   * @param model initialised, a {@code ComputationGraph} or a {@code MultiLayerNetwork}
   * @param calculator a measure of such models
   */
  @SuppressWarnings("unchecked") // what a calculator scores cannot be asked; it fails at once
  public static Objective of(Model model, ScoreCalculator<?> calculator) {
    Model copy =
        model instanceof ComputationGraph graph
            ? EvaluationNetwork.copyOf(graph)
            : EvaluationNetwork.copyOf((MultiLayerNetwork) model);
    return new ScoreCalculatorObjective<>(copy, (ScoreCalculator<Model>) calculator);
  }

  @Override
  public double scoreOf(double value) {
    return calculator.minimizeScore() ? value : -value;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Here: the calculator's class name, for example {@code "classification"}.
   */
  @Override
  public String name() {
    return name;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException where the number of parameters is not the network's
   */
  @Override
  public Evaluation evaluate(INDArray parameters) {
    long start = System.nanoTime();
    if (parameters.length() != network.numParams()) {
      throw new IllegalArgumentException(
          "The network has " + network.numParams() + " parameters, got " + parameters.length());
    }
    double score;
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      network.setParams(parameters);
      score = calculator.calculateScore(network);
    }
    return new Evaluation(
        scoreOf(score), new StageSeconds(0, (System.nanoTime() - start) * 1e-9, 0, 0));
  }
}
