package org.lcsc.listener;

import java.util.ArrayList;
import java.util.List;
import org.lcsc.averaging.ExponentialMovingAverage;
import org.lcsc.averaging.PostHocEma;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.io.LongVectors;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the weights of a training: averages and checkpoints, until a parameter is not finite. Not
 * thread-safe.
 */
final class TrainingRecorder {

  private static final Logger LOG = LoggerFactory.getLogger(TrainingRecorder.class);

  private CheckpointWindow window;
  private PostHocEma postHoc;
  private final List<ExponentialMovingAverage> averages = new ArrayList<>();
  private long divergedAt = -1;

  /** Takes the averages of a killed training. */
  void restore(ListenerState state) {
    averages.addAll(state.averages());
    divergedAt = state.divergedAt();
  }

  /**
   * Begins averages at the initial weights.
   *
   * @param window may be null
   * @param postHoc may be null
   */
  void begin(double[] rates, INDArray initial, CheckpointWindow window, PostHocEma postHoc) {
    this.window = window;
    this.postHoc = postHoc;
    for (double rate : rates) {
      averages.add(new ExponentialMovingAverage(rate, initial));
    }
  }

  /**
   * Takes the weights after so many updates.
   *
   * @param again whether that iteration was taken before: its checkpoint stays
   */
  void follow(long updates, INDArray parameters, boolean again) {
    if (!LongVectors.areFinite(parameters)) {
      if (divergedAt < 0) {
        divergedAt = updates;
        LOG.warn(
            "The training diverged: a parameter is not finite at iteration {}; averages and"
                + " checkpoints stay at what they were",
            updates);
      }
      return;
    }
    for (ExponentialMovingAverage average : averages) {
      average.update(parameters);
    }
    if (postHoc != null) {
      postHoc.update(parameters);
    }
    if (window != null && window.due(updates) && !(again && isRecorded(updates))) {
      window.record(updates, parameters);
    }
  }

  private boolean isRecorded(long updates) {
    return window.size() > 0 && window.iterations()[window.size() - 1] == updates;
  }

  /** Live, in the order of the rates. */
  List<ExponentialMovingAverage> averages() {
    return averages;
  }

  /** The first iteration after which a parameter was not finite, or -1. */
  long divergedAt() {
    return divergedAt;
  }
}
