package org.lcsc.search.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.io.Refuse;
import org.lcsc.objective.DifferentiableObjective;
import org.lcsc.objective.Evaluation;
import org.lcsc.objective.Objective;
import org.lcsc.objective.ShardedObjective;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Scores several candidates at a time in this process, each on a network of its own. It pays where
 * networks are too small for native threads to help: with N networks run with {@code
 * OMP_NUM_THREADS} at the cores divided by N.
 *
 * <pre>{@code
 * List<Objectives> others = List.of(new Objectives(fid(copyOfNetwork), fid(anotherCopy)));
 * CheckpointSearch.builder(window, strategy, fid)
 *     .evaluator(ParallelEvaluator.factory(others, 1)) ...
 * }</pre>
 *
 * <p>The window is read and merged once for all. Scores are those of {@link LocalEvaluator}, to the
 * bit; gradients those of a {@link LocalEvaluator} with as many shards. Not thread-safe.
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
  private final int shards;
  private final List<Objectives> objectives = new ArrayList<>();
  private final BlockingQueue<Objectives> idle;
  private final ExecutorService threads;
  private final CandidateScorer buffer;
  private final LocalEvaluator alone;
  private final List<ShardGradients> parts = new ArrayList<>();
  private double partsShare;

  private Generation generation;
  private List<Future<Evaluation>> running = List.of();

  /** Scores of an earlier turn are given up before they begin. */
  private volatile int turn;

  private ParallelEvaluator(EvaluatorFactory.Setting setting, List<Objectives> others, int shards) {
    this.setting = setting;
    this.shards = shards;
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
   * @param gradientShards the most parts of a gradient's samples; fixed by the caller, for with
   *     another number of networks the gradient should stay the same
   */
  public static EvaluatorFactory factory(List<Objectives> others, int gradientShards) {
    List<Objectives> copy = List.copyOf(others);
    Refuse.argument(gradientShards < 1, "shards must be at least 1, got %s", gradientShards);
    return new EvaluatorFactory() {
      @Override
      public Evaluator create(Setting setting) {
        return new ParallelEvaluator(setting, copy, gradientShards);
      }

      @Override
      public int gradientShards() {
        return gradientShards;
      }
    };
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
    DifferentiableObjective objective =
        DifferentiableObjective.require(setting.objective()).onShare(share);
    if (SampleShards.count(objective, shards) == 1) {
      return alone.differentiate(candidate, draw, share);
    }
    giveUp();
    if (parts.isEmpty() || share != partsShare) {
      closeParts();
      CheckpointMerger merger = SynchronizedMerger.of(setting.merger());
      for (Objectives each : objectives) {
        parts.add(ShardGradients.of(merger, each.search(), share, shards));
      }
      partsShare = share;
    }
    SampleShards all = parts.get(0).shards();
    Gradient gradient =
        all.gradient(
            (ShardedObjective) objective,
            candidate.length,
            spread(all.size(), shard -> worker(shard).forward(candidate, draw, shard)),
            slopes ->
                spread(
                    all.size(),
                    shard ->
                        worker(shard).backward(candidate, draw, shard, all.part(slopes, shard))));
    // The objectives score candidates too.
    parts.forEach(ShardGradients::release);
    return gradient;
  }

  /** Which network has a part, in both steps. */
  private ShardGradients worker(int shard) {
    return parts.get(shard % parts.size());
  }

  /** The results of all parts in their order; each network works through its own. */
  private <T> List<T> spread(int count, IntFunction<T> work) {
    List<Future<List<T>>> futures = new ArrayList<>();
    for (int first = 0; first < parts.size(); first++) {
      int worker = first;
      Callable<List<T>> task =
          () -> {
            List<T> results = new ArrayList<>();
            for (int shard = worker; shard < count; shard += parts.size()) {
              results.add(work.apply(shard));
            }
            return results;
          };
      futures.add(threads.submit(task));
    }
    // All end before one fails: they use memory that the caller then frees.
    futures.forEach(ParallelEvaluator::ended);
    List<List<T>> results = futures.stream().map(ParallelEvaluator::result).toList();
    List<T> ordered = new ArrayList<>();
    for (int shard = 0; shard < count; shard++) {
      ordered.add(results.get(shard % parts.size()).get(shard / parts.size()));
    }
    return ordered;
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
    closeParts();
  }

  private void closeParts() {
    parts.forEach(ShardGradients::close);
    parts.clear();
  }
}
