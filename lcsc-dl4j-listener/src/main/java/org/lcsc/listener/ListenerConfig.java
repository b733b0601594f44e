package org.lcsc.listener;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.OptionalKey;
import org.lcsc.config.Require;
import org.lcsc.config.YamlConfig;
import org.lcsc.model.ParameterGrouping;
import org.lcsc.objective.Objective;
import org.lcsc.search.config.EmaConfig;
import org.lcsc.search.config.LcscConfig;
import org.lcsc.search.config.LcscConfig.Kept;
import org.lcsc.search.config.NoiseSetConfig;
import org.lcsc.search.config.SearchConfig;

/**
 * A configuration file of a listener.
 *
 * @param lcsc the searches
 * @param ema the averages; default {@link EmaConfig#DEFAULT}
 */
public record ListenerConfig(LcscConfig lcsc, @OptionalKey EmaConfig ema) {

  /** Fills in the default. */
  public ListenerConfig {
    Objects.requireNonNull(lcsc, "lcsc");
    ema = ema == null ? EmaConfig.DEFAULT : ema;
  }

  /**
   * Reads a file.
   *
   * @throws org.lcsc.config.ConfigException where it is missing or wrong
   */
  public static ListenerConfig read(Path file) throws IOException {
    return YamlConfig.read(file, ListenerConfig.class);
  }

  /**
   * Everything but the objectives and the ranges of noise levels.
   *
   * @param lcsc null for averages without a search
   * @param ema null for a search without averages over all updates
   */
  static LcscListenerBuilder builder(LcscConfig lcsc, EmaConfig ema) {
    LcscListenerBuilder builder = new LcscListenerBuilder();
    if (ema != null) {
      average(builder, ema);
    }
    if (lcsc != null) {
      search(builder, lcsc);
    }
    return builder;
  }

  private static void search(LcscListenerBuilder builder, LcscConfig lcsc) {
    Baselines baselines = Baselines.DEFAULT;
    if (lcsc.greedySoup() != null) {
      baselines = baselines.withGreedySoup(lcsc.greedySoup());
    }
    builder
        .search(lcsc.search())
        .searchIdentity(lcsc.noise())
        .groups(ParameterGrouping.configured(lcsc.search().groups()))
        .baselines(baselines)
        .keepBaselines(lcsc.keeps(Kept.BASELINES));
    builder.windows =
        (parameters, file) ->
            lcsc.openWindow(parameters, lcsc.storage().isFile() ? file.get() : null, 0);
    builder.schedule = lcsc.schedule();
    builder.firstSearch = () -> lcsc.requireFirstSearch("lcsc.");
    if (lcsc.target() != null) {
      builder.target(lcsc.target());
    }
  }

  private static void average(LcscListenerBuilder builder, EmaConfig ema) {
    builder.emaRates(ema.rates().stream().mapToDouble(r -> r).toArray());
    if (ema.postHoc() != null) {
      builder.postHocs = ema.postHoc()::averages;
    }
  }

  /** With objectives on the configured noise sets. */
  LcscListenerBuilder builder(ObjectiveFactory factory) throws IOException {
    requireForJava();
    Objective search = factory.create(lcsc.search().seed(), lcsc.search().samples());
    require(search);
    Objective validation = factory.create(lcsc.validation().seed(), lcsc.validation().samples());
    Objective report = factory.create(lcsc.report().seed(), lcsc.report().samples());
    LcscListenerBuilder builder = builder(lcsc, ema);
    builder.made = List.of(search, validation, report);
    return builder
        .objective(search)
        .validation(validation)
        .report(
            parameters -> {
              double score = report.evaluate(parameters).score();
              // In its own units: the negative of what is negated.
              return Map.of(report.name(), report.scoreOf(score));
            });
  }

  /** With one objective that has its own samples, or none. */
  LcscListenerBuilder builder(Objective objective) {
    requireForJava();
    require(objective);
    SearchConfig search = lcsc.search();
    NoiseSetConfig validation = LcscConfig.usualValidation(search);
    NoiseSetConfig report = LcscConfig.usualReport(search, validation);
    refuse("search.samples", search.samples(), search.samples() == new SearchConfig().samples());
    refuse("search.gradientSamples", search.gradientSamples(), search.gradientSamples() == null);
    refuse("validation", lcsc.validation(), lcsc.validation().equals(validation));
    refuse("report", lcsc.report(), lcsc.report().equals(report));
    return builder(lcsc, ema).objective(objective);
  }

  private static void refuse(String key, Object value, boolean usual) {
    Require.not(
        !usual,
        "lcsc." + key,
        "has no effect with an objective that has its own samples (%s), allowed: only with an"
            + " ObjectiveFactory",
        value);
  }

  private void requireForJava() {
    if (lcsc.objective() != null) {
      throw new InvalidValueException(
          "lcsc.objective",
          "given beside an objective in Java ("
              + lcsc.objective().kind()
              + "), allowed: one of both");
    }
    Require.not(
        lcsc.keeps(Kept.WINDOW),
        "lcsc.keep",
        "window has no effect with a listener in Java, allowed: baselines,"
            + " LcscListener.writeCheckpoints");
  }

  /** Before hours of training, not after. */
  private void require(Objective objective) {
    lcsc.search().require("lcsc.search.", objective);
    Require.not(
        lcsc.search().timeRanges() != null,
        "lcsc.search.timeRanges",
        "needs a sampler's noise levels, allowed: timeRanges(...) of the builder");
  }
}
