package org.lcsc.objective;

import java.io.IOException;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Scores a parameter vector; smaller is better. This is F(alpha . Theta) of Algorithm 1 in the LCSC
 * paper, seen from the parameter side.
 *
 * <p>An objective is deterministic: the same parameters give the same score, whatever was scored
 * before. It never modifies the network being trained; it owns an evaluation network of its own. A
 * non-finite score is legal and means "unusable"; callers rank it last. Not thread-safe.
 */
public interface Objective {

  /**
   * An objective that is a function of the parameters.
   *
   * <pre>{@code
   * Objective loss = Objective.of("loss", parameters -> loss(copyOfModel, parameters));
   * }</pre>
   *
   * @param name short name for logs and tables
   * @param score of parameters {@code [P]}, smaller is better, not finite where a model is
   *     unusable; its time counts as sampling. The objective is as thread-safe as it is
   */
  static Objective of(String name, ToDoubleFunction<INDArray> score) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(score, "score");
    return new Objective() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Evaluation evaluate(INDArray parameters) {
        long start = System.nanoTime();
        double value = score.applyAsDouble(parameters);
        double seconds = (System.nanoTime() - start) * 1e-9;
        return new Evaluation(value, new StageSeconds(0, seconds, 0, 0));
      }
    };
  }

  /** Short name for logs and tables, for example {@code "fid"}. */
  String name();

  /**
   * The score of a value in the units of the user's measure: its negative where the measure is to
   * be maximised, such as an accuracy, else the value itself.
   */
  default double scoreOf(double value) {
    return value;
  }

  /**
   * Closes an objective that has something to close.
   *
   * @throws IOException where it fails
   */
  static void close(Objective objective) throws IOException {
    if (objective instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException(e.getMessage(), e);
      }
    }
  }

  /**
   * Scores one parameter vector.
   *
   * @param parameters flat parameters of the network, {@code [P]}; not modified, not retained
   * @return the score with the seconds each stage took
   */
  Evaluation evaluate(INDArray parameters);
}
