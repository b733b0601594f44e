package org.lcsc.export;

import java.io.IOException;
import java.nio.file.Path;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.ModelWriter;
import org.lcsc.network.EvaluationNetwork;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Gives a network's configuration other parameters, and writes the result as an ordinary
 * Deeplearning4j model file that {@code ComputationGraph.load} or {@code MultiLayerNetwork.load}
 * restores. The given network, its listeners and the global random generator are left alone.
 *
 * <p>Stateless and thread-safe, as long as nobody changes the given model meanwhile.
 */
public final class ModelExporter {

  private ModelExporter() {}

  /**
   * A new network of a model's configuration, without updater state and listeners.
   *
   * @param model an initialised {@code ComputationGraph} or {@code MultiLayerNetwork}
   * @param parameters P elements; copied
   * @param iteration updates applied, the new network's iteration count
   * @throws IllegalArgumentException where the model is of another class or the number of
   *     parameters is not the model's
   */
  public static Model withParameters(Model model, INDArray parameters, long iteration) {
    requireLength(model, parameters);
    try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      INDArray own = Nd4j.createUninitialized(model.params().dataType(), parameters.length());
      own.assign(parameters.reshape(parameters.length()));
      return network(model, own, Math.toIntExact(iteration));
    }
  }

  private static Model network(Model model, INDArray own, int iteration) {
    if (model instanceof ComputationGraph graph) {
      ComputationGraph copy = EvaluationNetwork.withParameters(graph, own);
      copy.getConfiguration().setIterationCount(iteration);
      return copy;
    }
    MultiLayerNetwork copy = EvaluationNetwork.withParameters((MultiLayerNetwork) model, own);
    copy.getLayerWiseConfigurations().setIterationCount(iteration);
    return copy;
  }

  /**
   * Writes a model file, whole or not at all.
   *
   * @param file to create or replace
   * @param model gives the configuration
   * @param parameters P elements; not modified
   * @param iteration updates applied
   * @throws IOException if the file cannot be written
   */
  public static void write(Path file, Model model, INDArray parameters, long iteration)
      throws IOException {
    AtomicFiles.writeFile(file, whole -> writer(model).write(whole, parameters, iteration));
  }

  /**
   * Writes models of a model's configuration.
   *
   * @param model gives the configuration
   */
  public static ModelWriter writer(Model model) {
    return new ModelWriter() {
      @Override
      public String suffix() {
        return ".zip";
      }

      @Override
      public void write(Path file, INDArray parameters, long iteration) throws IOException {
        Model copy = withParameters(model, parameters, iteration);
        ModelSerializer.writeModel(copy, file.toFile(), false);
        // Not left to the collector, which does not see its size.
        if (copy.params().closeable()) {
          copy.params().close();
        }
      }
    };
  }

  private static void requireLength(Model model, INDArray parameters) {
    EvaluationNetwork.require(model);
    if (parameters.length() != model.numParams()) {
      throw new IllegalArgumentException(
          "the model has " + model.numParams() + " parameters, got " + parameters.length());
    }
  }
}
