package org.lcsc.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.deeplearning4j.core.storage.Persistable;
import org.deeplearning4j.ui.model.stats.api.StatsInitializationReport;
import org.deeplearning4j.ui.model.stats.api.StatsReport;
import org.deeplearning4j.ui.model.storage.InMemoryStatsStorage;
import org.junit.jupiter.api.Test;
import org.lcsc.listener.LcscResult;
import org.lcsc.listener.ScoredModel;
import org.lcsc.listener.ScoredModel.Kind;

/** With the storage that the UI itself reads. */
class TrainingUiScoresTest {

  private static final String TYPE = "StatsListener";

  private final InMemoryStatsStorage storage = new InMemoryStatsStorage();
  private final TrainingUiScores scores =
      new TrainingUiScores(storage, "digits", 123, () -> 1_000_000);

  private static ScoredModel model(Kind kind, double rate, double score) {
    return new ScoredModel(kind, rate, score, Map.of(), new double[0]);
  }

  private static LcscResult result(long iteration, double lcsc, double ema, double last) {
    return result(iteration, lcsc, ema, last, false);
  }

  private static LcscResult result(
      long iteration, double lcsc, double ema, double last, boolean maximised) {
    return new LcscResult(
        iteration,
        null,
        model(Kind.LCSC, 0, lcsc),
        List.of(
            model(Kind.LAST, 0, last),
            model(Kind.EMA, 0.9, ema + 1),
            model(Kind.WINDOW_EMA, 0.9, ema)),
        0,
        List.of(),
        null,
        false,
        maximised,
        1,
        null);
  }

  private List<StatsReport> updates(String session, String worker) {
    return storage.getAllUpdatesAfter(session, TYPE, worker, 0).stream()
        .map(StatsReport.class::cast)
        .toList();
  }

  @Test
  void givesEveryModelASessionWithItsScores() {
    scores.accept(result(1000, 5, 8, 9));
    scores.accept(result(2000, 4, 7, 10));

    assertThat(storage.listSessionIDs())
        .containsExactlyInAnyOrder("digits: LCSC", "digits: EMA*", "digits: last");
    assertThat(updates("digits: EMA*", "EMA*"))
        .extracting(StatsReport::getIterationCount, StatsReport::getScore)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(1000, 8.0),
            org.assertj.core.groups.Tuple.tuple(2000, 7.0));
    assertThat(updates("digits: LCSC", "LCSC"))
        .extracting(StatsReport::getScore)
        .containsExactly(5.0, 4.0);
    Persistable start = storage.getStaticInfo("digits: LCSC", TYPE, "LCSC");
    assertThat(((StatsInitializationReport) start).getModelNumParams()).isEqualTo(123);
    assertThat(((StatsInitializationReport) start).hasHardwareInfo()).isTrue();
  }

  @Test
  void showsAMeasureThatIsMaximisedAsItIs() {
    scores.accept(result(1000, -0.9, -0.8, -0.7, true));
    assertThat(updates("digits: LCSC", "LCSC"))
        .extracting(StatsReport::getScore)
        .containsExactly(0.9);
  }

  @Test
  void leavesOutScoresThatCannotBeDrawn() {
    scores.accept(result(1000, Double.NaN, 8, Double.POSITIVE_INFINITY));
    assertThat(storage.listSessionIDs()).containsExactly("digits: EMA*");
  }

  @Test
  void leavesTheTrainingAloneWhenTheStorageFails() {
    InMemoryStatsStorage failing =
        new InMemoryStatsStorage() {
          @Override
          public void putUpdate(Persistable update) {
            throw new IllegalStateException("disk full");
          }
        };
    TrainingUiScores unlucky = new TrainingUiScores(failing, "digits", 123, () -> 0);
    assertThatCode(() -> unlucky.accept(result(1000, 5, 8, 9))).doesNotThrowAnyException();
  }

  @Test
  void asksForANameAndAStorage() {
    assertThatThrownBy(() -> new TrainingUiScores(storage, " ", 1, () -> 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("run must be a name, got a blank one");
    assertThatThrownBy(() -> new TrainingUiScores(null, "a", 1, () -> 0))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("storage");
  }
}
