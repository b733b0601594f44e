package org.lcsc.experiment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.lcsc.experiment.config.OwnSearchConfig;
import org.lcsc.io.ModelWriter;
import org.lcsc.listener.ObjectiveFactory;
import org.lcsc.objective.CandidateFiles;
import org.lcsc.objective.Objective;
import org.lcsc.objective.ObjectiveSettings;
import org.lcsc.objective.SeededNoise;
import org.lcsc.search.config.LcscConfig;
import org.lcsc.search.config.NoiseSetConfig;
import org.lcsc.search.evaluation.EvaluatorFactory;
import org.lcsc.search.evaluation.ParallelEvaluator;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The objectives of a search with an objective of the user's; closes them. Not thread-safe. */
final class OwnObjectives implements ObjectiveFactory, AutoCloseable {

  private final OwnSearchConfig config;
  private final CandidateFiles files;
  private final List<Objective> made = new ArrayList<>();

  /**
   * None so far.
   *
   * @see CandidateFiles
   */
  OwnObjectives(
      OwnSearchConfig config,
      ModelWriter writer,
      long iteration,
      Path directory,
      Path log,
      BooleanSupplier cancelled) {
    this.config = config;
    long seed = config.lcsc().search().seed();
    this.files =
        new CandidateFiles(
            writer, iteration, directory, log, CandidateFiles.Set.SEARCH, seed, cancelled);
  }

  @Override
  public Objective create(long seed, int samples) throws IOException {
    Objective objective = config.objective().create(inputs(seed, samples));
    made.add(objective);
    return objective;
  }

  /** A score of the objectives made so far, in the measure's own units. */
  double shown(double score) {
    return made.get(0).scoreOf(score);
  }

  private ObjectiveSettings.Inputs inputs(long seed, int samples) {
    LcscConfig lcsc = config.lcsc();
    CandidateFiles.Set set =
        seed == lcsc.search().seed()
            ? CandidateFiles.Set.SEARCH
            : seed == lcsc.validation().seed()
                ? CandidateFiles.Set.VALIDATION
                : CandidateFiles.Set.REPORT;
    return new ObjectiveSettings.Inputs(
        null,
        new SeededNoise(seed),
        samples,
        samples,
        config.objective().givesGradient() ? samples : 0,
        false,
        List.of(files.of(set, seed)));
  }

  /** Tries whether the objectives can score a model at all, on each of the noise sets. */
  void probe(INDArray parameters) {
    LcscConfig lcsc = config.lcsc();
    probe(lcsc.search().seed(), lcsc.search().samples(), parameters);
    probe(lcsc.validation().seed(), lcsc.validation().samples(), parameters);
    probe(lcsc.report().seed(), lcsc.report().samples(), parameters);
  }

  private void probe(long seed, int samples, INDArray parameters) {
    config.objective().probe(inputs(seed, samples), parameters);
  }

  /** What scores as many candidates at a time as the objective allows. */
  EvaluatorFactory evaluators() throws IOException {
    LcscConfig lcsc = config.lcsc();
    NoiseSetConfig validation = lcsc.validation();
    List<ParallelEvaluator.Objectives> others = new ArrayList<>();
    while (others.size() + 1 < config.objective().parallel()) {
      others.add(
          new ParallelEvaluator.Objectives(
              create(lcsc.search().seed(), lcsc.search().samples()),
              create(validation.seed(), validation.samples())));
    }
    return others.isEmpty() ? EvaluatorFactory.LOCAL : ParallelEvaluator.factory(others);
  }

  @Override
  public void close() throws IOException {
    for (Objective objective : made) {
      Objective.close(objective);
    }
  }
}
