package org.lcsc.listener;

import java.util.Iterator;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Model;
import org.lcsc.network.BatchNormStatistics;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.Objective;
import org.lcsc.objective.PartialObjective;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to the statistics of {@code BatchNormalization} layers before a model is scored or
 * written: they are recomputed on data where there is any, else left merged, with a warning.
 */
final class BatchNormUpdate {

  private static final Logger LOG = LoggerFactory.getLogger(LcscListener.class);

  private final Supplier<? extends Iterator<INDArray[]>> data;
  private BatchNormStatistics statistics;
  private INDArray buffer;

  /** With {@code data} null nothing is recomputed. */
  BatchNormUpdate(Supplier<? extends Iterator<INDArray[]>> data) {
    this.data = data;
  }

  /** Learns the model, before its first update. */
  void start(Model model) {
    int layers = BatchNormStatistics.layers(model);
    if (layers == 0) {
      return;
    }
    if (data != null) {
      statistics = BatchNormStatistics.of(model, data);
    } else {
      LOG.warn(
          "The network has {} BatchNormalization layers: their running means and variances are"
              + " merged linearly; batchNormData(...) recomputes them for every model scored",
          layers);
    }
  }

  /** Recomputes in place. */
  void apply(INDArray parameters) {
    if (statistics != null) {
      statistics.recompute(parameters);
    }
  }

  /** The parameters themselves, or a recomputed copy that is valid until the next call. */
  INDArray applied(INDArray parameters) {
    if (statistics == null) {
      return parameters;
    }
    if (buffer == null) {
      buffer = Nd4j.createUninitializedDetached(DataType.FLOAT, parameters.length());
    }
    buffer.assign(parameters.reshape(parameters.length()));
    statistics.recompute(buffer);
    return buffer;
  }

  /** Scores the model that would be written. */
  Objective before(Objective objective) {
    if (data == null || objective == null) {
      return objective;
    }
    return objective instanceof PartialObjective partial
        ? new Partial(this, partial)
        : new Whole(this, objective);
  }

  private static class Whole implements Objective {

    final BatchNormUpdate update;
    private final Objective objective;

    Whole(BatchNormUpdate update, Objective objective) {
      this.update = update;
      this.objective = objective;
    }

    @Override
    public String name() {
      return objective.name();
    }

    @Override
    public double scoreOf(double value) {
      return objective.scoreOf(value);
    }

    @Override
    public Evaluation evaluate(INDArray parameters) {
      return objective.evaluate(update.applied(parameters));
    }
  }

  private static final class Partial extends Whole implements PartialObjective {

    private final PartialObjective objective;

    Partial(BatchNormUpdate update, PartialObjective objective) {
      super(update, objective);
      this.objective = objective;
    }

    @Override
    public int samples() {
      return objective.samples();
    }

    @Override
    public Evaluation evaluate(INDArray parameters, double share) {
      return objective.evaluate(update.applied(parameters), share);
    }
  }
}
