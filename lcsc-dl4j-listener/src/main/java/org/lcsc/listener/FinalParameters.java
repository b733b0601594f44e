package org.lcsc.listener;

import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.lcsc.export.ModelExporter;
import org.lcsc.network.EvaluationNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.ObjectMapper;

/**
 * The parameters a model will have after the update of which a listener is being told.
 * Deeplearning4j calls listeners before it applies constraints; where the model has any, they are
 * applied here to a copy, so that nothing has to wait for the next callback.
 */
final class FinalParameters {

  private final Model model;

  /** Same configuration, for the constraints; null where there are none. */
  private final Model copy;

  /** Of a model of another type; null before the first update, and of float32. */
  private INDArray floats;

  FinalParameters(Model model) {
    this.model = EvaluationNetwork.require(model);
    this.copy =
        hasConstraints(model) ? ModelExporter.withParameters(model, model.params(), 0) : null;
  }

  /**
   * The parameters after an update.
   *
   * @param updates updates applied, this one included
   * @param epoch the model's epoch count
   * @return float32, P elements; valid until the next update
   */
  INDArray after(long updates, int epoch) {
    if (copy == null) {
      return kept(model.params());
    }
    copy.setParams(model.params());
    copy.applyConstraints(Math.toIntExact(updates), epoch);
    return kept(copy.params());
  }

  /** In one array for all updates. */
  @SuppressWarnings("try") // the scope is entered for its effect
  private INDArray kept(INDArray parameters) {
    if (parameters.dataType() == DataType.FLOAT) {
      return parameters;
    }
    if (floats == null) {
      try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
        floats = Nd4j.createUninitializedDetached(DataType.FLOAT, parameters.shape());
      }
    }
    return floats.assign(parameters);
  }

  /** The parameters of a model between two updates. */
  static INDArray now(Model model) {
    return floats(model.params());
  }

  private static INDArray floats(INDArray parameters) {
    return parameters.dataType() == DataType.FLOAT ? parameters : parameters.castTo(DataType.FLOAT);
  }

  /** Asks the JSON, which also shows the layers inside wrappers such as Bidirectional. */
  private static boolean hasConstraints(Model model) {
    String json =
        model instanceof ComputationGraph graph
            ? graph.getConfiguration().toJson()
            : ((MultiLayerNetwork) model).getLayerWiseConfigurations().toJson();
    try {
      return new ObjectMapper()
          .readTree(json).findValues("constraints").stream().anyMatch(FinalParameters::isSet);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Deeplearning4j wrote a configuration that is no JSON", e);
    }
  }

  private static boolean isSet(JsonNode constraints) {
    return constraints.isArray() && !constraints.isEmpty();
  }
}
