package org.lcsc.search;

import static org.lcsc.search.strategy.StrategySnapshot.readBytes;
import static org.lcsc.search.strategy.StrategySnapshot.readDoubles;
import static org.lcsc.search.strategy.StrategySnapshot.readLength;
import static org.lcsc.search.strategy.StrategySnapshot.writeBytes;
import static org.lcsc.search.strategy.StrategySnapshot.writeDoubles;

import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.apache.commons.io.function.IOConsumer;
import org.apache.commons.io.function.IOFunction;
import org.lcsc.checkpoint.CheckpointMerger;
import org.lcsc.checkpoint.Coefficients;
import org.lcsc.io.ChecksummedFile;
import org.lcsc.io.Text;
import org.lcsc.objective.StageSeconds;
import org.lcsc.search.strategy.GradientStrategy;
import org.lcsc.search.strategy.ScoredCoefficients;

/**
 * Everything a search needs to continue to the same result, between any two evaluations.
 *
 * @param identity what the continuing search must share
 * @param strategy the strategy's snapshot before the running generation
 * @param generation index of the running generation
 * @param scores scores of the first candidates of the running generation
 * @param leaders the best distinct candidates so far, best first
 * @param baselines the baselines with the scores they got so far
 * @param screeningScores scores on a part of the validation samples of the first baselines compared
 * @param validationScores validation scores of the first candidates to be validated
 * @param nonFinite evaluations without a finite score
 * @param searchSeconds stages of the search so far
 * @param validationSeconds stages of the validation so far
 * @param elapsedSeconds wall clock so far
 * @param history best score so far after each evaluation
 * @param cost what was spent, in evaluations on all samples
 * @param gradients evaluations that gave a gradient
 */
record SearchState(
    Identity identity,
    byte[] strategy,
    int generation,
    double[] scores,
    List<ScoredCoefficients> leaders,
    List<ScoredCoefficients> baselines,
    double[] screeningScores,
    double[] validationScores,
    int nonFinite,
    StageSeconds searchSeconds,
    StageSeconds validationSeconds,
    double elapsedSeconds,
    double[] history,
    double cost,
    int gradients) {

  private static final long MAGIC = 0x4c4353437372c408L;

  /** Whether no score was finite: the measure was broken, and may have been mended since. */
  boolean isBroken() {
    return history.length > 0 && nonFinite == history.length;
  }

  /**
   * What two searches must share for one to continue the other, beside the strategy's own
   * configuration; the components in the order of the file.
   *
   * @param given what the caller says beside, see {@link CheckpointSearchBuilder#identity}
   */
  record Identity(
      String strategy,
      String objective,
      String validation,
      int finalists,
      List<Double> shrinkage,
      int mergeRows,
      long parameters,
      String groups,
      String given,
      List<Long> iterations,
      List<Long> checksums,
      List<String> baselines) {

    static Identity of(CheckpointSearchBuilder search) {
      CheckpointMerger merger = search.merger;
      String objective = search.objective.name();
      int shards = search.evaluators.gradientShards();
      // The parts of a gradient round it: with others the search would go another way.
      boolean parts = search.strategy instanceof GradientStrategy && shards > 1;
      return new Identity(
          search.strategy.name(),
          parts ? objective + " in " + shards + " parts" : objective,
          search.validation == null ? "none" : search.validation.name(),
          search.finalists,
          DoubleStream.of(search.shrinkage).boxed().toList(),
          search.mergeRows,
          merger.parameters(),
          merger.grouping(),
          search.identity,
          LongStream.of(merger.iterations()).boxed().toList(),
          LongStream.of(merger.checksums()).boxed().toList(),
          search.baselines.stream()
              .map(
                  baseline ->
                      baseline.label()
                          + ":"
                          + Long.toHexString(Coefficients.fingerprint(baseline.coefficients())))
              .toList());
    }

    private void write(DataOutputStream out) throws IOException {
      out.writeUTF(strategy);
      out.writeUTF(objective);
      out.writeUTF(validation);
      out.writeInt(finalists);
      writeDoubles(out, shrinkage.stream().mapToDouble(s -> s).toArray());
      out.writeInt(mergeRows);
      out.writeLong(parameters);
      out.writeUTF(groups);
      out.writeUTF(given);
      writeList(out, iterations, out::writeLong);
      writeList(out, checksums, out::writeLong);
      writeList(out, baselines, out::writeUTF);
    }

    private static Identity read(DataInputStream in) throws IOException {
      return new Identity(
          in.readUTF(),
          in.readUTF(),
          in.readUTF(),
          in.readInt(),
          DoubleStream.of(readDoubles(in)).boxed().toList(),
          in.readInt(),
          in.readLong(),
          in.readUTF(),
          in.readUTF(),
          readList(in, DataInput::readLong),
          readList(in, DataInput::readLong),
          readList(in, DataInput::readUTF));
    }

    /** Refuses a state of another search. */
    void requireSame(Identity saved) {
      require("strategy", saved.strategy, strategy);
      require("objective", saved.objective, objective);
      require("validation objective", saved.validation, validation);
      require("identity", or(saved.given, "none"), or(given, "none"));
      require("finalists", saved.finalists, finalists);
      require("shrinkage", saved.shrinkage, shrinkage);
      require("merge rows", saved.mergeRows, mergeRows);
      require("parameters", saved.parameters, parameters);
      require("groups", or(saved.groups, "none"), or(groups, "none"));
      require("checkpoints", range(saved.iterations), range(iterations));
      require("checkpoint iterations", saved.iterations, iterations);
      requireSameContents(saved);
      require("baselines", saved.baselines, baselines);
    }

    /** Checkpoints that another search has beside all of this one's; empty where it has others. */
    List<Long> lost(Identity other) {
      if (checksums.size() < iterations.size()
          || other.checksums.size() < other.iterations.size()) {
        return List.of();
      }
      for (int k = 0; k < iterations.size(); k++) {
        int there = other.iterations.indexOf(iterations.get(k));
        if (there < 0 || !other.checksums.get(there).equals(checksums.get(k))) {
          return List.of();
        }
      }
      return other.iterations.stream().filter(i -> !iterations.contains(i)).toList();
    }

    private void requireSameContents(Identity saved) {
      for (int k = 0; k < Math.min(checksums.size(), saved.checksums.size()); k++) {
        require(
            "checksum of checkpoint " + iterations.get(k),
            Long.toHexString(saved.checksums.get(k)),
            Long.toHexString(checksums.get(k)));
      }
    }

    private static String range(List<Long> iterations) {
      return iterations.isEmpty()
          ? "0"
          : Text.format(
              "%d of iterations %d to %d",
              iterations.size(), iterations.get(0), iterations.get(iterations.size() - 1));
    }

    private static String or(String text, String otherwise) {
      return text.isEmpty() ? otherwise : text;
    }

    private static void require(String what, Object saved, Object here) {
      if (!saved.equals(here)) {
        throw new IllegalArgumentException(
            "the saved state is of another search: " + what + " " + saved + ", here " + here);
      }
    }
  }

  /** Writes the state, whole or not at all. */
  void save(Path file) throws IOException {
    ChecksummedFile.write(file, MAGIC, this::write);
  }

  /**
   * Reads a state.
   *
   * @throws IOException where the file cannot be read, is no search state or is damaged
   */
  static SearchState load(Path file) throws IOException {
    return ChecksummedFile.read(file, MAGIC, SearchState::read);
  }

  private void write(DataOutputStream out) throws IOException {
    identity.write(out);
    writeBytes(out, strategy);
    out.writeInt(generation);
    writeDoubles(out, scores);
    writeList(out, leaders, candidate -> write(out, candidate));
    writeList(out, baselines, candidate -> write(out, candidate));
    writeDoubles(out, screeningScores);
    writeDoubles(out, validationScores);
    out.writeInt(nonFinite);
    writeDoubles(out, searchSeconds.toArray());
    writeDoubles(out, validationSeconds.toArray());
    out.writeDouble(elapsedSeconds);
    writeDoubles(out, history);
    out.writeDouble(cost);
    out.writeInt(gradients);
  }

  private static SearchState read(DataInputStream in) throws IOException {
    return new SearchState(
        Identity.read(in),
        readBytes(in),
        in.readInt(),
        readDoubles(in),
        readList(in, SearchState::readCandidate),
        readList(in, SearchState::readCandidate),
        readDoubles(in),
        readDoubles(in),
        in.readInt(),
        StageSeconds.of(readDoubles(in)),
        StageSeconds.of(readDoubles(in)),
        in.readDouble(),
        readDoubles(in),
        in.readDouble(),
        in.readInt());
  }

  private static <T> void writeList(DataOutputStream out, List<T> values, IOConsumer<T> one)
      throws IOException {
    out.writeInt(values.size());
    for (T value : values) {
      one.accept(value);
    }
  }

  private static <T> List<T> readList(DataInputStream in, IOFunction<DataInputStream, T> one)
      throws IOException {
    List<T> values = new ArrayList<>();
    for (int left = readLength(in); left > 0; left--) {
      values.add(one.apply(in));
    }
    return values;
  }

  private static void write(DataOutputStream out, ScoredCoefficients candidate) throws IOException {
    out.writeUTF(candidate.label());
    out.writeInt(candidate.evaluation());
    out.writeDouble(candidate.searchScore());
    out.writeDouble(candidate.validationScore());
    writeDoubles(out, candidate.coefficients());
  }

  private static ScoredCoefficients readCandidate(DataInputStream in) throws IOException {
    return new ScoredCoefficients(
        in.readUTF(), in.readInt(), in.readDouble(), in.readDouble(), readDoubles(in));
  }
}
