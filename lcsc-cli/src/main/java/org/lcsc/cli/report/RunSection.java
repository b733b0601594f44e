package org.lcsc.cli.report;

import static org.lcsc.io.Text.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.lcsc.cli.report.chart.Chart;
import org.lcsc.cli.report.chart.Numbers;
import org.lcsc.config.YamlNames;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.export.Recipe;
import org.lcsc.objective.StageSeconds;
import org.lcsc.search.config.LcscConfig;

/** All that a report tells of one run, below its headline. */
final class RunSection {

  /** How many of a kind, the latest, are shown without being asked for. */
  private static final int OPEN = 2;

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
    if (chart == null) {
      return;
    }
    html.raw("<section>").heading(2, "Training");
    html.figure(
        chart,
        run.lastSearch() == null
            ? "Loss, mean over the iterations between two rows of metrics.csv."
            : "Loss, and scores on fresh noise at each search (the paper’s Figure 4). EMA* is the"
                + " best of all EMAs, of the whole training and of the window.");
    html.raw("</section>\n");
  }

  private void scores() {
    List<RunData.Search> searches = run.finishedSearches();
    if (searches.isEmpty()) {
      return;
    }
    html.raw("<section>").heading(2, "Against all baselines");
    for (int i = searches.size() - 1; i >= 0; i--) {
      fold(searches.size() - 1 - i, "Earlier searches");
      RunData.Search search = searches.get(i);
      SearchScores scores = SearchScores.of(search.recipe());
      html.heading(3, "Iteration " + Numbers.text(search.iteration()));
      table(scores, scores.reported(), scores.spaces());
      if (scores.reported().size() < scores.models().size()) {
        html.raw("<details><summary>All ")
            .raw(scores.models().size() + " models on validation noise</summary>\n");
        table(scores, scores.models(), List.of());
        html.raw("</details>\n");
      }
    }
    unfold(searches.size());
    html.paragraph(
        "Lower is better. The search sees none of this noise: validation picks the model that is"
            + " emitted, the other columns are only reported, with more samples. A second feature"
            + " space, where there is one, belongs to a network that no search looks at.");
    html.raw("</section>\n");
  }

  /** Puts all but the first two of a kind, the latest, where they are shown on demand only. */
  private void fold(int index, String title) {
    if (index == OPEN) {
      html.raw("<details class=\"earlier\"><summary>" + Html.escape(title) + "</summary>\n");
    }
  }

  private void unfold(int count) {
    if (count > OPEN) {
      html.raw("</details>\n");
    }
  }

  private void table(SearchScores scores, List<SearchScores.Model> models, List<String> spaces) {
    List<String> titles = new ArrayList<>(List.of("model", "validation"));
    titles.addAll(spaces);
    html.open(titles);
    SearchScores.Model star = scores.emaStar();
    SearchScores.Model best = scores.best();
    for (SearchScores.Model model : models) {
      List<String> cells = new ArrayList<>();
      String label = model.isLcsc() ? "LCSC" : model.label();
      cells.add(label + (model == star ? " (EMA*)" : "") + (model == best ? " ✓" : ""));
      cells.add(Numbers.score(model.validation()));
      for (String space : spaces) {
        cells.add(Numbers.score(model.reported().getOrDefault(space, Double.NaN)));
      }
      html.row(model.isLcsc() ? "lcsc" : model == star ? "star" : "", cells);
    }
    html.close();
  }

  private void samples() {
    if (run.grids().isEmpty() && run.pairs().isEmpty()) {
      return;
    }
    html.raw("<section>").heading(2, "Samples");
    int shown = 0;
    for (RunData.Picture picture : run.grids()) {
      fold(shown++, "Earlier samples");
      String iteration = picture.name().replaceFirst("^compare-([0-9]{1,9})$", "$1");
      html.picture(
          picture,
          iteration.equals(picture.name())
              ? picture.name()
              : "EMA* and LCSC from the same noise, at iteration "
                  + Numbers.text(Integer.parseInt(iteration))
                  + ".");
    }
    unfold(shown);
    for (RunData.Picture picture : run.pairs()) {
      html.picture(
          picture,
          "Where EMA and LCSC differ most: images from the same noise with the largest distance in"
              + " the feature space, largest first (the paper’s Figures 9 to 14).");
    }
    html.raw("</section>\n");
  }

  private void coefficients() {
    List<Chart> charts = new ArrayList<>();
    List<RunData.Search> searches = run.finishedSearches();
    for (int i = searches.size() - 1; i >= 0; i--) {
      Chart chart = Figures.coefficients(run, searches.get(i));
      if (chart != null) {
        charts.add(chart);
      }
    }
    if (charts.isEmpty()) {
      return;
    }
    html.raw("<section>").heading(2, "Coefficients");
    for (int i = 0; i < charts.size(); i++) {
      fold(i, "Earlier coefficients");
      html.figure(
          charts.get(i),
          charts.get(i).title()
              + ", of magnitude and sign, beside those of EMA* (the paper’s Figures 5 and 7).");
    }
    unfold(charts.size());
    html.raw("</section>\n");
  }

  private void search() {
    List<RunData.Search> searches =
        run.searches().stream().filter(search -> !search.log().isEmpty()).toList();
    if (searches.isEmpty()) {
      return;
    }
    html.raw("<section>").heading(2, "Search");
    for (int i = searches.size() - 1; i >= 0; i--) {
      fold(searches.size() - 1 - i, "Earlier searches");
      RunData.Search search = searches.get(i);
      html.figure(
          Figures.convergence(run, search),
          format(
              "The search at iteration %s%s.",
              Numbers.text(search.iteration()), search.isFinished() ? "" : ", which continues"));
    }
    unfold(searches.size());
    html.raw("</section>\n");
  }

  private void landscape() {
    if (run.landscape() != null) {
      html.raw("<section>").heading(2, "Landscape");
      html.picture(
          run.landscape(),
          "The metric over the plane through three checkpoints (the paper’s Figures 3 and 6).");
      if (run.landscapeNumbers() != null) {
        html.raw("<details><summary>The numbers</summary><pre>")
            .raw(Html.escape(run.landscapeNumbers()))
            .raw("</pre></details>\n");
      }
      html.raw("</section>\n");
    }
  }

  private void time() {
    List<RunData.Search> searches = run.finishedSearches();
    if (searches.isEmpty()) {
      return;
    }
    html.raw("<section>").heading(2, "Where the time goes");
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
    html.raw("</section>\n");
  }

  private void configuration() {
    RunConfig config = run.config();
    html.raw("<section>").heading(2, "Data and configuration");
    List<String[]> terms = new ArrayList<>();
    data(terms);
    terms.add(
        term(
            "model",
            format(
                "%s, %s%s",
                config.model().kind(),
                config.model().unet().description(),
                run.lastSearch() == null
                    ? ""
                    : format(
                        ", %s parameters", Numbers.text(run.lastSearch().recipe().parameters())))));
    terms.add(
        term(
            "training",
            format(
                "%s iterations of %d images, %s, learning rate %s, seed %d",
                Numbers.text(config.training().iterations()),
                config.training().batchSize(),
                YamlNames.of(config.training().optimizer()),
                Numbers.text(config.training().learningRate()),
                config.training().seed())));
    terms.add(
        term(
            "EMA rates",
            config.ema().rates().stream().map(String::valueOf).collect(Collectors.joining(", "))));
    LcscConfig lcsc = config.lcsc();
    if (lcsc != null) {
      terms.add(
          term(
              "window",
              format(
                  "%s iterations, a checkpoint every %d: %d checkpoints",
                  Numbers.text(lcsc.window()), lcsc.interval(), lcsc.checkpoints())));
      terms.add(
          term(
              "search",
              format(
                  "%s, %s evaluations of %s samples, seed %d",
                  lcsc.search().strategy().kind(),
                  Numbers.text(lcsc.search().evaluations()),
                  Numbers.text(lcsc.search().samples()),
                  lcsc.search().seed())));
      terms.add(
          term(
              "noise",
              format(
                  "validation %s samples, report %s samples",
                  Numbers.text(lcsc.validation().samples()),
                  Numbers.text(lcsc.report().samples()))));
    }
    html.terms(terms);
    html.raw("<details><summary>config.yaml, as resolved</summary><pre>")
        .raw(Html.escape(config.toYaml()))
        .raw("</pre></details></section>\n");
  }

  private void data(List<String[]> terms) {
    RunData.Search search = run.lastSearch();
    Map<String, Object> known = search == null ? Map.of() : search.recipe().provenance();
    String name = run.config().dataset().title();
    if (known.get("images") instanceof Number images) {
      terms.add(
          term(
              "data",
              format(
                  "%s, %s images %s",
                  name, Numbers.text(images.doubleValue()), known.get("shape"))));
    } else {
      terms.add(term("data", name));
    }
    optional(terms, "fingerprint", known.get("datasetFingerprint"));
    optional(terms, "features", known.get("features"));
    optional(terms, "second features", known.get("secondFeatures"));
    optional(terms, "sampler", known.get("sampler"));
    optional(terms, "teacher", known.get("teacher"));
  }

  private static void optional(List<String[]> terms, String name, Object value) {
    if (value != null) {
      terms.add(term(name, value.toString()));
    }
  }

  private static String[] term(String name, String meaning) {
    return new String[] {name, meaning};
  }

  private void reproduce() {
    html.raw("<section>").heading(2, "Recipe and commands");
    RunData.Search search = run.lastSearch();
    String output = run.config().output();
    StringBuilder commands = new StringBuilder();
    commands.append("lcsc train ").append(output).append("/config.yaml --set output=runs/again\n");
    if (search != null) {
      Recipe recipe = search.recipe();
      html.terms(
          List.of(
              term(
                  "combination",
                  format(
                      "%d checkpoints of iterations %s to %s, by %s, %s evaluations, ended by %s",
                      recipe.checkpoints().length,
                      Numbers.text(recipe.checkpoints()[0]),
                      Numbers.text(recipe.checkpoints()[recipe.checkpoints().length - 1]),
                      recipe.search().strategy(),
                      Numbers.text(recipe.search().evaluations()),
                      recipe.search().stopReason().toLowerCase(Locale.ROOT))),
              term("SHA-256", recipe.sha256()),
              term(
                  "versions",
                  format(
                      "LCSC %s, Deeplearning4j %s, Java %s, %s",
                      recipe.versions().lcsc(),
                      recipe.versions().deeplearning4j(),
                      recipe.versions().java(),
                      recipe.versions().platform()))));
      String best = output + "/lcsc/best.zip";
      commands.append("lcsc evaluate ").append(best).append('\n');
      commands.append("lcsc sample ").append(best).append(" --out samples.png\n");
      commands.append("lcsc export ").append(output).append(" --out best.zip\n");
    }
    commands.append("lcsc report ").append(output).append('\n');
    html.paragraph(
        "The same configuration and seeds give the same bits on the same machine. The coefficients"
            + " of every combination are in lcsc/ITERATION/recipe.json of the run.");
    html.raw("<pre>").raw(Html.escape(commands.toString())).raw("</pre></section>\n");
  }
}
