package org.lcsc.listener;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;
import org.lcsc.model.ParameterGrouping;
import org.lcsc.objective.DifferentiableObjective;
import org.lcsc.objective.Objective;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.SearchBudget;
import org.lcsc.search.SearchListener;
import org.lcsc.search.evaluation.EvaluatorFactory;
import org.lcsc.search.strategy.CoefficientLimits;
import org.lcsc.search.strategy.EvolutionarySearch;
import org.lcsc.search.strategy.GradientSearch;
import org.lcsc.search.strategy.StrategyFactory;

/** What a {@link LcscListenerBuilder} gathers for the searches and their files. */
final class ComparisonSettings {

  /** The paper's. */
  private static final int EVALUATIONS = 2000;

  private static final int GRADIENT_EVALUATIONS = 200;

  Objective objective;
  Objective validation;
  Reporter reporter;
  List<Objective> noiseSets = List.of();
  int greedySoup;
  double[] emaGrid;
  EvolutionarySearch.Parameters parameters;
  long seed = 1;
  StrategyFactory strategy;
  SearchBudget budget;
  int finalists = 5;
  EvaluatorFactory evaluators = EvaluatorFactory.LOCAL;
  BooleanSupplier cancelled = () -> false;
  LongFunction<? extends SearchListener> searchListener = iteration -> new SearchListener() {};
  Path searchState;
  Path output;
  Map<String, Object> provenance = Map.of();

  /** Null where there is nothing to search by. */
  ModelComparison comparison(
      ParameterGrouping grouping, TimeRanges ranges, BatchNormUpdate batchNorm) {
    if (objective == null) {
      return null;
    }
    RunOutput files = runOutput(grouping, ranges, batchNorm);
    Reporter reported = reporter;
    Objective searched = batchNorm.before(objective);
    boolean gradients =
        strategy == null && parameters == null && searched instanceof DifferentiableObjective;
    return new ModelComparison(
        searched,
        batchNorm.before(validation == null ? objective : validation),
        reported == null ? null : model -> reported.report(batchNorm.applied(model)),
        noiseSets.stream().map(batchNorm::before).toList(),
        greedySoup,
        emaGrid,
        strategy != null ? strategy : gradients ? GradientSearch::of : evolution(),
        budget != null
            ? budget
            : SearchBudget.ofEvaluations(gradients ? GRADIENT_EVALUATIONS : EVALUATIONS),
        finalists,
        evaluators,
        cancelled,
        searchListener,
        searchState,
        files == null ? iteration -> null : files::searchLog);
  }

  private StrategyFactory evolution() {
    EvolutionarySearch.Parameters chosen =
        parameters == null ? EvolutionarySearch.Parameters.DEFAULTS : parameters;
    long chosenSeed = seed;
    return (initial, checkpoints) ->
        new EvolutionarySearch(
            initial, chosen, CoefficientLimits.NONE, checkpoints.groups(), chosenSeed);
  }

  /** Null where nothing is written. */
  RunOutput runOutput(ParameterGrouping grouping, TimeRanges ranges, BatchNormUpdate batchNorm) {
    String decides = objective == null ? "" : objective.name();
    return output == null
        ? null
        : new RunOutput(
            output,
            new RunOutput.Settings(
                grouping,
                ranges,
                seed,
                validation == null ? decides : validation.name(),
                provenance),
            batchNorm);
  }

  /**
   * Makes the directories of run and search states.
   *
   * @throws UncheckedIOException where one cannot be made
   */
  void makeDirectories() {
    for (Path directory : new Path[] {output, searchState}) {
      if (directory != null) {
        try {
          Files.createDirectories(directory);
        } catch (IOException e) {
          throw new UncheckedIOException(
              "cannot make the directory " + directory + ": " + reason(e), e);
        }
      }
    }
  }

  /** One line; the bare message of a file system exception is only a path. */
  private static String reason(IOException e) {
    if (e instanceof FileAlreadyExistsException file) {
      return file.getFile() + " is a file";
    }
    return e instanceof AccessDeniedException denied
        ? "permission denied for " + denied.getFile()
        : String.valueOf(e.getMessage());
  }
}
