package org.lcsc.cli.report;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.lcsc.cli.output.Durations;
import org.lcsc.cli.report.chart.Chart;
import org.lcsc.cli.report.chart.Numbers;
import org.lcsc.cli.report.chart.SvgWriter;
import org.lcsc.experiment.run.TrainingMetric;
import org.lcsc.io.Refuse;
import org.lcsc.listener.ScoredModel.Kind;

/**
 * The report as one HTML file that needs nothing else: styles, plots and pictures are within, there
 * is no script and no address that a reader's machine would ask. The same runs give the same bytes.
 *
 * <p>Thread-safe: it has no state.
 */
public final class ReportPage {

  private static final String STYLE = style();

  private ReportPage() {}

  /**
   * Makes the page.
   *
   * @param runs at least one; several are compared before each is described by itself
   * @param refreshSeconds after how long a reader's page loads itself again; 0 for never
   */
  public static String html(List<RunData> runs, int refreshSeconds) {
    Refuse.argument(runs.isEmpty(), "a report needs at least one run, got none");
    StringBuilder page = new StringBuilder();
    page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.append("<meta name=\"color-scheme\" content=\"light dark\">\n");
    if (refreshSeconds > 0) {
      page.append("<meta http-equiv=\"refresh\" content=\"").append(refreshSeconds).append("\">\n");
    }
    // An empty icon, or a browser asks the server for one.
    page.append("<link rel=\"icon\" href=\"data:,\">\n<title>LCSC: ");
    page.append(Html.escape(String.join(", ", runs.stream().map(RunData::name).toList())));
    page.append("</title>\n<style>\n").append(SvgWriter.styleSheet()).append(STYLE);
    page.append("</style>\n</head>\n<body>\n<main>\n");
    if (runs.size() > 1) {
      page.append(comparison(runs));
    }
    for (int i = 0; i < runs.size(); i++) {
      page.append("<article>\n").append(header(runs.get(i), runs.size() > 1));
      page.append(RunSection.of(runs.get(i), "r" + i)).append("</article>\n");
    }
    page.append(
        "</main>\n<footer>LCSC for Deeplearning4j: linear combination of saved checkpoints");
    page.append("</footer>\n</body>\n</html>\n");
    return page.toString();
  }

  private static String header(RunData run, boolean oneOfSeveral) {
    Html html = new Html("top");
    html.raw("<header>\n<p class=\"name\">" + Html.escape(run.name()) + state(run) + "</p>\n");
    String tag = oneOfSeveral ? "h2" : "h1";
    html.raw("<" + tag + " class=\"headline\">" + Html.escape(Headline.of(run)));
    html.raw("</" + tag + ">\n");
    html.raw(tiles(run));
    List<String> more = Headline.more(run);
    if (!more.isEmpty()) {
      html.paragraph(String.join(" ", more));
    }
    return html.raw("</header>\n").toString();
  }

  private static String state(RunData run) {
    if (run.finished()) {
      return "";
    }
    if (run.config() == null) {
      return " <span class=\"state\">in search</span>";
    }
    return format(
        " <span class=\"state\">at iteration %s of %s</span>",
        Numbers.text(run.iteration()), Numbers.text(run.config().training().iterations()));
  }

  /** The few numbers that matter most. */
  private static String tiles(RunData run) {
    RunData.Search search = run.lastSearch();
    StringBuilder tiles = new StringBuilder("<ul class=\"tiles\">\n");
    if (search != null) {
      SearchScores scores = search.scores();
      String name = scores.headlineName();
      tile(tiles, "lcsc", Numbers.score(scores.ofLcsc()), name + ", LCSC");
      tile(
          tiles,
          "star",
          Numbers.score(scores.ofEmaStar()),
          name
              + ", EMA*"
              + (scores.emaStar() == null ? "" : " (" + scores.emaStar().label() + ")"));
      tile(
          tiles,
          "",
          Numbers.score(scores.headline(scores.find(Kind.LAST))),
          name + ", last weights");
      tile(
          tiles,
          "",
          Numbers.text(search.recipe().search().evaluations()),
          "evaluations, "
              + Durations.clock(search.recipe().search().totalSeconds())
              + " with all baselines");
    } else if (!run.metrics().isEmpty()) {
      TrainingMetric last = run.metrics().get(run.metrics().size() - 1);
      tile(tiles, "", Numbers.text(last.loss()), "loss");
      tile(tiles, "", Durations.clock(last.seconds()), "of training");
    } else {
      return "";
    }
    return tiles.append("</ul>\n").toString();
  }

  private static void tile(StringBuilder tiles, String css, String value, String label) {
    tiles.append("<li").append(css.isEmpty() ? "" : " class=\"" + css + "\"").append("><b>");
    tiles.append(Html.escape(value)).append("</b><span>").append(Html.escape(label));
    tiles.append("</span></li>\n");
  }

  private static String comparison(List<RunData> runs) {
    Html html = new Html("all");
    List<RunData> searched = runs.stream().filter(run -> run.lastSearch() != null).toList();
    html.raw("<article>\n<header>\n<p class=\"name\">");
    html.raw(Html.escape(String.join(", ", runs.stream().map(RunData::name).toList())));
    html.raw("</p>\n<h1 class=\"headline\">" + Html.escape(summary(runs.size(), searched)));
    html.raw("</h1>\n</header>\n");
    if (!searched.isEmpty()) {
      html.raw("<section>").heading(2, "The runs");
      html.open(
          List.of(
              "run", "seed", "iteration", "last", "EMA*", "uniform", "LCSC", "change", "score"));
      for (RunData run : searched) {
        RunData.Search search = run.lastSearch();
        SearchScores s = search.scores();
        html.row(
            "",
            List.of(
                run.name(),
                String.valueOf(run.seed()),
                Numbers.text(search.iteration()),
                Numbers.score(s.headline(s.find(Kind.LAST))),
                Numbers.score(s.ofEmaStar()),
                Numbers.score(s.headline(s.find(Kind.UNIFORM))),
                Numbers.score(s.ofLcsc()),
                s.change(),
                s.headlineName()));
      }
      html.close().raw("</section>\n");
    }
    html.raw("<section>").heading(2, "Side by side");
    for (Chart chart : new Comparison(runs).charts()) {
      html.figure(chart, chart.title() + caption(chart));
    }
    return html.raw("</section>\n</article>\n").toString();
  }

  private static String caption(Chart chart) {
    return chart.name().equals(Comparison.PREFIX + "coefficients")
        ? " (the paper’s Figure 8)."
        : ".";
  }

  private static String summary(int count, List<RunData> searched) {
    if (searched.isEmpty()) {
      return count + " runs, none of which has searched yet.";
    }
    List<SearchScores> scores = searched.stream().map(run -> run.lastSearch().scores()).toList();
    long better = scores.stream().filter(SearchScores::improves).count();
    String counts =
        format("LCSC is better than the best EMA in %d of %d runs", better, searched.size());
    List<String> names = scores.stream().map(SearchScores::headlineName).distinct().toList();
    if (names.size() > 1) {
      return counts + ", by different scores: " + String.join(", ", names) + ".";
    }
    if (!Comparison.areRepetitions(searched)) {
      return counts + ", of different configurations.";
    }
    Spread lcsc = Spread.of(scores.stream().mapToDouble(SearchScores::ofLcsc).toArray());
    Spread star = Spread.of(scores.stream().mapToDouble(SearchScores::ofEmaStar).toArray());
    return format(
        "%s: %s %s ± %s against %s ± %s (mean and standard deviation).",
        counts,
        names.get(0),
        Numbers.score(lcsc.mean()),
        Numbers.score(lcsc.deviation()),
        Numbers.score(star.mean()),
        Numbers.score(star.deviation()));
  }

  private static String style() {
    try (InputStream in = ReportPage.class.getResourceAsStream("report.css")) {
      Refuse.state(in == null, "report.css is missing from the class path");
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
