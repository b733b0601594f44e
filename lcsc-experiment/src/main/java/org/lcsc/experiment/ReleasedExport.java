package org.lcsc.experiment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lcsc.config.Parts;
import org.lcsc.datasets.ImageDataSet;
import org.lcsc.datasets.Split;
import org.lcsc.diffusion.layer.Preconditioning;
import org.lcsc.diffusion.model.DiffusionModel;
import org.lcsc.diffusion.released.ReleasedChain;
import org.lcsc.diffusion.released.ReleasedFile;
import org.lcsc.diffusion.released.ReleasedNames;
import org.lcsc.diffusion.released.ReleasedNetwork;
import org.lcsc.diffusion.unet.NetworkBody;
import org.lcsc.diffusion.unet.UNet;
import org.lcsc.diffusion.unet.UNetShape;
import org.lcsc.experiment.config.RunConfig;

/**
 * A network's weights under the names of a code base, still to be written.
 *
 * @param names of which
 * @param body of the network
 * @param side of its images in pixels
 * @param network with the weights
 * @param beside texts of the files that belong beside them, by name
 */
public record ReleasedExport(
    ReleasedNames names,
    UNetShape body,
    int side,
    ComputationGraph network,
    Map<String, String> beside) {

  /**
   * Prepares a network's weights under the names of a code base.
   *
   * @param as of which
   * @param config of the network
   * @param model where the network comes from, for messages
   * @throws IllegalArgumentException where the code base has no such network
   * @throws InvalidInputException where the network is not that of the configuration
   * @throws IOException where the images are needed and cannot be read
   */
  public static ReleasedExport of(String as, RunConfig config, Path model, ComputationGraph network)
      throws IOException {
    ReleasedNames names = Parts.named(ReleasedNames.class, "--as", as);
    UNetShape body = ReleasedModel.shape(config.model());
    NetworkBody.Images images = images(config);
    // Where it is left to be measured, the deviation of the images is no matter here.
    Preconditioning preconditioning =
        config.model().preconditioning(InitialWeights.standIn(images));
    ComputationGraph expected = BareNetwork.of(config.model(), images, preconditioning);
    expected.init();
    LoadedModel.requireArchitecture(model, network, expected);
    ReleasedModel.requireParameterisation("--as", names, config.model());
    // That the code base has such a network shows here, before a file is begun.
    names.names(body, network, images.side());
    ReleasedChain chain =
        config.model() instanceof DiffusionModel diffusion ? ReleasedChain.of(diffusion) : null;
    return new ReleasedExport(
        names, body, images.side(), network, names.beside(body, network, images.side(), chain));
  }

  private static NetworkBody.Images images(RunConfig config) throws IOException {
    Optional<NetworkBody.Images> known = BareNetwork.images(config);
    if (known.isPresent()) {
      return known.get();
    }
    ImageDataSet images = config.dataset().load(Split.TRAIN);
    return new NetworkBody.Images(
        images.shape().channels(), images.shape().height(), images.classes());
  }

  /**
   * The standard deviation of the images' values that the network takes for granted, which no
   * tensor tells.
   */
  public OptionalDouble sigmaData() {
    return UNet.preconditioning(network) instanceof Preconditioning.Edm edm
        ? OptionalDouble.of(edm.sigmaData())
        : OptionalDouble.empty();
  }

  /**
   * Writes the weights, with {@link #sigmaData} beside them, straight to the path.
   *
   * @param metadata more texts beside the tensors
   * @throws IOException where the file cannot be written
   */
  public void write(Path file, Map<String, String> metadata) throws IOException {
    Map<String, String> texts = new HashMap<>(metadata);
    sigmaData()
        .ifPresent(value -> texts.put(ReleasedNetwork.SIGMA_DATA_TEXT, String.valueOf(value)));
    ReleasedFile.write(file, names, body, network, side, texts);
  }
}
