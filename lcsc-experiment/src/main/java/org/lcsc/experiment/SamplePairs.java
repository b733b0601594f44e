package org.lcsc.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.averaging.EmaCoefficients;
import org.lcsc.config.Require;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.experiment.output.CsvWriter;
import org.lcsc.experiment.run.RunDirectory;
import org.lcsc.export.Recipe;
import org.lcsc.image.ImageShape;
import org.lcsc.io.HostArrays;
import org.lcsc.listener.ScoredModel;
import org.lcsc.metrics.FeatureExtractor;
import org.lcsc.model.CheckpointDirectory;
import org.lcsc.objective.DifferentiableSampleGenerator;
import org.lcsc.objective.ImageSamples;
import org.lcsc.objective.SampleGenerator;
import org.lcsc.objective.SeededNoise;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The pairs of samples of EMA and LCSC from the same noise that lie farthest apart in the feature
 * space of the search, which shows what the search changed (the paper's Appendix D, Figures 9 to
 * 14; the paper draws from among such pairs, this takes the farthest). Not thread-safe.
 */
public final class SamplePairs {

  /** Beyond the seeds of a search's noise sets and grids. */
  private static final long SEED_STEP = 6 * SearchSession.SEED_STEP;

  private final RunDirectory run;
  private final Recipe recipe;
  private final Experiment experiment;
  private final ComputationGraph network;
  private final long seed;

  /**
   * The pairs of a run's last search.
   *
   * @param run has at least one merged model
   * @throws InvalidInputException where it has none
   * @throws IOException where its files or its data cannot be read
   */
  public SamplePairs(RunDirectory run) throws IOException {
    List<Long> merged = run.mergedIterations();
    InvalidInputException.when(
        merged.isEmpty(), "%s: no search has ended, so there are no pairs to compare", run);
    this.run = run;
    recipe = Recipe.read(run.recipe(merged.get(merged.size() - 1)));
    RunConfig config = run.readConfig();
    experiment = Experiment.load(config);
    network = experiment.newNetwork();
    seed = (config.lcsc() == null ? 0 : config.lcsc().report().seed()) + SEED_STEP;
  }

  /**
   * The pairs.
   *
   * @param iteration of the search
   * @param average label of the EMA
   * @param ofAverage its samples {@code [N, C, H, W]}, farthest first
   * @param ofLcsc those of the combination
   */
  public record Found(long iteration, String average, INDArray ofAverage, INDArray ofLcsc) {}

  /** A pair: which noise, and how far apart in the feature space (Euclidean). */
  private record Pair(int index, double distance) {}

  /**
   * Draws samples of both models, and writes the distances of the farthest pairs as {@code
   * samples/pairs-ITERATION.csv}.
   *
   * @param pairs how many, at least 1
   * @param samples how many are drawn of each model, at least as many
   * @param progress receives numbers of samples drawn
   * @throws IOException where a file cannot be written
   */
  public Found write(int pairs, int samples, LongConsumer progress) throws IOException {
    Require.atLeast("pairs", pairs, 1);
    Require.atLeast("samples", samples, pairs);
    Average average = average();
    // By its recipe, which also tells the models of several time ranges.
    LoadedModel model = LoadedModel.load(run.recipe(recipe.iteration()), network);
    INDArray merged = model.parameters();
    DifferentiableSampleGenerator generator = experiment.generator(network, model.ranges());
    SampleGenerator eightBit = ImageSamples.eightBit(generator);
    float[] ofAverage = features(eightBit, average.parameters(), samples, progress);
    float[] ofMerged = features(eightBit, merged, samples, progress);
    int dimension = ofAverage.length / samples;
    List<Pair> farthest =
        IntStream.range(0, samples)
            .mapToObj(i -> new Pair(i, distance(ofAverage, ofMerged, i, dimension)))
            .sorted(
                Comparator.comparingDouble(Pair::distance).reversed().thenComparing(Pair::index))
            .limit(pairs)
            .toList();
    CsvWriter.write(
        run.pairs(recipe.iteration(), "csv"),
        List.of("sample", "distance"),
        farthest.stream().map(p -> new Object[] {p.index(), p.distance()}).toList());
    return new Found(
        recipe.iteration(),
        average.label(),
        images(generator, average.parameters(), farthest),
        images(generator, merged, farthest));
  }

  /** An EMA with its label. */
  private record Average(String label, INDArray parameters) {}

  /**
   * The best EMA on validation noise that the run's files can give: one over the window needs the
   * checkpoints, which are there after {@code --keep-checkpoints}.
   */
  private Average average() throws IOException {
    boolean checkpoints = true;
    for (long iteration : recipe.checkpoints()) {
      checkpoints = checkpoints && Files.exists(checkpoint(iteration));
    }
    boolean first = true;
    for (ScoredModel ema :
        recipe.baselines().stream()
            .map(ScoredModel::of)
            .filter(ScoredModel::isEma)
            .sorted(Comparator.comparingDouble(ScoredModel::rank))
            .toList()) {
      double rate = ema.parameter();
      String label = first ? "EMA* (" + ema.label() + ")" : ema.label();
      first = false;
      boolean ofWindow = ema.kind() == ScoredModel.Kind.WINDOW_EMA;
      if (!ofWindow && Files.exists(run.ema(rate))) {
        return new Average(label, LoadedModel.load(run.ema(rate), network).parameters());
      }
      if (ofWindow && checkpoints) {
        return new Average(label, merge(EmaCoefficients.of(rate, recipe.checkpoints())));
      }
    }
    throw new InvalidInputException(run + ": none of the averages it compared with is there");
  }

  private Path checkpoint(long iteration) {
    return CheckpointDirectory.file(run.checkpoints(), iteration);
  }

  private INDArray merge(double[] coefficients) {
    INDArray sum = Nd4j.zeros(DataType.FLOAT, network.numParams());
    for (int k = 0; k < coefficients.length; k++) {
      sum.addi(
          LoadedModel.load(checkpoint(recipe.checkpoints()[k]), network)
              .parameters()
              .muli(coefficients[k]));
    }
    return sum;
  }

  /** Features of all samples, one after the other. */
  private float[] features(
      SampleGenerator generator, INDArray parameters, int samples, LongConsumer progress) {
    FeatureExtractor extractor = experiment.features();
    generator.setParameters(parameters);
    SeededNoise noise = new SeededNoise(seed);
    float[] all = new float[samples * extractor.dimension()];
    int batch = experiment.sampleBatch();
    for (int first = 0; first < samples; first += batch) {
      int size = Math.min(batch, samples - first);
      float[] part = HostArrays.floats(extractor.extract(generator.sample(noise, first, size)));
      System.arraycopy(part, 0, all, first * extractor.dimension(), part.length);
      progress.accept(size);
    }
    return all;
  }

  private INDArray images(SampleGenerator generator, INDArray parameters, List<Pair> pairs) {
    generator.setParameters(parameters);
    ImageShape shape = experiment.images().shape();
    INDArray images =
        Nd4j.createUninitialized(
            DataType.FLOAT, pairs.size(), shape.channels(), shape.height(), shape.width());
    SeededNoise noise = new SeededNoise(seed);
    for (int i = 0; i < pairs.size(); i++) {
      images
          .get(NDArrayIndex.interval(i, i + 1))
          .assign(generator.sample(noise, pairs.get(i).index(), 1));
    }
    return images;
  }

  private static double distance(float[] a, float[] b, int row, int dimension) {
    double sum = 0;
    for (int i = row * dimension; i < (row + 1) * dimension; i++) {
      double difference = a[i] - b[i];
      sum += difference * difference;
    }
    // Samples that are not finite come first: nothing differs more.
    return Double.isNaN(sum) ? Double.POSITIVE_INFINITY : Math.sqrt(sum);
  }
}
