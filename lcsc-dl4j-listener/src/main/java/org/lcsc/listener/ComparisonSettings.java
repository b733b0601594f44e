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
import org.lcsc.checkpoint.ParameterGrouping;
import org.lcsc.objective.Objective;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.CoefficientLimits;
import org.lcsc.search.EvolutionarySearch;
import org.lcsc.search.SearchBudget;
import org.lcsc.search.SearchListener;
import org.lcsc.search.StrategyFactory;

/** What a {@link LcscListenerBuilder} gathers for the searches and their files. */
final class ComparisonSettings {

  Objective objective;
  Objective validation;
  Reporter reporter;
  List<Objective> noiseSets = List.of();
  int greedySoup;
  double[] emaGrid;
  EvolutionarySearch.Parameters parameters = EvolutionarySearch.Parameters.DEFAULTS;
  long seed = 1;
  StrategyFactory strategy;
  SearchBudget budget = SearchBudget.ofEvaluations(2000);
  int finalists = 5;
  BooleanSupplier cancelled = () -> false;
  LongFunction<? extends SearchListener> searchListener = iteration -> new SearchListener() {};
  Path searchState;
  Path output;
  Map<String, Object> provenance = Map.of();

  /** Null where there is nothing to search by. */
  ModelComparison comparison(ParameterGrouping grouping, TimeRanges ranges) {
    if (objective == null) {
      return null;
    }
    RunOutput files = runOutput(grouping, ranges);
    return new ModelComparison(
        objective,
        validation == null ? objective : validation,
        reporter,
        noiseSets,
        greedySoup,
        emaGrid,
        strategy != null ? strategy : evolution(parameters, seed),
        budget,
        finalists,
        cancelled,
        searchListener,
        searchState,
        files == null ? iteration -> null : files::searchLog);
  }

  private static StrategyFactory evolution(EvolutionarySearch.Parameters parameters, long seed) {
    return (initial, checkpoints) ->
        new EvolutionarySearch(
            initial, parameters, CoefficientLimits.NONE, checkpoints.groups(), seed);
  }

  /** Null where nothing is written. */
  RunOutput runOutput(ParameterGrouping grouping, TimeRanges ranges) {
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
                provenance));
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
