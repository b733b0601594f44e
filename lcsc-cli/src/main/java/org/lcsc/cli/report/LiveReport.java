package org.lcsc.cli.report;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.io.AtomicFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps {@code report.html} of a run up to date while its training works: after every search, and
 * every so many seconds. The page loads itself again as often. It is made from the run's files on a
 * thread of its own, of the lowest priority, and waits longer where making it takes long, so that
 * it takes at most about {@value #SHARE} of one processor. Whatever goes wrong is a warning, once,
 * and never the training's matter. Thread-safe.
 */
public final class LiveReport implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LiveReport.class);

  /** Between two versions. */
  private static final int SECONDS = 20;

  /** Share of one processor. */
  private static final double SHARE = 0.005;

  /** How long {@link #close} waits for a page in the making, in milliseconds. */
  private static final long PATIENCE = 10_000;

  private final RunDirectory run;
  private final long period;
  private final Thread thread;

  /** Guards the file, and whether it is the last version. */
  private final Object file = new Object();

  private boolean last;
  private boolean wanted;
  private boolean closed;
  private boolean warned;

  private LiveReport(RunDirectory run, int seconds) {
    this.run = run;
    this.period = 1000L * seconds;
    this.thread = new Thread(this::work, "lcsc-report");
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
  }

  /**
   * Starts with a version every {@value #SECONDS} seconds.
   *
   * @param run its files are read, its report is written
   */
  public static LiveReport start(RunDirectory run) {
    return start(run, SECONDS);
  }

  /** Starts with a version every so many seconds, at least 1. */
  static LiveReport start(RunDirectory run, int seconds) {
    LiveReport report = new LiveReport(run, seconds);
    report.thread.start();
    return report;
  }

  /** Asks for a new version, made on the report's own thread; returns at once. */
  public synchronized void refresh() {
    wanted = true;
    notifyAll();
  }

  /** Writes the last version, which loads itself no more. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      notifyAll();
    }
    try {
      thread.join(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    write(0);
  }

  private void work() {
    ThreadMXBean clock = ManagementFactory.getThreadMXBean();
    while (true) {
      synchronized (this) {
        wanted = false;
      }
      long before = clock.isCurrentThreadCpuTimeSupported() ? clock.getCurrentThreadCpuTime() : 0;
      write((int) (period / 1000));
      long took = clock.isCurrentThreadCpuTimeSupported() ? clock.getCurrentThreadCpuTime() : 0;
      if (!pause((long) ((took - before) / 1e6 / SHARE))) {
        return;
      }
    }
  }

  /**
   * Waits for the next version.
   *
   * @param rest milliseconds to rest at least, unless a version is wanted
   * @return false at the end
   */
  private synchronized boolean pause(long rest) {
    long due = now() + Math.max(period, rest);
    try {
      while (!closed && !wanted && now() < due) {
        wait(Math.max(1, due - now()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    return !closed;
  }

  private static long now() {
    return System.nanoTime() / 1_000_000;
  }

  /** Makes one version; a page that cannot be made must not end a training. */
  private void write(int refreshSeconds) {
    try {
      Path name = run.root().toAbsolutePath().normalize().getFileName();
      RunData data = RunData.read(run.root(), name == null ? "run" : name.toString());
      publish(ReportPage.html(java.util.List.of(data), refreshSeconds), refreshSeconds == 0);
    } catch (IOException | RuntimeException | LinkageError e) {
      warn(e);
    }
  }

  /**
   * Writes a page, unless the last one is there: one made before it may have taken longer. A
   * directory that was taken away must not come back with nothing but a report in it.
   */
  void publish(String page, boolean isLast) throws IOException {
    synchronized (file) {
      if (!last) {
        run.requirePresent();
        AtomicFiles.writeString(run.report(), page);
        last = isLast;
      }
    }
  }

  private synchronized void warn(Throwable e) {
    if (!warned) {
      warned = true;
      LOG.warn("the report {} is not up to date: {}", run.report(), e.toString());
    }
  }
}
