package org.lcsc.cli.run;

import static org.lcsc.io.Text.format;

import java.io.PrintWriter;
import java.util.List;
import org.lcsc.cli.output.ProgressBar;
import org.lcsc.cli.output.Terminal;
import org.lcsc.search.SearchEvaluation;
import org.lcsc.search.SearchListener;
import org.lcsc.search.strategy.ScoredCoefficients;

/** Shows a search's progress: the budget spent, the best score so far, and the models validated. */
final class SearchProgressBar implements SearchListener {

  private final PrintWriter out;
  private final long iteration;
  private final ProgressBar bar;
  private final int evaluations;
  private ProgressBar validation;

  SearchProgressBar(PrintWriter out, long iteration, int evaluations) {
    this.out = out;
    this.iteration = iteration;
    this.bar = new ProgressBar(out, Terminal.detect(), "search@" + iteration, "eval", evaluations);
    this.evaluations = evaluations;
  }

  @Override
  public void resumed(int evaluations, List<SearchEvaluation> logged) {
    out.println("search@" + iteration + ": resumed after " + evaluations + " evaluations");
    out.flush();
  }

  @Override
  public void evaluated(SearchEvaluation evaluation) {
    // By its cost: a gradient takes several evaluations of the budget.
    bar.update((long) evaluation.cost(), format("best %.3f", evaluation.best()));
    if (evaluation.cost() >= evaluations) {
      bar.close();
    }
  }

  @Override
  public void validated(ScoredCoefficients candidate, int done, int total) {
    bar.close();
    if (validation == null) {
      validation =
          new ProgressBar(out, Terminal.detect(), "validation@" + iteration, "models", total);
    }
    validation.update(done, "");
    if (done >= total) {
      validation.close();
    }
  }
}
