package org.lcsc.cli.experiment;

import org.lcsc.checkpoint.CheckpointDataType;
import org.lcsc.config.SearchConfig;
import org.lcsc.config.StorageConfig;
import org.lcsc.search.EvolutionarySearch;
import org.lcsc.search.Normalisation;

/** The plugin's objects for what a configuration file names. */
final class SearchSettings {

  private SearchSettings() {}

  /** Algorithm 1's parameters: the configured ones over the defaults. */
  static EvolutionarySearch.Parameters parameters(SearchConfig search) {
    EvolutionarySearch.Parameters d = EvolutionarySearch.Parameters.DEFAULTS;
    return new EvolutionarySearch.Parameters(
        or(search.parents(), d.parents()),
        or(search.childrenPerGeneration(), d.children()),
        or(search.mixProbability(), d.mixProbability()),
        or(search.exchangeProbability(), d.exchangeProbability()),
        or(search.mutationProbability(), d.mutationProbability()),
        or(search.sigma(), d.sigma()),
        d.successTarget(),
        or(search.adaptation(), d.adaptation()),
        search.normalisation() == null
            ? d.normalisation()
            : Normalisation.valueOf(search.normalisation().name()),
        d.minimumSum());
  }

  private static <T> T or(T value, T otherwise) {
    return value == null ? otherwise : value;
  }

  /** The number format of stored checkpoints. */
  static CheckpointDataType dataType(StorageConfig storage) {
    return CheckpointDataType.valueOf(storage.dataType().name());
  }
}
