package org.lcsc.search.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.Objective;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Scores several candidates at a time in this process, each on a network of its own. It pays where
 * networks are too small for native threads to help: with N networks run with {@code
 * OMP_NUM_THREADS} at the cores divided by N.
 *
 * <pre>{@code
 * List<Objectives> others = List.of(new Objectives(fid(copyOfNetwork), fid(anotherCopy)));
 * CheckpointSearch.builder(window, strategy, fid)
 *     .evaluator(ParallelEvaluator.factory(others)) ...
 * }</pre>
 *
 * <p>The window is read and merged once for all. Scores and gradients are those of {@link
 * LocalEvaluator}, to the bit; gradients are taken on one network. Not thread-safe.
 */
public final class ParallelEvaluator implements Evaluator {

  /**
   * A further network's objectives, equal to the search's own in all but the network. No two may
   * share a generator or a feature extractor.
   *
   * @param search scores on search noise
   * @param validation scores on validation noise, or null where nothing is validated
   */
  public record Objectives(Objective search, Objective validation) {}

  private final EvaluatorFactory.Setting setting;
  private final BlockingQueue<Objectives> idle;
  private final ExecutorService threads;
  private final CandidateScorer buffer;
  private final LocalEvaluator alone;

  private Generation generation;
  private List<Future<Evaluation>> running = List.of();

  /** Scores of an earlier turn are given up before they begin. */
  private volatile int turn;

  private ParallelEvaluator(EvaluatorFactory.Setting setting, List<Objectives> others) {
    this.setting = setting;
    List<Objectives> objectives = new ArrayList<>();
    objectives.add(new Objectives(setting.objective(), setting.validation()));
    objectives.addAll(others);
    idle = new ArrayBlockingQueue<>(objectives.size(), false, objectives);
    threads =
        Executors.newFixedThreadPool(
            objectives.size(),
            task -> {
              Thread thread = new Thread(task, "lcsc-evaluator");
              thread.setDaemon(true);
              return thread;
            });
    buffer = new CandidateScorer(setting.merger(), setting.mergeRows(), setting.nanoTime());
    alone = new LocalEvaluator(setting, 1);
  }

  /**
   * Makes such evaluators.
   *
   * @param others one less than candidates at a time
   */
  public static EvaluatorFactory factory(List<Objectives> others) {
    List<Objectives> copy = List.copyOf(others);
    return setting -> new ParallelEvaluator(setting, copy);
  }

  @Override
  public void load(Generation generation) {
    giveUp();
    this.generation = generation;
    buffer.load(generation.candidates());
    Future<Evaluation>[] none = futures(generation.candidates().length);
    running = Arrays.asList(none);
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // there are no generic arrays
  private static Future<Evaluation>[] futures(int count) {
    return new Future[count];
  }

  @Override
  public Evaluation evaluate(int index) {
    if (running.get(index) == null) {
      // All of the block before have been asked for, so its array is free.
      int end = Math.max(index + 1, Math.min(generation.end(), running.size()));
      for (int i = index; i < end && buffer.blockOf(i) == buffer.blockOf(index); i++) {
        INDArray parameters = buffer.parameters(i);
        int mine = turn;
        running.set(i, threads.submit(() -> mine == turn ? score(parameters) : null));
      }
    }
    return result(running.get(index));
  }

  private Evaluation score(INDArray parameters) throws InterruptedException {
    Objectives mine = idle.take();
    try {
      return buffer.evaluate(
          generation.noise() == NoiseSet.SEARCH ? mine.search() : mine.validation(),
          parameters,
          generation.fidelity());
    } finally {
      idle.add(mine);
    }
  }

  @Override
  public Gradient differentiate(double[] candidate, long draw, double share) {
    return alone.differentiate(candidate, draw, share);
  }

  /** Waits for a result whatever comes: what runs uses memory that others free. */
  private static <T> T result(Future<T> future) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Waits for its end, whatever that is. */
  private static void ended(Future<?> future) {
    try {
      result(future);
    } catch (RuntimeException | Error e) {
      // Of a score that nobody asked for, or told by who asks for it.
    }
  }

  /** Ends what was not asked for, and waits for what runs: it uses memory that others free. */
  private void giveUp() {
    turn++;
    for (Future<Evaluation> future : running) {
      if (future != null) {
        ended(future);
      }
    }
    running = List.of();
  }

  @Override
  public void close() {
    giveUp();
    threads.shutdown();
    buffer.close();
    alone.close();
  }
}
