package org.lcsc.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.lcsc.objective.StageSeconds;
import org.lcsc.search.SearchEvaluation;

class SearchProgressBarTest {

  @Test
  void whatIsScoredBesideTheSearchIsShownByStage() {
    StringWriter out = new StringWriter();
    SearchProgressBar bar = new SearchProgressBar(new PrintWriter(out), 60, 40, score -> score);
    bar.compared("greedy soup", 3, 8);
    bar.evaluated(new SearchEvaluation(0, 0, 5, 5, 40, 0, StageSeconds.ZERO, 0, new double[] {1}));
    bar.compared("baselines", 1, 2);
    bar.compared("baselines", 2, 2);
    bar.compared("report", 1, 7);
    assertThat(out.toString().lines().map(line -> line.replaceFirst(" in .*|, best.*", "")))
        .containsExactly(
            "greedy soup@60 3/8 37%",
            "search@60 40/40 100%",
            "baselines@60 1/2 50%",
            "baselines@60 2/2 100%",
            "report@60 1/7 14%");
  }

  @Test
  void aSearchByGradientsCountsTheBudgetAndNotItsCandidates() {
    StringWriter out = new StringWriter();
    SearchProgressBar bar = new SearchProgressBar(new PrintWriter(out), 60, 40, score -> score);
    for (int i = 0; i < 10; i++) {
      bar.evaluated(
          new SearchEvaluation(
              i, i, 5, 5 - i / 10.0, 4.0 * (i + 1), i + 1, StageSeconds.ZERO, 0, new double[] {1}));
    }
    bar.validated(null, 1, 2);
    bar.validated(null, 2, 2);
    assertThat(out.toString())
        .contains("search@60 4/40 10%", "search@60 40/40 100%", "best 4.100")
        .contains("validation@60 1/2", "validation@60 2/2 100%");
  }
}
