package org.lcsc.cli.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressBarTest {

  private static final Terminal TERMINAL = new Terminal(true, 80);

  private final StringWriter out = new StringWriter();
  private long nanos = 1_000_000;

  private ProgressBar bar(Terminal terminal, long first, long total) {
    return new ProgressBar(
        new PrintWriter(out), terminal, "training", "it", first, total, () -> nanos);
  }

  private void pass(double seconds) {
    nanos += (long) (seconds * 1e9);
  }

  /** What was drawn, one element per redraw. */
  private List<String> redraws() {
    return Arrays.stream(out.toString().split("\r")).filter(s -> !s.isEmpty()).toList();
  }

  @Test
  void redrawsOneLineOnATerminal() {
    try (ProgressBar bar = bar(TERMINAL, 0, 100)) {
      pass(1);
      bar.update(25, "loss 0.5");
      pass(5);
      bar.update(50, "loss 0.25");
    }
    assertThat(redraws())
        .containsExactly(
            "training [######..................] 25/100 25%, loss 0.5",
            "training [############............] 50/100 50% 5.0 it/s, 0:10 left, loss 0.25",
            "training [############............] 50/100 50% 5.0 it/s, 0:10 left, loss 0.25\n");
  }

  @Test
  void redrawsAtMostTenTimesASecond() {
    ProgressBar bar = bar(TERMINAL, 0, 10_000);
    for (int i = 1; i <= 10_000; i++) {
      pass(0.001);
      bar.update(i, "");
    }
    assertThat(redraws()).hasSizeBetween(95, 101);
  }

  @Test
  void writesPlainLinesEveryHalfMinuteElsewhere() {
    try (ProgressBar bar = bar(Terminal.NONE, 0, 1000)) {
      for (int i = 1; i <= 1000; i++) {
        pass(0.1);
        bar.update(i, "");
      }
    }
    assertThat(out.toString()).doesNotContain("\r", "[");
    assertThat(out.toString().lines())
        .containsExactly(
            "training 1/1000 0%",
            "training 301/1000 30% 10.0 it/s, 1:10 left",
            "training 601/1000 60% 10.0 it/s, 0:40 left",
            "training 901/1000 90% 10.0 it/s, 0:10 left",
            "training 1000/1000 100% in 1:40");
  }

  @Test
  void countsOnlyItsOwnProcessInTheRate() {
    ProgressBar bar = bar(Terminal.NONE, 900, 1000);
    pass(10);
    bar.update(910, "");
    pass(30);
    bar.update(940, "");
    assertThat(out.toString().lines())
        .containsExactly("training 910/1000 91%", "training 940/1000 94% 1.0 it/s, 1:00 left");
  }

  @Test
  void showsNoEstimateBeforeTheRateHasSettled() {
    ProgressBar bar = bar(TERMINAL, 0, 1000);
    // Ten times slower at first: compilers and caches are cold.
    pass(10);
    bar.update(10, "");
    for (int i = 11; i <= 59; i++) {
      pass(0.1);
      bar.update(i, "");
    }
    assertThat(redraws()).noneMatch(line -> line.contains("left"));
    pass(0.11);
    bar.update(60, "");
    assertThat(redraws()).last().asString().endsWith(" 10.0 it/s, 1:34 left");
  }

  @Test
  void countsOtherWorkApartFromTheRate() {
    ProgressBar bar = bar(Terminal.NONE, 0, 1000);
    for (int i = 1; i <= 100; i++) {
      pass(0.1);
      bar.update(i, "");
    }
    pass(3600);
    bar.skip();
    for (int i = 101; i <= 110; i++) {
      pass(0.1);
      bar.update(i, "");
    }
    List<String> lines = out.toString().lines().toList();
    assertThat(lines.get(lines.size() - 1)).endsWith(" 10.0 it/s, 1:30 left");
    bar.update(1000, "");
    bar.close();
    assertThat(out.toString()).endsWith("training 1000/1000 100% in 0:11\n");
  }

  @Test
  void showsSecondsPerUnitWhereItIsSlow() {
    ProgressBar bar = bar(Terminal.NONE, 0, 4);
    pass(3600);
    bar.advance(1);
    pass(3600);
    bar.advance(1);
    assertThat(out.toString().lines())
        .containsExactly("training 1/4 25%", "training 2/4 50% 3600.0 s/it, 2:00:00 left");
  }

  @Test
  void followsAChangeOfPace() {
    ProgressBar bar = bar(Terminal.NONE, 0, 100_000);
    for (int i = 1; i <= 1000; i++) {
      pass(0.01);
      bar.update(i, "");
    }
    for (int i = 1; i <= 100; i++) {
      pass(1);
      bar.update(1000 + i, "");
    }
    List<String> lines = out.toString().lines().toList();
    double rate = Double.parseDouble(lines.get(lines.size() - 1).split(" ")[3]);
    assertThat(rate).as(lines.get(lines.size() - 1)).isBetween(1.0, 5.0);
  }

  @Test
  void neverWrapsALine() {
    ProgressBar bar = bar(new Terminal(true, 40), 0, 100);
    pass(1);
    bar.update(10, "a note that goes on and on and on");
    assertThat(redraws()).singleElement().asString().hasSize(39);
  }

  @Test
  void wipesTheRestOfALongerLine() {
    ProgressBar bar = bar(new Terminal(true, 100), 0, 100);
    pass(1);
    bar.update(10, "a long note");
    pass(1);
    bar.update(10, "");
    List<String> redraws = redraws();
    assertThat(redraws.get(1))
        .hasSameSizeAs(redraws.get(0))
        .endsWith("10%" + " ".repeat(", a long note".length()));
  }

  @Test
  void drawsNothingAfterItsEnd() {
    ProgressBar bar = bar(Terminal.NONE, 0, 1);
    bar.close();
    String end = out.toString();
    pass(100);
    bar.update(1, "");
    bar.close();
    assertThat(out.toString()).isEqualTo(end);
  }

  @Test
  void refusesAnEmptyTotal() {
    assertThatThrownBy(() -> bar(TERMINAL, 0, 0))
        .hasMessage("progress from 0 to 0: must be 0 <= first <= total, total >= 1");
  }

  @Test
  void writesDurationsAsPeopleReadThem() {
    assertThat(Durations.clock(7.4)).isEqualTo("0:07");
    assertThat(Durations.clock(59.6)).isEqualTo("1:00");
    assertThat(Durations.clock(3599.4)).isEqualTo("59:59");
    assertThat(Durations.clock(18_367)).isEqualTo("5:06:07");
    assertThat(Durations.clock(2 * 86_400 + 11_040)).isEqualTo("2d 03:04");
    assertThat(Durations.clock(Double.NaN)).isEqualTo("-");
    assertThat(Durations.clock(Double.POSITIVE_INFINITY)).isEqualTo("-");
  }
}
