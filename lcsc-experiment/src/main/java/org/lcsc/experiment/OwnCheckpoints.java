package org.lcsc.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.lcsc.averaging.ExponentialMovingAverage;
import org.lcsc.checkpoint.CheckpointFile;
import org.lcsc.checkpoint.CheckpointWindow;
import org.lcsc.checkpoint.ParameterGroups;
import org.lcsc.config.InvalidValueException;
import org.lcsc.config.Require;
import org.lcsc.experiment.config.OwnSearchConfig;
import org.lcsc.experiment.run.SearchSource;
import org.lcsc.export.ModelExporter;
import org.lcsc.io.ModelWriter;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.lcsc.model.CheckpointDirectory;
import org.lcsc.model.ModelFile;
import org.lcsc.model.ParameterGrouping;
import org.lcsc.search.config.LcscConfig;
import org.lcsc.tensor.CheckpointFormat;
import org.lcsc.tensor.TensorFolder;
import org.lcsc.tensor.TensorLayout;
import org.lcsc.tensor.TensorModelWriter;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Checkpoints of a network that this project does not know. Not thread-safe. */
interface OwnCheckpoints extends AutoCloseable {

  /** Iteration of the newest. */
  long iteration();

  /** Parameters {@code [P]} of the newest, float32; a new array. */
  INDArray newest() throws IOException;

  /**
   * Parameters {@code [P]} of another model of the training, float32; a new array.
   *
   * @throws IOException where it cannot be read or has other tensors, in Deeplearning4j's files
   *     another number of parameters; one line that names it
   */
  INDArray read(Path model) throws IOException;

  /**
   * The averages that the training kept.
   *
   * @throws InvalidInputException where a file cannot be used
   */
  default List<ExponentialMovingAverage> averages(SearchSource source) {
    List<ExponentialMovingAverage> averages = new ArrayList<>();
    for (SearchSource.SavedEma ema : source.emas()) {
      try (INDArray parameters = InvalidInputException.reading(() -> read(Path.of(ema.file())))) {
        averages.add(new ExponentialMovingAverage(ema.rate(), parameters, iteration()));
      }
    }
    return averages;
  }

  /** Reads those of the configured window. */
  CheckpointWindow load(Path mapped) throws IOException;

  /** Writes models like the newest. */
  ModelWriter writer();

  /**
   * The parameters that get coefficients of their own.
   *
   * @throws IllegalArgumentException where the configured groups are not to be had
   */
  ParameterGroups groups();

  /** The newest as a model, where Deeplearning4j can read it; else null. */
  default Model model() {
    return null;
  }

  @Override
  default void close() throws IOException {}

  /**
   * The checkpoints that a run directory names.
   *
   * @throws InvalidInputException where they cannot be used
   * @throws InvalidValueException where a key has no effect with them
   */
  static OwnCheckpoints of(SearchSource source, OwnSearchConfig config) {
    Path directory = Path.of(source.checkpoints());
    return InvalidInputException.reading(
        () -> {
          if (TensorFolder.isOne(directory)) {
            InvalidInputException.when(
                source.epochs(),
                "--epochs: has no effect with files of named tensors (%s), allowed: with what"
                    + " Deeplearning4j's CheckpointListener wrote",
                directory);
            TensorFolder folder = TensorFolder.open(directory, config.exclude());
            try {
              LcscConfig lcsc = config.lcsc();
              folder = folder.window(source.iteration(), lcsc.window(), lcsc.interval());
              folder = source.newest() == null ? folder : folder.newest(source.newest());
              lcsc.requireSearchable("lcsc.", folder.checkpoints().size());
            } catch (InvalidValueException e) {
              throw e;
            } catch (IllegalArgumentException e) {
              throw new InvalidInputException(e);
            }
            return new OfTensors(folder, config.lcsc(), folder.writer());
          }
          InvalidInputException.when(
              Files.isDirectory(directory) && !CheckpointDirectory.isOne(directory),
              "checkpoint directory %s has no checkpoints, allowed: files %s with the iteration in"
                  + " their name, iteration-N.zip, or checkpointInfo.txt with its files",
              directory,
              CheckpointFormat.suffixes());
          Require.not(
              !config.exclude().isEmpty(),
              "exclude",
              "has no effect with model files of Deeplearning4j, allowed: only with files of"
                  + " named tensors");
          Require.not(
              config.objective().givesGradient(),
              "objective.gradient",
              "not possible with model files of Deeplearning4j (true), allowed: with files of named"
                  + " tensors");
          CheckpointDirectory files =
              CheckpointSource.checked(source, config.lcsc()).directory(config.lcsc());
          List<CheckpointFile> all = files.checkpoints();
          return new OfModels(
              files, config.lcsc(), ModelFile.model(all.get(all.size() - 1).file()));
        });
  }

  /** The groups of parameters that a configuration names, of tensors. */
  static ParameterGroups groups(TensorLayout layout, LcscConfig lcsc) {
    if (lcsc.search().groups() == null) {
      return ParameterGroups.whole(layout.parameters());
    }
    List<ParameterGrouping.Parameter> parameters = new ArrayList<>();
    List<Map.Entry<String, Long>> tensors = List.copyOf(layout.offsets().entrySet());
    for (int i = 0; i < tensors.size(); i++) {
      String name = tensors.get(i).getKey();
      long end = i + 1 < tensors.size() ? tensors.get(i + 1).getValue() : layout.parameters();
      parameters.add(
          new ParameterGrouping.Parameter(
              name.replaceFirst("\\.[^.]*$", ""), name, tensors.get(i).getValue(), end));
    }
    ParameterGroups groups = ParameterGrouping.patterns(lcsc.search().groups(), parameters);
    layout.requireTied(groups);
    return groups;
  }

  /** Files of named tensors. */
  record OfTensors(TensorFolder folder, LcscConfig lcsc, TensorModelWriter writer)
      implements OwnCheckpoints {

    @Override
    public long iteration() {
      return last().iteration();
    }

    private CheckpointFile last() {
      return folder.checkpoints().get(folder.checkpoints().size() - 1);
    }

    @Override
    public INDArray newest() throws IOException {
      return read(last().file());
    }

    @Override
    public INDArray read(Path model) throws IOException {
      INDArray parameters =
          Nd4j.createUninitializedDetached(DataType.FLOAT, folder.layout().parameters());
      folder.read(model, parameters);
      return parameters;
    }

    @Override
    public CheckpointWindow load(Path mapped) throws IOException {
      return folder.load(builder -> lcsc.storage().keep(builder, mapped, 0));
    }

    @Override
    public ParameterGroups groups() {
      return OwnCheckpoints.groups(folder.layout(), lcsc);
    }

    @Override
    public void close() throws IOException {
      writer.close();
    }
  }

  /** Model files of Deeplearning4j. */
  record OfModels(CheckpointDirectory files, LcscConfig lcsc, Model model)
      implements OwnCheckpoints {

    @Override
    public long iteration() {
      return files.checkpoints().get(files.checkpoints().size() - 1).iteration();
    }

    @Override
    public INDArray newest() {
      return model.params().castTo(DataType.FLOAT).dup().reshape(model.numParams());
    }

    @Override
    public INDArray read(Path file) throws IOException {
      Refuse.file(!Files.isRegularFile(file), "%s: no such file", file);
      INDArray parameters;
      try {
        parameters = ModelFile.parameters(file);
      } catch (IOException e) {
        throw new IOException(file + ": not a whole model file (" + Text.reason(e) + ")", e);
      }
      Refuse.file(
          parameters.length() != model.numParams(),
          "%s has %s parameters, the checkpoints have %s",
          file,
          parameters.length(),
          model.numParams());
      return parameters.castTo(DataType.FLOAT).reshape(model.numParams());
    }

    @Override
    public CheckpointWindow load(Path mapped) throws IOException {
      return files.load(builder -> lcsc.storage().keep(builder, mapped, 0));
    }

    @Override
    public ModelWriter writer() {
      return ModelExporter.writer(model);
    }

    @Override
    public ParameterGroups groups() {
      return ParameterGrouping.configured(lcsc.search().groups()).of(model);
    }
  }
}
