package org.lcsc.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.Objective;
import org.lcsc.objective.PartialObjective;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Another objective that counts its calls, and dies at one of them or gives NaN at some. */
public class Flaky implements Objective {

  /** The next call is of this number. */
  public int calls;

  /** The call that throws; none where it is negative. */
  public int diesAt = -1;

  /** Every so many calls, from the first on, give NaN; none where it is 0. */
  int nanEvery;

  Runnable afterwards = () -> {};

  private final Objective inner;

  Flaky(Objective inner) {
    this.inner = inner;
  }

  @Override
  public String name() {
    return inner.name();
  }

  @Override
  public Evaluation evaluate(INDArray parameters) {
    assertThat(parameters.rank()).isEqualTo(1);
    int call = calls++;
    if (call == diesAt) {
      throw new IllegalStateException("killed");
    }
    Evaluation evaluation = inner.evaluate(parameters);
    afterwards.run();
    boolean broken = nanEvery > 0 && call % nanEvery == 0;
    return broken ? new Evaluation(Double.NaN, evaluation.seconds()) : evaluation;
  }

  /** The same on samples, a part of which scores 10 too good. */
  public static final class OfSamples extends Flaky implements PartialObjective {

    /** Of the calls on a part, in their order. */
    public final List<Double> shares = new ArrayList<>();

    private final int samples;

    public OfSamples(Objective inner, int samples) {
      super(inner);
      this.samples = samples;
    }

    @Override
    public int samples() {
      return samples;
    }

    @Override
    public Evaluation evaluate(INDArray parameters) {
      return super.evaluate(parameters);
    }

    @Override
    public Evaluation evaluate(INDArray parameters, double share) {
      Evaluation evaluation = evaluate(parameters);
      shares.add(share);
      return new Evaluation(evaluation.score() - 10, evaluation.seconds());
    }
  }
}
