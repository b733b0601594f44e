package org.lcsc.objective;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.lcsc.config.Printable;
import org.lcsc.io.Json;
import org.lcsc.io.Text;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running command: lines go in and come out, what it writes to its standard error is appended to
 * a log. Not thread-safe.
 */
final class CommandProcess implements AutoCloseable {

  /** A scorer failed; the message is one line. */
  static final class FailedException extends Exception {

    private static final long serialVersionUID = 1;

    FailedException(String message) {
      super(message);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(CommandProcess.class);

  private static final long POLL_MILLIS = 50;

  /** Of a command that has ended, until what it wrote has been read. */
  private static final long READ_MILLIS = 2_000;

  /** What a command that has ended left running may write in this time, before it is ended. */
  private static final long LATE_MILLIS = 500;

  /** After a command's first answer, in which a second line for the same model shows itself. */
  private static final long SECOND_LINE_MILLIS = 500;

  /** Without a group of its own a Ctrl-C ends the command before this process hears of it. */
  private static final long SIGNAL_MILLIS = 500;

  /** Lines that wait to be read: of one answer the last counts, and a second shows a mistake. */
  private static final int MOST_LINES = 2;

  /** Characters of an answer; of a longer line that many and one are kept. */
  static final int LONGEST_ANSWER = Json.MAX_BYTES;

  /** Characters of a line in the log: a progress bar may be a single one. */
  private static final int LONGEST_LOGGED = 1 << 16;

  /** Whether the shell is {@code cmd}. */
  static final boolean WINDOWS =
      System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");

  /** Gives a command a process group of its own; null where there is no such program. */
  private static final String SETSID =
      Stream.of("/usr/bin/setsid", "/bin/setsid")
          .filter(program -> Files.isExecutable(Path.of(program)))
          .findFirst()
          .orElse(null);

  private final Process process;
  private final BooleanSupplier cancelled;
  private final BufferedWriter in;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>(MOST_LINES);
  private final Thread out;
  private final Thread err;
  private volatile String lastError = "";
  private boolean answered;
  private boolean groupEnded;
  private boolean closed;

  /**
   * Starts a command.
   *
   * @param command a line for the shell
   * @throws FailedException where it cannot be started
   */
  CommandProcess(String command, Path log, BooleanSupplier cancelled) throws FailedException {
    this.cancelled = cancelled;
    ProcessBuilder builder = new ProcessBuilder(shell(command));
    restore(builder.environment());
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new FailedException("cannot be started: " + e.getMessage());
    }
    in = new BufferedWriter(process.outputWriter(StandardCharsets.UTF_8));
    out = daemon(() -> read(process.getInputStream(), LONGEST_ANSWER + 1, this::offer));
    err = daemon(() -> read(process.getErrorStream(), LONGEST_LOGGED, line -> logged(line, log)));
  }

  /**
   * Takes back what the launcher has set for Java: the names in {@code LCSC_SET}, with the user's
   * own values in {@code LCSC_USER_...}, see {@code launch.sh}.
   */
  static void restore(Map<String, String> environment) {
    String set = Objects.requireNonNullElse(environment.remove("LCSC_SET"), "");
    for (String name : Set.copyOf(List.of(set.strip().split(" +")))) {
      String own = environment.remove("LCSC_USER_" + name);
      environment.remove(name);
      if (own != null) {
        environment.put(name, own);
      }
    }
  }

  private static List<String> shell(String command) {
    if (WINDOWS) {
      // So: cmd takes away the outermost quotes, and leaves the others alone.
      return List.of("cmd", "/s", "/c", '"' + command + '"');
    }
    List<String> shell = List.of("/bin/sh", "-c", command);
    return SETSID == null ? shell : Stream.concat(Stream.of(SETSID), shell.stream()).toList();
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "lcsc-scorer");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void read(InputStream stream, int longest, Consumer<String> consumer) {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      StringBuilder line = new StringBuilder();
      for (int c = reader.read(); c >= 0; c = reader.read()) {
        if (c == '\n') {
          consumer.accept(line.toString());
          line.setLength(0);
        } else if (line.length() < longest) {
          line.append((char) c);
        }
      }
      if (line.length() > 0) {
        consumer.accept(line.toString());
      }
    } catch (IOException e) {
      // The process was ended.
    }
  }

  private void offer(String line) {
    if (!line.isBlank()) {
      while (!lines.offer(line)) {
        lines.poll();
      }
    }
  }

  private void logged(String line, Path log) {
    if (!line.isBlank()) {
      lastError = line.strip();
    }
    synchronized (CommandProcess.class) {
      if (closed) {
        return;
      }
      try {
        Files.writeString(log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        LOG.debug("cannot write {}", log, e);
      }
    }
  }

  /**
   * Waits until it has ended well.
   *
   * @return the last line that it wrote; empty where it wrote none
   * @throws FailedException where it failed or took longer
   */
  String end(double seconds) throws FailedException {
    long deadline = deadline(seconds);
    // It would wait for a line if it reads its standard input.
    closeInput();
    try {
      while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        requireTime(deadline, seconds);
      }
      // A child of its own may hold its streams open. What it wrote last is to be in the log when
      // its score is used.
      awaitStreams(LATE_MILLIS);
      endGroup();
      awaitStreams(READ_MILLIS);
    } catch (InterruptedException e) {
      throw interrupted();
    }
    requireSuccess();
    String last = "";
    for (String line = lines.poll(); line != null; line = lines.poll()) {
      last = line;
    }
    return last;
  }

  private void awaitStreams(long millis) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    for (Thread stream : List.of(out, err)) {
      stream.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
    }
  }

  /** Ends what the command left running: a process that has ended has no descendants any more. */
  private void endGroup() {
    if (SETSID == null || groupEnded) {
      return;
    }
    groupEnded = true;
    try {
      new ProcessBuilder("/bin/sh", "-c", "kill -9 -" + process.pid())
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor(READ_MILLIS, TimeUnit.MILLISECONDS);
    } catch (IOException e) {
      LOG.debug("cannot end what {} started", process.pid(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Writes a line and reads one. A second line for the same model is noticed where it comes soon
   * after the first answer, or before the next line is written.
   *
   * @throws FailedException where it has ended, took longer or writes more than a line
   */
  String ask(String line, double seconds) throws FailedException {
    long deadline = deadline(seconds);
    requireNoSecondLine(lines.poll());
    try {
      in.write(line);
      in.newLine();
      in.flush();
    } catch (IOException e) {
      throw ended();
    }
    try {
      while (true) {
        String answer = lines.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
        if (answer != null) {
          if (!answered) {
            requireNoSecondLine(lines.poll(SECOND_LINE_MILLIS, TimeUnit.MILLISECONDS));
            answered = true;
          }
          return answer;
        }
        if (!out.isAlive() && lines.isEmpty()) {
          throw ended();
        }
        requireTime(deadline, seconds);
      }
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  /** It would be taken for the score of the next model. */
  private static void requireNoSecondLine(String unread) throws FailedException {
    if (unread != null) {
      throw new FailedException(
          Text.format(
              "printed more than one line for a model (%s), allowed: its score alone",
              Printable.oneLine(unread)));
    }
  }

  private static long deadline(double seconds) {
    return System.nanoTime() + (long) (seconds * 1e9);
  }

  private void requireTime(long deadline, double seconds) throws FailedException {
    if (cancelled.getAsBoolean()) {
      throw cancellation();
    }
    if (System.nanoTime() - deadline > 0) {
      throw new FailedException(
          Text.format("took longer than timeLimit: %s seconds, ended", seconds));
    }
  }

  private static CancellationException cancellation() {
    return new CancellationException("interrupted while a candidate was scored");
  }

  private static CancellationException interrupted() {
    Thread.currentThread().interrupt();
    return cancellation();
  }

  private FailedException ended() {
    try {
      process.waitFor(READ_MILLIS, TimeUnit.MILLISECONDS);
      requireSuccess();
      return new FailedException("ended without an answer" + said());
    } catch (InterruptedException e) {
      throw interrupted();
    } catch (FailedException e) {
      return e;
    }
  }

  private void requireSuccess() throws FailedException {
    if (process.isAlive() || process.exitValue() == 0) {
      return;
    }
    try {
      for (long waited = 0; waited < SIGNAL_MILLIS; waited += POLL_MILLIS) {
        if (cancelled.getAsBoolean()) {
          throw cancellation();
        }
        Thread.sleep(POLL_MILLIS);
      }
      err.join(READ_MILLIS);
    } catch (InterruptedException e) {
      throw interrupted();
    }
    throw new FailedException("exited with " + process.exitValue() + said());
  }

  private String said() {
    return lastError.isEmpty() ? "" : Text.format(" (%s)", Printable.oneLine(lastError));
  }

  /** Ends it and what it started; afterwards nothing is written to the log. */
  @Override
  public void close() {
    List<ProcessHandle> started = process.descendants().toList();
    // First of all: a shell writes a line to the log when it sees a child killed.
    process.destroyForcibly();
    started.forEach(ProcessHandle::destroyForcibly);
    endGroup();
    closeInput();
    synchronized (CommandProcess.class) {
      closed = true;
    }
  }

  private void closeInput() {
    try {
      in.close();
    } catch (IOException | UncheckedIOException e) {
      // It reads no more.
    }
  }
}
