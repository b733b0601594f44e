package org.lcsc.listener;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.deeplearning4j.earlystopping.scorecalc.ScoreCalculator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.solvers.BaseOptimizer;
import org.lcsc.averaging.ExponentialMovingAverage;
import org.lcsc.averaging.PostHocEma;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.config.ConfigException;
import org.lcsc.config.InvalidValueException;
import org.lcsc.export.ModelExporter;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.lcsc.model.ParameterGrouping;
import org.lcsc.objective.Objective;
import org.lcsc.objective.TimeRanges;
import org.lcsc.search.config.EmaConfig;
import org.lcsc.search.config.LcscConfig;
import org.lcsc.search.config.SearchSchedule;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Combines the checkpoints of a training while it runs (LCSC). At every iteration it updates the
 * moving averages of the weights, at some it records a checkpoint into a window, and at the
 * iterations asked for it searches the linear combination of the window's checkpoints that scores
 * best, beside the last weights and all averages.
 *
 * <pre>{@code
 * try (CheckpointWindow window =
 *     CheckpointWindow.builder(graph.numParams()).window(4000).interval(40).build()) {
 *   LcscListener listener =
 *       LcscListener.builder()
 *           .window(window)
 *           .emaRates(0.99, 0.999, 0.9999)
 *           .searchAt(3000, 6000)
 *           .objective(fid)
 *           .validation(fidOnOtherNoise)
 *           .target(5.0)
 *           .output(Path.of("runs/digits"))
 *           .build();
 *   graph.addListeners(listener);
 *   graph.fit(StoppableIterator.of(data, listener.stopSignal()), epochs);
 * }
 * }</pre>
 *
 * <p>Iteration n means: n updates applied, constraints included. The averages start at the weights
 * before the first update that the listener sees. It serves {@code ComputationGraph} and {@code
 * MultiLayerNetwork}, and leaves the training as it is: the parameters afterwards are the same to
 * the bit with and without it.
 *
 * <p>A search runs on the training thread within {@code iterationDone}; training waits. A scheduled
 * search over fewer than 2 checkpoints is left out with a warning. While a parameter is not finite,
 * averages and window stay as they are, the first such iteration is logged, and searches continue
 * with the checkpoints there are.
 *
 * <p>Where a search is cancelled, its state is kept where {@link SearchControl} names a directory
 * for it (else it begins anew), {@link #interruptedSearch} tells its iteration, and the stop signal
 * is given; {@code iterationDone} returns normally, so that the model is in order and can be saved.
 * {@link #searchNow} continues with it.
 *
 * <p>Where another listener throws, Deeplearning4j leaves the update that was applied uncounted:
 * the training can continue by another {@code fit}, whose first iteration has the same number.
 * Averages follow it as the update that it is, a checkpoint or search of that number is not made
 * again.
 *
 * <p>With {@code ParallelWrapper} the same listener is called by every worker: name the root model
 * by {@link LcscListenerBuilder#model}; the weights seen are its own before they are averaged with
 * those of the other workers. Calls for other models are ignored. Apart from that and from {@link
 * #stopSignal} not thread-safe.
 */
public final class LcscListener extends BaseTrainingListener implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LcscListener.class);

  private final LcscListenerBuilder settings;

  /** Null where there is none, or before it is made. */
  private CheckpointWindow window;

  /** Of the averages that begin with the training; none where the state has its averages. */
  private final double[] rates;

  private final SearchSchedule schedule;
  private final ParameterGrouping grouping;
  private final TimeRanges ranges;
  private PostHocEma postHoc;
  private final BatchNormUpdate batchNorm;

  /** The model acted on: the builder's, or the first seen. */
  private final AtomicReference<Model> root;

  /** What this listener made, and closes. */
  private final List<AutoCloseable> made = new ArrayList<>();

  private final TrainingRecorder recorder;
  private final TrainingSearches searches;
  private FinalParameters finalParameters;
  private ParameterGroups groups;
  private long seen = -1;
  private boolean warned;

  /** Whether the network ran forward since the last update. */
  private boolean forward;

  private boolean closed;

  LcscListener(LcscListenerBuilder builder) {
    settings = builder;
    builder.made.forEach(objective -> made.add(() -> Objective.close(objective)));
    window = builder.window;
    ListenerState state = builder.state;
    // Without averages the state is of before the first update.
    rates = state == null || state.averages().isEmpty() ? builder.emaRates : new double[0];
    schedule = builder.schedule;
    batchNorm = new BatchNormUpdate(builder.batchNormData);
    grouping = builder.grouping;
    ranges = builder.ranges;
    postHoc = builder.postHoc;
    recorder = new TrainingRecorder();
    searches = new TrainingSearches(builder, batchNorm);
    root = new AtomicReference<>(builder.model);
    if (state != null) {
      recorder.restore(state);
      searches.restore(state);
    }
  }

  /**
   * What a resumed training's listener continues from, see {@link LcscListenerBuilder#resume(
   * ListenerState)}; the window and the post-hoc averages are saved by their owner. To be called
   * between two updates. Holds the live averages: write it before the next update.
   */
  public ListenerState state() {
    SearchResults results = searches.results();
    return new ListenerState(
        recorder.averages(),
        recorder.divergedAt(),
        results.list(),
        results.merged(),
        results.best());
  }

  /** Starts the settings of a listener. */
  public static LcscListenerBuilder builder() {
    return new LcscListenerBuilder();
  }

  /**
   * Settings from a configuration file with the sections {@code lcsc} and {@code ema}. The listener
   * makes its own window at the first update and frees it by {@link #close}.
   *
   * @param file YAML
   * @param objective what the search minimises, on samples of its own: the keys of noise sets are
   *     refused
   * @throws IOException where the file cannot be read or is wrong
   * @throws org.lcsc.config.InvalidValueException where a key has no effect with the objective
   */
  public static LcscListenerBuilder from(Path file, Objective objective) throws IOException {
    try {
      return ListenerConfig.read(file).builder(objective);
    } catch (InvalidValueException e) {
      throw new ConfigException(file.toString(), e);
    }
  }

  /**
   * The same with an objective for each noise set: of the search, of validation and of the report.
   *
   * @see #from(Path, Objective)
   */
  public static LcscListenerBuilder from(Path file, ObjectiveFactory objectives)
      throws IOException {
    try {
      return ListenerConfig.read(file).builder(objectives);
    } catch (InvalidValueException e) {
      throw new ConfigException(file.toString(), e);
    }
  }

  /**
   * The same with a measure of Deeplearning4j's early stopping: a target is in its own units.
   *
   * @param model what is trained; the measure gets a copy
   * @see #from(Path, Objective)
   */
  public static LcscListenerBuilder from(Path file, Model model, ScoreCalculator<?> calculator)
      throws IOException {
    return from(file, ScoreCalculatorObjective.of(model, calculator)).model(model);
  }

  /**
   * Settings from the sections of a configuration.
   *
   * @see #from(Path, ObjectiveFactory)
   */
  public static LcscListenerBuilder from(
      LcscConfig lcsc, EmaConfig ema, ObjectiveFactory objectives) throws IOException {
    return new ListenerConfig(lcsc, ema).builder(objectives);
  }

  /**
   * Settings from the sections of a configuration, for a program that makes the objectives of its
   * noise sets and the ranges of noise levels itself.
   *
   * @param lcsc null for averages without a search
   * @param ema null for a search without averages over all updates
   */
  public static LcscListenerBuilder from(LcscConfig lcsc, EmaConfig ema) {
    return ListenerConfig.builder(lcsc, ema);
  }

  /** {@inheritDoc} */
  @Override
  public void onEpochStart(Model model) {
    if (isRoot(model)) {
      start(model);
    }
  }

  /** {@inheritDoc} */
  @Override
  public void onForwardPass(Model model, List<INDArray> activations) {
    forward = true;
    onEpochStart(model);
  }

  /** {@inheritDoc} */
  @Override
  public void onForwardPass(Model model, Map<String, INDArray> activations) {
    forward = true;
    onEpochStart(model);
  }

  /**
   * {@inheritDoc}
   *
   * @throws UncheckedIOException where a checkpoint or a result cannot be written
   */
  @Override
  public void iterationDone(Model model, int iteration, int epoch) {
    if (!isRoot(model)) {
      return;
    }
    start(model);
    // Deeplearning4j tells the number of the update, from 0, before it applies the constraints.
    long updates = iteration + 1L;
    INDArray parameters = finalParameters.after(updates, epoch);
    warnOfMissedSearches(updates);
    boolean again = updates == seen;
    if (again && !forward) {
      // The listener was added twice.
      return;
    }
    forward = false;
    if (again) {
      LOG.warn(
          "Iteration {} comes again: another listener failed, and Deeplearning4j did not count the"
              + " update; the checkpoint of that iteration stays",
          updates);
    }
    seen = updates;
    recorder.follow(updates, parameters, again);
    if (schedule.isDue(updates) && !(again && searches.results().isSearched(updates))) {
      if (window.size() < 2) {
        LOG.warn(
            "No search at iteration {}: the window holds {} of the 2 checkpoints it takes",
            updates,
            window.size());
      } else {
        search(updates, model, parameters);
      }
    }
  }

  /** At the first update that it sees, of a network that was trained before. */
  private void warnOfMissedSearches(long updates) {
    if (seen >= 0 || settings.state != null) {
      return;
    }
    List<Integer> missed = schedule.at().stream().filter(at -> at < updates).toList();
    if (!missed.isEmpty()) {
      LOG.warn(
          "No search at {} (searchAt): iterations are counted over the network's life, which has {}"
              + " behind it",
          missed.stream().map(String::valueOf).collect(Collectors.joining(", ")),
          updates - 1);
    }
  }

  private boolean isRoot(Model model) {
    if (closed) {
      return false;
    }
    if (!(model instanceof ComputationGraph || model instanceof MultiLayerNetwork)) {
      if (!warned) {
        LOG.warn("Updates of a single layer are not followed, as of layer-wise pretraining");
        warned = true;
      }
      return false;
    }
    return root.compareAndSet(null, model) || root.get() == model;
  }

  /** Before the first update, while the parameters are the initial ones. */
  private void start(Model model) {
    if (finalParameters != null) {
      return;
    }
    if (window == null && settings.windows != null) {
      window = settings.windows.create(model.numParams(), this::windowFile);
      made.add(window);
    }
    if (postHoc == null) {
      postHoc = settings.postHocs.apply(model.numParams());
      if (postHoc != null) {
        made.add(postHoc);
      }
    }
    if (window != null && model.numParams() != window.parameters()) {
      throw new IllegalArgumentException(
          Text.format(
              "the window is of %s parameters, the model has %s",
              window.parameters(), model.numParams()));
    }
    groups = grouping.of(model);
    batchNorm.start(model);
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      recorder.begin(rates, FinalParameters.now(model), window, postHoc);
      finalParameters = new FinalParameters(model);
    }
  }

  private Path windowFile() {
    try {
      if (settings.output != null) {
        return Files.createDirectories(settings.output.resolve("state")).resolve("window.bin");
      }
      Path directory = Files.createTempDirectory("lcsc");
      made.add(() -> Files.deleteIfExists(directory));
      return directory.resolve("window.bin");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a file for the window: " + e.getMessage(), e);
    }
  }

  /**
   * Frees the window and the post-hoc averages where this listener made them from a configuration,
   * and the objectives that an {@link ObjectiveFactory} made; what the caller gave stays. Averages
   * and results stay readable; later updates are not followed.
   */
  @Override
  public void close() {
    closed = true;
    IllegalStateException failed = null;
    // The last made first: a window's file lies in a directory made before it.
    for (int i = made.size() - 1; i >= 0; i--) {
      try {
        made.get(i).close();
      } catch (Exception e) {
        if (failed == null) {
          failed = new IllegalStateException("cannot close: " + e.getMessage(), e);
        } else {
          failed.addSuppressed(e);
        }
      }
    }
    made.clear();
    if (failed != null) {
      throw failed;
    }
  }

  /**
   * Searches at once, whatever the schedule: at the end of a training, or to continue with an
   * interrupted search. To be called between two updates.
   *
   * @param model the model in training
   * @return the result; empty where the search was cancelled
   * @throws IllegalStateException where the window holds fewer than 2 checkpoints or no objective
   *     was given
   * @throws UncheckedIOException where the result cannot be written
   */
  public Optional<LcscResult> searchNow(Model model) {
    Refuse.state(closed, "this listener is closed");
    Refuse.argument(!isRoot(model), "this listener follows another model");
    start(model);
    long updates = BaseOptimizer.getIterationCount(model);
    Refuse.state(window == null, "a search needs a window, the listener was given none");
    Refuse.state(
        window.size() < 2,
        "a search needs at least 2 checkpoints, the window holds %s at iteration %s",
        window.size(),
        updates);
    return search(updates, model, FinalParameters.now(model));
  }

  private Optional<LcscResult> search(long updates, Model model, INDArray parameters) {
    return searches.run(
        ModelExporter.writer(model),
        new ModelComparison.Training(
            updates,
            parameters,
            failed(),
            List.copyOf(recorder.averages()),
            window,
            postHoc,
            searches.results().earlier(updates),
            groups,
            ranges));
  }

  /**
   * Writes the averaged models as they are now; a search does so by itself.
   *
   * @param model the model in training
   * @throws IllegalStateException where the listener has no output directory
   * @throws UncheckedIOException where a file cannot be written
   */
  public void writeAverages(Model model) {
    try {
      searches.writeAverages(
          ModelExporter.writer(model), BaseOptimizer.getIterationCount(model), recorder.averages());
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /**
   * Writes the checkpoints of the window as model files {@code iteration-N.zip}, which {@link
   * org.lcsc.model.CheckpointDirectory} reads back.
   *
   * @param model the model in training
   * @param directory created if missing; files of other iterations stay
   * @throws IllegalStateException where there is no window yet
   * @throws UncheckedIOException where a file cannot be written
   */
  public void writeCheckpoints(Model model, Path directory) {
    Refuse.state(window == null, "this listener has no window");
    try {
      RunOutput.writeCheckpoints(model, window, directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /**
   * The window; null where there is none, or where it is to be made at the model's first update.
   */
  public CheckpointWindow window() {
    return window;
  }

  /** Moving averages over all updates, live, in the order of the rates; empty before training. */
  public List<ExponentialMovingAverage> emas() {
    return Collections.unmodifiableList(recorder.averages());
  }

  /** The results so far, in order; a copy. */
  public List<LcscResult> results() {
    return searches.results().list();
  }

  /**
   * The result whose {@link LcscResult#best} scores best on validation, the earliest of equals;
   * empty while no model had a finite score.
   */
  public Optional<LcscResult> best() {
    return Optional.ofNullable(searches.results().bestResult());
  }

  /**
   * Parameters {@code [P]}, float32, of that result's best model; {@code [R * P]} where it has a
   * model for each of R time ranges, those of the least noise first. Not to be modified.
   */
  public Optional<INDArray> bestParameters() {
    return Optional.ofNullable(searches.results().best());
  }

  /**
   * Parameters {@code [P]}, float32, of the latest search's combination, with R time ranges {@code
   * [R * P]}. Not to be modified.
   */
  public Optional<INDArray> mergedParameters() {
    return Optional.ofNullable(searches.results().merged());
  }

  /** Given once the target is reached or a search was cancelled. */
  public StopSignal stopSignal() {
    return searches.stop();
  }

  /** The first iteration after which a parameter was not finite. */
  public OptionalLong divergedAt() {
    return failed() ? OptionalLong.of(recorder.divergedAt()) : OptionalLong.empty();
  }

  /** Whether the training diverged. */
  public boolean failed() {
    return recorder.divergedAt() >= 0;
  }

  /** The iteration of a search that was cancelled and not finished since. */
  public OptionalLong interruptedSearch() {
    return searches.interruptedAt();
  }

  @Override
  public String toString() {
    return "LcscListener(emaRates=" + Arrays.toString(rates) + ", " + schedule + ")";
  }
}
