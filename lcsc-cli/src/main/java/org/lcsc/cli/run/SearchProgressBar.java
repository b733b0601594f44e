package org.lcsc.cli.run;

import java.io.PrintWriter;
import java.util.function.DoubleUnaryOperator;
import org.lcsc.cli.output.ProgressBar;
import org.lcsc.io.Text;
import org.lcsc.search.SearchEvaluation;
import org.lcsc.search.SearchListener;
import org.lcsc.search.strategy.ScoredCoefficients;

/**
 * Shows a search's progress: the budget spent, the best score so far, and the models that are
 * scored beside it.
 */
final class SearchProgressBar implements SearchListener {

  private final PrintWriter out;
  private final long iteration;
  private final ProgressBar bar;
  private final int evaluations;
  private final DoubleUnaryOperator units;
  private String stage = "";
  private ProgressBar compared;

  SearchProgressBar(PrintWriter out, long iteration, int evaluations, DoubleUnaryOperator units) {
    this.units = units;
    this.out = out;
    this.iteration = iteration;
    this.bar = new ProgressBar(out, "search@" + iteration, "eval", evaluations);
    this.evaluations = evaluations;
  }

  @Override
  public void resumed(int evaluations) {
    out.println("search@" + iteration + ": resumed after " + evaluations + " evaluations");
    out.flush();
  }

  @Override
  public void evaluated(SearchEvaluation evaluation) {
    endStage();
    // By its cost: a gradient takes several evaluations of the budget.
    bar.update(
        (long) evaluation.cost(), "best " + Text.score(units.applyAsDouble(evaluation.best())));
    if (evaluation.cost() >= evaluations) {
      bar.close();
    }
  }

  @Override
  public void validated(ScoredCoefficients candidate, int done, int total) {
    bar.close();
    compared("validation", done, total);
  }

  @Override
  public void compared(String stage, int done, int total) {
    if (!stage.equals(this.stage)) {
      endStage();
      this.stage = stage;
      compared = new ProgressBar(out, stage + "@" + iteration, "models", total);
    }
    compared.update(done, "");
    if (done >= total) {
      compared.close();
    }
  }

  /** A stage may end before all that it was allowed. */
  private void endStage() {
    if (compared != null) {
      compared.close();
    }
  }
}
