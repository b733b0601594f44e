package org.lcsc.objective;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
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
public class WeightedObjectives implements Objective, AutoCloseable {

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
        Require.not(
            parts.stream().map(term -> term.objective().givesGradient()).distinct().count() > 1,
            "parts",
            "some of them give their gradient and some do not, allowed: all, or none");
      }
    }

    @Override
    public Objective create(Inputs inputs) throws IOException {
      List<Objective> made = new ArrayList<>();
      for (Term term : parts) {
        made.add(term.objective().create(inputs));
      }
      if (inputs.gradient()) {
        return new Differentiable(made, parts);
      }
      return made.stream().allMatch(PartialObjective.class::isInstance)
          ? new Partial(made, parts)
          : new WeightedObjectives(made, parts);
    }

    @Override
    public Settings measure() {
      return new Settings(
          parts.stream().map(term -> new Term(term.objective().measure(), term.weight())).toList());
    }

    @Override
    public boolean scoresFiles() {
      return parts.stream().anyMatch(term -> term.objective().scoresFiles());
    }

    @Override
    public boolean givesGradient() {
      return parts.stream().allMatch(term -> term.objective().givesGradient());
    }

    @Override
    public boolean drawsSamples() {
      return parts.stream().anyMatch(term -> term.objective().drawsSamples());
    }

    @Override
    public Map<String, ObjectiveSettings> leaves() {
      Map<String, ObjectiveSettings> leaves = new LinkedHashMap<>();
      for (int i = 0; i < parts.size(); i++) {
        String part = ".parts[" + i + "].objective";
        parts.get(i).objective().leaves().forEach((key, leaf) -> leaves.put(part + key, leaf));
      }
      return leaves;
    }

    @Override
    public Map<String, String> featureSpaces() {
      Map<String, String> spaces = new LinkedHashMap<>();
      leaves()
          .forEach(
              (part, leaf) ->
                  leaf.featureSpaces()
                      .forEach((key, text) -> spaces.put(part.substring(1) + "." + key, text)));
      return spaces;
    }

    /** As many as every part allows. */
    @Override
    public int parallel() {
      return parts.stream().mapToInt(term -> term.objective().parallel()).min().orElse(1);
    }

    @Override
    public void probe(Inputs inputs, INDArray parameters) {
      parts.forEach(term -> term.objective().probe(inputs, parameters));
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

  /** {@inheritDoc} Of a sum where every part has turned its measure round. */
  @Override
  public double scoreOf(double value) {
    return objectives.stream().allMatch(objective -> objective.scoreOf(1) < 0) ? -value : value;
  }

  @Override
  public Evaluation evaluate(INDArray parameters) {
    return sum(objective -> objective.evaluate(parameters));
  }

  private Evaluation sum(Function<Objective, Evaluation> evaluate) {
    double score = 0;
    StageSeconds seconds = StageSeconds.ZERO;
    for (int i = 0; i < terms.size(); i++) {
      Evaluation evaluation = evaluate.apply(objectives.get(i));
      score += terms.get(i).weight() * evaluation.score();
      seconds = seconds.plus(evaluation.seconds());
    }
    return new Evaluation(score, seconds);
  }

  /** Closes the parts that have something to close. */
  @Override
  public void close() throws IOException {
    for (Objective objective : objectives) {
      Objective.close(objective);
    }
  }

  /** Of parts that score a share of their samples. */
  private static final class Partial extends WeightedObjectives implements PartialObjective {

    private final int samples;

    Partial(List<Objective> objectives, List<Term> terms) {
      super(objectives, terms);
      samples = ((PartialObjective) objectives.get(0)).samples();
    }

    @Override
    public int samples() {
      return samples;
    }

    @Override
    public Evaluation evaluate(INDArray parameters, double share) {
      return super.sum(objective -> ((PartialObjective) objective).evaluate(parameters, share));
    }
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

    @Override
    public DifferentiableObjective onShare(double share) {
      return share == 1
          ? this
          : new Differentiable(
              objectives.stream().<Objective>map(part -> part.onShare(share)).toList(), terms);
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
