package org.lcsc.diffusion.layer;

import java.util.Collection;
import java.util.Objects;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Output layer that compares images {@code [N, C, H, W]} with an {@link ImageLoss}, without the
 * transposition to rows of pixels that {@code CnnLossLayer} makes. The network's score is the mean
 * over the batch. A labels mask {@code [N, 1]} weighs the examples: lambda(t) of the diffusion and
 * consistency losses. No parameters; the activation is the identity. Not thread-safe.
 */
public final class ImageLossLayer extends LossLayer {

  @JsonProperty private ImageLoss loss;

  /** For Jackson. */
  private ImageLossLayer() {
    this(new SquaredError());
  }

  /** An output layer with the given loss. */
  public ImageLossLayer(ImageLoss loss) {
    super(new Builder(LossFunctions.LossFunction.MSE).activation(Activation.IDENTITY));
    this.loss = Objects.requireNonNull(loss, "loss");
  }

  /** The loss. */
  public ImageLoss loss() {
    return loss;
  }

  @Override
  public Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> trainingListeners,
      int layerIndex,
      INDArray layerParamsView,
      boolean initializeParams,
      DataType networkDataType) {
    ImageLossLayerRuntime layer = new ImageLossLayerRuntime(conf, networkDataType);
    layer.setListeners(trainingListeners);
    layer.setIndex(layerIndex);
    layer.setParamsViewArray(layerParamsView);
    layer.setParamTable(initializer().init(conf, layerParamsView, initializeParams));
    layer.setConf(conf);
    return layer;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ImageLossLayer layer && super.equals(other) && layer.loss.equals(loss);
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + loss.hashCode();
  }
}
