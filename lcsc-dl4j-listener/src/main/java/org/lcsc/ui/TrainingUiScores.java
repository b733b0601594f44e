package org.lcsc.ui;

import java.lang.management.ManagementFactory;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.deeplearning4j.core.storage.StatsStorageRouter;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.ui.model.stats.api.StatsInitializationReport;
import org.deeplearning4j.ui.model.stats.api.StatsReport;
import org.deeplearning4j.ui.model.stats.impl.java.JavaStatsInitializationReport;
import org.deeplearning4j.ui.model.stats.impl.java.JavaStatsReport;
import org.lcsc.io.Refuse;
import org.lcsc.listener.LcscResult;
import org.lcsc.listener.ScoredModel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows the scores of searches in Deeplearning4j's training UI, beside the training itself. The
 * last weights, EMA*, the uniform average and LCSC each become a session named {@code RUN: MODEL},
 * whose overview has the model's score on validation noise against the iteration of the search.
 *
 * <pre>{@code
 * StatsStorage storage = new InMemoryStatsStorage();
 * UIServer.getInstance().attach(storage);
 * LcscListener listener =
 *     LcscListener.builder()
 *         ...
 *         .onResult(new TrainingUiScores(storage, "digits", network))
 *         .build();
 * network.setListeners(listener, new StatsListener(storage));
 * }</pre>
 *
 * <p>The UI's overview and system pages show such a session; its model page stays empty, since a
 * score has no layers. Scores that are not finite are left out, since the UI cannot draw them. A
 * storage that fails is a warning and does not disturb the training. Results from before a training
 * was resumed can be given again: {@code listener.results().forEach(scores)}. Not thread-safe.
 */
public final class TrainingUiScores implements Consumer<LcscResult> {

  private static final Logger LOG = LoggerFactory.getLogger(TrainingUiScores.class);

  /** The kind of session that the UI's training pages are for. */
  private static final String TYPE = "StatsListener";

  private final StatsStorageRouter storage;
  private final String run;
  private final long parameters;
  private final LongSupplier clock;
  private final Set<String> started = new HashSet<>();
  private long lastTime;

  /**
   * Scores in a storage that a UI shows, or that leads to a UI elsewhere ({@code
   * RemoteUIStatsStorageRouter}).
   *
   * @param storage receives the sessions
   * @param run what they are called, not blank
   * @param model the model in training; of it only the number of parameters is shown
   */
  public TrainingUiScores(StatsStorageRouter storage, String run, Model model) {
    this(storage, run, model.numParams(), System::currentTimeMillis);
  }

  TrainingUiScores(StatsStorageRouter storage, String run, long parameters, LongSupplier clock) {
    this.storage = Objects.requireNonNull(storage, "storage");
    Refuse.argument(run.isBlank(), "run must be a name, got a blank one");
    this.run = run;
    this.parameters = parameters;
    this.clock = clock;
  }

  /** Shows the scores of a search. */
  @Override
  public void accept(LcscResult result) {
    try {
      for (Map.Entry<String, ScoredModel> model : models(result).entrySet()) {
        if (model.getValue() != null && model.getValue().isFinite()) {
          double score = model.getValue().validationScore();
          post(model.getKey(), result.iteration(), result.maximised() ? -score : score);
        }
      }
    } catch (RuntimeException e) {
      LOG.warn("The training UI does not show iteration {}: {}", result.iteration(), e.toString());
    }
  }

  private static Map<String, ScoredModel> models(LcscResult result) {
    Map<String, ScoredModel> models = new LinkedHashMap<>();
    models.put("LCSC", result.lcsc());
    models.put("EMA*", ScoredModel.emaStar(result.baselines()).orElse(null));
    models.put("last", result.baseline("last"));
    models.put("uniform", result.baseline("uniform"));
    return models;
  }

  private void post(String model, long iteration, double score) {
    String session = run + ": " + model;
    if (started.add(session)) {
      storage.putStaticInfo(start(session, model));
    }
    StatsReport report = new JavaStatsReport();
    report.reportIDs(session, TYPE, model, time());
    report.reportIterationCount(Math.toIntExact(iteration));
    report.reportScore(score);
    Runtime runtime = Runtime.getRuntime();
    report.reportMemoryUse(
        runtime.totalMemory() - runtime.freeMemory(), runtime.maxMemory(), 0, 0, null, null);
    storage.putUpdate(report);
  }

  /** The UI's pages need to know of software, hardware and a model. */
  private StatsInitializationReport start(String session, String model) {
    StatsInitializationReport start = new JavaStatsInitializationReport();
    start.reportIDs(session, TYPE, model, time());
    start.reportSoftwareInfo(
        System.getProperty("os.arch"),
        System.getProperty("os.name"),
        System.getProperty("java.vm.name"),
        Runtime.version().toString(),
        System.getProperty("java.vm.specification.version"),
        "",
        "FLOAT",
        "",
        ManagementFactory.getRuntimeMXBean().getName(),
        Map.of());
    start.reportHardwareInfo(
        Runtime.getRuntime().availableProcessors(),
        0,
        Runtime.getRuntime().maxMemory(),
        0,
        null,
        null,
        "");
    start.reportModelInfo(model, "{}", new String[0], 0, parameters);
    return start;
  }

  /** The storage tells updates apart by their time. */
  private long time() {
    lastTime = Math.max(lastTime + 1, clock.getAsLong());
    return lastTime;
  }
}
