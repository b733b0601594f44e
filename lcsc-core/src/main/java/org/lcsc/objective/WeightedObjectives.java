package org.lcsc.objective;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.lcsc.config.Kind;
import org.lcsc.config.Require;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The weighted sum of several objectives on the same samples; differentiable where all of them are.
 * Each draws the samples by itself. Not thread-safe.
 */
public class WeightedObjectives implements Objective {

  private final List<Objective> objectives;
  private final List<Term> terms;

  /**
   * The kind {@code mixture} of a configuration file.
   *
   * @param parts at least one
   */
  @Kind("mixture")
  public record Settings(List<Term> parts) implements ObjectiveSettings {

    /** Without parts, which are required. */
    public Settings() {
      this(null);
    }

    /** Checks that there are some. */
    public Settings {
      if (parts != null) {
        parts = List.copyOf(parts);
        Require.not(parts.isEmpty(), "parts", "is empty, allowed: one objective or more");
      }
    }

    @Override
    public Objective create(Inputs inputs) throws IOException {
      List<Objective> made = new ArrayList<>();
      for (Term term : parts) {
        made.add(term.objective().create(inputs));
      }
      return inputs.gradient()
          ? new Differentiable(made, parts)
          : new WeightedObjectives(made, parts);
    }
  }

  /**
   * One of the objectives.
   *
   * @param objective its kind
   * @param weight of its score, above 0
   */
  public record Term(ObjectiveSettings objective, double weight) {

    /** Of weight 1. */
    public Term() {
      this(null, 1);
    }

    public Term {
      Require.positive("weight", weight);
    }
  }

  private WeightedObjectives(List<Objective> objectives, List<Term> terms) {
    this.objectives = objectives;
    this.terms = terms;
  }

  @Override
  public String name() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < terms.size(); i++) {
      names.add(terms.get(i).weight() + " " + objectives.get(i).name());
    }
    return String.join(" + ", names);
  }

  @Override
  public Evaluation evaluate(INDArray parameters) {
    double score = 0;
    StageSeconds seconds = StageSeconds.ZERO;
    for (int i = 0; i < terms.size(); i++) {
      Evaluation evaluation = objectives.get(i).evaluate(parameters);
      score += terms.get(i).weight() * evaluation.score();
      seconds = seconds.plus(evaluation.seconds());
    }
    return new Evaluation(score, seconds);
  }

  /** With the sum of the gradients. */
  private static final class Differentiable extends WeightedObjectives
      implements DifferentiableObjective {

    private final List<DifferentiableObjective> objectives;
    private final List<Term> terms;

    Differentiable(List<Objective> objectives, List<Term> terms) {
      super(objectives, terms);
      this.objectives = objectives.stream().map(DifferentiableObjective::require).toList();
      this.terms = terms;
    }

    @Override
    public Evaluation gradient(INDArray parameters, long draw, INDArray gradient) {
      double score = 0;
      StageSeconds seconds = StageSeconds.ZERO;
      try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
          INDArray slopes = Nd4j.createUninitialized(DataType.FLOAT, gradient.length())) {
        gradient.assign(0);
        for (int i = 0; i < objectives.size(); i++) {
          double weight = terms.get(i).weight();
          Evaluation evaluation = objectives.get(i).gradient(parameters, draw, slopes);
          score += weight * evaluation.score();
          seconds = seconds.plus(evaluation.seconds());
          gradient.addi(slopes.muli(weight));
        }
      }
      return new Evaluation(score, seconds);
    }

    /** In evaluations of the whole sum. */
    @Override
    public double gradientCost() {
      return objectives.stream()
          .mapToDouble(DifferentiableObjective::gradientCost)
          .average()
          .orElseThrow();
    }
  }
}
