package org.lcsc.experiment;

import java.util.Optional;
import java.util.OptionalLong;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.layer.SquaredError;
import org.lcsc.diffusion.model.GenerativeModel;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.experiment.config.RunConfig;
import org.lcsc.model.ModelFile;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.NoOp;

/** The network of a model without what trains it. Stateless and thread-safe. */
public final class BareNetwork {

  private BareNetwork() {}

  /**
   * A network, not initialised.
   *
   * @param preconditioning null for none
   */
  static ComputationGraph of(
      GenerativeModel model, NetworkBody.Images images, Preconditioning preconditioning) {
    return new ComputationGraph(
        UNet.configuration(
            model.unet(),
            images,
            preconditioning,
            new SquaredError(),
            new NoOp(),
            0,
            DataType.FLOAT));
  }

  /**
   * The images of a configuration's network; empty where only their files tell, as of the classes
   * that are given to it.
   */
  static Optional<NetworkBody.Images> images(RunConfig config) {
    boolean labelled = config.model().unet().classConditional();
    return config
        .dataset()
        .known()
        .filter(known -> known.channels() > 0 && known.side() > 0)
        .filter(known -> known.classes() > 0 || !labelled)
        .map(known -> new NetworkBody.Images(known.channels(), known.side(), known.classes()));
  }

  /** The same without preconditioning; empty where only their files tell what the images are. */
  static Optional<ComputationGraph> of(RunConfig config) {
    return images(config).map(images -> of(config.model(), images, null));
  }

  /**
   * The number of parameters P of a configured network, without their memory.
   *
   * @return empty where shape or classes of the images are only known from their files
   */
  public static OptionalLong parameters(RunConfig config) {
    // Neither preconditioning nor loss have parameters.
    return of(config).stream()
        .mapToLong(
            network ->
                network.getConfiguration().getVertices().values().stream()
                    .mapToLong(vertex -> vertex.numParams(true))
                    .sum())
        .findFirst();
  }

  /**
   * Where those of two configurations differ in more than their training.
   *
   * @return null where they do not, or where that is not known without the images' files
   */
  static String difference(RunConfig a, RunConfig b) {
    Optional<ComputationGraph> ofA = of(a);
    Optional<ComputationGraph> ofB = of(b);
    return ofA.isEmpty() || ofB.isEmpty()
        ? null
        : InvalidInputException.reading(
            () ->
                ModelFile.difference(
                    ofA.get().getConfiguration().toJson(),
                    ofB.get().getConfiguration().toJson(),
                    LoadedModel.TRAINING));
  }
}
