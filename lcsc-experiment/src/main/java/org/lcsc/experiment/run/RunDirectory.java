package org.lcsc.experiment.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.lcsc.config.ConfigException;
import org.lcsc.config.YamlConfig;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.export.RecipeFiles;
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.Refuse;
import org.lcsc.listener.EmaGrid;
import org.lcsc.tensor.CheckpointFormat;

/**
 * The directory that holds everything of one run: of a training, or of a search by itself.
 *
 * <pre>
 * config.yaml                 the configuration, every default filled in
 * search.yaml                 of a search by itself: which checkpoints
 * metrics.csv                 training, row by row
 * events.out.tfevents.*      training and scores for TensorBoard, where they are wanted
 * ema/RATE.zip                averaged models
 * lcsc/ITERATION/model.zip    merged models
 * lcsc/ITERATION/recipe.json  how each was made
 * lcsc/ITERATION/search.csv   every evaluation of that search
 * lcsc/scorer.log             what commands that score models say
 * lcsc/best.zip, best.json    the best model of all searches so far, and how it was made
 * samples/NAME.png            images
 * state/                      what a killed run is resumed from; gone once the run is finished
 * results.json, results.md    the scores; a run that has them is finished
 * landscape.csv, .png, .svg   the scores of a plane of models
 * report.html
 * </pre>
 *
 * <p>{@link #create} and {@link #resume} lock the directory until {@link #close}; {@link #open}
 * only reads, which does not disturb a run that continues. Thread-safe.
 */
public final class RunDirectory implements AutoCloseable {

  private final Path root;
  private final RunLock lock;

  private RunDirectory(Path root, RunLock lock) {
    this.root = root;
    this.lock = lock;
  }

  /**
   * Refuses a place where no run can begin, before any work.
   *
   * @param overwrite whether a run that is there is deleted
   * @param inputs files and directories that the new run reads, which are not to be deleted
   * @throws RunDirectoryException as {@link #create}
   * @throws IOException where the place cannot be read
   */
  public static void requireFree(Path root, boolean overwrite, Collection<String> inputs)
      throws IOException {
    RunContent.requireFree(root, overwrite);
    for (String input : inputs) {
      if (overwrite && RunContent.deletes(real(root), real(Path.of(input)))) {
        throw new RunDirectoryException(
            root, "holds " + input + ", which is needed, allowed: another output");
      }
    }
  }

  /**
   * Starts a run: makes sure of the place, takes the lock, and writes {@code config.yaml}.
   *
   * @param root the directory; created where it does not exist
   * @param config the configuration, as it is written
   * @param source the checkpoints of a search of what is there already; null for a training
   * @param overwrite whether a run that is there is deleted; files that no run writes stay
   * @param bytes free space that the run needs
   * @throws RunDirectoryException if there is a run already, or something else, or another process
   *     works there, or the place cannot be written or is too small
   * @throws IOException if a file cannot be written or deleted
   */
  public static RunDirectory create(
      Path root, String config, SearchSource source, boolean overwrite, long bytes)
      throws IOException {
    RunContent.requireFree(root, overwrite);
    RunContent.requireSpace(root, bytes);
    try {
      Files.createDirectories(root);
    } catch (IOException e) {
      throw new RunDirectoryException(root, "cannot be made (" + RunLock.reason(e) + ")", e);
    }
    RunLock lock = RunLock.acquire(root);
    try {
      // Again: another process may have written a run since, and let go of the lock.
      RunContent.requireFree(root, overwrite);
      RunContent.deleteRun(root);
      RunDirectory run = new RunDirectory(root, lock);
      if (source != null) {
        AtomicFiles.writeString(root.resolve(RunContent.SEARCH), YamlConfig.toYaml(source));
      }
      // Last: from here on it is a run.
      AtomicFiles.writeString(run.config(), config);
      run.makeDirectories();
      return run;
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Continues with a training that was interrupted.
   *
   * @param root its directory
   * @throws RunDirectoryException if there is no run, or a finished one or a search, or another
   *     process works there, or the place cannot be written
   */
  public static RunDirectory resume(Path root) throws IOException {
    return resume(root, RunContent.UNFINISHED_TRAINING);
  }

  /** Continues with a search that was interrupted; see {@link #resume(Path)}. */
  public static RunDirectory resumeSearch(Path root) throws IOException {
    return resume(root, RunContent.UNFINISHED_SEARCH);
  }

  private static RunDirectory resume(Path root, RunContent kind) throws IOException {
    RunContent.requireRun(root);
    RunLock lock = RunLock.acquire(root);
    try {
      // What a killed process left behind, even at its very end.
      AtomicFiles.deleteTemporaries(root);
      if (RunContent.of(root) == RunContent.FINISHED_RUN) {
        new RunDirectory(root, null).deleteState();
      }
      RunContent.requireUnfinished(root, kind);
      RunDirectory run = new RunDirectory(root, lock);
      run.makeDirectories();
      return run;
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Opens a run for reading, finished or not, without its lock.
   *
   * @throws RunDirectoryException if there is no run
   */
  public static RunDirectory open(Path root) throws IOException {
    RunContent.requireRun(root);
    return new RunDirectory(root, null);
  }

  /** The directory itself. */
  public Path root() {
    return root;
  }

  /** The configuration's file. */
  public Path config() {
    return config(root);
  }

  /** Reads the configuration. */
  public RunConfig readConfig() throws ConfigException {
    return RunConfig.read(config());
  }

  /**
   * Reads which checkpoints a search is of.
   *
   * @throws ConfigException where the run is no search, or its file is wrong
   */
  public SearchSource readSource() throws ConfigException {
    return YamlConfig.read(root.resolve(RunContent.SEARCH), SearchSource.class);
  }

  /** The log of the training. */
  public Path metrics() {
    return root.resolve("metrics.csv");
  }

  /** The averaged model of a rate: {@code ema/0.999.zip}. */
  public Path ema(double rate) {
    return ema(root, rate);
  }

  /** The averaged model of a rate in the run directory at {@code root}. */
  public static Path ema(Path root, double rate) {
    return averages(root).resolve(EmaGrid.text(rate) + ".zip");
  }

  /** The last window's checkpoints, as files {@code iteration-N.zip}. */
  public Path checkpoints() {
    return root.resolve("checkpoints");
  }

  /**
   * The merged model of the search at an iteration; where its recipe names time ranges, it is in
   * the files of {@link RecipeFiles} instead.
   */
  public Path mergedModel(long iteration) {
    return model(recipe(iteration));
  }

  /** How the merged model of an iteration was made. */
  public Path recipe(long iteration) {
    return searches().resolve(String.valueOf(iteration)).resolve("recipe.json");
  }

  /** The best model of all searches so far, merged or averaged; with time ranges as above. */
  public Path bestModel() {
    return model(bestRecipe());
  }

  /** The model file beside a recipe, of whatever format; a Deeplearning4j zip where none is. */
  private static Path model(Path recipe) {
    return CheckpointFormat.all().stream()
        .map(format -> RecipeFiles.model(recipe, format.suffix()))
        .filter(Files::exists)
        .findFirst()
        .orElse(RecipeFiles.model(recipe));
  }

  /** How the best model was made. */
  public Path bestRecipe() {
    return searches().resolve("best.json");
  }

  /** Whether there is a best model, of one file or of one for every time range. */
  public boolean hasBest() {
    return Files.exists(bestModel()) || hasBestRanges();
  }

  /** Whether the best model is of one file for every time range. */
  public boolean hasBestRanges() {
    return Files.exists(RecipeFiles.range(bestRecipe(), 0));
  }

  /** The directory of the averaged models. */
  public Path averages() {
    return averages(root);
  }

  /** The directory of the averaged models in the run directory at {@code root}. */
  public static Path averages(Path root) {
    return root.resolve("ema");
  }

  /** The directory of pictures of samples. */
  public Path samples() {
    return root.resolve("samples");
  }

  /** A picture of samples. */
  public Path samples(String name) {
    return samples().resolve(name + ".png");
  }

  /**
   * The pairs of samples that differ most at an iteration, as a picture or as a table.
   *
   * @param extension {@code png} or {@code csv}
   */
  public Path pairs(long iteration, String extension) {
    return samples().resolve("pairs-" + iteration + "." + extension);
  }

  /** What a killed run continues from, without the checkpoints. */
  public Path trainingState() {
    return state().resolve("training.bin");
  }

  /**
   * Notes of which configuration and data the state of a search is, and refuses one of others.
   *
   * @param identity of the configuration and data as they are now
   */
  public void requireSearchIdentity(String identity) throws IOException {
    Path file = state().resolve("identity.txt");
    if (!Files.exists(file)) {
      AtomicFiles.writeString(file, identity);
    } else if (!Files.readString(file, StandardCharsets.UTF_8).equals(identity)) {
      throw new RunDirectoryException(
          file,
          "is of another configuration or other data than "
              + config()
              + " says now, allowed: the ones that the run began with");
    }
  }

  /** What killed searches continue from. */
  public Path searchStates() {
    return state().resolve("searches");
  }

  /**
   * The directory of models that are being scored by a command, made where it is missing.
   *
   * @throws IOException where it cannot be made
   */
  public Path candidates() throws IOException {
    return Files.createDirectories(state().resolve("candidates"));
  }

  /** What a killed search of a training that is followed continues from. */
  public Path followState() {
    return state().resolve("follow.bin");
  }

  /** What commands that score models write to their standard error. */
  public Path scorerLog() {
    return searches().resolve("scorer.log");
  }

  /** The directory of what resuming needs. */
  public Path state() {
    return root.resolve("state");
  }

  /** The scores for programs. */
  public Path resultsJson() {
    return root.resolve(RunContent.RESULTS);
  }

  /** The scores for people. */
  public Path resultsMarkdown() {
    return root.resolve("results.md");
  }

  /**
   * The scores of a plane of models, as a table or as a picture.
   *
   * @param extension {@code csv}, {@code png} or {@code svg}
   */
  public Path landscape(String extension) {
    return root.resolve("landscape." + extension);
  }

  /** The report. */
  public Path report() {
    return report(root);
  }

  /** The report of a run at a place, whether there is one or not. */
  public static Path report(Path root) {
    return root.resolve("report.html");
  }

  /** Whether the run has ended. */
  public boolean isFinished() {
    return isFinished(root);
  }

  /**
   * Takes the lock under which scores are added to the landscape.
   *
   * @throws RunDirectoryException where another process adds some
   */
  public RunLock lockLandscape() throws RunDirectoryException {
    return RunLock.acquire(root, RunContent.LANDSCAPE_LOCK);
  }

  /** Without links, as far as it is there. */
  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      return path.toAbsolutePath().normalize();
    }
  }

  /** Whether there is a run at a place that has ended. */
  public static boolean isFinished(Path root) {
    return Files.exists(root.resolve(RunContent.RESULTS));
  }

  /** The iterations that have a merged model, ascending. */
  public List<Long> mergedIterations() throws IOException {
    return searchedIterations().stream()
        .filter(
            iteration ->
                Files.exists(mergedModel(iteration))
                    || Files.exists(RecipeFiles.range(recipe(iteration), 0)))
        .toList();
  }

  /** The iterations that a search has begun at, ascending. */
  public List<Long> searchedIterations() throws IOException {
    return RunContent.names(searches()).stream()
        .filter(name -> name.matches("[0-9]{1,18}"))
        .map(Long::valueOf)
        .sorted()
        .toList();
  }

  /** Where a run has its searches. */
  public static Path searches(Path root) {
    return root.resolve("lcsc");
  }

  private Path searches() {
    return searches(root);
  }

  /** Every evaluation of the search at an iteration. */
  public Path searchLog(long iteration) {
    return recipe(iteration).resolveSibling("search.csv");
  }

  /** The rates that have an averaged model, ascending. */
  public List<Double> emaRates() throws IOException {
    return RunContent.names(averages()).stream()
        .filter(name -> name.matches("0(\\.[0-9]+)?\\.zip"))
        .map(name -> Double.valueOf(name.substring(0, name.length() - ".zip".length())))
        .sorted()
        .toList();
  }

  /**
   * Refuses to continue in a directory that was taken away: what were written there would be half a
   * run, in the place of the whole one.
   *
   * @throws IOException if the configuration is gone
   */
  public void requirePresent() throws IOException {
    Refuse.file(!Files.exists(config()), "%s: the run directory is gone", root);
  }

  /** The kept file of a mapped window. */
  public Path mappedWindow() {
    return state().resolve("window.bin");
  }

  /** Whether the run is a search of checkpoints that were there already. */
  public boolean isSearch() {
    return Files.exists(root.resolve(RunContent.SEARCH));
  }

  /** Writes what the run found, by which it is finished. */
  public void writeResults(RunResults results) throws IOException {
    results.write(resultsJson());
  }

  /**
   * Reads what the run found.
   *
   * @throws IOException where it is not finished, or the file is damaged
   */
  public RunResults readResults() throws IOException {
    return RunResults.read(resultsJson());
  }

  /** The configuration's file of a run at a place, whether there is one or not. */
  public static Path config(Path root) {
    return root.resolve(RunContent.CONFIG);
  }

  /** Deletes what resuming needs; of no use to a finished run. */
  public void deleteState() throws IOException {
    if (Files.isDirectory(state())) {
      RunContent.delete(state());
    }
  }

  /** Lets go of the lock. */
  @Override
  public void close() {
    if (lock != null) {
      lock.close();
    }
  }

  @Override
  public String toString() {
    return root.toString();
  }

  private void makeDirectories() throws IOException {
    for (String name : List.of("ema", "lcsc", "samples", "state")) {
      Files.createDirectories(root.resolve(name));
    }
  }
}
