package org.lcsc.cli.report;

import static org.lcsc.io.Text.format;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.lcsc.cli.report.chart.Chart;
import org.lcsc.cli.report.chart.Numbers;
import org.lcsc.config.YamlNames;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.run.SearchSource;
import org.lcsc.export.Recipe;
import org.lcsc.export.Versions;
import org.lcsc.listener.ScoredModel;
import org.lcsc.objective.ShellLine;
import org.lcsc.objective.StageSeconds;
import org.lcsc.search.Screening;
import org.lcsc.search.config.LcscConfig;

/** All that a report tells of one run, below its headline. */
final class RunSection {

  /** How many of a kind, the latest, are shown without being asked for. */
  private static final int OPEN = 2;

  private static final String END = "</section>\n";

  private final RunData run;
  private final Html html;

  private RunSection(RunData run, String prefix) {
    this.run = run;
    this.html = new Html(prefix);
  }

  /**
   * The section's markup.
   *
   * @param prefix of its ids
   */
  static String of(RunData run, String prefix) {
    return new RunSection(run, prefix).markup();
  }

  private String markup() {
    training();
    scores();
    samples();
    coefficients();
    search();
    landscape();
    time();
    configuration();
    reproduce();
    return html.toString();
  }

  private void training() {
    Chart chart = Figures.training(run);
    if (chart != null) {
      section("Training");
      html.figure(
          chart,
          run.lastSearch() == null
              ? "Loss, mean over the iterations between two rows of metrics.csv."
              : "Loss, and scores on fresh noise at each search (the paper’s Figure 4). EMA* is the"
                  + " best of all EMAs, of the whole training and of the window.");
      html.raw(END);
    }
  }

  private void section(String title) {
    html.raw("<section>").heading(2, title);
  }

  /** Shows all of a kind; those after the first two, the latest, are shown on demand only. */
  private <T> void folded(List<T> all, String earlier, Consumer<T> show) {
    for (int i = 0; i < all.size(); i++) {
      if (i == OPEN) {
        html.raw("<details class=\"earlier\"><summary>" + Html.escape(earlier) + "</summary>\n");
      }
      show.accept(all.get(i));
    }
    if (all.size() > OPEN) {
      html.raw("</details>\n");
    }
  }

  private static List<RunData.Search> latestFirst(List<RunData.Search> searches) {
    List<RunData.Search> latest = new ArrayList<>(searches);
    Collections.reverse(latest);
    return latest;
  }

  private void scores() {
    List<RunData.Search> searches = latestFirst(run.finishedSearches());
    if (searches.isEmpty()) {
      return;
    }
    section("Against all baselines");
    folded(
        searches,
        "Earlier searches",
        search -> {
          SearchScores scores = search.scores();
          html.heading(3, "Iteration " + Numbers.text(search.iteration()));
          table(scores, scores.reported(), scores.spaces());
          List<String> refused = search.recipe().search().refused();
          if (!refused.isEmpty()) {
            html.paragraph(
                "Better than EMA* on validation noise and refused, best first: "
                    + String.join("; ", refused)
                    + ".");
          }
          if (scores.reported().size() < scores.models().size()) {
            html.raw("<details><summary>All ")
                .raw(scores.models().size() + " models on validation noise</summary>\n");
            table(scores, scores.models(), List.of());
            html.raw("</details>\n");
          }
          if (search.recipe().provenance().get(Recipe.SCREENED_OUT) instanceof Integer averages) {
            html.paragraph(Screening.note(averages) + ".");
          }
        });
    html.paragraph(
        (searches.get(0).scores().maximised() ? "Higher" : "Lower")
            + " is better. The search sees none of this noise: validation picks the model that is"
            + " emitted, the other columns are only reported, with more samples. Nothing in a"
            + " search looks into a third feature space, where there is one.");
    html.raw(END);
  }

  private void table(SearchScores scores, List<ScoredModel> models, List<String> spaces) {
    List<String> titles = new ArrayList<>(List.of("model", "validation"));
    titles.addAll(spaces);
    html.open(titles);
    ScoredModel star = scores.emaStar();
    ScoredModel best = scores.best();
    for (ScoredModel model : models) {
      List<String> cells = new ArrayList<>();
      String label = model == scores.lcsc() ? "LCSC" : model.label();
      cells.add(label + (model == star ? " (EMA*)" : "") + (model == best ? " ✓" : ""));
      cells.add(Numbers.score(scores.shown(model.validationScore())));
      for (String space : spaces) {
        cells.add(Numbers.score(model.reportScores().getOrDefault(space, Double.NaN)));
      }
      html.row(model == scores.lcsc() ? "lcsc" : model == star ? "star" : "", cells);
    }
    html.close();
  }

  private void samples() {
    if (run.grids().isEmpty() && run.pairs().isEmpty()) {
      return;
    }
    section("Samples");
    folded(
        run.grids(),
        "Earlier samples",
        picture -> {
          String iteration = picture.name().replaceFirst("^compare-([0-9]{1,9})$", "$1");
          html.picture(
              picture,
              iteration.equals(picture.name())
                  ? picture.name()
                  : format(
                      "EMA* and LCSC from the same noise, at iteration %s.",
                      Numbers.text(Integer.parseInt(iteration))));
        });
    for (RunData.Picture picture : run.pairs()) {
      html.picture(
          picture,
          "Where EMA and LCSC differ most: images from the same noise with the largest distance in"
              + " the feature space, largest first (the paper’s Figures 9 to 14).");
    }
    html.raw(END);
  }

  private void coefficients() {
    List<Chart> charts =
        latestFirst(run.finishedSearches()).stream()
            .map(search -> Figures.coefficients(run, search))
            .filter(Objects::nonNull)
            .toList();
    if (!charts.isEmpty()) {
      section("Coefficients");
      folded(
          charts,
          "Earlier coefficients",
          chart ->
              html.figure(
                  chart,
                  chart.title()
                      + ", of magnitude and sign, beside those of EMA* (the paper’s Figures 5 and"
                      + " 7)."));
      html.raw(END);
    }
  }

  private void search() {
    List<RunData.Search> searches =
        run.searches().stream().filter(search -> !search.log().isEmpty()).toList();
    if (!searches.isEmpty()) {
      section("Search");
      folded(
          latestFirst(searches),
          "Earlier searches",
          search ->
              html.figure(
                  Figures.convergence(run, search),
                  format(
                      "The search at iteration %s%s.",
                      Numbers.text(search.iteration()),
                      search.isFinished() ? "" : ", which continues")));
      html.raw(END);
    }
  }

  private void landscape() {
    if (run.landscape() != null) {
      section("Landscape");
      html.picture(
          run.landscape(),
          "The metric over the plane through three checkpoints (the paper’s Figures 3 and 6).");
      if (run.landscapeNumbers() != null) {
        html.preformatted("The numbers", run.landscapeNumbers()).raw("\n");
      }
      html.raw(END);
    }
  }

  private void time() {
    List<RunData.Search> searches = run.finishedSearches();
    if (searches.isEmpty()) {
      return;
    }
    section("Where the time goes");
    html.figure(Figures.stages(run), "Seconds of each search by stage.");
    List<String> titles = new ArrayList<>(List.of("iteration", "evaluations"));
    titles.addAll(StageSeconds.NAMES);
    titles.add("whole search");
    html.open(titles);
    for (RunData.Search search : searches) {
      Recipe.Search times = search.recipe().search();
      double n = Math.max(1, times.evaluations());
      List<String> cells = new ArrayList<>();
      cells.add(Numbers.text(search.iteration()));
      cells.add(Numbers.text(n));
      for (double seconds : times.secondsPerStage().toArray()) {
        cells.add(format("%.3f", seconds / n));
      }
      cells.add(format("%.0f s", times.totalSeconds()));
      html.row("", cells);
    }
    html.close();
    html.paragraph(
        "The four stages in seconds per evaluation (the paper’s Table 5); the whole search is wall"
            + " clock, with validation, baselines and report.");
    html.raw(END);
  }

  private void configuration() {
    section("Data and configuration");
    Map<String, String> terms = new LinkedHashMap<>();
    if (run.config() == null) {
      terms.put("objective", run.own().objective().kind());
    } else {
      training(run.config(), terms);
    }
    LcscConfig lcsc = run.lcsc();
    if (lcsc != null) {
      terms.put(
          "window",
          format(
              "%s iterations, a checkpoint every %d: %d checkpoints",
              Numbers.text(lcsc.window()), lcsc.interval(), lcsc.checkpoints()));
      terms.put(
          "search",
          format(
              "%s, %s evaluations of %s samples, seed %d",
              lcsc.search().strategy().kind(),
              Numbers.text(lcsc.search().evaluations()),
              Numbers.text(lcsc.search().samples()),
              lcsc.search().seed()));
      terms.put(
          "noise",
          format(
              "validation %s samples, report %s samples",
              Numbers.text(lcsc.validation().samples()), Numbers.text(lcsc.report().samples())));
    }
    html.terms(terms).preformatted("config.yaml, as resolved", run.yaml()).raw(END);
  }

  private void training(RunConfig config, Map<String, String> terms) {
    terms.putAll(data());
    terms.put(
        "model",
        format(
            "%s, %s%s",
            config.model().kind(),
            config.model().unet().description(),
            run.lastSearch() == null
                ? ""
                : format(", %s parameters", Numbers.text(run.lastSearch().recipe().parameters()))));
    terms.put(
        "training",
        format(
            "%s iterations of %d images, %s, learning rate %s, seed %d",
            Numbers.text(config.training().iterations()),
            config.training().batchSize(),
            YamlNames.of(config.training().optimizer()),
            Numbers.text(config.training().learningRate()),
            config.training().seed()));
    terms.put(
        "EMA rates",
        config.ema().rates().stream().map(String::valueOf).collect(Collectors.joining(", ")));
  }

  /** Terms of what is known of the data, and of other models that the run is made from. */
  private Map<String, String> data() {
    Map<String, String> terms = new LinkedHashMap<>();
    RunData.Search search = run.lastSearch();
    Map<String, Object> known = search == null ? Map.of() : search.recipe().provenance();
    String name = run.config().dataset().title();
    terms.put(
        "data",
        known.get("images") instanceof Number images
            ? format(
                "%s, %s images %s", name, Numbers.text(images.doubleValue()), known.get("shape"))
            : name);
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("fingerprint", "datasetFingerprint");
    keys.put("features", "features");
    keys.put("second features", "secondFeatures");
    keys.put("sampler", "sampler");
    keys.put("teacher", "teacher");
    keys.forEach(
        (term, key) -> terms.computeIfAbsent(term, t -> Objects.toString(known.get(key), null)));
    return terms;
  }

  /** Options that name the checkpoints again. */
  private static String options(SearchSource source) {
    return (source.isFollowed() ? " --follow " : " --checkpoints ")
        + ShellLine.word(source.checkpoints())
        + (source.epochs() ? " --epochs" : "")
        + (source.iteration() == null ? "" : " --iteration " + source.iteration())
        + (source.newest() == null ? "" : " --newest " + source.newest())
        + source.emas().stream()
            .map(ema -> " --ema " + ema.rate() + "=" + ShellLine.word(ema.file()))
            .collect(Collectors.joining());
  }

  private void reproduce() {
    section("Recipe and commands");
    RunData.Search search = run.lastSearch();
    String output = ShellLine.word(run.root().toString());
    StringBuilder commands = new StringBuilder();
    commands.append(run.source() == null ? "lcsc train " : "lcsc search ").append(output);
    commands.append("/config.yaml --set output=runs/again");
    commands.append(run.source() == null ? "" : options(run.source()));
    commands.append('\n');
    if (search != null) {
      Recipe recipe = search.recipe();
      Map<String, String> terms = new LinkedHashMap<>();
      terms.put(
          "combination",
          format(
              "%d checkpoints of iterations %s to %s, by %s, %s evaluations, ended by %s",
              recipe.checkpoints().length,
              Numbers.text(recipe.checkpoints()[0]),
              Numbers.text(recipe.checkpoints()[recipe.checkpoints().length - 1]),
              recipe.search().strategy(),
              Numbers.text(recipe.search().evaluations()),
              recipe.search().stopReason().toLowerCase(Locale.ROOT)));
      terms.put("SHA-256", recipe.sha256());
      Versions versions = recipe.versions();
      terms.put(
          "versions",
          format(
              "LCSC %s, commit %s, Deeplearning4j %s, Java %s, %s, processors: %s",
              versions.lcsc(),
              versions.commit(),
              versions.deeplearning4j(),
              versions.java(),
              versions.platform(),
              versions.processors()));
      html.terms(terms);
      if (run.config() != null) {
        commands.append(
            format(
                "lcsc evaluate %1$s/lcsc/%2$s\nlcsc sample %1$s/lcsc/%2$s --out samples.png\n",
                output, recipe.ranges().isEmpty() ? "best.zip" : "best.json"));
      }
      commands.append(format("lcsc export %s --out best.zip\n", output));
    }
    commands.append("lcsc report ").append(output).append('\n');
    html.paragraph(
        "The same configuration and seeds give the same bits on the same machine. The coefficients"
            + " of every combination are in lcsc/ITERATION/recipe.json of the run.");
    html.raw("<pre>").raw(Html.escape(commands.toString())).raw("</pre>").raw(END);
  }
}
