package org.lcsc.cli.run;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.lcsc.cli.config.RunConfig;
import org.lcsc.config.ConfigException;
import org.lcsc.files.AtomicFiles;

/**
 * The directory that holds everything of one training run.
 *
 * <pre>
 * config.yaml                 the configuration, every default filled in
 * metrics.csv                 training, row by row
 * ema/RATE.zip                averaged models
 * lcsc/ITERATION/model.zip    merged models
 * lcsc/ITERATION/recipe.json  how each was made
 * lcsc/ITERATION/search.csv   every evaluation of that search
 * lcsc/best.zip, best.json    the best model of all searches so far, and how it was made
 * samples/NAME.png            images
 * state/                      what a killed run is resumed from; gone once the run is finished
 * results.json, results.md    the scores; a run that has them is finished
 * landscape.csv, .png, .svg   the scores of a plane of models
 * report.html
 * </pre>
 *
 * <p>{@link #create} and {@link #resume} lock the directory until {@link #close}; {@link #open}
 * only reads, which does not disturb a run that goes on. Thread-safe.
 */
public final class RunDirectory implements AutoCloseable {

  private static final Set<String> OWN =
      Set.of(
          "config.yaml",
          "metrics.csv",
          "ema",
          "checkpoints",
          "lcsc",
          "samples",
          "state",
          "results.json",
          "results.md",
          "landscape.csv",
          "landscape.png",
          "landscape.svg",
          "report.html");

  private final Path root;
  private final RunLock lock;

  private RunDirectory(Path root, RunLock lock) {
    this.root = root;
    this.lock = lock;
  }

  /** What a path holds. */
  private enum Content {
    NOTHING,
    UNFINISHED_RUN,
    FINISHED_RUN,
    SOMETHING_ELSE
  }

  /**
   * Starts a run: makes sure of the place, takes the lock, and writes {@code config.yaml}.
   *
   * @param root the directory; created where it does not exist
   * @param config the run's configuration
   * @param overwrite whether a run that is there is deleted; files that no run writes stay
   * @param bytes free space that the run needs
   * @throws RunDirectoryException if there is a run already, or something else, or another process
   *     works there, or the place cannot be written or is too small
   * @throws IOException if a file cannot be written or deleted
   */
  public static RunDirectory create(Path root, RunConfig config, boolean overwrite, long bytes)
      throws IOException {
    refuse(root, overwrite);
    requireSpace(root, bytes);
    try {
      Files.createDirectories(root);
    } catch (IOException e) {
      throw new RunDirectoryException(root, "cannot be made (" + RunLock.reason(e) + ")", e);
    }
    RunLock lock = RunLock.acquire(root);
    try {
      // Again: another process may have written a run since, and let go of the lock.
      refuse(root, overwrite);
      if (content(root) != Content.NOTHING) {
        deleteRun(root);
      }
      RunDirectory run = new RunDirectory(root, lock);
      AtomicFiles.writeString(run.config(), config.toYaml());
      run.makeDirectories();
      return run;
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Goes on with a run that was interrupted.
   *
   * @param root its directory
   * @param bytes free space that the rest of the run needs
   * @throws RunDirectoryException if there is no run or a finished one, or another process works
   *     there, or the place cannot be written or is too small
   */
  public static RunDirectory resume(Path root, long bytes) throws IOException {
    requireRun(root);
    requireSpace(root, bytes);
    RunLock lock = RunLock.acquire(root);
    try {
      if (content(root) == Content.FINISHED_RUN) {
        throw new RunDirectoryException(root, "holds a finished run, allowed: an unfinished one");
      }
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
    requireRun(root);
    return new RunDirectory(root, null);
  }

  /** The directory itself. */
  public Path root() {
    return root;
  }

  /** The configuration's file. */
  public Path config() {
    return root.resolve("config.yaml");
  }

  /** Reads the configuration. */
  public RunConfig readConfig() throws ConfigException {
    return RunConfig.read(config());
  }

  /** The log of the training. */
  public Path metrics() {
    return root.resolve("metrics.csv");
  }

  /** The averaged model of a rate: {@code ema/0.999.zip}. */
  public Path ema(double rate) {
    return root.resolve("ema").resolve(BigDecimal.valueOf(rate).toPlainString() + ".zip");
  }

  /** The last window's checkpoints, as files {@code iteration-N.zip}. */
  public Path checkpoints() {
    return root.resolve("checkpoints");
  }

  /** The merged model of the search at an iteration. */
  public Path mergedModel(int iteration) {
    return root.resolve("lcsc").resolve(String.valueOf(iteration)).resolve("model.zip");
  }

  /** How the merged model of an iteration was made. */
  public Path recipe(int iteration) {
    return mergedModel(iteration).resolveSibling("recipe.json");
  }

  /** The best model of all searches so far, merged or averaged. */
  public Path bestModel() {
    return root.resolve("lcsc").resolve("best.zip");
  }

  /** How the best model was made. */
  public Path bestRecipe() {
    return root.resolve("lcsc").resolve("best.json");
  }

  /** A picture of samples. */
  public Path samples(String name) {
    return root.resolve("samples").resolve(name + ".png");
  }

  /** What a killed run goes on from, without the checkpoints. */
  public Path trainingState() {
    return state().resolve("training.bin");
  }

  /** What killed searches go on from. */
  public Path searchStates() {
    return state().resolve("searches");
  }

  /** The directory of what resuming needs. */
  public Path state() {
    return root.resolve("state");
  }

  /** The scores for programs. */
  public Path resultsJson() {
    return root.resolve("results.json");
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
    return root.resolve("report.html");
  }

  /** Whether the run has come to its end. */
  public boolean isFinished() {
    return Files.exists(resultsJson());
  }

  /** The iterations that have a merged model, ascending. */
  public List<Integer> mergedIterations() throws IOException {
    return names(root.resolve("lcsc")).stream()
        .filter(name -> name.matches("[0-9]{1,9}"))
        .map(Integer::valueOf)
        .filter(iteration -> Files.exists(mergedModel(iteration)))
        .sorted()
        .toList();
  }

  /** The rates that have an averaged model, ascending. */
  public List<Double> emaRates() throws IOException {
    return names(root.resolve("ema")).stream()
        .filter(name -> name.matches("0\\.[0-9]+\\.zip"))
        .map(name -> Double.valueOf(name.substring(0, name.length() - ".zip".length())))
        .sorted()
        .toList();
  }

  /**
   * Refuses to go on in a directory that was taken away: what were written there would be half a
   * run, in the place of the whole one.
   *
   * @throws IOException if the configuration is gone
   */
  public void requirePresent() throws IOException {
    if (!Files.exists(config())) {
      throw new IOException(root + ": the run directory is gone");
    }
  }

  /** Deletes what resuming needs; of no use to a finished run. */
  public void deleteState() throws IOException {
    if (Files.isDirectory(state())) {
      delete(state());
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

  private static void refuse(Path root, boolean overwrite) throws IOException {
    Content content = content(root);
    if (content == Content.SOMETHING_ELSE) {
      throw new RunDirectoryException(
          root, "is not empty and holds no run, allowed: a new or empty directory");
    }
    if (content == Content.FINISHED_RUN && !overwrite) {
      throw new RunDirectoryException(
          root, "holds a finished run, allowed: --overwrite, or another output");
    }
    if (content == Content.UNFINISHED_RUN && !overwrite) {
      throw new RunDirectoryException(
          root,
          "holds an unfinished run, allowed: lcsc train --resume, --overwrite, or another output");
    }
  }

  private static void requireRun(Path root) throws IOException {
    Content content = content(root);
    if (content != Content.FINISHED_RUN && content != Content.UNFINISHED_RUN) {
      throw new RunDirectoryException(
          root,
          (Files.exists(root) ? "holds no run" : "no such directory")
              + ", allowed: a directory that a training wrote");
    }
  }

  private static Content content(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return Content.NOTHING;
    }
    if (!Files.isDirectory(root)) {
      throw new RunDirectoryException(root, "is not a directory, allowed: a directory");
    }
    if (Files.exists(root.resolve("config.yaml"))) {
      return Files.exists(root.resolve("results.json"))
          ? Content.FINISHED_RUN
          : Content.UNFINISHED_RUN;
    }
    // What a process killed at the very start leaves behind is nothing.
    boolean empty = names(root).stream().allMatch(RunDirectory::isLeftover);
    return empty ? Content.NOTHING : Content.SOMETHING_ELSE;
  }

  private static void requireSpace(Path root, long bytes) throws IOException {
    Path existing = root.toAbsolutePath().normalize();
    while (!Files.exists(existing)) {
      existing = existing.getParent();
    }
    long free = Files.getFileStore(existing).getUsableSpace();
    if (free < bytes) {
      throw new RunDirectoryException(
          root,
          "too little space on its disk ("
              + gigabytes(free)
              + " free), needed: "
              + gigabytes(bytes));
    }
  }

  /** Deletes what a run writes, its configuration last: until then it is still a run. */
  private static void deleteRun(Path root) throws IOException {
    List<String> own = new ArrayList<>(names(root));
    own.removeIf(name -> !OWN.contains(name) && !isTemporary(name));
    own.sort(Comparator.comparing("config.yaml"::equals));
    for (String name : own) {
      delete(root.resolve(name));
    }
  }

  private static void delete(Path path) throws IOException {
    // Does not follow links: what one points to is not the run's.
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static boolean isLeftover(String name) {
    return name.equals(RunLock.NAME) || isTemporary(name);
  }

  private static boolean isTemporary(String name) {
    return name.matches("\\..+\\.tmp");
  }

  private static List<String> names(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).toList();
    }
  }

  private static String gigabytes(long bytes) {
    return String.format(Locale.ROOT, bytes < 10_000_000 ? "%.3f GB" : "%.2f GB", bytes / 1e9);
  }
}
