package org.lcsc.cli.sweep;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.IntStream;
import org.apache.commons.math3.random.RandomGenerator;
import org.apache.commons.math3.random.SynchronizedRandomGenerator;
import org.apache.commons.math3.random.Well19937c;
import org.deeplearning4j.arbiter.optimize.api.Candidate;
import org.deeplearning4j.arbiter.optimize.api.CandidateGenerator;
import org.deeplearning4j.arbiter.optimize.api.OptimizationResult;
import org.deeplearning4j.arbiter.optimize.api.ParameterSpace;
import org.deeplearning4j.arbiter.optimize.api.data.DataProvider;
import org.deeplearning4j.arbiter.optimize.api.data.DataSource;
import org.deeplearning4j.arbiter.optimize.api.score.ScoreFunction;
import org.deeplearning4j.arbiter.optimize.generator.GeneticSearchCandidateGenerator;
import org.deeplearning4j.arbiter.optimize.generator.GridSearchCandidateGenerator;
import org.deeplearning4j.arbiter.optimize.generator.RandomSearchGenerator;
import org.deeplearning4j.arbiter.optimize.generator.genetic.crossover.UniformCrossover;
import org.deeplearning4j.arbiter.optimize.generator.genetic.crossover.parentselection.RandomTwoParentSelection;
import org.deeplearning4j.arbiter.optimize.generator.genetic.mutation.RandomMutationOperator;
import org.deeplearning4j.arbiter.optimize.generator.genetic.population.PopulationModel;
import org.deeplearning4j.arbiter.optimize.generator.genetic.selection.GeneticSelectionOperator;
import org.deeplearning4j.arbiter.optimize.parameter.continuous.ContinuousParameterSpace;
import org.deeplearning4j.arbiter.optimize.parameter.discrete.DiscreteParameterSpace;
import org.lcsc.io.Refuse;

/** The candidates of a study, one after the other, from Arbiter's generators. Not thread-safe. */
final class Candidates {

  private final CandidateGenerator generator;
  private final int most;
  private int given;

  Candidates(Study study) {
    Study.Generator settings = study.generator();
    boolean grid = settings.kind() == Study.Generator.Kind.GRID;
    Space space = new Space(study.axes(), grid);
    generator = generator(settings, space);
    int all = grid ? gridSize(study) : settings.candidates();
    Integer stop = study.termination().candidates();
    most = stop == null ? all : Math.min(stop, all);
  }

  /** How many there are. */
  int most() {
    return most;
  }

  /** Whether there is another. */
  boolean hasNext() {
    return given < most && generator.hasMoreCandidates();
  }

  /** The next one. */
  Candidate<?> next() {
    given++;
    Candidate<?> candidate = generator.getCandidate();
    Refuse.state(candidate.getException() != null, "no candidate: %s", candidate.getException());
    return candidate;
  }

  /** The values of a candidate. */
  static SweepPoint point(Candidate<?> candidate) {
    return (SweepPoint) candidate.getValue();
  }

  /**
   * What a candidate scored, which a genetic search goes by.
   *
   * @param score null where it has none that is finite
   */
  void scored(Candidate<?> candidate, Double score) {
    generator.reportResults(
        new OptimizationResult(candidate, score, candidate.getIndex(), null, null, null));
  }

  private static CandidateGenerator generator(Study.Generator g, Space space) {
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
      case GENETIC -> genetic(g, space);
    };
  }

  /** Every operator has a generator of its own in Arbiter, unseeded unless it is given one. */
  private static CandidateGenerator genetic(Study.Generator g, Space space) {
    RandomGenerator rng = new SynchronizedRandomGenerator(new Well19937c(g.seed()));
    return new GeneticSearchCandidateGenerator.Builder(space, new Minimised())
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
    for (StudyAxis axis : study.axes()) {
      size = Math.multiplyExact(size, (long) axis.listed().size());
    }
    return Math.toIntExact(size);
  }

  /** Says to Arbiter that smaller is better; the scores are computed elsewhere. */
  @SuppressWarnings("deprecation") // Arbiter's own signatures
  private static final class Minimised implements ScoreFunction {

    private static final long serialVersionUID = 1;

    @Override
    public boolean minimize() {
      return true;
    }

    @Override
    public double score(Object model, DataProvider data, Map<String, Object> parameters) {
      throw new UnsupportedOperationException();
    }

    @Override
    public double score(Object model, Class<? extends DataSource> data, Properties properties) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<Class<?>> getSupportedModelTypes() {
      return List.of(Object.class);
    }

    @Override
    public List<Class<?>> getSupportedDataTypes() {
      return List.of(Object.class);
    }
  }

  /**
   * A study's axes as a parameter space of Arbiter. An axis of a single value is no leaf: Arbiter's
   * grid numbers such leaves but leaves them out of its candidates, which would shift all others.
   */
  @SuppressWarnings("rawtypes") // Arbiter's own signatures
  private static final class Space implements ParameterSpace<SweepPoint> {

    /** Of axes with more than one value. */
    private final Map<StudyAxis, ParameterSpace<?>> leaves = new LinkedHashMap<>();

    private final List<StudyAxis> axes;

    /**
     * A space.
     *
     * @param grid whether ranges are divided into values
     */
    Space(List<StudyAxis> axes, boolean grid) {
      this.axes = axes;
      for (StudyAxis axis : axes) {
        if (axis.isRange() && !grid) {
          leaves.put(axis, new ContinuousParameterSpace(0, 1));
        } else if (axis.listed().size() > 1) {
          List<Integer> places = IntStream.range(0, axis.listed().size()).boxed().toList();
          leaves.put(axis, new DiscreteParameterSpace<>(places));
        }
      }
    }

    @Override
    public SweepPoint getValue(double[] parameters) {
      List<StudyAxis.Case> values = new ArrayList<>();
      for (StudyAxis axis : axes) {
        ParameterSpace<?> leaf = leaves.get(axis);
        Object value = leaf == null ? Integer.valueOf(0) : leaf.getValue(parameters);
        values.add(
            value instanceof Integer place ? axis.listed().get(place) : axis.at((Double) value));
      }
      return SweepPoint.of(values);
    }

    @Override
    public int numParameters() {
      return leaves.size();
    }

    @Override
    public List<ParameterSpace> collectLeaves() {
      return new ArrayList<>(leaves.values());
    }

    @Override
    public Map<String, ParameterSpace> getNestedSpaces() {
      Map<String, ParameterSpace> nested = new LinkedHashMap<>();
      leaves.forEach((axis, leaf) -> nested.put(axis.key(), leaf));
      return nested;
    }

    @Override
    public boolean isLeaf() {
      return false;
    }

    @Override
    public void setIndices(int... indices) {
      throw new UnsupportedOperationException("only leaves have indices");
    }
  }
}
