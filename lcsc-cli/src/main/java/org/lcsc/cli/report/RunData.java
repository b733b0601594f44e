package org.lcsc.cli.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.lcsc.config.YamlConfig;
import org.lcsc.experiment.OwnSearch;
import org.lcsc.experiment.config.OwnSearchConfig;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.experiment.run.RunResults;
import org.lcsc.experiment.run.SearchSource;
import org.lcsc.experiment.run.TrainingMetric;
import org.lcsc.export.Recipe;
import org.lcsc.listener.NoiseVerdict;
import org.lcsc.search.SearchEvaluation;
import org.lcsc.search.SearchLog;
import org.lcsc.search.config.LcscConfig;

/**
 * What a run directory holds, finished or not, read once. Files that a run has not written yet are
 * missing without complaint.
 *
 * @param name of the run, unique among those of one report
 * @param root its directory
 * @param config its configuration; null of a search of the user's own network
 * @param own the configuration of such a search, else null
 * @param source the checkpoints of a search; null of a training
 * @param metrics rows of {@code metrics.csv}, by iteration
 * @param searches ascending by iteration; of one that has not ended there is only the log
 * @param finished whether the run came to its end
 * @param stopped why it ended before all iterations, or null
 * @param pictures sample grids, those of the latest iteration first
 * @param landscape picture of the metric's landscape, or null
 * @param landscapeNumbers the values in it as CSV text, or null
 */
public record RunData(
    String name,
    Path root,
    RunConfig config,
    OwnSearchConfig own,
    SearchSource source,
    List<TrainingMetric> metrics,
    List<Search> searches,
    boolean finished,
    String stopped,
    List<Picture> pictures,
    Picture landscape,
    String landscapeNumbers) {

  /** Name of the table of the pairs of samples that differ most: its beginning. */
  static final String PAIRS = "pairs-";

  /**
   * A search.
   *
   * @param recipe of the combination, with all baselines; null while the search works
   * @param log its evaluations so far; of one that has ended, in the measure's own units
   * @param verdict on fresh noise sets, or null where there is none (yet)
   */
  public record Search(
      long iteration, Recipe recipe, List<SearchEvaluation> log, NoiseVerdict verdict) {

    /** Puts the scores of the log into the measure's own units. */
    public Search {
      if (recipe != null) {
        SearchScores scores = SearchScores.of(recipe);
        log = log.stream().map(evaluation -> evaluation.in(scores::shown)).toList();
      }
    }

    /** Whether it has ended. */
    public boolean isFinished() {
      return recipe != null;
    }

    /** The scores of one that has ended. */
    SearchScores scores() {
      return SearchScores.of(recipe);
    }
  }

  /** A PNG file's name, without its ending, and content. */
  public record Picture(String name, byte[] png) {}

  /** Keeps the lists as they are. */
  public RunData {
    metrics = List.copyOf(metrics);
    searches = List.copyOf(searches);
    pictures = List.copyOf(pictures);
  }

  /**
   * Reads a run.
   *
   * @param root the run directory
   * @param name what the report calls it
   * @throws IOException if there is no run, or a file of it cannot be read or is damaged
   */
  public static RunData read(Path root, String name) throws IOException {
    try (RunDirectory run = RunDirectory.open(root)) {
      RunResults results = run.isFinished() ? run.readResults() : null;
      Path landscape = run.landscape("png");
      Path numbers = run.landscape("csv");
      boolean own = OwnSearch.isConfiguredBy(run.config());
      return new RunData(
          name,
          root,
          own ? null : run.readConfig(),
          own ? YamlConfig.read(run.config(), OwnSearchConfig.class) : null,
          run.isSearch() ? run.readSource() : null,
          TrainingMetric.read(run.metrics()),
          searches(run, results),
          results != null,
          results == null ? null : results.stopped(),
          pictures(run.samples()),
          Files.exists(landscape) ? new Picture("landscape", Files.readAllBytes(landscape)) : null,
          Files.exists(numbers) ? Files.readString(numbers) : null);
    }
  }

  /** How it is searched, or null. */
  LcscConfig lcsc() {
    return config == null ? own.lcsc() : config.lcsc();
  }

  /** Seed of the training; of a search of the user's own network that of the search. */
  long seed() {
    return config == null ? own.lcsc().search().seed() : config.training().seed();
  }

  /** The configuration as YAML. */
  String yaml() {
    return config == null ? YamlConfig.toYaml(own) : config.toYaml();
  }

  /** The configuration by its keys. */
  Map<String, Object> configuration() {
    return YamlConfig.toTree(config == null ? own : config);
  }

  /** The searches that came to their end. */
  public List<Search> finishedSearches() {
    return searches.stream().filter(Search::isFinished).toList();
  }

  /** The latest search that came to its end, or null. */
  public Search lastSearch() {
    List<Search> all = finishedSearches();
    return all.isEmpty() ? null : all.get(all.size() - 1);
  }

  /** Updates applied as far as the files tell. */
  public long iteration() {
    long last = metrics.isEmpty() ? 0 : metrics.get(metrics.size() - 1).iteration();
    return searches.isEmpty()
        ? last
        : Math.max(last, searches.get(searches.size() - 1).iteration());
  }

  /** The sample grids, without those of pairs. */
  public List<Picture> grids() {
    return pictures.stream().filter(picture -> !picture.name().startsWith(PAIRS)).toList();
  }

  /** The pictures of the pairs of samples that differ most. */
  public List<Picture> pairs() {
    return pictures.stream().filter(picture -> picture.name().startsWith(PAIRS)).toList();
  }

  private static List<Search> searches(RunDirectory run, RunResults results) throws IOException {
    Map<Long, NoiseVerdict> verdicts = new HashMap<>();
    if (results != null) {
      results.searches().forEach(s -> verdicts.put(s.iteration(), s.overBestBaseline()));
    }
    List<Search> searches = new ArrayList<>();
    for (long iteration : run.searchedIterations()) {
      Path recipe = run.recipe(iteration);
      Path log = run.searchLog(iteration);
      List<SearchEvaluation> evaluations =
          Files.exists(log) && Files.size(log) > 0 ? SearchLog.read(log) : List.of();
      boolean ended = Files.exists(recipe);
      if (ended || !evaluations.isEmpty()) {
        searches.add(
            new Search(
                iteration,
                ended ? Recipe.read(recipe) : null,
                evaluations,
                verdicts.get(iteration)));
      }
    }
    return searches;
  }

  private static List<Picture> pictures(Path directory) throws IOException {
    List<Picture> pictures = new ArrayList<>();
    for (Path file : entries(directory)) {
      String name = file.getFileName().toString();
      if (name.endsWith(".png") && !name.startsWith(".")) {
        pictures.add(new Picture(name.substring(0, name.length() - 4), Files.readAllBytes(file)));
      }
    }
    pictures.sort(
        (a, b) -> {
          int later = Long.compare(lastNumber(b.name()), lastNumber(a.name()));
          return later != 0 ? later : a.name().compareTo(b.name());
        });
    return pictures;
  }

  /** The number that a name ends in, or -1. */
  private static long lastNumber(String name) {
    String digits = name.replaceFirst(".*?([0-9]{1,15})$", "$1");
    return digits.matches("[0-9]+") ? Long.parseLong(digits) : -1;
  }

  private static List<Path> entries(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.sorted().toList();
    }
  }
}
