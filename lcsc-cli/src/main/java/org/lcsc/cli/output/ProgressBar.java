package org.lcsc.cli.output;

import static org.lcsc.io.Text.format;

import java.io.PrintWriter;
import java.util.function.LongSupplier;
import org.lcsc.experiment.FeaturesListener;
import org.lcsc.io.Refuse;

/**
 * Shows how far long work has come, how fast it goes, and how long it will take.
 *
 * <p>On a terminal it is one line that is redrawn at most ten times a second; elsewhere it is one
 * plain line every 30 seconds, the first and the last update always among them. The rate is that of
 * the last half minute or so, so that it follows a change of pace without jumping about. Neither it
 * nor an estimate is shown before it has settled: the first interval, in which programs are
 * compiled and memory is touched for the first time, is left out of it, and it takes some seconds.
 *
 * <pre>{@code
 * try (ProgressBar bar = new ProgressBar(err, "training", "it", 6000)) {
 *   bar.update(iteration, "loss 0.0321");
 * }
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class ProgressBar implements AutoCloseable {

  private static final double REDRAW_SECONDS = 0.1;
  private static final double LINE_SECONDS = 30;
  private static final double RATE_SECONDS = 20;
  private static final double SETTLED_SECONDS = 5;
  private static final int BAR_COLUMNS = 24;

  private final PrintWriter out;
  private final Terminal terminal;
  private final Work work;
  private final LongSupplier nanoClock;

  /** When the work began, later by the time of other work. */
  private long start;

  /** What was done at the last update that entered the rate. */
  private long rateDone;

  /** When that was, in nanoseconds of the clock. */
  private long rateTime;

  /** Units and seconds that enter the rate, those long past with little weight. */
  private double recentUnits;

  private double recentSeconds;

  /** Seconds that entered the rate with their whole weight. */
  private double measuredSeconds;

  private boolean begun;

  private long done;
  private String note = "";
  private long drawnAt;
  private long drawnDone;
  private boolean drawn;
  private int drawnColumns;
  private boolean closed;

  /** What is shown: its name, what is counted, and how many there are. */
  private record Work(String label, String unit, long total) {}

  /**
   * Starts at 0 on the system's clock.
   *
   * @param out where to draw: standard error
   * @param label what is happening, a word or two
   * @param unit what is counted, for example {@code it}
   * @param total how many there are, at least 1
   */
  public ProgressBar(PrintWriter out, String label, String unit, long total) {
    this(out, Terminal.detect(), label, unit, 0, total, System::nanoTime);
  }

  /**
   * Starts anywhere, as resumed work does.
   *
   * @param terminal what {@code out} is
   * @param first how many were done before this process; they do not enter the rate
   * @param nanoClock nanoseconds of a clock that only goes forward
   */
  public ProgressBar(
      PrintWriter out,
      Terminal terminal,
      String label,
      String unit,
      long first,
      long total,
      LongSupplier nanoClock) {
    Refuse.argument(
        total < 1 || first < 0 || first > total,
        "progress from %s to %s: must be 0 <= first <= total, total >= 1",
        first,
        total);
    this.out = out;
    this.terminal = terminal;
    this.work = new Work(label, unit, total);
    this.nanoClock = nanoClock;
    this.start = nanoClock.getAsLong();
    this.rateTime = start;
    this.rateDone = first;
    this.done = first;
  }

  /** Counts further by {@code count}. */
  public synchronized void advance(long count) {
    update(done + count, note);
  }

  /**
   * Says how far the work has come.
   *
   * @param newDone how many are done, 0 to the total
   * @param newNote what to show behind the numbers, for example the loss; may be empty
   */
  public synchronized void update(long newDone, String newNote) {
    if (closed) {
      return;
    }
    done = Math.max(0, Math.min(work.total, newDone));
    note = newNote;
    long now = nanoClock.getAsLong();
    measure(now);
    double pause = terminal.interactive() ? REDRAW_SECONDS : LINE_SECONDS;
    if (!drawn || seconds(drawnAt, now) >= pause) {
      draw(now);
    }
  }

  /** Leaves the time since the last update out: it went into other work. */
  public synchronized void skip() {
    long now = nanoClock.getAsLong();
    start += now - rateTime;
    rateTime = now;
    rateDone = done;
  }

  /**
   * Bars for features of real images.
   *
   * @param out where to draw, normally standard error
   */
  public static FeaturesListener features(PrintWriter out) {
    return (what, images) -> {
      ProgressBar bar = new ProgressBar(out, what, "images", images);
      return done -> {
        // What is done at once, as small sets are, takes a line and not two.
        if (done > 0) {
          bar.update(done, "");
        }
        if (done >= images) {
          bar.close();
        }
      };
    };
  }

  /** Draws the last state and ends the line. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    // Lines stay, so that the last state is printed once; a bar is redrawn with its final time.
    if (terminal.interactive() || !drawn || drawnDone != done) {
      draw(nanoClock.getAsLong());
    }
    if (terminal.interactive()) {
      out.println();
    }
    out.flush();
    closed = true;
  }

  private void measure(long now) {
    double elapsed = seconds(rateTime, now);
    if (elapsed < REDRAW_SECONDS || done <= rateDone) {
      return;
    }
    if (begun) {
      // The weight of the past decays with time, not with the number of updates.
      double past = Math.exp(-elapsed / RATE_SECONDS);
      recentUnits = past * recentUnits + done - rateDone;
      recentSeconds = past * recentSeconds + elapsed;
      measuredSeconds += elapsed;
    }
    begun = true;
    rateTime = now;
    rateDone = done;
  }

  private void draw(long now) {
    StringBuilder line = new StringBuilder();
    double share = (double) done / work.total;
    line.append(work.label).append(' ');
    if (terminal.interactive()) {
      int filled = (int) (share * BAR_COLUMNS);
      line.append('[').append("#".repeat(filled)).append(".".repeat(BAR_COLUMNS - filled));
      line.append("] ");
    }
    line.append(done).append('/').append(work.total);
    line.append(format(" %d%%", (int) (100 * share)));
    double elapsed = seconds(start, now);
    if (done >= work.total || closed) {
      line.append(" in ").append(Durations.clock(elapsed));
    } else if (measuredSeconds >= SETTLED_SECONDS) {
      double rate = recentUnits / recentSeconds;
      line.append(' ').append(text(rate));
      line.append(", ").append(Durations.clock((work.total - done) / rate)).append(" left");
    }
    if (!note.isEmpty()) {
      line.append(", ").append(note);
    }
    show(line.toString());
    drawn = true;
    drawnDone = done;
    drawnAt = now;
  }

  private String text(double rate) {
    return rate >= 1
        ? format("%.1f %s/s", rate, work.unit)
        : format("%.1f s/%s", 1 / rate, work.unit);
  }

  private void show(String line) {
    if (!terminal.interactive()) {
      out.println(line);
    } else {
      // A full last column would wrap, and the next redraw would start a line too low.
      int columns = terminal.columns() - 1;
      String cut = line.length() > columns ? line.substring(0, columns) : line;
      out.print('\r' + cut + " ".repeat(Math.max(0, drawnColumns - cut.length())));
      drawnColumns = cut.length();
    }
    out.flush();
  }

  private static double seconds(long from, long to) {
    return (to - from) / 1e9;
  }
}
