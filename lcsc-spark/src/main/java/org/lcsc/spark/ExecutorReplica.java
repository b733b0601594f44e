package org.lcsc.spark;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import org.lcsc.search.evaluation.EvaluatorFactory;
import org.lcsc.search.evaluation.LocalEvaluator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replica of this process: opened by the first task that needs it, kept until one needs
 * another. It has one network, so tasks wait for each other. Thread-safe.
 */
final class ExecutorReplica implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ExecutorReplica.class);

  /** Guards {@link #current} and all work with it. */
  private static final Object LOCK = new Object();

  private static ExecutorReplica current;

  private final String id;
  private final Replica replica;
  private final LocalEvaluator evaluator;

  private ExecutorReplica(ReplicaSpec spec) throws IOException {
    long start = System.nanoTime();
    id = spec.id();
    replica = spec.factory().open();
    evaluator =
        new LocalEvaluator(
            new EvaluatorFactory.Setting(
                replica.merger(), replica.objective(), replica.validation(), spec.mergeRows()),
            spec.shards());
    WindowIdentity window = WindowIdentity.of(replica.merger());
    if (!window.equals(spec.window())) {
      close();
      throw new IOException(
          format(
              "this executor has other checkpoints than the driver: %s, expected %s; they must be"
                  + " on storage that all machines share",
              window.description(), spec.window().description()));
    }
    LOG.info(
        "opened {} in {} s",
        window.description(),
        format("%.1f", (System.nanoTime() - start) * 1e-9));
  }

  /** A task's work. */
  interface Work<T> {

    T with(LocalEvaluator evaluator);
  }

  /**
   * Does a task's work.
   *
   * @throws IOException where the replica cannot be opened, or has other checkpoints than the
   *     driver
   */
  static <T> T run(ReplicaSpec spec, Work<T> work) throws IOException {
    synchronized (LOCK) {
      if (current == null || !current.id.equals(spec.id())) {
        release();
        current = new ExecutorReplica(spec);
      }
      return work.with(current.evaluator);
    }
  }

  private static void release() {
    if (current != null) {
      current.close();
      current = null;
    }
  }

  @Override
  public void close() {
    evaluator.close();
    try {
      replica.close();
    } catch (Exception e) {
      LOG.warn("cannot close the checkpoints: {}", e.getMessage(), e);
    }
  }
}
