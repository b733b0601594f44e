package org.lcsc.cli.sweep;

import org.apache.commons.math3.random.RandomGenerator;
import org.apache.commons.math3.random.SynchronizedRandomGenerator;
import org.apache.commons.math3.random.Well19937c;
import org.deeplearning4j.arbiter.optimize.api.CandidateGenerator;
import org.deeplearning4j.arbiter.optimize.api.score.ScoreFunction;
import org.deeplearning4j.arbiter.optimize.generator.GeneticSearchCandidateGenerator;
import org.deeplearning4j.arbiter.optimize.generator.GridSearchCandidateGenerator;
import org.deeplearning4j.arbiter.optimize.generator.RandomSearchGenerator;
import org.deeplearning4j.arbiter.optimize.generator.genetic.crossover.UniformCrossover;
import org.deeplearning4j.arbiter.optimize.generator.genetic.crossover.parentselection.RandomTwoParentSelection;
import org.deeplearning4j.arbiter.optimize.generator.genetic.mutation.RandomMutationOperator;
import org.deeplearning4j.arbiter.optimize.generator.genetic.population.PopulationModel;
import org.deeplearning4j.arbiter.optimize.generator.genetic.selection.GeneticSelectionOperator;

/** Arbiter's candidate generators as a study describes them. */
final class Generators {

  private Generators() {}

  /** The study's generator, which ends after the study's number of candidates. */
  static LimitedGenerator of(Study study, ScoreFunction score) {
    Study.Generator g = study.generator();
    boolean grid = g.kind() == Study.Generator.Kind.GRID;
    SweepSpace space = new SweepSpace(study.axes(), grid);
    int most = grid ? gridSize(study) : g.candidates();
    Integer stop = study.termination().candidates();
    return new LimitedGenerator(
        generator(g, space, score), stop == null ? most : Math.min(stop, most));
  }

  private static CandidateGenerator generator(
      Study.Generator g, SweepSpace space, ScoreFunction score) {
    return switch (g.kind()) {
      case GRID ->
          // The count would divide continuous leaves, of which a grid of ours has none.
          new GridSearchCandidateGenerator(
              space, 2, GridSearchCandidateGenerator.Mode.Sequential, null);
      case RANDOM -> {
        RandomSearchGenerator random = new RandomSearchGenerator(space);
        random.setRngSeed(g.seed());
        yield random;
      }
      case GENETIC -> genetic(g, space, score);
    };
  }

  /** Every operator has a generator of its own in Arbiter, unseeded unless it is given one. */
  private static CandidateGenerator genetic(
      Study.Generator g, SweepSpace space, ScoreFunction score) {
    RandomGenerator rng = new SynchronizedRandomGenerator(new Well19937c(g.seed()));
    return new GeneticSearchCandidateGenerator.Builder(space, score)
        .populationModel(new PopulationModel.Builder().populationSize(g.population()).build())
        .selectionOperator(
            new GeneticSelectionOperator.Builder()
                .randomGenerator(rng)
                .crossoverOperator(
                    new UniformCrossover.Builder()
                        .crossoverRate(g.crossoverRate())
                        .randomGenerator(rng)
                        .parentSelection(new RandomTwoParentSelection(rng))
                        .build())
                .mutationOperator(
                    new RandomMutationOperator.Builder()
                        .mutationRate(g.mutationRate())
                        .randomGenerator(rng)
                        .build())
                .build())
        .build();
  }

  private static int gridSize(Study study) {
    long size = 1;
    for (Axis axis : study.axes()) {
      size = Math.multiplyExact(size, (long) axis.listed().size());
    }
    return Math.toIntExact(size);
  }
}
